package tui

import (
	"time"

	"ronda/internal/fold"
	"ronda/internal/rate"
	"ronda/internal/words"
)

// roomTexts say that a task has no room, the longest first: "no room: full 02:14, 5.1 GB short".
func roomTexts(c scene, t *fold.TaskView) []string {
	full, short := fullText(c, t.Fit.FullAt, t.Fit.Avail), shortText(t)
	switch {
	case full == "" && short == "":
		return []string{"no room"}
	case full == "":
		return []string{"no room: " + short, "no room"}
	}
	at := c.clock(t.Fit.FullAt.P50)
	if full == fullNow {
		at = "now"
	}
	texts := []string{"no room: full " + at, "no room " + at, "no room"}
	if short != "" {
		texts = append([]string{"no room: full " + at + ", " + short, "no room " + at + ", " + short}, texts...)
	}
	return texts
}

// fullNow is said of a volume that has nothing left.
const fullNow = "full now"

// fullText says when something is full: "full 02:14", "full now"; empty where that is not foreseen.
func fullText(c scene, at rate.ETA, avail float64) string {
	switch {
	case avail <= 0:
		return fullNow
	case at.State != rate.Range:
		return ""
	case !at.P50.After(c.now):
		return fullNow
	}
	return "full " + c.clock(at.P50)
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

// fitRows say whether there is room for a task, where there is something to say.
func fitRows(c scene, t *fold.TaskView, w, most int) []string {
	if t.Fit.Text == "" && !noRoom(t) || t.Verdict.Ended() {
		return nil
	}
	k, text := c.st.warn, clean(t.Fit.Text)
	if noRoom(t) {
		k = c.st.bad
		if text == "" {
			text = firstFitting(roomTexts(c, t), w)
		} else {
			text = "no room: " + text
		}
		if s := t.Fit.Since; !s.IsZero() && c.now.Sub(s) >= time.Minute {
			text += " (known since " + c.clock(s) + ")"
		}
	}
	return wrapped(k, text, w, 3, most)
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
