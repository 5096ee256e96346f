package fold

import (
	"math"
	"slices"
	"testing"
	"time"
)

// second is the moment i seconds after the epoch.
func second(i int) time.Time { return epoch.Add(time.Duration(i) * time.Second) }

// A counter that is read every ten seconds is no comb of peaks: what came in between is spread over it.
func TestTapeSpreads(t *testing.T) {
	s := newSpeed()
	for i := 1; i <= 60; i++ {
		if i%10 == 0 {
			s.main.count(second(i), time.Duration(i)*time.Second, float64(i)*100)
		}
		s.tick(second(i), true, true)
	}
	got := s.main.spark.rates()
	for i, v := range got[2:] {
		if math.Abs(v-100) > 1e-6 {
			t.Errorf("cell %d: %v of %v", i+2, v, got)
		}
	}
}

// A course covers all of a run within its bounds, and shows as a gap what nobody saw.
func TestCourseCoversTheRun(t *testing.T) {
	s := newSpeed()
	const night = 9 * 3600
	for i := 1; i <= night; i++ {
		unseen := i > 3*3600 && i <= 5*3600
		if !unseen {
			rate := 100.0
			if i > 6*3600 {
				rate = 10
			}
			s.main.count(second(i), time.Duration(i)*time.Second, s.main.feed.value+rate)
		}
		s.tick(second(i), !unseen, true)
	}
	cells, step := s.main.course.rates(), s.main.course.step
	if len(cells) > CourseCells || len(cells) < CourseCells/2-1 || time.Duration(len(cells)+1)*step < night*time.Second {
		t.Fatalf("%d cells of %v", len(cells), step)
	}
	at := func(h float64) float64 { return cells[int(h*float64(time.Hour)/float64(step))] }
	if at(1) != 100 || !math.IsNaN(at(4)) || at(5.5) != 100 || math.Abs(at(8)-10) > 1e-6 {
		t.Errorf("%v", cells)
	}
}

// After a sleep of days the tape of the last minutes is empty, and the course has a gap; both go on.
func TestTapeLeaps(t *testing.T) {
	s := newSpeed()
	for _, from := range []int{0, 5 * 24 * 3600} {
		s.hole()
		for i := from + 1; i <= from+2*3600; i++ {
			s.main.count(second(i), time.Duration(i)*time.Second, float64(i))
			s.tick(second(i), true, true)
		}
	}
	if n := len(s.main.spark.rates()); n > SparkCells || n < SparkCells-1 {
		t.Errorf("%d cells", n)
	}
	cells := s.main.course.rates()
	if len(cells) > CourseCells || math.IsNaN(cells[0]) || !math.IsNaN(cells[len(cells)/2]) || math.IsNaN(cells[len(cells)-1]) {
		t.Errorf("%v", cells)
	}
	s.restart()
	if len(s.main.course.rates()) != 0 || slices.ContainsFunc(s.main.spark.rates(), func(v float64) bool { return v > 0 }) {
		t.Error("what was counted before is still there")
	}
}

// What stood still did not creep: unchanged readings are not recorded.
func TestFeedStandsStill(t *testing.T) {
	var f feed
	for i := range 10 {
		f.read(second(i), float64(i))
	}
	if from, amount := f.read(second(300), 10); amount != 1 || second(300).Sub(from) > 5*time.Second {
		t.Errorf("%v since %v", amount, offset(from))
	}
	f.blind = true
	if from, amount := f.read(second(900), 700); amount != 690 || !from.Equal(second(300)) {
		t.Errorf("%v since %v, unseen", amount, offset(from))
	}
	if _, amount := f.read(second(901), 3); amount != 0 {
		t.Errorf("%v from a counter that begins anew", amount)
	}
}
