package fold

import (
	"testing"
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

// TestLateness: being late does not flap: it comes after a minute without hope, stays while hope is small or for a
// moment not known, and goes when there is hope again.
func TestLateness(t *testing.T) {
	var l lateness
	for _, step := range []struct {
		seconds int
		chance  float64 // negative: not known
		late    bool
	}{
		{0, 0.5, false},
		{1, 0.08, false},
		{40, 0.3, false},
		{41, 0.08, false},
		{100, 0.08, false},
		{101, 0.08, true},
		{110, 0.2, true},
		{120, -1, true},
		{150, 0.15, true},
		{160, 0.3, false},
		{161, 0.05, false},
		{230, 0.05, true},
		{260, -1, true},
		{291, -1, false},
	} {
		l.look(DeadlineView{Known: step.chance >= 0, Probability: step.chance}, epoch.Add(time.Duration(step.seconds)*time.Second))
		if l.is != step.late {
			t.Errorf("at %d s, with a chance of %v: late is %v", step.seconds, step.chance, l.is)
		}
	}
}

// TestFollows: what comes after a task is added to its end, and widens it; tasks that wait in a circle, as only a
// damaged record can say it, are no endless line.
func TestFollows(t *testing.T) {
	plan := observe.Plan{Tasks: []observe.Task{
		{Name: "a"},
		{Name: "b", After: "a", Expect: minutes(40)},
		{Name: "c", After: "b", Expect: minutes(20)},
		{Name: "d", After: "a"},
		{Name: "x", After: "y"},
		{Name: "y", After: "x"},
	}}
	s := folded([]observe.Observation{{At: epoch, Payload: observe.Session{Plan: plan}}})
	f := s.task("a").behind
	if f.tasks != 2 || f.mid != time.Hour || f.unknown != 0 {
		t.Errorf("after a come %+v", f)
	}
	e := f.end(rate.ETA{State: rate.Range, P10: epoch, P50: epoch.Add(time.Hour), P90: epoch.Add(2 * time.Hour)})
	if want := epoch.Add(2 * time.Hour); !e.P50.Equal(want) {
		t.Errorf("all is done at %v, want %v", e.P50, want)
	}
	// Half-widths of 60, 10 and 5 minutes make one of 61.03.
	if half := e.P90.Sub(e.P50).Minutes(); half < 61 || half > 61.1 {
		t.Errorf("give or take %.2f minutes", half)
	}
	if got := f.end(rate.ETA{State: rate.Measuring}); got.State != rate.Measuring {
		t.Errorf("an end that is being measured became %v", got)
	}
}
