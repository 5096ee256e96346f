package score

import (
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

// etaShortest is the shortest leg that is scored: of less nobody asks the end.
const etaShortest = time.Minute

// etaNearly is the share of its total from which a counter may be taken to have been at it when its task ended well:
// the last reading is often a little short, because it is asked for at intervals or adds up something slightly different.
const etaNearly = 0.9

// etaLegs folds a recorded run and returns the legs that reached their total, or nearly so before their task ended well.
// A counter that falls back, or that becomes another, begins a new leg.
func etaLegs(r Run) []etaLeg {
	var legs []etaLeg
	open := map[string]*etaLeg{}
	state := fold.New(fold.Options{})
	var next time.Time
	for _, o := range r.Night {
		for ; !next.IsZero() && next.Before(o.At); next = next.Add(time.Second) {
			state.Advance(next)
			for _, t := range state.Snapshot().Tasks {
				legs = follow(legs, open, &t, next)
			}
		}
		state.Apply(o)
		if e, ok := told(o); ok && e.Word == Ended && e.Detail == "done" {
			legs = endedWell(legs, open[e.Task], e.At)
		}
		if at := o.At.Truncate(time.Second).Add(time.Second); at.After(next) {
			next = at
		}
	}
	return legs
}

// follow takes the task's reading of this second, and adds the leg that it ends to legs.
func follow(legs []etaLeg, open map[string]*etaLeg, t *fold.TaskView, now time.Time) []etaLeg {
	p := t.Progress
	if !p.Known || p.Total <= 0 || p.At.IsZero() {
		return legs
	}
	l := open[t.Name]
	if l != nil {
		if last := l.seconds[len(l.seconds)-1]; p.Unit != l.unit || p.Done < last.done || last.done >= last.total {
			l = nil
		}
	}
	if l == nil {
		l = &etaLeg{task: t.Name, unit: p.Unit}
		open[t.Name] = l
	} else if last := l.seconds[len(l.seconds)-1]; last.done >= last.total {
		return legs
	}
	l.seconds = append(l.seconds, etaSecond{now, p.Done, p.Total, etaGuessOf(shownETA(t), now)})
	if p.Done >= p.Total && now.Sub(l.seconds[0].at) >= etaShortest {
		return append(legs, *l)
	}
	return legs
}

// endedWell adds l to legs when the task's end completes it.
func endedWell(legs []etaLeg, l *etaLeg, at time.Time) []etaLeg {
	if l == nil {
		return legs
	}
	last := l.seconds[len(l.seconds)-1]
	if last.done >= last.total || last.done < etaNearly*last.total || at.Sub(l.seconds[0].at) < etaShortest {
		return legs
	}
	l.seconds = append(l.seconds, etaSecond{at: at, done: last.total, total: last.total})
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
	return l.seconds[len(l.seconds)-1].at.Sub(l.seconds[0].at).Seconds()
}

// said returns what ronda and the peers said during the leg: ronda first, then the peers in their order.
func (l *etaLeg) said() []*etaRun {
	begin, seconds := l.seconds[0].at, l.took()
	runs, rules := []*etaRun{{seconds: seconds}}, []etaRule{}
	for _, p := range etaPeers() {
		rules = append(rules, p.make(l.unit))
		runs = append(runs, &etaRun{seconds: seconds})
	}
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
