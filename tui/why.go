package tui

import (
	"strings"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
	"ronda/internal/words"
)

// unlimited is a height for rows that are all wanted.
const unlimited = 1 << 16

// whyTitle names the task, its verdict, and since when it holds.
func whyTitle(c scene, t *fold.TaskView, w int) string {
	look := c.st.task(t)
	verdict := clean(string(t.Verdict))
	if look.ink == c.st.alarm || look.ink == c.st.caution {
		verdict = " " + verdict + " "
	}
	title := []part{{c.st.bold, clip(clean(t.Name), max(w-24, 8)), 0}, {look.ink, verdict, 0}}
	if t.Sure != "" {
		title = append(title, part{sureInk(c.st, t.Sure), clean(string(t.Sure)), 2})
	}
	if !t.Since.IsZero() {
		title = append(title, part{c.st.dim, "since " + c.seconds(t.Since), 1})
	}
	remark := part{}
	if t.Host != "" {
		remark = part{c.st.dim, "on " + clean(t.Host), 0}
	}
	return rule(c.st, w, title, remark)
}

// sureInk is how a grade of sureness is drawn: only that something could not be seen wants to be noticed.
func sureInk(s *styles, sure observe.Sureness) ink {
	if sure == observe.Unsure {
		return s.warn
	}
	return s.dim
}

// whyRows says why the verdict is what it is, in at most h rows. Long words are broken where there is room,
// and cut where not. When there is no room for all of the evidence, the newest words of both sides stay,
// and what was left out is said.
func whyRows(c scene, t *fold.TaskView, w, h int) []string {
	signs := signsOf(t)
	rows, next := reasonRows(c, t, w, max(min(max(h/2, 3), h), 1)), nextRows(c, t, w, 1)
	rows = append(rows, fitRows(c, t, w, max(min(h-len(rows)-1, 2), 0))...)
	spare := h - len(rows) - len(signs) - len(next)
	const roomForFacts = 5 // with less, the evidence says more
	if f := factsRow(c, t, w); f != "" && (h >= roomForFacts || spare > 0) {
		rows, spare = append(rows, f), spare-1
	}
	if spare >= 0 {
		next = nextRows(c, t, w, 1+spare)
		spare = h - len(rows) - len(signs) - len(next)
		rows = append(rows, evidenceRows(c, signs, w, spare)...)
	} else {
		rows = append(rows, someEvidence(c, signs, w, max(h-len(rows)-len(next), 0))...)
	}
	rows = append(rows, next...)
	return rows[:min(len(rows), max(h, 0))]
}

// someEvidence is the evidence for which there is room, and how much there is beside it.
func someEvidence(c scene, all []observe.Evidence, w, room int) []string {
	rows := evidenceRows(c, shorten(all, room), w, 0)
	if left := len(all) - room + 1; room > 1 && left > 1 {
		rows[room-1] = newRow(w, "").put("", "   ").put(c.st.dim, ellipsis+" "+
			plural(left, "more sign", "more signs")+" with e").line()
	}
	return rows
}

// shorten keeps at most n pieces of evidence and sees to it that a word against is among them.
func shorten(all []observe.Evidence, n int) []observe.Evidence {
	if len(all) <= n || n <= 1 {
		return all[:min(max(n, 0), len(all))]
	}
	kept := append([]observe.Evidence(nil), all[:n]...)
	n = max(n-1, 1) // the last row will say what was left out
	for _, e := range kept[:n] {
		if !e.For {
			return kept
		}
	}
	for _, e := range all[n:] {
		if !e.For {
			kept[n-1] = e
			break
		}
	}
	return kept
}

func reasonRows(c scene, t *fold.TaskView, w, most int) []string {
	if t.Reason == "" {
		return nil
	}
	lines := wrapText(clean(t.Reason), w-4)
	if len(lines) > most {
		lines = lines[:most]
		lines[most-1] = clip(lines[most-1]+ellipsis, w-4)
	}
	rows := make([]string, 0, len(lines))
	for _, line := range lines {
		rows = append(rows, newRow(w, "").put("", "   ").put(c.st.bold, line).line())
	}
	return rows
}

// factsRow is what is known in numbers, as far as it fits.
func factsRow(c scene, t *fold.TaskView, w int) string {
	var parts []part
	if t.Phase != "" {
		phase := clip(clean(t.Phase), max(w/2, 20))
		if !t.PhaseSince.IsZero() {
			phase += " for" + c.lasting(t.PhaseSince)
		}
		parts = append(parts, part{c.st.text, phase, 4})
	}
	if a := amountText(t); a != "" {
		parts = append(parts, part{c.st.text, a, 2})
	}
	if t.RateMean > 0 && !t.Verdict.Ended() {
		parts = append(parts, part{c.st.text, "mean " + clean(words.Rate(t.RateMean, t.Progress.Unit)), 5})
	}
	if t.ETA.State == rate.None && t.ETA.Why != "" && !noRoom(t) && !t.Verdict.Ended() && t.Verdict != observe.Pending {
		parts = append(parts, part{c.st.text, "end unknown: " + clean(t.ETA.Why), 3})
	}
	parts = append(parts, phaseEndParts(c, t)...)
	parts = append(parts, deadlineParts(c, t)...)
	if !t.LastLine.IsZero() && !t.Verdict.Ended() && c.now.Sub(t.LastLine) >= time.Minute {
		parts = append(parts, part{c.st.text, "log silent for" + c.lasting(t.LastLine), 6})
	}
	parts = choose(parts, " · ", w-4)
	if len(parts) == 0 {
		return ""
	}
	return newRow(w, "").put("", "   ").putParts(parts, " · ", c.st.faint).line()
}

// phaseEndParts tell when the phase ends where its counter is not the whole's, and what the end of the whole rests
// on where no counter of tonight tells it.
func phaseEndParts(c scene, t *fold.TaskView) []part {
	var parts []part
	if t.PhaseETA.State == rate.Range {
		parts = append(parts, part{c.st.text, "this phase ends " + endSpan(c, t.PhaseETA, 24), 3})
	}
	if t.ETA.State == rate.Range && t.ETA.Why != "" {
		parts = append(parts, part{c.st.text, "its end: " + clean(t.ETA.Why), 4})
	}
	return parts
}

func deadlineParts(c scene, t *fold.TaskView) []part {
	d := t.Deadline
	if d.At.IsZero() || t.Verdict.Ended() || !t.Ended.IsZero() {
		return nil
	}
	text := "deadline " + c.exact(d.At)
	if d.After > 0 && !d.Missed(c.now) {
		text += " with " + plural(d.After, "task", "tasks") + " after it"
	}
	if d.Missed(c.now) {
		text += " missed"
	} else if d.Known {
		text += ", chance " + words.Percent(d.Probability)
	}
	k := c.st.text
	if late := lateness(c, t); late.text != "" {
		k = late.ink
	}
	parts := []part{{k, text, 1}}
	switch {
	case d.DecideBy.IsZero():
	case c.now.Before(d.DecideBy):
		parts = append(parts, part{k, "decide by " + c.exact(d.DecideBy), 1})
	default:
		parts = append(parts, part{k, "the time to decide passed at " + c.exact(d.DecideBy), 1})
	}
	return parts
}

// evidenceRows is a row for each piece of evidence. Long pieces take up to spare rows more, the first ones
// first; the others are cut.
func evidenceRows(c scene, all []observe.Evidence, w, spare int) []string {
	rows := make([]string, 0, len(all))
	for _, e := range all {
		sign, k := "−", c.st.warn
		if e.For {
			sign, k = "+", c.st.good
		}
		age := c.ago(e.At)
		if w < 50 {
			age = ""
		}
		room := w - 4
		if age != "" {
			room -= width(age) + 2
		}
		texts := wrapText(clean(e.Text), room)
		if more := len(texts) - 1; more > spare {
			texts = []string{clean(e.Text)}
		} else {
			spare -= max(more, 0)
		}
		for i, text := range texts {
			if i > 0 {
				sign, age = " ", ""
			}
			rows = append(rows, newRow(w, "").put("", " ").put(k, sign).put("", " ").
				cell(c.st.text, text, room).space(2).put(c.st.dim, age).line())
		}
	}
	return rows
}

// nextRows say what the verdict will be next, and when, in at most so many rows.
func nextRows(c scene, t *fold.TaskView, w, most int) []string {
	if t.Next == nil || t.Verdict.Ended() {
		return nil
	}
	const label = "next: "
	verdict := clean(string(t.Next.Verdict))
	text := " at " + c.seconds(t.Next.At)
	if left := t.Next.At.Sub(c.now); left > 0 {
		text += ", in " + words.Exact(left) + ","
	}
	if t.Next.If != "" {
		text += " if " + clean(t.Next.If)
	}
	first := newRow(w, "").put("", " ").put(c.st.dim, label).put(plainLook(c.st, t.Next.Verdict), verdict)
	lines := wrapText(label+verdict+text, w-4)
	if whole, ok := strings.CutPrefix(lines[0], label+verdict); ok && len(lines) <= most {
		text, lines = whole, lines[1:]
	} else {
		lines = nil
	}
	rows := []string{first.put(c.st.dim, text).line()}
	for _, line := range lines {
		rows = append(rows, newRow(w, "").put("", "   ").put(c.st.dim, line).line())
	}
	return rows
}
