package tui

import (
	"strings"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// windowTitle tells in a terminal's tab whether a person should look.
func (m *model) windowTitle() string {
	if m.look.snap == nil {
		return "ronda"
	}
	title := clean(m.look.snap.Title)
	all := make([]*fold.TaskView, len(m.look.snap.Tasks))
	for i := range all {
		all[i] = &m.look.snap.Tasks[i]
	}
	if tally := tally(all); len(tally) > 0 {
		title = strings.Join(tally, ", ") + " · " + title
	} else if allDone(m) {
		title = string(observe.Done) + " · " + title
	}
	return clip("ronda: "+title, 120)
}

func allDone(m *model) bool {
	for i := range m.look.snap.Tasks {
		if m.look.snap.Tasks[i].Verdict != observe.Done {
			return false
		}
	}
	return len(m.look.snap.Tasks) > 0
}
