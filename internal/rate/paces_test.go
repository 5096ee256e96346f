package rate

import (
	"math"
	"math/rand/v2"
	"testing"
)

// What was before a step for good says nothing of the rest; what was before a pause does.
func TestStepForGoodEndsThePast(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	s := NewSeries()
	v := feed(s, 0, 1000, 0, func(int) float64 { return 20 * noise(r, 0.2) })
	v = feed(s, 1000, 1400, v, func(int) float64 { return 4 * noise(r, 0.2) })
	e := s.ETA(sec(1399), wall, v+1200)
	if d := e.P50.Sub(wall).Seconds(); e.State != Range || math.Abs(d-300) > 60 {
		t.Errorf("%s %s: P50 in %.0f s; want 300", e.State, e.Why, d)
	}
}

func TestScatterLeadsBackToTheMean(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	s := NewSeries()
	v := feed(s, 0, 1800, 0, func(i int) float64 {
		if i/30%2 == 0 {
			return 40 * noise(r, 0.3)
		}
		return 4 * noise(r, 0.3)
	})
	e := s.ETA(sec(1799), wall, v+22*1000)
	if d := e.P50.Sub(wall).Seconds(); e.State != Range || math.Abs(d-1000) > 200 {
		t.Errorf("%s %s: P50 in %.0f s; want 1000", e.State, e.Why, d)
	}
}

// A silence that has happened twice is the job's habit.
func TestHabitualSilenceIsNoStandstill(t *testing.T) {
	s := NewSeries()
	v, at := 0.0, 0
	for range 3 {
		v = feed(s, at, at+200, v, steady(10))
		at += 300 // and a pause of 100 s
	}
	if e := s.ETA(sec(at-100+120), wall, 2*v); e.State != Range {
		t.Errorf("%s %s within the habit", e.State, e.Why)
	}
	if e := s.ETA(sec(at-100+180), wall, 2*v); e.State != None {
		t.Errorf("%s beyond it", e.State)
	}
}

// A tree's files and bytes foresee different ends until both costs are known; then both count.
func TestTreeWaitsUntilItsCostsAreKnown(t *testing.T) {
	s := NewSeries()
	files, bytes := 0.0, 0.0
	at := 0
	step := func(f, b float64) {
		at++
		files, bytes = files+f, bytes+b
		s.Add(sec(at), bytes)
		s.Files(files, 10000)
	}
	for range 120 {
		step(50, 50*200) // small files only, and the bytes are all in the large ones
	}
	if e := s.ETA(sec(at), wall, 2e9); e.State != Measuring {
		t.Errorf("%s: P50 in %v, with small files only", e.State, e.P50.Sub(wall))
	}
	for range 60 {
		step(1, 9.8e6)
	}
	e := s.ETA(sec(at), wall, bytes+60*9.8e6+78.8*50*200)
	want := (10000.0-files-60)/50 + 60
	if d := e.P50.Sub(wall).Seconds(); e.State != Range || math.Abs(d-want) > 0.25*want {
		t.Errorf("%s %s: P50 in %.0f s; want %.0f", e.State, e.Why, d, want)
	}
}
