package fold

import (
	"fmt"
	"math"
	"time"

	"ronda/internal/judge"
	"ronda/internal/observe"
	"ronda/internal/rate"
	"ronda/internal/words"
)

// follows is the time of the tasks that start when this one has ended. Within the window there must be room for
// them too.
type follows struct {
	tasks    int
	unknown  int // of them, those of which no time is known
	mid      time.Duration
	down, up float64 // squares of the half-widths of mid, in seconds
}

// plannedSpread is the half-width of a time that a plan or a rehearsal tells, of which nothing of tonight is known:
// a quarter of it.
const plannedSpread = 0.25

// and adds what comes behind: the medians add, and the half-widths as those of independent errors do.
func (f follows) and(t *task) follows {
	d := time.Duration(t.plan.Expect)
	if t.past.whole() {
		d = time.Duration(t.past.base.Duration)
	}
	if d <= 0 {
		f.unknown++
	}
	half := plannedSpread * d.Seconds()
	f.tasks, f.mid, f.down, f.up = f.tasks+1, f.mid+d, f.down+half*half, f.up+half*half
	return f
}

// end is the end of the last of them, when the first can start at e.
func (f follows) end(e rate.ETA) rate.ETA {
	if f.tasks == 0 || e.State != rate.Range {
		return e
	}
	square := func(d time.Duration) float64 { return d.Seconds() * d.Seconds() }
	span := func(s float64) time.Duration { return time.Duration(math.Sqrt(s) * float64(time.Second)) }
	mid := e.P50.Add(f.mid)
	down, up := span(square(e.P50.Sub(e.P10))+f.down), span(square(e.P90.Sub(e.P50))+f.up)
	e.P10, e.P50, e.P90 = mid.Add(-down), mid, mid.Add(up)
	return e
}

// chain finds for each task what follows it: the longest line of tasks that wait for one another.
func (s *State) chain() {
	s.whole.at = time.Time{}
	for _, t := range s.tasks {
		t.behind = s.behind(t, len(s.tasks))
	}
}

func (s *State) behind(t *task, depth int) follows {
	var longest follows
	for _, next := range s.tasks {
		if depth == 0 || next.plan.After != t.plan.Name || next.run.over {
			continue
		}
		if f := s.behind(next, depth-1).and(next); longest.tasks == 0 || f.mid > longest.mid {
			longest = f
		}
	}
	return longest
}

// starts is when a task that waits for another can start: when that one ends. It is of no state where that cannot be
// said.
func (s *State) starts(t *task, depth int) rate.ETA {
	before := s.task(t.plan.After)
	if before == nil || before.run.over || depth == 0 {
		return rate.ETA{}
	}
	if _, doomed := before.doomed(s.at); doomed {
		return rate.ETA{}
	}
	e := etaView(before.counting.shown, before.judge.Standing().Verdict, s.at)
	if !before.run.begun {
		e = s.starts(before, depth-1)
		length := follows{}.and(before)
		if length.unknown > 0 {
			return rate.ETA{}
		}
		e = length.end(e)
	}
	if e.State != rate.Range {
		return rate.ETA{}
	}
	e.Why = ""
	return e
}

// await adds to the view of a task that waits for another when it can start, and whether it makes its deadline then.
func (s *State) await(v *TaskView, t *task) {
	if t.run.begun || t.plan.After == "" {
		return
	}
	v.Starts = s.starts(t, len(s.tasks))
	if length := (follows{}).and(t); length.unknown == 0 && v.Starts.State == rate.Range {
		v.Deadline = t.deadlineOf(length.end(v.Starts), s.at)
	}
}

// deadlineView says whether the task makes its deadline on its course.
func (t *task) deadlineView(now time.Time) DeadlineView { return t.deadlineOf(t.counting.eta, now) }

// deadlineOf says whether a task that ends at e makes its deadline: its own, or else the window's end, and then with
// all that must be done within the window after it.
func (t *task) deadlineOf(e rate.ETA, now time.Time) DeadlineView {
	d := DeadlineView{At: t.plan.Deadline}
	if d.At.IsZero() && t.window != nil {
		d.At, d.Window, d.After, d.Needs = t.window.End, true, t.behind.tasks, t.behind.mid
		e = t.behind.end(e)
	}
	if d.At.IsZero() {
		return DeadlineView{}
	}
	if _, over := t.judge.Ended(); over {
		return d
	}
	if t.window != nil && t.window.Rollback > 0 {
		d.DecideBy = d.At.Add(-time.Duration(t.window.Rollback))
	}
	if _, over := t.judge.Ended(); over { // there is no chance any more, and nothing to decide
		d.DecideBy = time.Time{}
		return d
	}
	if _, doomed := t.doomed(now); !doomed && !standsStill(t.judge.Standing().Verdict) {
		d.Probability, d.Known = rate.Probability(e, now, d.At)
		d.hopeless = d.far(e, now)
	}
	if d.Missed(now) {
		d.Probability = 0 // whatever an estimate leaves open
	}
	return d
}

// Bounds of being late. A verdict that hangs on a probability must not flap: it comes when the deadline is as good
// as missed for a while, and goes when there is hope again, or nothing is known for a while.
const (
	lateBelow = 0.1
	hopeAbove = 0.25
	lateAfter = time.Minute
	// Where even the earliest end lies far beyond the deadline, by farLeast and by farShare of the time that is left,
	// so long is enough.
	hopelessAfter = 15 * time.Second
	farLeast      = time.Minute
	farShare      = 0.25
)

// far tells that even the earliest end is far beyond the deadline.
func (d *DeadlineView) far(e rate.ETA, now time.Time) bool {
	beyond := max(farLeast, time.Duration(farShare*float64(d.At.Sub(now))))
	return d.Known && e.State == rate.Range && e.P10.Sub(d.At) >= beyond
}

// lateness is since when a task is taken to miss its deadline.
type lateness struct {
	from time.Time // since when it looks so; zero: it does not
	seen time.Time // when it last did
	at   time.Time // when it was last looked at
	sure time.Time // since when even the earliest end is far beyond it; zero: it is not
	is   bool
}

func (l *lateness) look(d DeadlineView, now time.Time) {
	switch {
	case d.Known && d.Probability <= lateBelow:
		if l.from.IsZero() {
			l.from = now
		}
		l.seen = now
	case d.Known && d.Probability < hopeAbove && l.is:
		l.seen = now
	case d.Known || now.Sub(l.seen) >= lateAfter:
		*l = lateness{}
	}
	l.at = now
	switch {
	case !d.hopeless || l.from.IsZero():
		l.sure = time.Time{}
	case l.sure.IsZero():
		l.sure = now
	}
	l.is = l.is || !l.from.IsZero() && now.Sub(l.from) >= lateAfter || !l.sure.IsZero() && now.Sub(l.sure) >= hopelessAfter
}

// hold leaves it as it is: nothing is learned now of how the task goes.
// The time counts neither for nor against it.
func (l *lateness) hold(now time.Time) {
	if !l.from.IsZero() && !l.is {
		l.from = l.from.Add(now.Sub(l.at))
	}
	l.seen, l.at, l.sure = now, now, time.Time{}
}

// late adds to the pace that the deadline will be missed.
func (t *task) late(p judge.Pace, now time.Time) judge.Pace {
	d := t.deadlineView(now)
	if t.stands(now) {
		t.lateness.hold(now)
	} else {
		t.lateness.look(d, now)
	}
	if !t.lateness.is {
		return p
	}
	p.Late = true
	if p.Text == "" {
		p.Text, p.Since = t.tooSlow(d, now), t.lateness.from
	}
	return p
}

// stands tells that the task stands still: its end moves on with the clock then, which says nothing new of the deadline.
// Whether that is a stall is another question, and which is said must not hang on the deadline.
func (t *task) stands(now time.Time) bool {
	k := &t.counting
	if k.series == nil || k.outlived || k.complete() {
		return false
	}
	return standsStill(t.judge.Verdict()) || t.judge.Rests() || k.series.Resting(t.clock(now))
}

// steadily is how far, as a part of the mean, a rate may be from it to be called steady.
const steadily = 0.2

// tooSlow says why a task that goes no slower than it did is slow nevertheless.
func (t *task) tooSlow(d DeadlineView, now time.Time) string {
	if d.Missed(now) {
		return d.passed(now)
	}
	k := &t.counting
	if k.series == nil || k.outlived {
		return "on this course it will miss " + d.name()
	}
	current, known := k.series.Now(t.clock(now))
	mean, long := k.series.Mean(t.clock(now))
	if !known || !long || current <= 0 {
		return "on this course it will miss " + d.name()
	}
	text := "too slow for " + d.name() + ": "
	if math.Abs(current-mean) <= steadily*mean {
		return text + "steady at " + words.Rate(mean, k.progress.Unit)
	}
	return text + "now " + words.Rate(current, k.progress.Unit)
}

// Missed tells that the deadline has passed at the moment now.
func (d DeadlineView) Missed(now time.Time) bool { return !d.At.IsZero() && !now.Before(d.At) }

// passed says how long ago the deadline was.
func (d DeadlineView) passed(now time.Time) string {
	what := "its deadline passed "
	if d.Window {
		what = "the window ended "
	}
	return what + words.Duration(now.Sub(d.At)) + " ago"
}

// name is what the deadline is, in a sentence.
func (d DeadlineView) name() string {
	if d.Window {
		return "the window's end"
	}
	return "its deadline"
}

// soon is how long before the decision must fall that it is spoken of.
const soon = 30 * time.Minute

// deadlineEvidence tells of a deadline that is near or in danger. Moments are told by how far they are away: only
// who shows them knows the time zone.
func (t *task) deadlineEvidence(now time.Time) observe.Evidence {
	d := t.deadlineView(now)
	if d.At.IsZero() || t.started.IsZero() {
		return observe.Evidence{}
	}
	if ended, over := t.judge.Ended(); over {
		return observe.Evidence{Text: d.Overrun(ended)}
	}
	if d.Missed(now) {
		return observe.Evidence{Text: d.passed(now)}
	}
	decide, left := "", d.DecideBy.Sub(now)
	switch {
	case d.DecideBy.IsZero():
	case left <= 0:
		decide = "the time to decide passed " + words.Duration(-left) + " ago: going back takes until after it"
	case left <= soon || d.Known && d.Probability < 0.5:
		decide = "decide within " + words.Duration(left)
	}
	end := d.name() + " (in " + words.Duration(d.At.Sub(now))
	switch {
	case d.After == 1:
		end += ", with the task after it"
	case d.After > 1:
		end += fmt.Sprintf(", with the %d tasks after it", d.After)
	}
	end += ")"
	switch {
	case d.Known && d.Probability < 0.5:
		return observe.Evidence{Text: join(words.Percent(1-d.Probability)+" that it misses "+end, decide)}
	case decide == "":
		return observe.Evidence{}
	case d.Known:
		return observe.Evidence{For: true, Text: decide + "; " + words.Percent(d.Probability) + " that it keeps " + end}
	}
	return observe.Evidence{Text: decide + "; whether it keeps " + end + " is not known"}
}

// Overrun says how long after the deadline a task ended; empty when it was in time.
func (d DeadlineView) Overrun(ended time.Time) string {
	after := ended.Sub(d.At)
	if d.At.IsZero() || after < time.Second {
		return ""
	}
	return "ended " + words.Duration(after) + " after " + d.name()
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + "; " + b
}
