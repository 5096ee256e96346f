package rate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// room is a simulated volume: what is left of it at t seconds, of a size of 100.
type room struct {
	name  string
	fills bool    // it really gets full by a trend that can be seen
	most  float64 // false warnings an hour that are fair; of one that fills the least median lead, in seconds
	run   func(r *rand.Rand) (left func(t float64) float64, full float64)
}

const simEnd = 6 * 3600

// stepped is the way between values that are 10 s apart.
func stepped(v []float64) func(float64) float64 {
	return func(t float64) float64 {
		x := t / 10
		i := min(int(x), len(v)-2)
		return v[i] + (v[i+1]-v[i])*min(x-float64(i), 1)
	}
}

func simRooms() []room {
	n := simEnd/10 + 2
	return []room{
		{"noise", false, 0.1, func(r *rand.Rand) (func(float64) float64, float64) {
			v, level := make([]float64, n), 5+30*r.Float64()
			size := level * (0.005 + 0.1*r.Float64())
			x := 0.0
			for i := range v {
				x = 0.97*x + 0.24*r.NormFloat64()
				v[i] = max(level+size*x, 0.1)
			}
			return stepped(v), math.Inf(1)
		}},
		{"saw-tooth", false, 0.05, func(r *rand.Rand) (func(float64) float64, float64) {
			level, size, period := 5+20*r.Float64(), 0.0, (600 + 6600*r.Float64())
			size = level * (0.1 + 0.4*r.Float64())
			phase := r.Float64()
			return func(t float64) float64 {
				_, f := math.Modf(t/period + phase)
				return level - size*f
			}, math.Inf(1)
		}},
		{"steps", false, 0.1, func(r *rand.Rand) (func(float64) float64, float64) {
			v, left := make([]float64, n), 10+30*r.Float64()
			down := 0
			by := 0.0
			for i := range v {
				if down == 0 && r.Float64() < 10.0/3600 { // one an hour
					down = 1 + r.IntN(12) // 10 s to 2 min
					by = left * (0.02 + 0.13*r.Float64()) / float64(down)
				}
				if down > 0 {
					left -= by
					down--
				}
				v[i] = left
			}
			return stepped(v), math.Inf(1)
		}},
		{"jobs", false, 0.1, func(r *rand.Rand) (func(float64) float64, float64) { // write for minutes, then free it
			v, level := make([]float64, n), 10+30*r.Float64()
			left, by, down, rest := level, 0.0, 0, 0
			for i := range v {
				switch {
				case down > 0:
					left -= by
					if down--; down == 0 {
						rest = 30 + r.IntN(60)
					}
				case rest > 0:
					if rest--; rest == 0 {
						left = level
					}
				case left == level && r.Float64() < 10.0/2400:
					down = 12 + r.IntN(100) // 2 to 19 min
					by = level * (0.02 + 0.2*r.Float64()) / float64(down)
				}
				v[i] = left
			}
			return stepped(v), math.Inf(1)
		}},
		{"slow leak", false, 0, func(r *rand.Rand) (func(float64) float64, float64) { // full in days
			level, days := 10+40*r.Float64(), 1+4*r.Float64()
			return func(t float64) float64 { return level * (1 - t/86400/days) }, math.Inf(1)
		}},
		{"fills in minutes", true, 60, filling(60, 600, 0.05)},
		{"fills in an hour", true, 1200, filling(1200, 7200, 0.1)},
		{"fills in hours", true, 3600, filling(7200, 5*3600, 0.1)},
		{"fills by bursts", true, 3000, func(r *rand.Rand) (func(float64) float64, float64) {
			full := 3600 + 3*3600*r.Float64()
			start := 1800.0
			v := make([]float64, n)
			left, per := 20.0, 20.0/full*10
			at := math.Inf(1)
			for i := range v {
				if t := float64(i) * 10; t > start && left > 0 {
					if r.Float64() < 0.2 {
						left -= 5 * per * (0.5 + r.Float64())
					}
					if left <= 0 {
						left, at = 0, t
					}
				}
				v[i] = left
			}
			return stepped(v), at
		}},
	}
}

// filling is a room that rests and then fills within so many seconds, at a rate that varies.
func filling(least, most, noise float64) func(r *rand.Rand) (func(float64) float64, float64) {
	return func(r *rand.Rand) (func(float64) float64, float64) {
		start, took, left := 1800.0+600*r.Float64(), least+(most-least)*r.Float64(), 2+20*r.Float64()
		wave, phase := noise*(1+r.Float64()), 6*r.Float64()
		return func(t float64) float64 {
			if t < start {
				return left
			}
			x := (t - start) / took
			return max(left*(1-x-wave*0.3*math.Sin(6*x+phase)*x*(1-x)*2), 0)
		}, start + took
	}
}

type simScore struct {
	hours, told, onsets float64 // of time in which nothing fills: hours, share told, onsets
	fills, missed       int
	lead, late          []float64 // share of the filling's time that was left when it was said; error of the time then
}

func simRoom(rm room, seed uint64, every float64) (s simScore) {
	r := rand.New(rand.NewPCG(seed, 1))
	left, full := rm.run(r)
	var f Filling
	was, first := false, math.Inf(1)
	for t := 0.0; t < simEnd && t < full; t += every {
		f.Add(t, math.Round(left(t)*1e9), 0)
		span, _, is := f.Full()
		switch {
		case !rm.fills:
			s.hours += every / 3600
			if is {
				s.told += every / 3600
			}
			if is && !was {
				s.onsets++
			}
		case is && math.IsInf(first, 1):
			first = t
			s.late = append(s.late, math.Abs(math.Log((span[1]+1)/(full-t+1))))
			s.lead = append(s.lead, full-t)
		}
		was = is
	}
	if rm.fills && !math.IsInf(full, 1) && full < simEnd {
		s.fills++
		if math.IsInf(first, 1) {
			s.missed++
		}
	}
	return s
}

// TestFillingBySimulation holds the scores of the rule where they are. It was tuned on the seeds 1 to 40; these are
// others. docs/transfers.md quotes them; -v shows them.
func TestFillingBySimulation(t *testing.T) {
	const seeds = 12
	for _, rm := range simRooms() {
		var all simScore
		for i := range uint64(seeds) {
			s := simRoom(rm, 1001+i, 10)
			all.hours, all.told, all.onsets = all.hours+s.hours, all.told+s.told, all.onsets+s.onsets
			all.fills, all.missed = all.fills+s.fills, all.missed+s.missed
			all.lead, all.late = append(all.lead, s.lead...), append(all.late, s.late...)
		}
		if !rm.fills {
			t.Logf("%-18s %.3f warnings an hour, %.2f %% of the time", rm.name, all.onsets/all.hours, 100*all.told/all.hours)
			if all.onsets/all.hours > rm.most {
				t.Errorf("%s: %.3f false warnings an hour, at most %.3f are fair", rm.name, all.onsets/all.hours, rm.most)
			}
			continue
		}
		slices.Sort(all.lead)
		slices.Sort(all.late)
		if all.fills == 0 || len(all.lead) == 0 {
			t.Fatalf("%s: nothing filled, or nothing was said", rm.name)
		}
		lead, late := all.lead[len(all.lead)/2], math.Exp(all.late[len(all.late)/2])-1
		t.Logf("%-18s %d of %d missed; said %.0f s before (least %.0f), time wrong by %.0f %%", rm.name, all.missed, all.fills, lead, all.lead[0], 100*late)
		if all.missed > 0 || lead < rm.most || late > 0.3 {
			t.Errorf("%s: %d missed, said %.0f s before, time wrong by %.2f", rm.name, all.missed, lead, late)
		}
	}
}

// A small volume that fills in three minutes, looked at each second, or
// five seconds, is said after a quarter of that at the latest.
func TestFillingSoon(t *testing.T) {
	for every, within := range map[float64]float64{1: 27, 5: 45} {
		var f Filling
		for at := 0.0; ; at += every {
			f.Add(at, 1e9*(1-at/180), 0)
			if span, _, is := f.Full(); is {
				if want := 180 - at; math.Abs(span[1]-want) > 0.05*want {
					t.Errorf("every %.0f s: full in %.0f s, want %.0f", every, span[1], want)
				}
				t.Logf("every %.0f s: said after %.0f s", every, at)
				break
			}
			if at > within {
				t.Fatalf("every %.0f s: not said after %.0f s", every, at)
			}
		}
	}
}
