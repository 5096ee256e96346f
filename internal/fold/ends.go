package fold

import (
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

// Why says what a range rests on that no counter of tonight tells.
const byRehearsal = "by the rehearsal"

// reckon says anew when the task will end, and the phase that runs, as far as either is known.
func (t *task) reckon(now time.Time) {
	k := &t.counting
	k.eta, k.phaseETA = t.ends(t.counted(now), now)
	k.shown, k.phaseShown, k.reckoned = k.calm.Show(k.eta, now), k.phaseCalm.Show(k.phaseETA, now), now
}

// counted is when the counter comes to its total.
func (t *task) counted(now time.Time) rate.ETA {
	k := &t.counting
	switch {
	case k.series == nil || !k.progress.Known:
		return t.unended(rate.ETA{State: rate.None, Why: "nothing countable found"})
	case k.progress.At.IsZero():
		return rate.ETA{State: rate.None, Why: "nothing was counted since ronda looks"}
	}
	return t.unended(k.series.ETA(t.clock(now), now, k.progress.Total))
}

// ends tells of own, the end of what the counter counts, whether it is that of the task or of a phase, and what
// the other one is. What a rehearsal knows to come after it is added.
func (t *task) ends(own rate.ETA, now time.Time) (whole, phase rate.ETA) {
	none := rate.ETA{}
	if t.counting.outlived || own.State == rate.Finishing && t.outlived() {
		own = rate.ETA{State: rate.None, Why: "what was counted belongs to an earlier phase"}
	}
	known := own.State == rate.Range || own.State == rate.Finishing
	switch {
	case !t.past.whole():
		if known && t.ofPhase() {
			return rate.ETA{State: rate.None, Why: "what comes after this phase is not known"}, own
		}
		return own, none
	case known && t.countsWhole():
		if tail := t.tail(); tail == 0 {
			return own, none
		} else if own.State == rate.Range {
			return rate.Forecast([]rate.Leg{{State: rate.Running}, {Then: tail}}, own, now), none
		}
	case known && (t.countsPhase() || t.ofPhase()):
		return t.forecast(own, now), own
	case known:
		return own, none
	}
	if t.shapeless() {
		if e := t.byNews(now); e.State == rate.Range {
			return e, none
		}
	}
	if e := t.forecast(none, now); e.State == rate.Range {
		return e, none
	}
	return own, none
}

// tail is what the rehearsal went on for after its counter had come to its end; 0 for next to nothing.
func (t *task) tail() time.Duration {
	base := t.past.base
	last := base.Course.Points[len(base.Course.Points)-1]
	tail := time.Duration(base.Duration - last.At)
	if tail < time.Duration(base.Duration)/20 || tail < 30*time.Second {
		return 0
	}
	return tail
}

// shapeless tells that the phases of the rehearsal say little of where the task is: there are none, or most of the
// time went into such as came again and again.
func (t *task) shapeless() bool {
	again, all := time.Duration(0), time.Duration(t.past.base.Duration)
	for _, p := range t.past.base.Phases {
		if p.Times > 1 || 2*time.Duration(p.Duration) > all {
			again += time.Duration(p.Duration)
		}
	}
	return 2*again > all
}

// ofPhase tells that the counter belongs to the phase that runs: it began in it, and an earlier phase had one that
// came to its total.
func (t *task) ofPhase() bool {
	r := &t.run
	p := r.phase(r.current)
	if p == nil || len(r.now.points) == 0 || r.now.from+time.Duration(r.now.points[0].At) < p.entered {
		return false
	}
	for i := range r.phases {
		if i != r.current && r.phases[i].course.complete() && len(r.phases[i].course.points) > 1 {
			return true
		}
	}
	return false
}

// outlived tells that another phase began after the counter had come to its end.
func (t *task) outlived() bool {
	r := &t.run
	p := r.phase(r.current)
	return p != nil && !p.unseen && len(r.now.points) > 0 && r.now.from+time.Duration(r.now.last.At) < p.entered
}

// countsWhole tells that the counter is the one that told how far the rehearsal was, for most of it.
func (t *task) countsWhole() bool {
	c := t.past.base.Course
	return t.past.counted() && len(c.Points) > 0 && t.counting.progress.Known && sameCounter(c, t.counting.progress)
}

// countsPhase tells that the counter is the one that the rehearsal had in this phase.
func (t *task) countsPhase() bool {
	c := t.phaseCourse()
	return c != nil && t.counting.progress.Known && sameCounter(c, t.counting.progress)
}

func (t *task) phaseCourse() *observe.Course {
	at := t.place(t.run.current)
	if at.phase < 0 {
		return nil
	}
	return t.past.base.Phases[at.phase].Course
}

// followCourse lets the counter be measured against its way in the rehearsal, in the whole or else in this phase.
func (t *task) followCourse() {
	k := &t.counting
	if t.past.base == nil || k.series == nil {
		return
	}
	c := t.past.base.Course
	if !t.past.counted() || !sameCounter(c, k.progress) {
		if c = t.phaseCourse(); c == nil || !sameCounter(c, k.progress) {
			c = &observe.Course{}
		}
	}
	points := make([]rate.CoursePoint, len(c.Points))
	for i, p := range c.Points {
		points[i] = rate.CoursePoint{At: time.Duration(p.At), Done: p.Done}
	}
	k.series.Follow(rate.Course{Total: c.Total, Points: points})
}

// forecast is the end by the phases of the rehearsal; counted is that of the phase that runs, where it has a
// counter of its own.
func (t *task) forecast(counted rate.ETA, now time.Time) rate.ETA {
	r, p := &t.run, &t.past
	at, running := t.place(r.current), r.phase(r.current)
	legs := make([]rate.Leg, len(p.base.Phases))
	for i := range legs {
		legs[i] = rate.Leg{Then: t.then(i)}
	}
	times, furthest := make([]int, len(legs)), -1
	for i := range r.phases {
		if there := t.place(i).phase; there >= 0 {
			legs[there].Now += r.took(i, t.judge.Clock())
			times[there] += r.phases[i].times
			furthest = max(furthest, there)
		}
	}
	for i := range legs {
		l, b := &legs[i], &p.base.Phases[i]
		switch {
		case i == at.phase:
			l.State = rate.Running
		case times[i] > 0 && times[i] < b.Times: // it will come again
			l.Then, l.Now = max(l.Then-l.Now, 0), 0
		case times[i] > 0:
			l.State = rate.Over
		case i < furthest:
			l.State = rate.Skipped
		}
	}
	if running != nil && running.unseen && at.phase >= 0 && counted.State != rate.Range {
		left := max(legs[at.phase].Then-legs[at.phase].Now, 0) // at most: how long it had run before is not known
		counted = rate.ETA{State: rate.Range, P10: now.Add(left / 10), P50: now.Add(left / 2), P90: now.Add(left)}
	}
	e := rate.Forecast(legs, counted, now)
	if e.State == rate.Range {
		e.Why = byRehearsal
	}
	return e
}
