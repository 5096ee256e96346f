package rate

import (
	"math"
	"time"
)

// slowing compares a fast and a slow average of the rate against what their ratio usually is: a stream that
// is always bursty must fall further before it is called slow.
type slowing struct {
	f, s     float64 // the averages, biased towards 0 while they are young
	fw, sw   float64 // how much of each average is filled
	age      float64 // seconds seen in this segment
	grid     float64 // time of the last step
	low      float64 // since when it is below its threshold
	below    bool
	history  [slowKeep]uint8 // bins of the in-control log ratios, newest overwrite oldest
	n, next  int
	later    [learnLater]uint8 // ratios that are not learned yet, in a ring
	step     int
	waiting  int // how many of them there are
	count    [slowBins]uint16
	moved    float64 // usual seconds between changes, at the last step
	lastMove float64
}

// The averages' time constants, the step and how long it must last, in seconds; how many steps are kept.
const (
	fastTau  = 60
	slowTau  = 900
	slowStep = 5
	slowHold = 120
	slowKeep = 720
	slowBins = 256
	slowBin  = 0.02 // width of a bin of the log ratio; bin 0 is the lowest, the last one is no fall
)

func (w *slowing) restart(t float64) { *w = slowing{grid: t, lastMove: t} }

func (w *slowing) fast() float64 { return ratioOf(w.f, w.fw) }

func ratioOf(sum, weight float64) float64 {
	if weight <= 0 {
		return 0
	}
	return sum / weight
}

// add folds the step between two readings in, on a grid of its own so that its pace does not depend on how
// often the counter is read.
func (w *slowing) add(from, to point) {
	if to.v > from.v {
		g := to.t - w.lastMove
		w.moved += 0.2 * (g - w.moved)
		w.lastMove = to.t
	}
	r := (to.v - from.v) / (to.t - from.t)
	t := from.t
	for steps := 0; t < to.t; steps++ {
		next := min(w.grid+slowStep, to.t)
		if steps >= slowKeep { // a reading after a very long time: the rest is one step
			next = to.t
		}
		w.blend(r, next-t)
		t = next
		if t >= w.grid+slowStep {
			w.grid = t
			w.judge(t)
		}
	}
}

func (w *slowing) blend(r, dt float64) {
	a := 1 - math.Exp(-dt/fastTau)
	w.f += a * (r - w.f)
	w.fw += a * (1 - w.fw)
	tau := float64(slowTau)
	if w.below {
		tau *= 4 // do not get used to being slow
	}
	b := 1 - math.Exp(-dt/tau)
	w.s += b * (r - w.s)
	w.sw += b * (1 - w.sw)
	w.age += dt
}

// judge compares at a step, and learns from it while all is usual.
func (w *slowing) judge(t float64) {
	r, ok := w.log(w.f)
	if !ok {
		return
	}
	if r < w.threshold() {
		if !w.below {
			w.below, w.low = true, t
			w.waiting = 0
		}
		return
	}
	w.below = false
	w.learn(r)
}

// learnLater is how many steps a ratio waits until it is learned: those on the way down to a slow-down are none of
// the usual ones, and learning them would take the threshold down with them.
const learnLater = slowHold / slowStep

func (w *slowing) log(fast float64) (float64, bool) {
	s := ratioOf(w.s, w.sw)
	if s <= 0 || w.age < fastTau {
		return 0, false
	}
	return math.Log(max(ratioOf(fast, w.fw)/s, 1e-6)), true
}

// threshold is 1.25 times the lowest percentile seen, between ln 0.12 and ln 0.4.
func (w *slowing) threshold() float64 {
	lo, hi := math.Log(0.12), math.Log(0.4)
	rank := w.n / 100
	for b, seen := 0, 0; b < slowBins; b++ {
		seen += int(w.count[b])
		if seen > rank {
			return max(lo, min(hi, 1.25*float64(b-slowBins+1)*slowBin))
		}
	}
	return hi
}

func (w *slowing) learn(r float64) {
	bin := uint8(max(0, min(slowBins-1, slowBins-1+int(math.Floor(r/slowBin)))))
	at := w.step % learnLater
	b := w.later[at]
	w.later[at] = bin
	w.step++
	if w.waiting < learnLater {
		w.waiting++
		return
	}
	if w.n == slowKeep {
		w.count[w.history[w.next]]--
	} else {
		w.n++
	}
	w.history[w.next] = b
	w.count[b]++
	w.next = (w.next + 1) % slowKeep
}

// Slow tells whether the counter moves much slower than it used to: a fast average of its rate (60 s) has
// been below what is usual against a slow one (15 min) for two minutes. ratio is fast over slow, 1 when not
// known; since is the observed time at which it fell. A counter that usually moves less often than every 30
// seconds is never slow: its steps are too coarse. A stop is not slowness either, but shows as one until it
// is called by its name.
func (s *Series) Slow(t time.Duration) (ratio float64, since time.Duration, slow bool) {
	w := &s.slow
	if !s.begun || s.change.n < 3 || w.moved > 30 {
		return 1, 0, false
	}
	at := s.clock(t)
	f := w.f * math.Exp(-max(0, s.change.end(at)-s.last.t)/fastTau)
	r, ok := w.log(f)
	if !ok {
		return 1, 0, false
	}
	ratio = min(math.Exp(r), 1e6)
	if !w.below || r >= w.threshold() || at-w.low < slowHold {
		return ratio, 0, false
	}
	return ratio, time.Duration((w.low - s.hole) * float64(time.Second)), true
}
