package rate

import (
	"math"
	"time"
)

// Latest is the end of the last of several, of which each ends as one of ends says: the moments before which all of
// them have ended with 10, 50 and 90 percent, if what makes one late does not make the others late too. Only ranges
// count; without any it is of no state. An end that has passed is now.
func Latest(ends []ETA, now time.Time) ETA {
	var first, last float64
	n := 0
	for i := range ends {
		if ends[i].State != Range {
			continue
		}
		p10, p90 := ends[i].P10.Sub(now).Seconds(), ends[i].P90.Sub(now).Seconds()
		if n == 0 || p10 > first {
			first = p10
		}
		last = max(last, p90)
		n++
	}
	if n == 0 {
		return ETA{}
	}
	// The tenth percentile of the last is not before that of any. The ninetieth of many lies beyond that of each.
	last = min(last+2*(last-min(first, 0)), 2*furthest)
	at := func(q float64) time.Time {
		from, to := min(first, last), last
		for range halvings {
			if mid := (from + to) / 2; allBy(mid, ends, now) < q {
				from = mid
			} else {
				to = mid
			}
		}
		return now.Add(seconds(max(min(to, furthest), 0)))
	}
	return ETA{State: Range, P10: at(0.1), P50: at(0.5), P90: at(0.9)}
}

// allBy is the chance that all have ended within d seconds.
func allBy(d float64, ends []ETA, now time.Time) float64 {
	p := 1.0
	for i := range ends {
		if ends[i].State == Range {
			p *= by(d, ends[i].P10.Sub(now).Seconds(), ends[i].P50.Sub(now).Seconds(), ends[i].P90.Sub(now).Seconds())
		}
	}
	return p
}

// by is the chance that what ends within p10, p50 and p90 seconds with 10, 50 and 90 percent ends within d: log-normal
// to both sides of its median, as Probability has it.
func by(d, p10, p50, p90 float64) float64 {
	if p50 <= 0 {
		p50 = 1
	}
	if d <= 0 {
		return 0
	}
	side, x := p90/p50, math.Log(d/p50)
	if x <= 0 {
		side = p50 / max(p10, 1e-9)
	}
	s := math.Log(max(side, 1+1e-6)) / z10
	return 0.5 * math.Erfc(-x/s/math.Sqrt2)
}
