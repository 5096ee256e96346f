package rate

import "math"

// The experts' shape: windows of the past plus momentum, looked back at from a number of anchors.
const (
	maxWindows = 6
	maxExperts = maxWindows + 2
	anchors    = 24
)

// experts are rates that one could expect of the rest: the mean over several windows of the past, and the
// newest one driven on by the trend.
type experts struct {
	v       view
	windows [maxWindows]float64 // in seconds; the first is the whole past, and is kept as infinite
	n       int                 // windows
	short   int                 // index of the shortest window
	min     float64             // shortest window that makes sense, in seconds
	cum     float64             // mean rate over the whole past
	horizon float64             // seconds that the rest would take at cum
	course  *course             // an earlier run to follow, or nil
	scale   float64             // size of this run against that of the course
	pace    float64             // seconds of this run for one of the course
}

// choose picks the windows: all of the past, shares of the time that is left, and two minutes. Windows
// within 15 percent of another are the same.
func (x *experts) choose(v view, gap, left float64, follow *course) {
	*x = experts{v: v, min: max(30, 3*gap), course: follow}
	if follow != nil {
		x.scale = (v.value() + left) / follow.total
		x.pace = follow.pace(v.points[0], point{t: v.end, v: v.value()}, x.scale)
	}
	el := v.end - v.start()
	x.min = min(x.min, max(el, 1e-9))
	x.cum = v.rate(el)
	x.horizon = left / max(x.cum, 1e-300)
	x.windows[0], x.n = math.Inf(1), 1
	for _, w := range [...]float64{0.12 * x.horizon, 0.25 * x.horizon, 0.5 * x.horizon, x.horizon, 120} {
		w = min(max(w, x.min), el)
		if x.isNew(w, el) {
			x.windows[x.n] = w
			x.n++
		}
	}
	for i := 1; i < x.n; i++ {
		if x.windows[i] < x.windows[x.short] {
			x.short = i
		}
	}
}

func (x *experts) isNew(w, el float64) bool {
	for _, o := range x.windows[:x.n] {
		if math.Abs(w-min(o, el)) < 0.15*max(w, min(o, el)) {
			return false
		}
	}
	return true
}

// rates fills r with the mean rate over the h seconds after s that each expert would have foreseen at s, and
// returns how many there are. The course, if there is one, comes last.
func (x *experts) rates(s, atS, h float64, r *[maxExperts]float64) int {
	for i, w := range x.windows[:x.n] {
		r[i] = x.v.before(s, w, atS)
	}
	cum, rs := r[0], r[x.short]
	r[x.n] = rs
	if cum > 0 {
		r[x.n] = rs * min(max(rs/cum, 1.0/3), 3)
	}
	if x.course == nil {
		return x.n + 1
	}
	r[x.n+1] = x.course.foresee(atS, h, x.pace, x.scale)
	return x.n + 2
}

// lookback is how each expert did at the horizon in question.
type lookback struct {
	e    [anchors][maxExperts]float64 // log errors
	u    [anchors]float64             // weight of an anchor: recent ones count more
	n    int
	sum  float64 // of u
	neff float64 // how many independent trials that amounts to
}

// backtest asks at 24 moments of the past what each expert would have said, and what then came.
func (x *experts) backtest() (b lookback) {
	el := x.v.end - x.v.start()
	h := max(x.min, min(x.horizon, el/3))
	first, last := x.v.start()+max(x.min, 0.05*el), x.v.end-h
	if last <= first {
		return b
	}
	floor := 0.02 * x.cum
	fade := max(2*x.horizon, 300)
	var r [maxExperts]float64
	for i := range anchors {
		s := first + (last-first)*float64(i)/(anchors-1)
		atS := x.v.at(s)
		came := math.Log(max((x.v.at(s+h)-atS)/h, floor))
		n := x.rates(s, atS, h, &r)
		for k := range n {
			b.e[i][k] = came - math.Log(max(r[k], floor))
		}
		b.u[i] = math.Exp(-(last - s) / fade)
		b.sum += b.u[i]
	}
	b.n = anchors
	b.neff = min(b.sum, (x.v.end-first)/h)
	return b
}

// forecast mixes the experts and says how long left takes.
func (x *experts) forecast(left float64) duration {
	if x.cum <= 0 {
		return duration{median: math.Inf(1)}
	}
	b := x.backtest()
	var r [maxExperts]float64
	n := x.rates(x.v.end, x.v.value(), 0, &r)
	w := b.weights(n, x.course != nil)
	mean, spread := 0.0, 0.0
	for k := range n {
		r[k] = math.Log(max(r[k], 0.02*x.cum))
		mean += w[k] * r[k]
	}
	for k := range n {
		spread += w[k] * (r[k] - mean) * (r[k] - mean)
	}
	const floor, trials = 0.03, 4
	prior := 0.5
	if x.course != nil {
		prior = 0.3
	}
	sigma2 := floor*floor + (trials*prior*prior+b.neff*b.variance(n, &w))/(trials+b.neff) + spread
	return duration{median: left / math.Exp(mean), sigma: math.Sqrt(sigma2)}
}

// weights turns the experts' mean errors into shares of the mixture. Three trials with an error of 0.15 are
// assumed of each, so that few anchors cannot make one of them the only one. A course may have been wrong by
// 0.15 more than the others and is believed all the same: it is the only one that knows what is to come.
func (b *lookback) weights(n int, follow bool) (w [maxExperts]float64) {
	const trials, usual, sharp, knows = 3, 0.15, 40, 0.15
	least := math.Inf(1)
	for k := range n {
		loss := 0.0
		for i := range b.n {
			loss += b.u[i] * min(math.Abs(b.e[i][k]), 2)
		}
		if b.sum > 0 {
			loss /= b.sum
		}
		w[k] = (trials*usual + b.neff*loss) / (trials + b.neff)
		if follow && k == n-1 {
			w[k] -= knows
		}
		least = min(least, w[k])
	}
	sum := 0.0
	for k := range n {
		w[k] = math.Exp(-sharp * (w[k] - least))
		sum += w[k]
	}
	for k := range n {
		w[k] /= sum
	}
	return w
}

// variance is the mean squared log error that the mixture would have made.
func (b *lookback) variance(n int, w *[maxExperts]float64) float64 {
	if b.sum <= 0 {
		return 0
	}
	v := 0.0
	for i := range b.n {
		e := 0.0
		for k := range n {
			e += w[k] * b.e[i][k]
		}
		v += b.u[i] * e * e
	}
	return v / b.sum
}
