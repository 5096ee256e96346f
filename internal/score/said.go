package score

import (
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// Said is a verdict that became another, at the second in which it was said.
type Said struct {
	At   time.Time
	Task string
	observe.Ruling
}

// Judge folds a run as a live session does, second by second, and returns what was said.
func Judge(r Run) []Said {
	state := fold.New(fold.Options{})
	var all []Said
	take := func(at time.Time) {
		for _, c := range state.TakeChanges() {
			all = append(all, Said{at, c.Task, c.Ruling})
		}
	}
	var last time.Time
	for _, o := range r.Night {
		if m, mark := o.Payload.(observe.Mark); mark && m.By == TruthTeller {
			continue // nobody saw it, and it must not tell the fold that somebody looked
		}
		until := o.At
		if g, gap := o.Payload.(observe.Gap); gap && g.From.Before(until) {
			until = g.From // somebody looked until then
		}
		for second := last.Truncate(time.Second).Add(time.Second); !last.IsZero() && second.Before(until); second = second.Add(time.Second) {
			state.Advance(second)
			take(second)
		}
		state.Apply(o)
		take(o.At)
		last = o.At
	}
	return all
}
