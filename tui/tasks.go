package tui

import (
	"strconv"
	"strings"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/words"
)

// tasksRows is the board: a row for every task that has a place, h of them around the selected one.
func tasksRows(c scene, p places, selected, w, h int) []string {
	n := p.rows()
	if n == 0 {
		return exactly(noTaskRows(c, w), h)
	}
	from := firstTask(n, p.at(selected), h)
	cols := chooseColumns(w, c.snap.Tasks)
	rows := make([]string, 0, h)
	for i := from; i < min(from+h, n); i++ {
		if i >= len(p.tasks) {
			rows = append(rows, newRow(w, "").put("", " ").put(c.st.good, "✓").put("", " ").put(c.st.dim, foldedText(p)).
				put(c.st.dim, "  (d shows them)").line())
			continue
		}
		rows = append(rows, taskRow(c, &c.snap.Tasks[p.tasks[i]], cols, p.tasks[i] == selected, w))
	}
	return exactly(rows, h)
}

// hiddenTasks says which tasks are out of sight on a board of h rows, and the worst of them: "↑ 2  ↓ 3
// more: 1 STALLED". It is empty when all are seen.
func hiddenTasks(c scene, p places, selected, h int) part {
	n := p.rows()
	from := firstTask(n, p.at(selected), h)
	to := min(from+h, n)
	if h <= 0 || from == 0 && to == n {
		return part{}
	}
	hidden := make([]*fold.TaskView, 0, n)
	for i, task := range p.tasks {
		if i < from || i >= to {
			hidden = append(hidden, &c.snap.Tasks[task])
		}
	}
	var sides []string
	if from > 0 {
		sides = append(sides, "↑ "+strconv.Itoa(from))
	}
	if to < n {
		sides = append(sides, "↓ "+strconv.Itoa(n-to))
	}
	text := strings.Join(sides, "  ") + " more"
	worst, tardy := tally(hidden), 0
	for _, t := range hidden {
		if !troubled(t) && lateness(c, t).text == late {
			tardy++
		}
	}
	if tardy > 0 {
		worst = append(worst, strconv.Itoa(tardy)+" "+late)
	}
	if len(worst) > 0 {
		return part{c.st.bad, text + ": " + strings.Join(worst, ", "), 0}
	}
	return part{c.st.dim, text, 0}
}

// firstTask is the task in the first of h rows, so that the selected one is seen.
func firstTask(n, selected, h int) int {
	if n <= h {
		return 0
	}
	return min(max(selected-h/2, 0), n-h)
}

func taskRow(c scene, t *fold.TaskView, cols columns, selected bool, w int) string {
	look := c.st.task(t)
	ground, cursor, name := ink(""), " ", c.st.text
	if selected {
		ground, cursor, name = c.st.chosen, "▸", c.st.bold
	} else if t.Verdict.Ended() || t.Verdict == observe.Pending {
		name = c.st.dim
	}
	r := newRow(w, ground)
	r.put(c.st.brand, cursor).put(taskInk(c.st, t), look.glyph).put("", " ")
	gap := func() { r.space(cols.gap) }
	r.cell(name, nameText(t, cols.name), cols.name)
	if cols.verdict > 0 {
		gap()
		k, text := look.ink, verdictText(c, t)
		if cols.ends == 0 && !t.Verdict.Alarming() { // what the column of ends would warn of
			if warning := overdue(c, t.Deadline); noRoom(t) {
				k, text = c.st.bad, firstFitting(roomTexts(c, t), cols.verdict)
			} else if warning.text == late && !t.Verdict.Ended() {
				k, text = warning.ink, warning.text
			}
		}
		r.cell(k, text, cols.verdict)
	}
	progressCells(c, t, cols, r)
	if cols.amount > 0 {
		gap()
		r.cell(c.st.dim, amountText(t), cols.amount)
	}
	if cols.rate > 0 {
		gap()
		k, text := rateText(c, t, cols.rate)
		r.cell(k, text, cols.rate)
	}
	if noRoom(t) {
		gap()
		roomCell(c, t, cols.tail(), r)
		return r.line()
	}
	if cols.spark > 0 {
		gap()
		r.cell(c.st.spark, sparkText(t, cols.spark), cols.spark)
	}
	if cols.ends > 0 {
		gap()
		endsCell(c, t, cols.ends, r)
	}
	if cols.phase > 0 {
		gap()
		r.cell(c.st.dim, clean(t.Phase), cols.phase)
	}
	return r.line()
}

// nameText is a task's name; of what copies the end tells as much as the beginning: it has paths.
func nameText(t *fold.TaskView, w int) string {
	if found(t) {
		return middle(clean(t.Name), w, 0.4)
	}
	return clean(t.Name)
}

// plainLook is the verdict's ink for the glyph: never filled.
func plainLook(s *styles, v observe.Verdict) ink {
	switch {
	case v == observe.Looping:
		return s.warn
	case v.Alarming():
		return s.bad
	default:
		return s.verdict(v).ink
	}
}

// taskInk is the ink for a task's glyph: that of its verdict, never filled.
func taskInk(s *styles, t *fold.TaskView) ink {
	if t.Overlong {
		return s.task(t).ink
	}
	return plainLook(s, t.Verdict)
}

// verdictText is the verdict with the time for which it has been so, where that time is worth knowing.
func verdictText(c scene, t *fold.TaskView) string {
	word := clean(string(t.Verdict))
	switch t.Verdict {
	case observe.Pending, observe.Progressing, observe.Done:
		return word
	case observe.Quiet:
		if t.Overlong {
			return word + c.lasting(t.Since) + "+"
		}
		return word + c.lasting(t.Since)
	case observe.Slowing, observe.Blocked, observe.Looping, observe.Stalled, observe.Blind, observe.Failed:
		return word + c.lasting(t.Since)
	default:
		return word
	}
}

// progressCells are the bar and the percentage. Without a total they make room for what is known instead:
// the count, or the phase.
func progressCells(c scene, t *fold.TaskView, cols columns, r *row) {
	if cols.percent == 0 {
		return
	}
	fraction, known := t.Progress.Fraction()
	r.space(cols.gap)
	if !known {
		w := cols.percent
		if cols.bar > 0 {
			w += cols.bar + cols.gap
		}
		r.cell(c.st.dim, insteadOfBar(t, cols), w)
		return
	}
	if cols.bar > 0 {
		k := c.st.bar
		if t.Verdict == observe.Blind || t.Verdict.Ended() {
			k = c.st.dim
		}
		filled, empty := bar(fraction, cols.bar)
		r.put(k, filled).put(c.st.faint, empty).space(cols.gap)
	}
	text := words.Percent(fraction)
	if t.Progress.Estimate {
		text = "≈" + text
	}
	if width(text) > cols.percent {
		text = strings.Replace(text, " ", "", 1)
	}
	r.cellRight(c.st.text, text, cols.percent)
}

func insteadOfBar(t *fold.TaskView, cols columns) string {
	switch {
	case t.Transfer != nil && t.Transfer.State == observe.TransferQueued && !t.Verdict.Ended():
		return string(observe.TransferQueued)
	case t.Verdict.Ended() || t.Verdict == observe.Pending || t.Progress.Known && cols.amount > 0:
		return ""
	case t.Progress.Known:
		return clean(words.Amount(t.Progress.Done, t.Progress.Unit))
	case cols.phase == 0 && cols.bar > 0:
		return clean(t.Phase)
	default:
		return ""
	}
}

// amountText is what is counted, of how much.
func amountText(t *fold.TaskView) string {
	p := t.Progress
	switch {
	case !p.Known || p.Unit == "percent":
		return ""
	case p.Total <= 0:
		return clean(words.Amount(p.Done, p.Unit))
	case p.Unit == "bytes":
		return words.Bytes(p.Done) + " of " + words.Bytes(p.Total)
	default:
		return clean(words.Count(p.Done) + " of " + words.Amount(p.Total, p.Unit))
	}
}

// rateText is how fast the task goes, with an arrow when that is far from its mean.
func rateText(c scene, t *fold.TaskView, w int) (ink, string) {
	if t.Rate <= 0 || t.Verdict == observe.Pending {
		return c.st.dim, ""
	}
	text := clean(words.Rate(t.Rate, t.Progress.Unit))
	switch {
	case t.Verdict.Ended():
		return c.st.dim, ""
	case t.Verdict == observe.Blind:
		if was := "was " + text; width(was) <= w {
			text = was
		}
		return c.st.lost, text
	case t.RateMean > 0 && t.Rate < 0.67*t.RateMean:
		return c.st.warn, text + " ↓"
	case t.RateMean > 0 && t.Rate > 1.5*t.RateMean:
		return c.st.text, text + " ↑"
	default:
		return c.st.text, text
	}
}

func sparkText(t *fold.TaskView, w int) string {
	if t.Verdict.Ended() || t.Verdict == observe.Pending {
		return ""
	}
	return spark(t.Spark, w)
}
