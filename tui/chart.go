package tui

import (
	"math"
	"strings"
	"time"

	"ronda/internal/fold"
	"ronda/internal/words"
)

// chartHeight is the rows of a chart, without its axis; chartLeast the cells of a course from which one is worth
// its room.
const (
	chartHeight = 4
	chartLeast  = 12
)

// chartRows is the speed of a task over its whole run, with a title, and with the moment at which it changed last
// beneath. It is empty for a task of which little is known yet.
func chartRows(c scene, t *fold.TaskView, w int) []string {
	const label = 13
	room := w - label - 3
	if len(t.Course) < chartLeast || room < chartLeast {
		return nil
	}
	unit := t.SpeedUnit
	cells := stretch(t.Course, room)
	top := 0.0
	for _, v := range cells {
		if !unseen(v) {
			top = max(top, v)
		}
	}
	if top <= 0 {
		return nil
	}
	rows := []string{rule(c.st, w, chartTitle(c, t, unit), part{})}
	for i := range chartHeight {
		from := float64(chartHeight-1-i) / chartHeight
		text := ""
		switch i {
		case 0:
			text = clean(words.Rate(top, unit))
		case chartHeight - 1:
			text = "0"
		}
		rows = append(rows, newRow(w, "").cellRight(c.st.dim, text, label).put("", " ").
			put(c.st.bar, chartLine(cells, top, from)).line())
	}
	return append(rows, newRow(w, "").space(label+1).put(c.st.dim, chartAxis(c, t, room)).line())
}

func chartTitle(c scene, t *fold.TaskView, unit string) []part {
	title := []part{{c.st.bold, "speed", 0}}
	if t.SpeedByIO {
		title = []part{{c.st.bold, "reads and writes", 0}}
	}
	if ch := t.Change; !ch.At.IsZero() {
		k, verb := c.st.text, "rose"
		if ch.After < ch.Before {
			k, verb = c.st.warn, "fell"
		}
		title = append(title, part{k, verb + " at " + c.clock(ch.At) + " from " + clean(words.Rate(ch.Before, unit)) + " to " + clean(words.Rate(ch.After, unit)), 1})
	}
	return title
}

// stretch brings values to n: means of neighbours, or each of them more than once. What was not observed is left
// out of a mean.
func stretch(values []float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		from := i * len(values) / n
		to := max((i+1)*len(values)/n, from+1)
		sum, seen := 0.0, 0
		for _, v := range values[from:to] {
			if !unseen(v) {
				sum += v
				seen++
			}
		}
		out[i] = math.NaN()
		if seen > 0 {
			out[i] = sum / float64(seen)
		}
	}
	return out
}

// chartLine is one row of a chart: what reaches above the share from of top. What was not observed is a gap, in all
// rows; a zero is the lowest step: standing still was seen.
func chartLine(cells []float64, top, from float64) string {
	var b strings.Builder
	for _, v := range cells {
		n := int(math.Round((v/top - from) * chartHeight * 8))
		switch {
		case unseen(v):
			b.WriteByte(' ')
		case from == 0 && n < 1:
			b.WriteString(steps[0])
		case n < 1:
			b.WriteByte(' ')
		case n >= 8:
			b.WriteString("█")
		default:
			b.WriteString(steps[n-1])
		}
	}
	return b.String()
}

// chartAxis names when the course begins and ends, and, where there is room between, when the rate changed.
func chartAxis(c scene, t *fold.TaskView, w int) string {
	end := t.CourseFrom.Add(time.Duration(len(t.Course)) * t.CourseStep)
	left, right := c.clock(t.CourseFrom), c.clock(end)
	gap := w - width(left) - width(right)
	if gap < 1 {
		return clip(left, w)
	}
	if at := t.Change.At; !at.IsZero() && end.After(t.CourseFrom) {
		x := int(float64(w) * float64(at.Sub(t.CourseFrom)) / float64(end.Sub(t.CourseFrom)))
		text, from := "↑ "+c.clock(at), x
		if x+width(text)+width(right) >= w {
			text = c.clock(at) + " ↑"
			from = x + 1 - width(text)
		}
		if before, after := from-width(left), w-width(right)-from-width(text); before > 0 && after > 0 {
			return left + repeat(" ", before) + text + repeat(" ", after) + right
		}
	}
	return left + repeat(" ", gap) + right
}
