package score

import (
	"maps"
	"slices"
	"time"

	"ronda/internal/fold"
	"ronda/internal/rate"
)

// etaLeg is one counter of a recorded run, from its first reading to its total: what the fold read of it and what
// ronda showed of its end, once a second.
type etaLeg struct {
	task    string
	unit    string
	seconds []etaSecond
}

type etaSecond struct {
	at          time.Time
	done, total float64
	shown       etaGuess
}

// etaShortest is the shortest leg that is scored: of less nobody asks the end. A counter that was not seen at its
// total had come to it all the same when its last reading was almost there: it is asked at intervals, or adds up something
// slightly different.
const (
	etaShortest = time.Minute
	etaAlmost   = 0.9
)

// etaLegs folds a recorded run and returns the legs that reached their total, or nearly so. A counter that falls
// back, or that becomes another, begins a new leg; the end of its task ends it.
func etaLegs(r Run) []etaLeg {
	var legs []etaLeg
	open, over := map[string]*etaLeg{}, map[string]bool{}
	state := fold.New(fold.Options{})
	var next time.Time
	second := func() {
		state.Advance(next)
		for _, t := range state.Snapshot().Tasks {
			if !over[t.Name] {
				legs = follow(legs, open, &t, next)
			}
		}
		next = next.Add(time.Second)
	}
	for _, o := range r.Night {
		for !next.IsZero() && next.Before(o.At) {
			second()
		}
		state.Apply(o)
		if e, ok := told(o); ok && e.Word == Ended {
			if l := open[e.Task]; l != nil && e.Detail == "done" {
				legs = l.end(legs)
			}
			delete(open, e.Task)
			over[e.Task] = true
		}
		if at := o.At.Truncate(time.Second).Add(time.Second); at.After(next) {
			next = at
		}
	}
	second()
	for _, name := range slices.Sorted(maps.Keys(open)) {
		legs = open[name].end(legs)
	}
	return legs
}

// follow takes the task's reading of this second, and adds the leg that it ends to legs.
func follow(legs []etaLeg, open map[string]*etaLeg, t *fold.TaskView, now time.Time) []etaLeg {
	p := t.Progress
	l := open[t.Name]
	if l != nil && (!p.Known || p.Unit != l.unit || p.Done < l.last().done || l.last().done >= l.last().total || !t.Ended.IsZero()) {
		legs = l.end(legs)
		delete(open, t.Name)
		l = nil
	}
	if !p.Known || p.Total <= 0 || p.At.IsZero() || !t.Ended.IsZero() || l == nil && p.Done >= p.Total {
		return legs
	}
	if l == nil {
		l = &etaLeg{task: t.Name, unit: p.Unit}
		open[t.Name] = l
	}
	l.seconds = append(l.seconds, etaSecond{now, p.Done, p.Total, etaGuessOf(shownETA(t), now)})
	return legs
}

func (l *etaLeg) last() etaSecond { return l.seconds[len(l.seconds)-1] }

// end adds the leg to legs if it is one that can be scored.
func (l *etaLeg) end(legs []etaLeg) []etaLeg {
	if l.last().done < etaAlmost*l.last().total || l.took() < etaShortest.Seconds() {
		return legs
	}
	return append(legs, *l)
}

// shownETA is the end of the counter that is shown: of its phase, where it belongs to one of several.
func shownETA(t *fold.TaskView) rate.ETA {
	if t.PhaseETA.State != "" {
		return t.PhaseETA
	}
	return t.ETA
}

// took is how long the leg took, in seconds.
func (l *etaLeg) took() float64 {
	return l.last().at.Sub(l.seconds[0].at).Seconds()
}

// said returns what ronda and the peers said during the leg: ronda first, then the peers in their order.
func (l *etaLeg) said() []*etaRun {
	begin := l.seconds[0].at
	runs, rules := etaRuns(l.unit, l.took())
	for _, s := range l.seconds {
		at := s.at.Sub(begin).Seconds()
		runs[0].add(at, s.shown)
		for k, r := range rules {
			r.read(at, s.done, s.total)
			runs[k+1].add(at, guess(r.left(at, s.done, s.total)))
		}
	}
	return runs
}
