package rate

import "sort"

// historyMax bounds what is kept of a segment. With spacing that grows with age it covers days.
const historyMax = 512

// history holds readings in order of time, dense where they are young.
type history struct {
	points [historyMax]point
	n      int
}

// finest is the least distance of two kept readings in seconds, so that a counter that moves a thousand times
// a second does not push its own past out. A young segment is kept finer.
const finest = 1.0

func (h *history) add(p point) {
	if n := h.n; n >= 2 {
		a, b := h.points[n-2], h.points[n-1]
		flat := a.v == b.v && b.v == p.v && a.f == b.f
		if flat || p.t-a.t < min(finest, (p.t-h.points[0].t)/100) {
			h.points[n-1] = p
			return
		}
	}
	if h.n == historyMax {
		h.thin(p.t)
	}
	h.points[h.n] = p
	h.n++
}

// thin drops readings whose neighbours are closer to each other than their age allows. At least a quarter of
// the room is free afterwards.
func (h *history) thin(now float64) {
	for per := 48.0; h.n > historyMax*3/4; per *= 0.7 {
		keep := 1
		for i := 1; i < h.n-1; i++ {
			p := h.points[i]
			if h.points[i+1].t-h.points[keep-1].t < max(finest, (now-p.t)/per) {
				continue
			}
			h.points[keep] = p
			keep++
		}
		h.points[keep] = h.points[h.n-1]
		h.n = keep + 1
	}
}

// view is a history as an estimator looks at it, up to end.
type view struct {
	points []point
	end    float64
}

func (v view) start() float64 { return v.points[0].t }
func (v view) value() float64 { return v.points[len(v.points)-1].v }

// at interpolates the value at t; before the first reading it is the first, after the last the last.
func (v view) at(t float64) float64 {
	p := v.points
	i := sort.Search(len(p), func(i int) bool { return p[i].t >= t })
	switch {
	case i == 0:
		return p[0].v
	case i == len(p):
		return p[i-1].v
	}
	a, b := p[i-1], p[i]
	return a.v + (b.v-a.v)*(t-a.t)/(b.t-a.t)
}

// rate is the mean rate over the last w seconds before the view's end, and never negative.
func (v view) rate(w float64) float64 {
	from := max(v.start(), v.end-w)
	if v.end <= from {
		return 0
	}
	return max(0, (v.value()-v.at(from))/(v.end-from))
}
