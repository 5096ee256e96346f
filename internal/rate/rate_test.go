package rate

import (
	"testing"
	"time"
)

var wall = time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC)

// feed adds a counter that moves by rate(i) in second i, and returns the next second and the value.
func feed(s *Series, from, to int, v float64, rate func(i int) float64) float64 {
	for i := from; i < to; i++ {
		v += rate(i)
		s.Add(time.Duration(i)*time.Second, v)
	}
	return v
}

func steady(r float64) func(int) float64 { return func(int) float64 { return r } }

func TestSteadyCounterHasItsRateAndEnd(t *testing.T) {
	s := NewSeries()
	feed(s, 0, 301, 0, steady(20))
	at := 300 * time.Second
	for name, got := range map[string]func() (float64, bool){
		"now":  func() (float64, bool) { return s.Now(at) },
		"mean": func() (float64, bool) { return s.Mean(at) },
		"rate": func() (float64, bool) { return s.Rate(at, time.Minute) },
	} {
		if v, ok := got(); !ok || v < 19 || v > 21 {
			t.Errorf("%s = %v, %v; want 20", name, v, ok)
		}
	}
	e := s.ETA(at, wall, 12020)
	if e.State != Range {
		t.Fatalf("state %v (%s)", e.State, e.Why)
	}
	if d := e.P50.Sub(wall).Seconds(); d < 285 || d > 315 {
		t.Errorf("P50 in %v s, want 300", d)
	}
}

func TestNowSettlesWithinThreeSecondsAfterAStep(t *testing.T) {
	s := NewSeries()
	v := feed(s, 0, 60, 0, steady(20))
	v = feed(s, 60, 63, v, steady(5))
	if r, _ := s.Now(62 * time.Second); r < 5*0.85 || r > 5*1.15 {
		t.Errorf("3 s after 20 -> 5: %v", r)
	}
	v = feed(s, 63, 70, v, steady(5))
	v = feed(s, 70, 76, v, steady(0))
	if r, ok := s.Now(73 * time.Second); !ok || r != 0 {
		t.Errorf("stands still, yet the rate is %v", r)
	}
	feed(s, 76, 79, v, steady(20))
	if r, _ := s.Now(78 * time.Second); r < 17 || r > 23 {
		t.Errorf("3 s after it went on at 20: %v", r)
	}
}
