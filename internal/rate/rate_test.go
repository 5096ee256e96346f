package rate

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

var wall = time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC)

// feed adds a counter that moves by rate(i) in second i, from second from up to to, and returns its value.
func feed(s *Series, from, to int, v float64, rate func(i int) float64) float64 {
	for i := from; i < to; i++ {
		v += rate(i)
		s.Add(sec(i), v)
	}
	return v
}

func steady(r float64) func(int) float64 { return func(int) float64 { return r } }

func sec(i int) time.Duration { return time.Duration(i) * time.Second }

func TestSteadyCounterHasItsRateAndEnd(t *testing.T) {
	s := NewSeries()
	feed(s, 0, 301, 0, steady(20))
	at := sec(300)
	for name, got := range map[string]func() (float64, bool){
		"now":  func() (float64, bool) { return s.Now(at) },
		"mean": func() (float64, bool) { return s.Mean(at) },
		"rate": func() (float64, bool) { return s.Rate(at, time.Minute) },
		"best": func() (float64, bool) { return s.Best(), true },
	} {
		if v, ok := got(); !ok || v < 19.9 || v > 20.1 {
			t.Errorf("%s = %v, %v; want 20", name, v, ok)
		}
	}
	e := s.ETA(at, wall, 12020)
	if e.State != Range {
		t.Fatalf("state %v (%s)", e.State, e.Why)
	}
	if d := e.P50.Sub(wall).Seconds(); d < 295 || d > 305 {
		t.Errorf("P50 in %v s, want 300", d)
	}
}

// Between two readings the work goes on: whenever it is asked, the end is the same.
func TestAnEndDoesNotMoveWithTheClockBetweenReadings(t *testing.T) {
	const gap, end = 10, 300 // seconds between readings, and when all is done
	s := NewSeries()
	for now := range end - 1 {
		if now%gap == 0 {
			s.Add(sec(now), 7*float64(now))
		}
		e := s.ETA(sec(now), wall.Add(sec(now)), 7*end)
		if now < 60 {
			continue
		}
		if off := e.P50.Sub(wall.Add(sec(end))).Seconds(); off < -1 || off > 1 {
			t.Errorf("asked at %d s, the end is %.1f s late", now, off)
		}
		if e.P10.Before(wall.Add(sec(now))) || e.P10.After(e.P50) || e.P90.Before(e.P50) {
			t.Errorf("asked at %d s, the range is %v to %v to %v", now, e.P10, e.P50, e.P90)
		}
	}
}

// The truth that tools were measured against: 20 a second for 10 s, 5 for 10 s, 0 for 4 s, then 20.
func TestNowSettlesWithinThreeSecondsAfterAStep(t *testing.T) {
	truth := func(i int) float64 {
		switch {
		case i <= 10:
			return 20
		case i <= 20:
			return 5
		case i <= 24:
			return 0
		}
		return 20
	}
	s := NewSeries()
	v := 0.0
	for i := range 40 {
		v = feed(s, i, i+1, v, truth)
		r, ok := s.Now(sec(i))
		settled := i >= 3 && (i <= 10 || i >= 13 && i <= 20 || i >= 27)
		switch {
		case settled && (!ok || math.Abs(r-truth(i)) > 0.15*truth(i)):
			t.Errorf("second %d: rate %v, %v; want %v", i, r, ok, truth(i))
		case i >= 23 && i <= 24 && r != 0:
			t.Errorf("second %d: the counter stands still, yet the rate is %v", i, r)
		}
	}
}

func TestNowOfABurstyStreamIsNearItsMean(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	s := NewSeries()
	v := 0.0
	var errs []float64
	for i := range 600 {
		step := 0.0
		for range 10 { // gamma noise in each tenth of a second, as a sum of exponentials
			step += 2 * (r.ExpFloat64() + r.ExpFloat64()) / 2
		}
		v += step
		s.Add(sec(i), v)
		if now, ok := s.Now(sec(i)); ok && i > 10 {
			errs = append(errs, math.Abs(now-20)/20)
		}
	}
	slices.Sort(errs)
	if p50, p90 := errs[len(errs)/2], errs[len(errs)*9/10]; p50 > 0.17 || p90 > 0.52 {
		t.Errorf("errors %.2f, %.2f", p50, p90)
	}
}

// A counter that moves once a minute does not stand still between two moves.
func TestCoarseCounterKeepsItsRate(t *testing.T) {
	s := NewSeries()
	for i := range 1200 {
		s.Add(sec(i), float64(i/60*600))
		if i < 200 {
			continue
		}
		if r, ok := s.Now(sec(i)); !ok || math.Abs(r-10) > 1 {
			t.Fatalf("second %d: now %v, %v; want 10", i, r, ok)
		}
		if r, ok := s.Rate(sec(i), 3*time.Minute); !ok || math.Abs(r-10) > 1 {
			t.Fatalf("second %d: rate %v, %v; want 10", i, r, ok)
		}
	}
}

func TestHygiene(t *testing.T) {
	s := NewSeries()
	feed(s, 0, 100, 0, steady(10))
	want := *s
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1} {
		s.Add(sec(200), v)
	}
	s.Add(sec(99), 500)
	s.Add(sec(50), 500)
	if *s != want {
		t.Error("a reading that is none has left a trace")
	}
	s.Add(sec(100), 3) // a reset
	if _, ok := s.Mean(sec(100)); ok {
		t.Error("the mean goes on across a reset")
	}
	if v := s.Best(); v < 9.9 {
		t.Errorf("the best rate was forgotten: %v", v)
	}
	feed(s, 101, 160, 3, steady(2))
	if v, ok := s.Mean(sec(159)); !ok || math.Abs(v-2) > 0.1 {
		t.Errorf("mean %v, %v after a reset; want 2", v, ok)
	}
}

func TestNothingIsKnownAtFirst(t *testing.T) {
	s := NewSeries()
	for _, f := range []func() (float64, bool){
		func() (float64, bool) { return s.Now(0) }, func() (float64, bool) { return s.Mean(0) },
		func() (float64, bool) { return s.Rate(0, time.Minute) },
	} {
		if v, ok := f(); ok || v != 0 {
			t.Errorf("%v, %v without a reading", v, ok)
		}
	}
	if _, _, slow := s.Slow(0); slow {
		t.Error("slow without a reading")
	}
}

func TestStatesOfAnETA(t *testing.T) {
	for _, c := range []struct {
		name  string
		until int // seconds of 10 a second
		at    int // asked at
		total float64
		want  ETAState
		why   string
	}{
		{"no total", 100, 99, 0, None, "no total"},
		{"a total that is none", 100, 99, math.NaN(), None, "no total"},
		{"nothing counted", 0, 0, 100, Measuring, ""},
		{"too early", 10, 9, 10000, Measuring, ""},
		{"three percent", 40, 39, 10000, Range, ""},
		{"a minute", 70, 69, 1e6, Range, ""},
		{"stands still", 100, 160, 1e4, None, "stands still for 1 min"},
		{"all counted", 100, 99, 1000, Finishing, ""},
		{"more than all", 100, 99, 900, None, "more was counted"},
		{"too far away", 100, 99, 1e12, None, "too slow"},
	} {
		s := NewSeries()
		feed(s, 0, c.until, 0, steady(10))
		e := s.ETA(sec(c.at), wall, c.total)
		if e.State != c.want || !strings.HasPrefix(e.Why, c.why) {
			t.Errorf("%s: %s %q; want %s %q", c.name, e.State, e.Why, c.want, c.why)
		}
	}
}

func TestOnePauseDoesNotSlowTheForecast(t *testing.T) {
	s := NewSeries()
	v := feed(s, 0, 600, 0, steady(10))
	s.Add(sec(1199), v) // ten minutes of nothing
	v = feed(s, 1200, 1500, v, steady(10))
	e := s.ETA(sec(1499), wall, v+3000)
	if d := e.P50.Sub(wall).Seconds(); e.State != Range || d < 280 || d > 330 {
		t.Errorf("%s: P50 in %v s; want 300", e.State, d)
	}
}

func TestHoleThatIsToldIsOneThatIsFound(t *testing.T) {
	s := NewSeries()
	v := feed(s, 0, 600, 0, steady(10))
	s.ETA(sec(599), wall, 1e5)
	s.ETA(sec(599), wall.Add(3*time.Minute), 1e5)
	s.Hole(3 * time.Minute)
	feed(s, 600, 660, v+1800, steady(10))
	if r, ok := s.Rate(sec(659), 5*time.Minute); !ok || math.Abs(r-10) > 0.5 {
		t.Errorf("rate across the hole %v, %v; want 10", r, ok)
	}
}

// While the link is down the observed clock stands still, and the end that was named comes nearer.
func TestEndStaysWhereItWasWhileBlind(t *testing.T) {
	s := NewSeries()
	v := feed(s, 0, 600, 0, steady(10))
	before := s.ETA(sec(599), wall, v+6000)
	after := s.ETA(sec(599), wall.Add(3*time.Minute), v+6000)
	if d := after.P50.Sub(before.P50); d < -time.Second || d > time.Second {
		t.Errorf("the end moved by %v", d)
	}
	v = feed(s, 600, 660, v+1800, steady(10)) // it went on in the meantime
	if r, ok := s.Rate(sec(659), 5*time.Minute); !ok || math.Abs(r-10) > 0.5 {
		t.Errorf("rate across the hole %v, %v; want 10", r, ok)
	}
	if r, ok := s.Now(sec(659)); !ok || math.Abs(r-10) > 0.5 {
		t.Errorf("rate behind the hole %v, %v; want 10", r, ok)
	}
	if e := s.ETA(sec(659), wall.Add(4*time.Minute), v+600); e.State != Range || math.Abs(e.P50.Sub(wall).Seconds()-300) > 15 {
		t.Errorf("%s, P50 in %v", e.State, e.P50.Sub(wall))
	}
}

func TestTotalThatGrowsIsSaid(t *testing.T) {
	s := NewSeries()
	v := 0.0
	var e ETA
	for i := range 300 {
		v = feed(s, i, i+1, v, steady(10))
		e = s.ETA(sec(i), wall.Add(sec(i)), 10000+20*float64(i))
	}
	if e.State != Range || e.Why != TotalGrows {
		t.Fatalf("%s %q", e.State, e.Why)
	}
	if _, ok := Probability(e, wall, wall.Add(time.Hour)); ok {
		t.Error("a probability although the total grows")
	}
	for i := 300; i < 500; i++ {
		v = feed(s, i, i+1, v, steady(10))
		e = s.ETA(sec(i), wall.Add(sec(i)), 16000)
	}
	if e.Why != "" {
		t.Errorf("the total stands, yet: %s", e.Why)
	}
}

func TestSlowing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	noisy := func(mean float64) func(int) float64 { return func(int) float64 { return mean * noise(r, 0.5) } }
	s := NewSeries()
	v := 0.0
	for i := range 3600 {
		v = feed(s, i, i+1, v, noisy(100))
		if _, _, slow := s.Slow(sec(i)); slow {
			t.Fatalf("slow at second %d of a steady job", i)
		}
	}
	for i := 3600; i < 4600; i++ {
		v = feed(s, i, i+1, v, noisy(5))
		ratio, since, slow := s.Slow(sec(i))
		if !slow {
			continue
		}
		if i > 3600+400 || ratio > 0.5 || since < sec(3600) || since > sec(i-100) {
			t.Errorf("slow at second %d: ratio %v, since %v", i, ratio, since)
		}
		return
	}
	t.Error("a drop to a twentieth was not seen within 1000 s")
}

func TestProbability(t *testing.T) {
	e := ETA{State: Range, P10: wall.Add(50 * time.Minute), P50: wall.Add(time.Hour), P90: wall.Add(80 * time.Minute)}
	for _, c := range []struct {
		in   time.Duration
		want float64
	}{{-time.Hour, 0.05}, {0, 0.05}, {10 * time.Minute, 0.05}, {50 * time.Minute, 0.1}, {time.Hour, 0.5}, {80 * time.Minute, 0.9}, {9 * time.Hour, 0.95}} {
		if got, ok := Probability(e, wall, wall.Add(c.in)); !ok || math.Abs(got-c.want) > 0.001 {
			t.Errorf("in %v: %v, %v; want %v", c.in, got, ok, c.want)
		}
	}
	for _, e := range []ETA{{}, {State: None}, {State: Measuring}, {State: Finishing}} {
		if p, ok := Probability(e, wall, wall.Add(time.Hour)); ok {
			t.Errorf("%q has probability %v", e.State, p)
		}
	}
	if _, ok := Probability(e, wall, time.Time{}); ok {
		t.Error("a probability without a deadline")
	}
}

func TestCalmFollowsLargeChangesAndSwallowsSmallOnes(t *testing.T) {
	at := func(m float64) ETA {
		p := wall.Add(time.Duration(m * float64(time.Minute)))
		return ETA{State: Range, P10: p.Add(-5 * time.Minute), P50: p, P90: p.Add(7 * time.Minute)}
	}
	var c Calm
	c.Show(at(60), wall)
	small := c.Show(at(61), wall.Add(time.Second)).P50.Sub(wall)
	if small > 60*time.Minute+10*time.Second {
		t.Errorf("a minute more is shown at once: %v", small)
	}
	if large := c.Show(at(240), wall.Add(2*time.Second)).P50.Sub(wall); large < 200*time.Minute {
		t.Errorf("three hours more are held back: %v", large)
	}
	if e := c.Show(ETA{State: None, Why: "x"}, wall); e.Why != "x" {
		t.Errorf("%+v", e)
	}
}

// copies reads a tree in which directories of few large files and of many small ones take turns, at 0.05 s a
// file and 100 MB/s with some noise. It returns the median error of the end between a tenth and nine tenths.
func copies(files bool) float64 {
	r := rand.New(rand.NewPCG(11, 12))
	const n = 30000
	var times, bytes [n + 1]float64
	for i := range n {
		size := 20e3 * r.ExpFloat64()
		if dir := i / 1000; dir%4 == 0 && i%1000 < 300 {
			size = 40e6 * r.ExpFloat64()
		}
		bytes[i+1] = bytes[i] + size
		times[i+1] = times[i] + (0.05+size/100e6)*noise(r, 0.5)
	}
	s := NewSeries()
	var errs []float64
	i := 0
	for at := 1.0; i < n; at++ {
		for i < n && times[i+1] <= at {
			i++
		}
		t := time.Duration(at) * time.Second
		s.Add(t, bytes[i])
		if files {
			s.Files(float64(i), n)
		}
		if f := at / times[n]; f < 0.1 || f > 0.9 || int(at)%10 != 0 {
			continue
		}
		left := times[n] - at
		e := s.ETA(t, wall, bytes[n])
		errs = append(errs, math.Abs(e.P50.Sub(wall).Seconds()-left)/left)
	}
	slices.Sort(errs)
	return errs[len(errs)/2]
}

func TestFilesMakeTheEndOfACopyTruer(t *testing.T) {
	alone, both := copies(false), copies(true)
	t.Logf("wrong by %.0f %% with bytes alone, by %.0f %% with files", 100*alone, 100*both)
	if !(both < 0.2) || both > 0.7*alone {
		t.Errorf("wrong by %.2f with bytes alone, by %.2f with files", alone, both)
	}
}

// Log lines come in bursts that share a moment: the last of a burst is where the counter stands.
func TestReadingsOfOneMoment(t *testing.T) {
	s := NewSeries()
	for v := range 50 { // the log's past
		s.Add(0, float64(1000+v))
	}
	for i := 1; i <= 100; i++ {
		for k := range 10 {
			s.Add(sec(i), float64(1049+10*i-9+k))
		}
	}
	if r, ok := s.Mean(sec(100)); !ok || math.Abs(r-10) > 0.2 {
		t.Errorf("mean %v, %v; want 10", r, ok)
	}
	if e := s.ETA(sec(100), wall, 2049); e.State != Finishing {
		t.Errorf("all was counted, yet it is %s", e.State)
	}
}

// A hole is found by asking for the end while nobody can see. Asked again right behind it, it is no second one.
func TestAHoleCountsOnce(t *testing.T) {
	s := NewSeries()
	for i := range 100 {
		s.Add(sec(i), float64(i))
		s.ETA(sec(i), wall.Add(sec(i)), 1000)
	}
	for blind := range 61 {
		s.ETA(sec(99), wall.Add(sec(99+blind)), 1000)
	}
	for i := 100; i < 200; i++ {
		t, now := sec(i)-sec(1)/2, wall.Add(sec(i+60)-sec(1)/2)
		s.Add(t, float64(i+60))
		s.ETA(t, now, 1000)
		s.ETA(t+sec(1)/2, now.Add(sec(1)/2), 1000)
	}
	if r, ok := s.Mean(sec(200)); !ok || math.Abs(r-1) > 0.02 {
		t.Errorf("mean %v, %v across a hole; want 1", r, ok)
	}
}

// A total that is reckoned from a percentage wobbles; a wobble must not be added to what is left.
func TestADerivedTotalDoesNotGrow(t *testing.T) {
	s := NewSeries()
	s.Derived(true)
	for i := range 400 {
		s.Add(sec(i), 4*float64(i))
		total := 2000 * (1 + 0.02*math.Sin(float64(i)))
		e := s.ETA(sec(i), wall.Add(sec(i)), total)
		if i < 100 {
			continue
		}
		if want := (total - 4*float64(i)) / 4; e.State != Range || e.Why != "" || math.Abs(e.P50.Sub(wall.Add(sec(i))).Seconds()-want) > 3 {
			t.Fatalf("at %d s: %s %q in %v, want in %.0f s", i, e.State, e.Why, e.P50.Sub(wall.Add(sec(i))), want)
		}
	}
}

// noise is a factor around 1.
func noise(r *rand.Rand, sigma float64) float64 {
	return math.Exp(sigma*r.NormFloat64() - sigma*sigma/2)
}
