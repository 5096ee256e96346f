package rate

import (
	"math"
	"math/rand/v2"
	"testing"
)

// shared is a simulated host: the total of all its streams in cells of 10 s, with noise in each cell and noise that
// lasts about a minute.
type shared struct {
	r     *rand.Rand
	noise float64
	slow  float64
	x     float64
}

func (h *shared) cells(n int, level float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		h.x += -h.x/6 + h.slow*math.Sqrt(2.0/6)*h.r.NormFloat64()
		out[i] = level * math.Exp(h.x) * noise(h.r, h.noise)
	}
	return out
}

// trials are so many starts and ends of a stream by turns; with one more stream the total is fall of what it was.
func (h *shared) trials(n int, fall float64) []Trial {
	var out []Trial
	for i := range n {
		more := i%2 == 0
		a, b := 100.0, 100*fall
		if !more {
			a, b = b, a
		}
		before := h.cells(18, a)
		h.cells(3, b) // the first half minute is skipped
		if t, ok := Try(before, h.cells(18, b), more); ok {
			out = append(out, t)
		}
	}
	return out
}

// told counts what was said of simulated nights.
type told struct {
	three, six float64 // a hint after so many trials
	soon, late float64 // one start told after 3 minutes, and after at most 10
}

func nights(runs uint64, noise, slow, fall float64) told {
	var n told
	for s := range runs {
		h := shared{r: rand.New(rand.NewPCG(simTuned+s, 5)), noise: noise, slow: slow}
		trials := h.trials(6, fall)
		if _, _, ok := Hint(trials[:min(3, len(trials))]); ok {
			n.three++
		}
		if _, _, ok := Hint(trials); ok {
			n.six++
		}
		before, after := h.cells(60, 100), h.cells(63, 100*fall)[3:]
		for _, length := range []int{18, 30, 60} {
			if x, ok := Try(before, after[:length], true); ok && x.Lone() {
				if length == 18 {
					n.soon++
				}
				n.late++
				break
			}
		}
	}
	share := 100 / float64(runs)
	return told{n.three * share, n.six * share, n.soon * share, n.late * share}
}

// With one more stream the total stays as it is, or falls: how often is it told? The table stands in docs/judge.md.
func TestHints(t *testing.T) {
	for _, slow := range []float64{0, 0.5} {
		for _, sigma := range []float64{0.10, 0.25, 0.50} {
			for _, fall := range []float64{1, 1.3, 0.85, 0.75, 0.64, 0.5} {
				n := nights(400, sigma, slow*sigma, fall)
				t.Logf("noise %2.0f %%, waves %4.1f %%, total %3.0f %%: hint after 3 %5.1f %%, after 6 %5.1f %%; one start told after 3 min %5.1f %%, 10 min %5.1f %%",
					100*sigma, 100*slow*sigma, 100*fall, n.three, n.six, n.soon, n.late)
				if fall >= 1 && max(n.three, n.six, n.late) > 3 {
					t.Errorf("told of a total that did not fall: %+v", n)
				}
				if sigma <= 0.25 && fall <= 0.64 && min(n.six, n.late) < 85 {
					t.Errorf("missed a clear fall: %+v", n)
				}
			}
		}
	}
}

// Of too few samples, unseen ones, or a total that stands still, nothing is said.
func TestTryNeedsSamples(t *testing.T) {
	many, few := make([]float64, 18), []float64{1, 2, 3}
	for i := range many {
		many[i] = 100
	}
	unseen := append([]float64(nil), many...)
	for i := range unseen[:12] {
		unseen[i] = math.NaN()
	}
	for name, pair := range map[string][2][]float64{
		"few": {many, few}, "none": {nil, nil}, "unseen": {unseen, many}, "at rest": {many, make([]float64, 18)},
	} {
		if x, ok := Try(pair[0], pair[1], true); ok {
			t.Errorf("%s: %+v", name, x)
		}
	}
	if x, ok := Try(make([]float64, 500), many, false); ok {
		t.Errorf("%+v", x)
	}
	if _, _, ok := Hint(nil); ok {
		t.Error("a hint of nothing")
	}
}

// An end that makes the rest faster in total counts like a start that makes it slower.
func TestTrialOfAnEnd(t *testing.T) {
	slow, fast := make([]float64, 18), make([]float64, 18)
	for i := range slow {
		slow[i], fast[i] = 60, 100
	}
	start, _ := Try(fast, slow, true)
	end, _ := Try(slow, fast, false)
	if math.Abs(start.Ratio()-end.Ratio()) > 1e-9 || start.Ratio() > -0.5 || !start.Lone() || end.Lone() {
		t.Errorf("%+v %+v", start, end)
	}
}
