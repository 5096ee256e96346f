package rate

import (
	"math"
	"sort"
)

// paceMost is into how many shares of the work, equal ones, the past is cut at most.
const paceMost = 32

// paces are the times that equal shares of the work took. In work rather than in time a pause is one slow share
// among many, and what is left is a known number of shares.
type paces struct {
	n    int
	of   float64               // units a share
	took float64               // seconds that all shares took
	rest float64               // seconds that the rest takes at their mean
	m    float64               // how many shares are left
	y    [paceMost]float64     // logarithms of the times
	at   [paceMost + 1]float64 // values at the bounds of the shares
}

// paces cuts the view for a forecast of left; changes is how often the counter moved, and least the shortest time
// of a share in seconds that makes sense. The counter must have moved.
func (v view) paces(left float64, changes int, least float64) (p paces) {
	from, done := v.points[0].v, v.value()-v.points[0].v
	p.took = v.end - v.start()
	p.n = max(1, min(paceMost, changes, int(p.took/least)))
	p.of = done / float64(p.n)
	p.m = max(1, left/p.of)
	p.rest = p.took / done * left
	last, floor := v.start(), 0.02*p.took/float64(p.n) // what is faster may be an artefact of the reading
	p.at[0] = from
	for i := range p.n {
		t, at := v.end, v.value()
		if i < p.n-1 {
			at = from + float64(i+1)*p.of
			t = v.when(at)
		}
		p.y[i], p.at[i+1] = math.Log(max(t-last, floor)), at
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

// forecast says how long what is left takes. It weighs some ideas of how paces hang together by how well each
// would have foreseen the past, one share after the other (a Kalman filter with a Student scale), so that mere
// scatter leads back to the mean, and a drift is followed as far as this counter's drifts have lasted. With a
// course the same ideas are held of the paces against those of the earlier run as well.
func (p *paces) forecast(c *course, scale float64) duration {
	var all mixture
	p.hold(&all, p.rest, 0)
	blind := 1.0 // how little an earlier run tells
	if c != nil {
		alone, top := all.w, all.top
		p.follow(&all, c, scale)
		blind = alone * math.Exp(top-all.top) / all.w
	}
	// The last three are what the runs that this was tuned on needed: disks and processors that others use too
	// come back to their mean more often than their own past tells, and all goes less evenly than it did.
	const back, unforeseen, further, wide = 0.2, 0.12, 0.2, 2
	v := wide*wide*all.variance() + unforeseen*unforeseen + blind*further*further*math.Log1p(p.m/float64(p.n))
	median := math.Exp((1-back*blind)*all.mean() + back*blind*math.Log(p.rest))
	return duration{median: median, sigma: z10 * math.Sqrt(v)}
}

// hold adds what the ideas say to all. rest is how long the rest takes without drift or trend.
func (p *paces) hold(all *mixture, rest, prior float64) {
	avg := 0.0
	for _, y := range p.y[:p.n] {
		avg += y / float64(p.n)
	}
	base := math.Log(rest) - avg // the mean of the logarithms is to lead to the mean pace
	try := func(k idea, odds float64) {
		loglik, mean, variance := p.fit(k)
		all.add(prior+odds+loglik, base+mean, variance)
	}
	// Scatter is by far the likeliest, on the runs that this was tuned on; a trend is not.
	const scatter, trend = 4, -2
	try(idea{}, scatter)
	for _, drift := range [...]float64{1, 8} {
		for _, memory := range [...]float64{0.06, 0.2} {
			try(idea{drift: drift, memory: memory}, 0)
		}
	}
	try(idea{trend: 10}, trend)
	try(idea{drift: 2, memory: 0.25, trend: 10}, trend)
}

// follow adds what the ideas say of the paces against those of an earlier run, which took scale times as little
// work. An earlier run is believed until it was clearly worse than no knowledge: it is the only one that knows
// what is to come.
func (p *paces) follow(all *mixture, c *course, scale float64) {
	const belief = 3 // logarithm of the odds
	floor := 0.02 * c.end() / paceMost
	then := 0.0
	for i := range p.n {
		t := max(c.time(p.at[i+1]/scale)-c.time(p.at[i]/scale), floor)
		then += t
		p.y[i] -= math.Log(t * scale)
	}
	rest := max(c.end()-c.time(p.at[p.n]/scale), floor)
	early := 0.01 * c.end() // at the beginning the sizes alone tell the pace
	p.hold(all, rest*(p.took+early*scale)/(then+early), belief)
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
	scatterPrior  = 0.4
	scatterTrials = 2
	trendReach    = 0.5
)

// fit returns how well the idea would have foreseen each share from those before it, and what it says of the mean
// of those to come.
func (p *paces) fit(k idea) (loglik, mean, variance float64) {
	n, m := float64(p.n), p.m
	phi := 0.0
	if k.drift > 0 {
		phi = math.Exp(-1 / (k.memory * n))
	}
	f := filter{level: p.y[0], v00: k.drift, v11: 100, v22: k.trend} // the level is not known before
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
