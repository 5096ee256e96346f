package fold

import (
	"strings"
	"time"

	"ronda/internal/observe"
)

// passing notes once that a moment has come at which the person wants to be told what is not done: the last one to
// decide in, the window's end, a task's own deadline. Nothing is noted of what was over when the watch began.
func (s *State) passing() {
	last, now := s.passed, s.at
	s.passed = now
	if last.IsZero() {
		return
	}
	comes := func(at time.Time) bool { return !at.IsZero() && last.Before(at) && !now.Before(at) }
	if w := s.plan.Window; w != nil {
		if back := time.Duration(w.Rollback); back > 0 && !w.End.IsZero() && comes(w.End.Add(-back)) {
			s.notDone("the time to decide has passed")
		}
		if comes(w.End) {
			s.notDone("the window has ended")
		}
	}
	for _, t := range s.tasks {
		if _, over := t.judge.Ended(); !over && comes(t.plan.Deadline) {
			s.note(now, observe.KindVerdict, t.plan.Name+": its deadline has passed, and it is not done")
		}
	}
}

// notDone notes what has happened to the window, with the tasks that are not done; nothing where all are.
func (s *State) notDone(what string) {
	var names []string
	for _, t := range s.tasks {
		if t.judge.Verdict() != observe.Done {
			names = append(names, t.plan.Name)
		}
	}
	if len(names) > 0 {
		s.note(s.at, observe.KindVerdict, "window: "+what+"; not done: "+strings.Join(names, ", "))
	}
}
