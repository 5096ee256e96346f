package rate

import (
	"math"
	"time"
)

// Levels finds when the rate of a counter last changed for good, and by how much: the run is cut into stretches
// of one rate each, and the two newest are kept. The zero Levels is ready. Adding allocates nothing; memory is
// bounded. It is for one goroutine.
//
// A stretch between two moves of the counter that are at least ten seconds apart is one sample: so a counter that
// moves in coarse steps has no empty samples, and a pause is one odd sample, not many; the median of three takes
// it out. The present level is cut in two where the logarithms of its samples' rates differ most against their
// unsteadiness (binary segmentation with the CUSUM statistic), and the cut is moved while the level after it is
// young. A drop to a twentieth is told after 70 to 120 s with its moment right to a few seconds, a halving of a
// bursty stream after a quarter of an hour; docs/judge.md has the table.
type Levels struct {
	bins  [levelsMax]levelBin
	n     int
	split int // first bin of the present level; 0: no change is known

	begun bool
	blind bool   // the sample that runs now spans time in which nobody could see
	open  sample // where it began
	last  sample // the newest reading
}

// sample is a reading with the moment at which it was taken.
type sample struct {
	at    time.Time
	clock float64 // observed seconds
	v     float64
}

// levelBin is one sample, or several of a level's older ones put together.
type levelBin struct {
	at      time.Time // when it began
	seconds float64
	amount  float64
	log     float64 // of the rate
	calm    float64 // the median of log and its neighbours'
	weight  float64 // samples
}

// Change is when a rate last changed, and from what to what, both in units a second and both means over their
// whole stretch, pauses included.
type Change struct {
	At     time.Time
	Before float64
	After  float64
}

// Bounds of Levels, and what makes a change.
const (
	levelsMax   = 240
	levelBinMin = 10.0  // seconds of a sample
	levelLeast  = 6     // samples on both sides of a cut
	levelShort  = 60.0  // seconds on both sides of a cut
	levelRatio  = 0.357 // least |ln| of a change: a fall by 30 percent
	levelSure   = 5.0   // by how many of its standard errors a difference must exceed 0
	levelDoubt  = 40.0  // so many samples must be exceeded for the unsteadiness to be well known
	levelFloor  = 0.08  // least unsteadiness of a sample that is believed
	levelYoung  = 30    // samples until which the cut may still be moved
)

// Add takes the reading v at the moment at, clock on the observed clock. Readings that are not later than the one
// before, and values that are none, are dropped; a value below the one before begins anew.
func (l *Levels) Add(at time.Time, clock time.Duration, v float64) {
	if math.IsNaN(v) || v < 0 || v > largest {
		return
	}
	s := sample{at, clock.Seconds(), v}
	switch {
	case !l.begun || v < l.last.v:
		*l = Levels{begun: true, open: s, last: s}
		return
	case s.clock <= l.last.clock:
		return
	}
	if v > l.last.v {
		l.finish(s)
	}
	l.last = s
}

// Hole tells that time has passed unseen: the sample that spans it is not believed.
func (l *Levels) Hole() { l.blind = true }

func (l *Levels) finish(s sample) {
	if s.clock-l.open.clock < levelBinMin {
		return
	}
	b := levelBin{at: l.open.at, seconds: s.clock - l.open.clock, amount: s.v - l.open.v, weight: 1}
	b.log = math.Log(b.amount / b.seconds)
	l.open = s
	if l.blind {
		l.blind = false
		return
	}
	if l.n == levelsMax {
		l.thin()
	}
	b.calm = b.log
	l.bins[l.n] = b
	l.n++
	if n := l.n; n >= 3 {
		x, y, z := l.bins[n-3].log, l.bins[n-2].log, l.bins[n-1].log
		l.bins[n-2].calm = max(min(x, y), min(max(x, y), z))
	}
	l.cut()
}

// Change returns the last change of the rate, and whether there is one worth telling: by 30 percent or more.
func (l *Levels) Change() (Change, bool) {
	if l.split == 0 {
		return Change{}, false
	}
	c := Change{At: l.bins[l.split].at, Before: meanRate(l.bins[:l.split]), After: meanRate(l.bins[l.split:l.n])}
	r := math.Log(c.After / c.Before)
	return c, math.Abs(r) >= levelRatio
}

func meanRate(bins []levelBin) float64 {
	amount, seconds := 0.0, 0.0
	for i := range bins {
		amount += bins[i].amount
		seconds += bins[i].seconds
	}
	return amount / seconds
}

// cut looks for a change within the present level, or finds a better place for the last one.
func (l *Levels) cut() {
	if at, sure := best(l.bins[l.split:l.n]); at > 0 && sure {
		l.forget(l.split)
		l.split = at
		return
	}
	if l.split > 0 && l.n-l.split <= levelYoung {
		if at, _ := best(l.bins[:l.n]); at > 0 {
			l.split = at
		}
	}
}

// best is the cut that parts the bins best, 0 for none, and whether the difference is one beyond doubt.
func best(bins []levelBin) (cut int, sure bool) {
	if len(bins) < 2*levelLeast {
		return 0, false
	}
	bins = bins[:len(bins)-1] // of the newest it is not known yet whether it is an odd one
	var w, wy float64
	for i := range bins {
		w += bins[i].weight
		wy += bins[i].weight * bins[i].calm
	}
	var top, a, ay, before, after float64
	for i := range bins {
		if a >= levelLeast {
			m1, m2 := ay/a, (wy-ay)/(w-a)
			if t := math.Abs(m2-m1) * math.Sqrt(a*(w-a)/w); t > top {
				top, cut, before, after = t, i, m1, m2
			}
		}
		a += bins[i].weight
		ay += bins[i].weight * bins[i].calm
	}
	left, right := bins[:cut], bins[cut:]
	if cut == 0 || math.Abs(after-before) < levelRatio || len(right) < levelLeast || lasted(right) < levelShort {
		return cut, false
	}
	doubt := 1 + levelDoubt/w
	return cut, top > levelSure*doubt*max(levelFloor, unsteady(left, before, right, after))
}

// lasted is how many seconds the bins cover.
func lasted(bins []levelBin) float64 {
	sum := 0.0
	for i := range bins {
		sum += bins[i].seconds
	}
	return sum
}

// unsteady is the standard deviation of one sample, such that the mean of n of them is off by it over the root of
// n: from the samples, and from the means of runs of them, so that waves slower than a sample count.
func unsteady(left []levelBin, before float64, right []levelBin, after float64) float64 {
	sigma := 0.0
	for _, length := range [...]float64{1, 4, 12} {
		s1, k1 := batches(left, before, length)
		s2, k2 := batches(right, after, length)
		if k1+k2 < 5 {
			break
		}
		sigma = max(sigma, math.Sqrt((s1+s2)/(k1+k2-2)))
	}
	return sigma
}

// batches sums, over k runs of so many samples, the squared deviation of a run's mean, as much as it weighs.
func batches(bins []levelBin, mean, length float64) (sum, k float64) {
	var w, e float64
	for i := range bins {
		w += bins[i].weight
		e += bins[i].weight * (bins[i].calm - mean)
		if w >= length {
			sum += e * e / w
			k++
			w, e = 0, 0
		}
	}
	return sum, k
}

// forget drops the oldest n bins.
func (l *Levels) forget(n int) {
	copy(l.bins[:], l.bins[n:l.n])
	l.n -= n
	l.split -= min(n, l.split)
}

// thin puts pairs of the older bins together, never across the last change.
func (l *Levels) thin() {
	kept, split := 0, l.split
	for i := 0; i < l.n; kept++ {
		if i == split {
			l.split = kept
		}
		b := l.bins[i]
		if i < l.n/2 && i+1 != split {
			c := l.bins[i+1]
			b.seconds, b.amount = b.seconds+c.seconds, b.amount+c.amount
			b.log, b.calm = (b.log+c.log)/2, (b.weight*b.calm+c.weight*c.calm)/(b.weight+c.weight)
			b.weight += c.weight
			i++
		}
		l.bins[kept] = b
		i++
	}
	l.n = kept
}
