package rate

import (
	"math"
	"sort"
)

// The past is cut into so many shares of the work, equal ones; with fewer than the least nothing is said.
const (
	paceMost  = 32
	paceLeast = 4
)

// paces are the times that equal shares of the work took, as logarithms against their mean. In work rather than
// in time a pause is one slow share among many, and the rest is a known number of shares.
type paces struct {
	y   [paceMost]float64
	n   int
	of  float64 // units a share
	sec float64 // mean seconds a share
	avg float64 // mean of y
}

// paces cuts the view; changes is how often the counter moved, and least the shortest time of a share in
// seconds that makes sense.
func (v view) paces(changes int, least float64) (p paces) {
	from, done := v.points[0].v, v.value()-v.points[0].v
	el := v.end - v.start()
	p.n = min(paceMost, changes, int(el/least))
	if p.n < 1 || done <= 0 {
		p.n = 0
		return p
	}
	p.of, p.sec = done/float64(p.n), el/float64(p.n)
	last := v.start()
	for i := range p.n {
		t := v.end
		if i < p.n-1 {
			t = v.when(from + float64(i+1)*p.of)
		}
		const floor = 0.02 // of the mean: what is faster may be an artefact of the reading
		p.y[i] = math.Log(max((t-last)/p.sec, floor))
		p.avg += p.y[i] / float64(p.n)
		last = t
	}
	return p
}

// when is the moment at which the value was reached.
func (v view) when(value float64) float64 {
	p := v.points
	i := sort.Search(len(p), func(i int) bool { return p[i].v >= value })
	switch {
	case i == 0:
		return p[0].t
	case i == len(p):
		return v.end
	}
	a, b := p[i-1], p[i]
	return a.t + (b.t-a.t)*(value-a.v)/(b.v-a.v)
}

// idea is one idea of how the paces hang together: scatter with a variance of 1, a drift that is forgotten
// after a while, and a trend; all in units of one unknown variance.
type idea struct {
	drift  float64 // variance of the drift
	memory float64 // how long it is remembered, in all shares so far
	trend  float64 // variance of the trend, a change over all shares so far
}

// forecast says how long left takes. It weighs 15 ideas of how paces hang together by how well each would have
// foreseen the past, one share after the other (a Kalman filter with a Student scale), so that mere scatter
// leads back to the mean, and a drift is followed as long as this counter's drifts have lasted.
func (p *paces) forecast(left float64) duration {
	var all mixture
	m := max(1, left/p.of)
	all.add(p.fit(idea{}, m))
	for _, drift := range [...]float64{0.5, 2, 8, 32} {
		for _, memory := range [...]float64{0.06, 0.25, 1} {
			all.add(p.fit(idea{drift: drift, memory: memory}, m))
		}
	}
	all.add(p.fit(idea{trend: 10}, m))
	all.add(p.fit(idea{drift: 2, memory: 0.25, trend: 10}, m))
	mean, variance := all.mean(), all.variance()
	// Without drift the mean of the logarithms must lead to the mean pace.
	return duration{median: m * p.sec * math.Exp(mean-p.avg), sigma: z10 * math.Sqrt(variance)}
}

// mixture adds up normal distributions that weigh by their likelihood.
type mixture struct {
	top           float64 // the greatest logarithm of a likelihood
	w, wm, wm2, v float64
}

func (x *mixture) add(loglik, mean, variance float64) {
	if x.w > 0 && loglik > x.top {
		k := math.Exp(x.top - loglik)
		x.w, x.wm, x.wm2, x.v = k*x.w, k*x.wm, k*x.wm2, k*x.v
	}
	if x.w == 0 || loglik > x.top {
		x.top = loglik
	}
	w := math.Exp(loglik - x.top)
	x.w, x.wm, x.wm2, x.v = x.w+w, x.wm+w*mean, x.wm2+w*mean*mean, x.v+w*variance
}

func (x *mixture) mean() float64 { return x.wm / x.w }

func (x *mixture) variance() float64 {
	return x.v/x.w + max(0, x.wm2/x.w-x.mean()*x.mean())
}

// Before anything is known of this counter its paces are thought to scatter by scatterPrior (of the logarithm);
// that weighs as much as scatterTrials shares. A trend is thought to go on for trendReach of the past at most.
const (
	scatterPrior  = 0.3
	scatterTrials = 2
	trendReach    = 0.5
)

// fit returns how well the idea would have foreseen each share from those before it, and what it says of the mean
// of the next m.
func (p *paces) fit(k idea, m float64) (loglik, mean, variance float64) {
	n := float64(p.n)
	phi := 0.0
	if k.drift > 0 {
		phi = math.Exp(-1 / (k.memory * n))
	}
	f := filter{v00: k.drift, v11: 100, v22: k.trend}
	squares, spread := 0.0, 1.0
	for i := range p.n {
		if i > 0 {
			f.pass(phi, k.drift*(1-phi*phi))
		}
		e, v := f.learn(p.y[i], (float64(i)+1-n)/n)
		squares, spread = squares+e*e/v, spread*v
	}
	scale := (scatterTrials*scatterPrior*scatterPrior + squares) / (scatterTrials + n)
	loglik = -0.5*math.Log(spread) - 0.5*(scatterTrials+n)*math.Log(scale)
	rest, fresh := 0.0, 0.0 // the share of today's drift in the mean to come, and the variance of what drifts anew
	if k.drift > 0 {
		forgot := math.Pow(phi, m)
		rest = phi * (1 - forgot) / (1 - phi) / m
		both := m*(1+phi)/(1-phi) - 2*phi*(1-forgot)/((1-phi)*(1-phi))
		fresh = k.drift * max(0, both/(m*m)-rest*rest)
	}
	x := min((m+1)/2/n, trendReach)
	mean = rest*f.drift + f.level + x*f.trend
	variance = rest*rest*f.v00 + f.v11 + x*x*f.v22 + 2*rest*f.v01 + 2*rest*x*f.v02 + 2*x*f.v12 + fresh + 1/m
	return loglik, mean, scale * variance
}

// filter is a Kalman filter over a drift that is forgotten, a level and a trend, with their covariances.
type filter struct {
	drift, level, trend          float64
	v00, v01, v02, v11, v12, v22 float64
}

// pass lets one share go by: phi of the drift stays, and fresh is the variance of what comes anew.
func (f *filter) pass(phi, fresh float64) {
	f.drift *= phi
	f.v00 = phi*phi*f.v00 + fresh
	f.v01 *= phi
	f.v02 *= phi
}

// learn takes the value y, to which the trend adds x times itself, and returns by how much it was not foreseen and
// with what variance.
func (f *filter) learn(y, x float64) (e, v float64) {
	h0 := f.v00 + f.v01 + x*f.v02
	h1 := f.v01 + f.v11 + x*f.v12
	h2 := f.v02 + f.v12 + x*f.v22
	v = h0 + h1 + x*h2 + 1
	e = y - f.drift - f.level - x*f.trend
	g0, g1, g2 := h0/v, h1/v, h2/v
	f.drift, f.level, f.trend = f.drift+g0*e, f.level+g1*e, f.trend+g2*e
	f.v00, f.v01, f.v02 = f.v00-g0*h0, f.v01-g0*h1, f.v02-g0*h2
	f.v11, f.v12, f.v22 = f.v11-g1*h1, f.v12-g1*h2, f.v22-g2*h2
	return e, v
}
