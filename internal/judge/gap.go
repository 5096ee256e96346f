package judge

import (
	"math"
	"time"
)

// gaps learns how long the pauses of one task usually are: the predictive distribution of the logarithm of
// a pause, Student-t with a prior given as pseudo-observations. It forgets beyond gapMemory pauses.
type gaps struct {
	n, mu, ss float64
	rare      time.Duration // the unusual pause, reckoned when one is learned: it is asked for each second
}

// gapMemory bounds how many pauses count, so that a task may change its habits.
const gapMemory = 200

// rareness is the quantile, in standard deviations, that a pause is measured against: about 1 in 1000.
const rareness = 3.1

// newGaps starts with a belief worth weight pauses of the given median and log-standard deviation.
func newGaps(median time.Duration, sigma, weight float64) gaps {
	g := gaps{n: weight, mu: math.Log(median.Seconds()), ss: weight * sigma * sigma}
	g.rare = g.quantile()
	return g
}

// add learns a pause that ended by itself.
func (g *gaps) add(pause time.Duration) {
	l := math.Log(max(pause.Seconds(), 1))
	if g.n > gapMemory {
		g.ss *= gapMemory / g.n
		g.n = gapMemory
	}
	g.n++
	d := l - g.mu
	g.mu += d / g.n
	g.ss += d * (l - g.mu)
	g.rare = g.quantile()
}

// unusual is the pause beyond which only about one in a thousand lies. With few pauses seen it is very long.
func (g *gaps) unusual() time.Duration { return g.rare }

// quantile reckons it. The quantile of Student's t is the Cornish-Fisher expansion around the normal one
// (Abramowitz and Stegun 26.7.5).
func (g *gaps) quantile() time.Duration {
	const z = rareness
	nu := max(g.n-1, 3)
	t := z + (z*z*z+z)/(4*nu) + (5*z*z*z*z*z+16*z*z*z+3*z)/(96*nu*nu)
	seconds := math.Exp(g.mu + t*math.Sqrt(g.ss/nu)*math.Sqrt(1+1/g.n))
	return time.Duration(min(seconds, 1e7) * float64(time.Second))
}

// average follows a value with an exponential memory, one sample a second. While it is young it is the mean
// of what it has seen so far.
type average struct{ sum, weight float64 }

func (a *average) add(v, memory float64) {
	share := -math.Expm1(-1 / memory)
	a.sum += (v - a.sum) * share
	a.weight += (1 - a.weight) * share
}

// mean is 0 before the first sample.
func (a *average) mean() float64 {
	if a.weight == 0 {
		return 0
	}
	return a.sum / a.weight
}
