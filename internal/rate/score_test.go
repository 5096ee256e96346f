package rate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// run is a simulated job: how much it does in each second, until total is done.
type run struct {
	name  string
	speed func(r *rand.Rand, i, seconds int) float64 // units in second i of a run of about so many
}

func noise(r *rand.Rand, sigma float64) float64 {
	return math.Exp(sigma*r.NormFloat64() - sigma*sigma/2)
}

// runs are the shapes that real jobs were seen to take.
var runs = []run{
	{"steady", func(r *rand.Rand, _, _ int) float64 { return 20 * noise(r, 0.1) }},
	{"bursty", func(r *rand.Rand, _, _ int) float64 {
		if r.Float64() < 0.1 {
			return 200 * noise(r, 0.5)
		}
		return 0
	}},
	{"fast start", func(r *rand.Rand, i, n int) float64 {
		if i < n/20 {
			return 100 * noise(r, 0.2)
		}
		return 20 * noise(r, 0.2)
	}},
	{"decay", func(r *rand.Rand, i, n int) float64 { return 40 * math.Exp(-1.5*float64(i)/float64(n)) * noise(r, 0.2) }},
	{"speed-up", func(r *rand.Rand, i, n int) float64 { return 8 * math.Exp(1.5*float64(i)/float64(n)) * noise(r, 0.2) }},
	{"slow to a fifth", func(r *rand.Rand, i, n int) float64 {
		if i > n/2 {
			return 4 * noise(r, 0.2)
		}
		return 20 * noise(r, 0.2)
	}},
	{"one pause", func(r *rand.Rand, i, n int) float64 {
		if i > n/3 && i < n/3+400 {
			return 0
		}
		return 20 * noise(r, 0.2)
	}},
	{"steps", func(_ *rand.Rand, i, _ int) float64 {
		if i%40 == 39 {
			return 800
		}
		return 0
	}},
	{"wandering", func(r *rand.Rand, i, n int) float64 {
		return 20 * (1 + 0.6*math.Sin(7*float64(i)/float64(n))) * noise(r, 0.4)
	}},
}

// score is how well the ends were foreseen between 3 and 97 percent of a run.
type score struct {
	ape     []float64 // relative errors of P50
	covered int       // ends within P10..P90
	n       int
	turns   float64 // total variation of the shown end over the run's duration
}

func simulate(sc *score, job run, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	n := 900 + int(seed%5)*1500
	values := []float64{0}
	for i := 0; len(values) <= n; i++ {
		values = append(values, values[i]+job.speed(r, i, n))
	}
	total := values[n]
	end := slices.IndexFunc(values, func(v float64) bool { return v >= total }) // the same for a flat end
	s, calm, shown := NewSeries(), Calm{}, time.Time{}
	for i := 0; i < end; i += 5 {
		t := time.Duration(i) * time.Second
		now := wall.Add(t)
		s.Add(t, values[i])
		e := s.ETA(t, now, total)
		if f := float64(i) / float64(end); e.State != Range || f < 0.03 || f > 0.97 {
			continue
		}
		left := float64(end - i)
		sc.n++
		sc.ape = append(sc.ape, math.Abs(e.P50.Sub(now).Seconds()-left)/left)
		if at := wall.Add(time.Duration(end) * time.Second); !at.Before(e.P10) && !at.After(e.P90) {
			sc.covered++
		}
		c := calm.Show(e, now)
		if !shown.IsZero() {
			sc.turns += math.Abs(c.P50.Sub(shown).Seconds()) / float64(end)
		}
		shown = c.P50
	}
}

func (sc *score) median() float64 {
	slices.Sort(sc.ape)
	return sc.ape[len(sc.ape)/2]
}

// The ends of simulated runs are foreseen about as well as when the method was chosen: a median error around
// 21 percent, and 80 percent of the ends within the range. Real runs are less kind.
func TestEndsAreForeseen(t *testing.T) {
	const seeds = 8
	var all score
	for _, job := range runs {
		var sc score
		for seed := range uint64(seeds) {
			simulate(&sc, job, seed)
		}
		all.n += sc.n
		all.covered += sc.covered
		all.ape = append(all.ape, sc.median())
		all.turns += sc.turns
		t.Logf("%-16s median error %5.1f %%, covered %3.0f %%, turns %.1f", job.name, 100*sc.median(),
			100*float64(sc.covered)/float64(sc.n), sc.turns/seeds)
	}
	mean := 0.0
	for _, m := range all.ape {
		mean += m / float64(len(all.ape))
	}
	cover := float64(all.covered) / float64(all.n)
	t.Logf("all: mean of the medians %.1f %%, covered %.0f %%, turns %.1f", 100*mean, 100*cover, all.turns/seeds/float64(len(runs)))
	if mean > 0.25 {
		t.Errorf("mean of the median errors is %.1f %%", 100*mean)
	}
	if cover < 0.70 || cover > 0.95 {
		t.Errorf("the range covers %.0f %% of the ends", 100*cover)
	}
}
