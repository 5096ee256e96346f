package rate

import "math"

// A fresh step of the rate is one that happened just now, on a counter that has been steady: it shows before there
// are bins enough to part the past by. It must stand out against what the same span of time usually brings.
const (
	freshLeast = 4.0  // seconds that it must have lasted
	freshShare = 0.03 // and as a share of the time before it
	freshSpan  = 2.0  // seconds of a span of the past that it is compared with, at least
	freshSpans = 6    // so many of them, at least
	freshMost  = 16   // and at most
	freshSure  = 5.0  // by how many of their deviations it must stand out,
	freshDoubt = 20.0 // and by how many more, divided by the number of spans
	freshFloor = 0.03 // a deviation is taken to be so large a share of the rate at least
	freshHalf  = 1.3  // the ratio that each half of it must keep
)

// fresh finds a step of the rate after from that is too young to be found among the bins. bin is the shortest time
// in seconds that the counter can be judged by.
func (v view) fresh(from, bin float64) (at float64, ok bool) {
	best, last := 0.0, 0.0
	for i := len(v.points) - 2; i > 0; i-- {
		t := v.points[i].t
		d := v.end - t
		if t-from < freshSpans*max(freshSpan, bin) {
			break
		}
		if d < max(freshLeast, 2*bin, freshShare*(t-from)) || d < 1.1*last {
			continue
		}
		last = d
		if z := v.standsOut(from, t, d); z > best {
			best, at = z, t
		}
	}
	if best <= 1 {
		return 0, false
	}
	lo := max(from, at-(v.end-at))
	at = v.knee(lo, v.end)
	return at, v.sharp(lo, at, v.end, bin)
}

// freshSharp is how far the readings around a step may lie off the two straight lines that meet in it, as a share of
// how far it lies off the one line that would be without it: a rate that changes all the time has no corner.
const freshSharp = 0.15

// sharp tells whether the counter turned at the moment at, from one straight line between lo and it into another
// until hi. bin is by how many seconds a reading may be early or late.
func (v view) sharp(lo, at, hi, bin float64) bool {
	a, b, c := v.at(lo), v.at(at), v.at(hi)
	first, second := (b-a)/(at-lo), (c-b)/(hi-at)
	most := freshSharp*math.Abs(b-a-(c-a)/(hi-lo)*(at-lo)) + 0.25*bin*max(first, second)
	for i := len(v.points) - 1; i > 0 && v.points[i].t > lo; i-- {
		p := v.points[i]
		if last := v.points[i-1]; p.v == last.v { // the same again: it was there since, and may be due to move
			p.t = max(last.t, p.t-bin)
		}
		line := a + first*(p.t-lo)
		if p.t > at {
			line = b + second*(p.t-at)
		}
		if math.Abs(p.v-line) > most {
			return false
		}
	}
	return true
}

// standsOut tells by how much the rate of the last d seconds, since t, differs from that of as long spans between
// from and t, in times of what makes it certain; 0 when it is no step. Of a past that is too short for such spans
// shorter ones are taken: they scatter more.
func (v view) standsOut(from, t, d float64) float64 {
	value := v.at(t)
	mean := (value - v.at(from)) / (t - from)
	half := v.at(t + d/2)
	first, second := (half-value)/(d/2), (v.value()-half)/(d/2)
	after := (v.value() - value) / d
	switch {
	case min(first, second) <= 0 || mean <= 0:
		return 0
	case after > mean && (after < stepRatio*mean || min(first, second) < freshHalf*mean):
		return 0
	case after <= mean && (mean < stepRatio*after || mean < freshHalf*max(first, second)):
		return 0
	}
	span := min(d, (t-from)/freshSpans)
	n := min(freshMost, int((t-from)/span+1e-9))
	sum, squares := 0.0, 0.0
	hi := value
	for j := 1; j <= n; j++ {
		lo := v.at(t - float64(j)*span)
		r := (hi - lo) / span
		sum, squares, hi = sum+r, squares+r*r, lo
	}
	k := float64(n)
	mean = sum / k
	scatter := math.Sqrt(max(0, squares-k*mean*mean) / (k - 1) * (span/d + 1/k)) // of the mean of d seconds against that of the spans
	return math.Abs(after-mean) / max(scatter, freshFloor*mean) / (freshSure + freshDoubt/k)
}
