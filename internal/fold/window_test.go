package fold

import (
	"testing"
	"time"

	"ronda/internal/observe"
)

// TestPassing: the time to decide, the window's end and a task's own deadline are noted once each, with what is not
// done; nothing of what was over when the watch began, and nothing when all is done.
func TestPassing(t *testing.T) {
	after := func(d time.Duration) time.Time { return epoch.Add(d) }
	plan := observe.Plan{
		Window: &observe.Window{End: after(10 * time.Minute), Rollback: observe.Duration(4 * time.Minute)},
		Tasks:  []observe.Task{{Name: "copy", Deadline: after(8 * time.Minute)}, {Name: "check", Deadline: after(-time.Minute)}},
	}
	s := folded([]observe.Observation{{At: epoch, Payload: observe.Session{Plan: plan}}})
	for _, d := range []time.Duration{0, 7 * time.Minute, 9 * time.Minute, 11 * time.Minute, 20 * time.Minute} {
		s.Advance(after(d))
	}
	want := []NoteView{
		{after(6 * time.Minute), observe.KindVerdict, "window: the time to decide has passed; not done: copy, check"},
		{after(8 * time.Minute), observe.KindVerdict, "copy: its deadline has passed, and it is not done"},
		{after(10 * time.Minute), observe.KindVerdict, "window: the window has ended; not done: copy, check"},
	}
	got := s.Snapshot().Notes
	if len(got) != len(want) {
		t.Fatalf("noted: %v", got)
	}
	for i := range want {
		if !got[i].At.Equal(want[i].At) || got[i].Text != want[i].Text {
			t.Errorf("noted %v, want %v", got[i], want[i])
		}
	}
	plan.Tasks = nil
	s = folded([]observe.Observation{{At: epoch, Payload: observe.Session{Plan: plan}}})
	s.Advance(after(20 * time.Minute))
	if got := s.Snapshot().Notes; len(got) > 0 {
		t.Errorf("with nothing to do it noted %v", got)
	}
}
