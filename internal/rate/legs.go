package rate

import (
	"math"
	"time"
)

// Leg is one phase of a job whose phases' times are known from an earlier run, and how it goes this time.
type Leg struct {
	State LegState
	Then  time.Duration // how long it took in the earlier run; 0: it was not there
	Now   time.Duration // how long it took this time, or has run until now; 0 when it is still ahead
}

// LegState says how far this run is with a phase.
type LegState int

// The states of a leg. The zero value is a phase that is still to come. A phase that was passed over counts
// for nothing.
const (
	Ahead LegState = iota
	Running
	Over
	Skipped
)

// Forecast estimates when a job will end that has no counter of its own, from the phases of an earlier run.
// The rest takes what it took then, times the pace of the phases so far; a phase that has already run longer
// than it then did is expected to go on for a while, the longer the more. running is the ETA of the phase that
// runs now, from its own counter; without a range (the zero ETA) the earlier run's time for it is used.
// Sizes are not known here: scale Then by them before where they are. It returns None when no phase of the
// earlier run is running or ahead, and needs no memory: call it whenever the end is wanted. The width holds
// how differently the phases so far went, a third when nothing has ended yet.
func Forecast(legs []Leg, running ETA, now time.Time) ETA {
	pace, sigma, doubt, ok := paceOf(legs)
	if !ok {
		return ETA{State: None, Why: "the earlier run says nothing about what is left"}
	}
	var r remaining
	ahead := 0.0
	for _, l := range legs {
		then := l.Then.Seconds() * pace
		switch l.State {
		case Running:
			if running.State == Range {
				r.add(running.P10.Sub(now).Seconds(), running.P50.Sub(now).Seconds(), running.P90.Sub(now).Seconds())
			} else if then > 0 {
				r.add(outlast(then, sigma, max(0, l.Now.Seconds())))
			}
		case Ahead:
			if then > 0 {
				r.add(then*math.Exp(-z10*sigma), then, then*math.Exp(z10*sigma))
				ahead += then
			}
		case Over, Skipped:
		}
	}
	if r.n == 0 {
		return ETA{State: None, Why: "the earlier run says nothing about what is left"}
	}
	common := ahead * doubt // a wrong pace is wrong for all that is ahead alike
	r.down += common * common * z10 * z10
	r.up += common * common * z10 * z10
	return r.eta(now)
}

// What is assumed of the pace of a phase before one has ended: that it is the earlier run's, give or take a
// third. It weighs as much as paceTrials phases.
const (
	paceSigma  = 0.33
	paceTrials = 2
)

// paceOf is how many seconds this run takes for one of the earlier one, and how much a phase strays from that
// (the deviation of its logarithm). It is false when no phase has a time of the earlier run.
func paceOf(legs []Leg) (pace, sigma, doubt float64, ok bool) {
	now, then, all := 0.0, 0.0, 0.0
	for _, l := range legs {
		t := l.Then.Seconds()
		if t <= 0 {
			continue
		}
		ok = true
		all += t
		if l.State == Over && l.Now > 0 {
			now, then = now+l.Now.Seconds(), then+t
		}
	}
	if !ok {
		return 1, 0, 0, false
	}
	prior := 0.1 * all
	pace = (now + prior) / (then + prior)
	sum, n := paceTrials*paceSigma*paceSigma, float64(paceTrials)
	for _, l := range legs {
		if t := l.Then.Seconds(); t > 0 && l.State == Over && l.Now > 0 {
			// Seconds are the finest that phases are told apart by: short ones say little.
			e := math.Log((l.Now.Seconds() + 2) / (t*pace + 2))
			w := t / (t + 0.05*all)
			sum, n = sum+w*e*e, n+w
		}
	}
	return pace, math.Sqrt(sum / n), paceSigma * math.Sqrt(prior/(prior+then)), true
}

// outlast returns the quantiles of what is left of something that takes then, give or take sigma of its
// logarithm, and has already taken ran.
func outlast(then, sigma, ran float64) (p10, p50, p90 float64) {
	lived := 0.0
	if ran > 0 {
		lived = 0.5 * math.Erfc(-math.Log(ran/then)/sigma/math.Sqrt2)
	}
	q := func(p float64) float64 {
		x := min(lived+p*(1-lived), 1-1e-9)
		return max(0, then*math.Exp(sigma*math.Sqrt2*math.Erfinv(2*x-1))-ran)
	}
	over := max(0, ran-then) // beyond what any earlier run tells, the time over is the best measure there is
	return q(0.1), max(q(0.5), over/4), max(q(0.9), over)
}

// remaining adds up spans of time that are each known as a range: the medians add, and the half-widths add as
// independent errors do.
type remaining struct {
	n        int
	mid      float64
	down, up float64 // sums of squares
}

func (r *remaining) add(p10, p50, p90 float64) {
	r.n++
	r.mid += max(0, p50)
	r.down += (p50 - p10) * (p50 - p10)
	r.up += (p90 - p50) * (p90 - p50)
}

func (r *remaining) eta(now time.Time) ETA {
	if math.IsNaN(r.mid+r.down+r.up) || r.mid > furthest {
		return ETA{State: None, Why: "too slow to name an end"}
	}
	return ETA{
		State: Range,
		P10:   now.Add(seconds(max(0, r.mid-math.Sqrt(r.down)))),
		P50:   now.Add(seconds(r.mid)),
		P90:   now.Add(seconds(min(r.mid+math.Sqrt(r.up), furthest))),
	}
}
