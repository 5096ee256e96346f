package tui

import (
	"slices"
	"strings"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
	"ronda/internal/words"
)

// roomTexts say that a task has no room, the longest first: "no room: full ≈02:14, 5.1 GB short".
func roomTexts(c scene, t *fold.TaskView) []string {
	full, short := fullText(c, t.Fit.FullAt, t.Fit.Avail), shortText(t)
	switch {
	case full == "" && short == "":
		return []string{"no room"}
	case full == "":
		return []string{"no room: " + short, "no room"}
	}
	at := strings.TrimPrefix(full, "full ")
	texts := []string{"no room: full " + at, "no room " + at, "no room"}
	if short != "" {
		texts = append([]string{"no room: full " + at + ", " + short, "no room " + at + ", " + short}, texts...)
	}
	return texts
}

// fullNow is said of a volume that has nothing left.
const fullNow = "full now"

// fullText says when something is full: "full ≈02:14", "full now"; empty where that is not foreseen.
func fullText(c scene, at rate.ETA, avail float64) string {
	switch {
	case avail <= 0:
		return fullNow
	case at.State != rate.Range:
		return ""
	case !at.P50.After(c.now):
		return fullNow
	}
	return "full " + c.about(at)
}

// about is a moment that is foreseen, as one: with the sign of an estimate where it may well be another minute.
func (c scene) about(at rate.ETA) string {
	if c.clock(at.P10) != c.clock(at.P90) {
		return "≈" + c.clock(at.P50)
	}
	return c.clock(at.P50)
}

// shortText is by how much the room of a task is too small; empty where that is not known.
func shortText(t *fold.TaskView) string {
	f := t.Fit
	short := f.Need + f.Others - f.Avail
	if !f.Known || !(short > 0) {
		return ""
	}
	return clean(words.Amount(short, f.Unit)) + " short"
}

// firstFitting is the first of the texts, which grow shorter, that takes at most w cells; the last one where none does.
func firstFitting(texts []string, w int) string {
	for _, s := range texts {
		if width(s) <= w {
			return s
		}
	}
	return texts[len(texts)-1]
}

// roomCell says in the column of ends that a task has no room: that its end would come in time tells nothing then.
// It may take the room of the columns beside it.
func roomCell(c scene, t *fold.TaskView, w int, r *row) {
	text, warning := firstFitting(roomTexts(c, t), w), lateness(c, t)
	r.put(c.st.bad, text)
	left := w - width(text)
	if sep := " · "; warning.text != "" && left >= width(sep+warning.text) {
		r.put(c.st.faint, sep).put(warning.ink, warning.text)
		left -= width(sep + warning.text)
	}
	r.space(left)
}

// fitRows say that there is no room for a task, and why. That there is stands among the evidence.
func fitRows(c scene, t *fold.TaskView, w, most int) []string {
	if !noRoom(t) {
		return nil
	}
	text := "no room: " + clean(t.Fit.Text)
	if t.Fit.Text == "" {
		text = roomTexts(c, t)[0]
	}
	if s := t.Fit.Since; !s.IsZero() && c.now.Sub(s) >= time.Minute {
		text += " (known since " + c.clock(s) + ")"
	}
	return wrapped(c.st.bad, text, w, 3, most)
}

// signsOf is the evidence for and against the verdict of a task, without what is said of its room in a row of its own.
func signsOf(t *fold.TaskView) []observe.Evidence {
	same := func(e observe.Evidence) bool { return t.Fit.Text != "" && strings.HasSuffix(e.Text, t.Fit.Text) }
	if !noRoom(t) || !slices.ContainsFunc(t.Evidence, same) {
		return t.Evidence
	}
	return slices.DeleteFunc(slices.Clone(t.Evidence), same)
}

// wrapped is text in rows of its own, with an indent, in at most so many rows.
func wrapped(k ink, text string, w, indent, most int) []string {
	lines := wrapText(text, max(w-indent-1, 8))
	if len(lines) > most {
		if most < 1 {
			return nil
		}
		lines = lines[:most]
		lines[most-1] = clip(lines[most-1]+ellipsis, w-indent-1)
	}
	rows := make([]string, len(lines))
	for i, line := range lines {
		rows[i] = newRow(w, "").space(indent).put(k, line).line()
	}
	return rows
}
