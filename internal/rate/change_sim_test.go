package rate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// stream is a simulated transfer: what it moves in each second.
type stream struct {
	name string
	next func(r *rand.Rand) func(i int) float64
}

func streams() []stream {
	return []stream{
		{"steady", func(r *rand.Rand) func(int) float64 {
			return func(int) float64 { return 20 * noise(r, 0.1) }
		}},
		{"unsteady", func(r *rand.Rand) func(int) float64 { // noise that lasts for a minute
			x := 0.0
			return func(int) float64 {
				x += -x/60 + 0.3*math.Sqrt(2.0/60)*r.NormFloat64()
				return 20 * math.Exp(x) * noise(r, 0.3)
			}
		}},
		{"bursty", func(r *rand.Rand) func(int) float64 {
			return func(int) float64 {
				if r.Float64() < 0.1 {
					return 200 * noise(r, 0.5)
				}
				return 0
			}
		}},
		{"on-off", func(r *rand.Rand) func(int) float64 {
			on, left := true, 100
			return func(int) float64 {
				if left--; left < 0 {
					on = !on
					left = 30 + r.IntN(90)
					if on {
						left = 60 + r.IntN(120)
					}
				}
				if on {
					return 20 * noise(r, 0.2)
				}
				return 0
			}
		}},
		{"steps of 40 s", func(r *rand.Rand) func(int) float64 {
			sum, due := 0.0, 40.0
			return func(int) float64 {
				sum++
				if sum >= due {
					sum, due = 0, 40*noise(r, 0.2)
					return 800
				}
				return 0
			}
		}},
		{"drift 30 %/h", func(r *rand.Rand) func(int) float64 {
			return func(i int) float64 { return 20 * math.Exp(-0.357*float64(i)/3600) * noise(r, 0.2) }
		}},
	}
}

// found is what Levels said of one simulated run.
type found struct {
	changes int       // changes of the last change's moment by more than two minutes
	first   float64   // seconds after the true change when it was first told; -1: not within the hour
	at      float64   // by how many seconds its moment was off, half an hour later
	false_  int
}

func watch(st stream, seed uint64, seconds, when int, factor float64) found {
	r := rand.New(rand.NewPCG(seed, 11))
	next := st.next(r)
	var l Levels
	v, out := 0.0, found{first: -1}
	pos := 0.0
	var last time.Time
	for i := range seconds {
		if when > 0 && i >= when && factor != 1 {
			// the stream itself slows: its own time passes by the factor in what is moved
			v += next(i) * factor
		} else {
			v += next(i)
		}
		_ = pos
		if i%5 != 0 {
			continue
		}
		l.Add(wall.Add(time.Duration(i)*time.Second), time.Duration(i)*time.Second, v)
		c, ok := l.Change()
		if !ok || c.At.Equal(last) {
			continue
		}
		off := c.At.Sub(wall).Seconds() - float64(when)
		if when > 0 && math.Abs(off) < 600 && i >= when {
			if out.first < 0 {
				out.first = float64(i - when)
			}
			out.at = math.Abs(off)
		} else if last.IsZero() || math.Abs(c.At.Sub(last).Seconds()) > 120 {
			out.false_++
		}
		last = c.At
	}
	return out
}

func TestSim(t *testing.T) {
	const seeds = 40
	for _, st := range streams() {
		n := 0
		for s := range uint64(seeds) {
			n += watch(st, s, 4*3600, 0, 1).false_
		}
		t.Logf("%-14s false %.3f/h", st.name, float64(n)/seeds/4)
		for _, f := range []float64{0.05, 0.2, 0.5, 0.8, 1.25, 2, 5, 20} {
			var delay, off []float64
			missed, wrong := 0, 0
			for s := range uint64(seeds) {
				w := watch(st, 100+s, 2*3600, 3600, f)
				wrong += w.false_
				if w.first < 0 {
					missed++
					continue
				}
				delay = append(delay, w.first)
				off = append(off, w.at)
			}
			slices.Sort(delay)
			slices.Sort(off)
			if len(delay) == 0 {
				t.Logf("   x%.2f missed %d", f, missed)
				continue
			}
			t.Logf("   x%.2f missed %2d delay %4.0f p90 %4.0f off %3.0f p90 %3.0f false %d", f, missed, delay[len(delay)/2], delay[len(delay)*9/10], off[len(off)/2], off[len(off)*9/10], wrong)
		}
	}
}
