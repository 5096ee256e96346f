package rate

import (
	"math"
	"testing"
	"time"
)

// turning is a run whose second half is four times as slow as its first: 100 units in 500 s.
func turning() Course {
	return Course{Total: 100, Points: []CoursePoint{{0, 0}, {100 * time.Second, 50}, {500 * time.Second, 100}}}
}

// What no window of the past can know, the earlier run does.
func TestCourseForeseesWhatWasSeenBefore(t *testing.T) {
	for _, c := range []struct {
		name  string
		size  float64 // of this run against the earlier one
		speed float64
	}{{"the same again", 1, 1}, {"twice the size", 2, 1}, {"half the speed", 1, 0.5}} {
		s := NewSeries()
		s.Follow(turning())
		per := 0.5 * c.speed // units a second in the first half
		fall := int(40 / per * c.size)
		feed(s, 0, fall, 0, steady(per))
		e := s.ETA(sec(fall-1), wall, 100*c.size)
		want := (10/per + 50/(per/4)) * c.size
		if got := e.P50.Sub(wall).Seconds(); e.State != Range || math.Abs(got-want)/want > 0.25 {
			t.Errorf("%s: %s %s, P50 in %.0f s; want %.0f", c.name, e.State, e.Why, got, want)
		}
	}
}

func TestCourseWithoutATotal(t *testing.T) {
	s := NewSeries()
	s.Follow(turning())
	v := feed(s, 0, 80, 0, steady(0.5))
	if e := s.ETA(sec(79), wall, 0); e.State != Range || e.Why != AssumedTotal {
		t.Errorf("%s %q; want a range with a warning", e.State, e.Why)
	}
	feed(s, 80, 300, v, steady(0.5))
	if e := s.ETA(sec(299), wall, 0); e.State != None {
		t.Errorf("%s %q beyond the earlier run", e.State, e.Why)
	}
}

// A course as it may stand in any file is never worse than none at all.
func TestCourseThatSaysNothing(t *testing.T) {
	nan := math.NaN()
	for _, c := range []Course{
		{},
		{Total: 5},
		{Points: []CoursePoint{{0, 1}}},
		{Points: []CoursePoint{{0, 1}, {time.Second, 1}}},
		{Total: nan, Points: []CoursePoint{{0, nan}, {-1, 2}, {time.Second, -3}}},
		{Points: []CoursePoint{{time.Hour, 1}, {0, 2}}},
	} {
		s := NewSeries()
		s.Follow(c)
		feed(s, 0, 300, 0, steady(1))
		if e := s.ETA(sec(299), wall, 600); e.State != Range || math.Abs(e.P50.Sub(wall).Seconds()-300) > 10 {
			t.Errorf("%v: %s, P50 in %v", c, e.State, e.P50.Sub(wall))
		}
	}
}

func TestForecastFromLegs(t *testing.T) {
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	for _, c := range []struct {
		name     string
		legs     []Leg
		low, mid float64 // minutes: the least and the greatest that P50 may be in
	}{
		{"all ahead", []Leg{{Ahead, minutes(10), 0}, {Ahead, minutes(20), 0}}, 29, 31},
		{"as before", []Leg{{Over, minutes(10), minutes(10)}, {Running, minutes(20), minutes(5)}, {Ahead, minutes(10), 0}}, 24, 26},
		{"half the pace", []Leg{{Over, minutes(30), minutes(60)}, {Running, minutes(20), minutes(5)}, {Ahead, minutes(10), 0}}, 46, 56},
		{"longer than before", []Leg{{Running, minutes(10), minutes(30)}, {Ahead, minutes(10), 0}}, 14, 25},
		{"one passed over", []Leg{{Skipped, minutes(60), 0}, {Running, minutes(10), 0}}, 9, 11},
		{"one that is new", []Leg{{Running, 0, minutes(3)}, {Ahead, minutes(10), 0}}, 9, 11},
	} {
		e := Forecast(c.legs, ETA{}, wall)
		d := e.P50.Sub(wall).Minutes()
		if e.State != Range || d < c.low || d > c.mid || e.P10.Before(wall) || !e.P90.After(e.P50) {
			t.Errorf("%s: %s %s, in %.1f min (%v to %v)", c.name, e.State, e.Why, d, e.P10.Sub(wall), e.P90.Sub(wall))
		}
	}
	counter := ETA{State: Range, P10: wall.Add(minutes(1)), P50: wall.Add(minutes(2)), P90: wall.Add(minutes(3))}
	e := Forecast([]Leg{{Running, minutes(60), minutes(5)}, {Ahead, minutes(10), 0}}, counter, wall)
	if d := e.P50.Sub(wall); d != minutes(12) {
		t.Errorf("with the phase's own counter: %v; want 12 min", d)
	}
	if e := Forecast([]Leg{{Over, minutes(1), minutes(1)}, {Running, 0, minutes(1)}}, ETA{}, wall); e.State != None || e.Why == "" {
		t.Errorf("nothing left that is known: %s %q", e.State, e.Why)
	}
}
