package rate

// pauses remembers the stretches in which the counter stood still and then went on without catching up. One
// or two of them say nothing about the next hour and are cut out of the clock that ends are estimated on;
// from the third on they are the task's habit and count.
type pauses struct {
	n    int
	kept [rarePauses]pause
}

type pause struct{ from, to float64 }

// rarePauses is how many pauses are not yet a habit.
const rarePauses = 2

// pauseLeast is the shortest pause in seconds: as long as nobody overlooks it.
const pauseLeast = 10

// note looks at the reading p that follows s.last and tells whether it ended a pause: a silence of more than
// pauseLeast and far beyond the usual gaps, after which less than a fifth of the usual was counted. A link that
// was down is followed by a catch-up, so it is none.
func (q *pauses) note(s *Series, p point) bool {
	if p.v <= s.last.v || s.change.n < 2 {
		return false
	}
	g := p.t - s.change.last
	if g <= max(pauseLeast, 5*s.change.gap, s.change.gap+12*s.change.dev) {
		return false
	}
	first := s.hist.points[0]
	el := s.change.last - first.t
	if el <= 0 || p.v-s.last.v >= 0.2*(s.last.v-first.v)/el*g {
		return false
	}
	if q.n < rarePauses {
		q.kept[q.n] = pause{s.change.last, p.t - s.change.gap}
	}
	q.n++
	return true
}

// active maps points to the clock without rare pauses, into buf.
func (q *pauses) active(points []point, buf *[historyMax]point) []point {
	cut, k, cuts := 0.0, 0, min(q.n, rarePauses)
	for i, p := range points {
		for k < cuts && p.t >= q.kept[k].to {
			cut += q.kept[k].to - q.kept[k].from
			k++
		}
		t := p.t
		if k < cuts {
			t = min(t, q.kept[k].from)
		}
		buf[i] = point{t: t - cut, v: p.v}
	}
	return buf[:len(points)]
}

// skipped is the sum of the rare pauses in seconds; 0 once they are a habit.
func (q *pauses) skipped() float64 {
	if q.n > rarePauses {
		return 0
	}
	sum := 0.0
	for _, p := range q.kept[:q.n] {
		sum += p.to - p.from
	}
	return sum
}
