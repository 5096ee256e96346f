package tui

import (
	"strconv"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// finderParts say how those do who look for copies: "copies on mail1: 3 run, 2 ended".
func finderParts(c scene) []part {
	parts := make([]part, 0, len(c.snap.Finders))
	for i := range c.snap.Finders {
		k, text := finderText(c, &c.snap.Finders[i])
		parts = append(parts, part{k, text, i})
	}
	return parts
}

func finderText(c scene, f *fold.FinderView) (ink, string) {
	name, ended := clean(f.Name), f.Found-f.Running
	switch {
	case f.State == observe.SourceFailed:
		return c.st.bad, name + ": cannot look" + because(f.Why)
	case f.State == "":
		return c.st.dim, name + ": looks for copies"
	case linkLost(c, f.Host):
		return c.st.lost, name + ": cannot look now; " + strconv.Itoa(f.Running) + " ran"
	}
	text := name + ": no copy runs now"
	if f.State == observe.SourceWaiting && f.Why != "" && f.Found == 0 {
		text = name + ": " + clean(f.Why)
	}
	if f.Running > 0 {
		text = name + ": " + strconv.Itoa(f.Running) + " run"
	}
	if ended > 0 {
		text += ", " + strconv.Itoa(ended) + " ended"
	}
	if f.State == observe.SourceLimited {
		return c.st.warn, text + ", seen in part"
	}
	return c.st.dim, text
}

// noTaskRows are the board while there is no task: with finders, why not.
func noTaskRows(c scene, w int) []string {
	if len(c.snap.Finders) == 0 {
		return []string{" " + c.st.dim.on(clip("no task yet", w-1))}
	}
	var rows []string
	for i := range c.snap.Finders {
		f := &c.snap.Finders[i]
		k, text := finderText(c, f)
		rows = append(rows, wrapped(k, text, w, 1, unlimited)...)
		if f.State == observe.SourceLimited && f.Why != "" {
			rows = append(rows, wrapped(c.st.warn, clean(f.Why), w, 3, unlimited)...)
		}
	}
	return rows
}
