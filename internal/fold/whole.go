package fold

import (
	"slices"
	"time"

	"ronda/internal/rate"
)

// remaining is when all that is still to be done will be.
type remaining struct {
	at       time.Time // when it was reckoned; zero: it must be
	eta      rate.ETA
	last     string
	unknown  []string
	lateness lateness

	ends []rate.ETA // of the tasks, in their order
	done []bool     // that it was reckoned
}

// reckonWhole finds out anew when the last of all tasks ends: those that run on their courses, those that wait for
// another one after that, and the others as soon as their plan says. A task of which that is not known is named, and
// left out with those that wait for it.
func (s *State) reckonWhole() {
	w := &s.whole
	if !w.at.IsZero() && s.at.Sub(w.at) < reckonEvery && !s.at.Before(w.at) {
		return
	}
	w.at, w.last, w.unknown = s.at, "", nil
	w.ends, w.done = slices.Grow(w.ends[:0], len(s.tasks))[:len(s.tasks)], slices.Grow(w.done[:0], len(s.tasks))[:len(s.tasks)]
	clear(w.done)
	var latest time.Time
	for i, t := range s.tasks {
		e := s.endOf(i, len(s.tasks))
		_, over := t.judge.Ended()
		switch {
		case over:
		case e.State != rate.Range:
			w.unknown = append(w.unknown, t.plan.Name)
		case e.P50.After(latest) || w.last == "":
			latest, w.last = e.P50, t.plan.Name
		}
	}
	w.eta = rate.Latest(w.ends, s.at)
	w.lateness.look(s.windowView(), s.at)
}

// endOf is when task i ends, which may wait for others; of no state where that is not known, or where it has ended.
func (s *State) endOf(i, depth int) rate.ETA {
	w, t := &s.whole, s.tasks[i]
	if w.done[i] {
		return w.ends[i]
	}
	w.ends[i] = rate.ETA{}
	if depth == 0 {
		return rate.ETA{}
	}
	w.done[i] = true
	if _, over := t.judge.Ended(); over {
		return rate.ETA{}
	}
	if t.run.begun {
		w.ends[i] = s.runsTo(t)
		return w.ends[i]
	}
	length := (follows{}).and(t)
	if start := s.begins(t, depth); length.unknown == 0 && start.State == rate.Range {
		e := length.end(start)
		e.Why = ""
		w.ends[i] = e
	}
	return w.ends[i]
}

// runsTo is when a task that runs ends: by what it counts, or else by how long it should take.
func (s *State) runsTo(t *task) rate.ETA {
	if _, doomed := t.doomed(s.at); doomed {
		return rate.ETA{}
	}
	v := t.judge.Standing().Verdict
	e := etaView(t.counting.shown, v, s.at)
	switch {
	case e.State == rate.Range:
		return e
	case e.State == rate.Finishing:
		return rate.ETA{State: rate.Range, P10: s.at, P50: s.at, P90: s.at}
	case standsStill(v):
		return rate.ETA{}
	}
	length := (follows{}).and(t)
	if length.unknown > 0 || t.started.IsZero() {
		return rate.ETA{}
	}
	e = length.end(rate.ETA{State: rate.Range, P10: t.started, P50: t.started, P90: t.started})
	if e.P50.Before(s.at) {
		return rate.ETA{} // it takes longer than it should: how much longer nobody knows
	}
	return e
}

// begins is when a task that has not begun can: after the one that it waits for, not before its plan says, and not
// before now.
func (s *State) begins(t *task, depth int) rate.ETA {
	at := s.at
	if t.plan.Planned.After(at) {
		at = t.plan.Planned
	}
	start := rate.ETA{State: rate.Range, P10: at, P50: at, P90: at}
	i := slices.IndexFunc(s.tasks, func(b *task) bool { return b.plan.Name == t.plan.After })
	if t.plan.After == "" || i < 0 {
		return start
	}
	if _, over := s.tasks[i].judge.Ended(); over {
		return start
	}
	e := s.endOf(i, depth-1)
	if e.State != rate.Range {
		return rate.ETA{}
	}
	for _, q := range []*time.Time{&e.P10, &e.P50, &e.P90} {
		if q.Before(at) {
			*q = at
		}
	}
	return e
}

// windowView is whether all is done within the window.
func (s *State) windowView() DeadlineView {
	w := s.plan.Window
	if w == nil || w.End.IsZero() || s.whole.at.IsZero() {
		return DeadlineView{}
	}
	d := DeadlineView{At: w.End, Window: true}
	if w.Rollback > 0 {
		d.DecideBy = w.End.Add(-time.Duration(w.Rollback))
	}
	p, known := rate.Probability(s.whole.eta, s.at, w.End)
	// Of what is left out only bad can come: what is late without it is late.
	if known && (len(s.whole.unknown) == 0 || p <= lateBelow) {
		d.Probability, d.Known = p, true
		d.hopeless = d.far(s.whole.eta, s.at)
	}
	if d.Missed(s.at) {
		d.Probability = 0
	}
	return d
}

// wholeView is when all will be done.
func (s *State) wholeView() WholeView {
	if s.whole.at.IsZero() {
		return WholeView{} // it must be reckoned anew
	}
	v := WholeView{ETA: s.whole.eta, Last: s.whole.last, Unknown: slices.Clone(s.whole.unknown), Window: s.windowView()}
	v.Window.Late = s.whole.lateness.is && !v.Window.At.IsZero()
	if v.ETA.State != rate.Range {
		return v
	}
	for _, q := range []*time.Time{&v.ETA.P10, &v.ETA.P50, &v.ETA.P90} {
		if q.Before(s.at) {
			*q = s.at
		}
	}
	return v
}
