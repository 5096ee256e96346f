package score

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
)

// Again makes a night in which the job of r runs once more at another pace: all that happened happens in the same
// order, but takes pace times as long, and each stretch of two minutes is off from that by spread (the deviation of
// its logarithm). The phase that hasty names is over in a tenth of its time; empty: none is.
func Again(r Run, pace, spread float64, hasty string, seed uint64) Run {
	rng := rand.New(rand.NewPCG(seed, 17))
	out := Run{Name: r.Name + fmt.Sprintf(",again%.2f", pace)}
	last, at, factor, until := time.Time{}, time.Time{}, 1.0, time.Duration(0)
	quick, banner := false, false
	for _, o := range r.Night {
		if last.IsZero() {
			last, at = o.At, o.At
		}
		if since := o.At.Sub(r.Night[0].At); since >= until {
			until, factor = since+2*time.Minute, pace*math.Exp(spread*rng.NormFloat64())
		}
		f := factor
		if quick {
			f *= 0.1
		}
		at = at.Add(time.Duration(float64(o.At.Sub(last)) * f))
		last, o.At = o.At, at.Truncate(time.Millisecond)
		switch p := o.Payload.(type) {
		case observe.Process:
			if p.Uptime > 0 {
				p.Uptime += o.At.Sub(last).Milliseconds()
			}
			o.Payload = p
		case observe.Line:
			switch {
			case hasty != "" && strings.Contains(p.Text, hasty):
				quick, banner = true, strings.Contains(p.Text, "=== ")
			case strings.Contains(p.Text, "=== "), !banner && strings.HasSuffix(p.Text, "done."):
				quick = false // the next phase, or the end of an open step
			}
		}
		out.Night = append(out.Night, o)
	}
	return out
}

// Rehearsed gives the task of a night the run of another as its baseline.
func Rehearsed(night, earlier Run) Run {
	state := fold.New(fold.Options{})
	for _, o := range earlier.Night {
		state.Apply(o)
	}
	then := state.Rehearsal("rehearsal.jsonl")
	out := Run{Name: night.Name, Night: slices.Clone(night.Night)}
	for i, o := range out.Night {
		head, ok := o.Payload.(observe.Session)
		if !ok {
			continue
		}
		head.Plan.Tasks = slices.Clone(head.Plan.Tasks)
		for j := range head.Plan.Tasks {
			head.Plan.Tasks[j].Baseline = then.Tasks[j].Baseline
		}
		out.Night[i].Payload = head
	}
	return out
}

// foretold is how well the end of a run was told while it ran.
type foretold struct {
	errors       []float64 // of the median, in shares of what was left
	told, inside int       // moments with a range, and those whose range held the end
	asked        int
	doubts       int // notes that something went suspiciously fast
}

// foretell folds a healthy run and asks every 20 s between 3 and 97 percent of it when it will end.
func (f *foretold) foretell(r Run) {
	end := time.Time{}
	for _, e := range r.Truth() {
		if e.Word == Ended {
			end = e.At
		}
	}
	state, start := fold.New(fold.Options{}), r.Night[0].At
	next := start
	for _, o := range r.Night {
		for ; !next.After(o.At); next = next.Add(20 * time.Second) {
			state.Advance(next)
			if share := next.Sub(start).Seconds() / end.Sub(start).Seconds(); share >= 0.03 && share <= 0.97 {
				f.ask(state.Snapshot().Tasks[0].ETA, next, end)
			}
		}
		state.Apply(o)
	}
	for _, n := range state.Snapshot().Notes {
		if strings.Contains(n.Text, "suspiciously") {
			f.doubts++
		}
	}
}

func (f *foretold) ask(e rate.ETA, now, end time.Time) {
	f.asked++
	if e.State != rate.Range {
		return
	}
	f.told++
	if !end.Before(e.P10) && !end.After(e.P90) {
		f.inside++
	}
	left := end.Sub(now).Seconds()
	f.errors = append(f.errors, math.Abs(e.P50.Sub(now).Seconds()-left)/left)
}

// median is the median error; 0 where nothing was told.
func (f *foretold) median() float64 {
	if len(f.errors) == 0 {
		return 0
	}
	slices.Sort(f.errors)
	return f.errors[len(f.errors)/2]
}

// cells are the median error, the share of ends within the range, and the share of moments with one.
func (f *foretold) cells() string {
	if f.told == 0 {
		return "none"
	}
	return fmt.Sprintf("%.0f %%, %.0f %%, %.0f %%", 100*f.median(), 100*share(f.inside, f.told), 100*share(f.told, f.asked))
}
