package rate

import "math"

// Writer is one of several that write to a room of limited size: a copy to a volume.
type Writer struct {
	Left  float64 // how much it still writes; 0 or less: nothing
	Start float64 // seconds until it begins; 0: it writes now
	// Ends are the seconds until it has written all of it: on its fastest, its usual and its slowest course.
	// +Inf: not known; then it is not known when it takes room, and it takes none.
	Ends [3]float64
}

// The courses of Writer.Ends.
const (
	Fastest = iota
	Usual
	Slowest
)

// Drift is what others take that are not among the writers: Rate a second, and no longer than For seconds from now
// on, for a trend says nothing of what is much further ahead than it has lasted. Less than nothing is nothing.
type Drift struct{ Rate, For float64 }

func (d Drift) by(t float64) float64 { return max(d.Rate, 0) * max(min(t, d.For), 0) }

// by is how much it has written in t seconds on a course.
func (w *Writer) by(t float64, course int) float64 {
	end := w.Ends[course]
	switch {
	case !(w.Left > 0) || !(end <= furthest) || t <= w.Start:
		return 0
	case t >= end:
		return w.Left
	}
	return w.Left * (t - w.Start) / (end - w.Start)
}

// Taken returns how much of a room is taken within t seconds on a course of its writers, each at a steady rate from
// its start to its end. The writer number but is left out; none is, when it is negative.
func Taken(t float64, others Drift, writers []Writer, course, but int) float64 {
	sum := others.by(t)
	for i := range writers {
		if i != but {
			sum += writers[i].by(t, course)
		}
	}
	return sum
}

// Walk returns after how many seconds a room of which avail is left is full on a course of its writers: it walks from
// end to end of them until all is used up. It is +Inf when that never comes, or not within ten years.
func Walk(avail float64, others Drift, writers []Writer, course int) float64 {
	if !(avail > 0) {
		return 0
	}
	far := max(min(others.For, furthest), 0)
	for i := range writers {
		if end := writers[i].Ends[course]; end <= furthest {
			far = max(far, end)
		}
	}
	if Taken(far, others, writers, course, -1) <= avail {
		return math.Inf(1)
	}
	// What is taken never falls, so the moment lies between now and the last end. Halving finds it without putting
	// the ends in order.
	from, to := 0.0, far
	for range halvings {
		if mid := (from + to) / 2; Taken(mid, others, writers, course, -1) < avail {
			from = mid
		} else {
			to = mid
		}
	}
	return to
}

// halvings is how often Walk halves the time in which the room gets full: ten years become a tenth of a second.
const halvings = 32
