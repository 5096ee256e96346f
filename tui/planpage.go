package tui

import (
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
	"ronda/internal/words"
)

// step is a task of the plan as it was meant and as it goes. A zero moment or length is not known.
type step struct {
	start, end time.Time
	length     time.Duration
}

// meantSteps are what the plan means each of its tasks to do: a task that waits for another starts when that one should
// have ended, the others at their own time.
func meantSteps(p *observe.Plan) map[string]step {
	out := make(map[string]step, len(p.Tasks))
	tasks := make(map[string]*observe.Task, len(p.Tasks))
	for i := range p.Tasks {
		tasks[p.Tasks[i].Name] = &p.Tasks[i]
	}
	var find func(name string, depth int) step
	find = func(name string, depth int) step {
		t := tasks[name]
		if t == nil || depth < 0 {
			return step{}
		}
		s := step{start: t.Planned, length: time.Duration(t.Expect)}
		if s.length == 0 && t.Baseline != nil && !t.Baseline.Partial {
			s.length = time.Duration(t.Baseline.Duration)
		}
		if s.start.IsZero() && t.After != "" {
			s.start = find(t.After, depth-1).end
		}
		if !s.start.IsZero() && s.length > 0 {
			s.end = s.start.Add(s.length)
		}
		return s
	}
	for name := range tasks {
		out[name] = find(name, len(tasks))
	}
	return out
}

// planHead are the titles of the plan's columns, over two rows; the last columns are the first to go where there is
// no room, but for the end and the delay.
func planHead() [2][]string {
	return [2][]string{
		{"", "start", "", "length", "", "end", "", ""},
		{"task", "plan", "real", "plan", "real", "plan", "real", "delay"},
	}
}

// planRows are planned against actual for every step of the plan, and when the whole of it ends.
func planRows(c scene, w int) []string {
	if len(c.snap.Tasks) == 0 {
		return noTaskRows(c, w)
	}
	meant := meantSteps(&c.snap.Plan)
	var table [][]string
	var looks []verdictLook
	var inks []ink
	extra := 0
	for i := range c.snap.Tasks {
		t := &c.snap.Tasks[i]
		if found(t) {
			extra++
			continue
		}
		cells, late := planCells(c, t, meant[t.Name])
		table, looks, inks = append(table, cells), append(looks, c.st.task(t)), append(inks, late)
	}
	rows := planTable(c, table, looks, inks, w)
	if extra > 0 {
		rows = append(rows, "", newRow(w, "").put("", "   ").put(c.st.dim, "and "+plural(extra, "copy", "copies")+" that the plan does not name").line())
	}
	return append(rows, wholeRows(c, w)...)
}

// planTable draws the cells in columns as wide as they need. What does not fit is left out by its worth.
func planTable(c scene, table [][]string, looks []verdictLook, inks []ink, w int) []string {
	if len(table) == 0 {
		return nil
	}
	head := planHead()
	columns := len(head[0])
	wide := make([]int, columns)
	for _, cells := range append(table, head[0], head[1]) {
		for i, s := range cells {
			wide[i] = max(wide[i], width(s))
		}
	}
	sum := func() int {
		n := lead
		for i, x := range wide {
			if x > 0 {
				n += x
			}
			if i > 0 && x > 0 {
				n += 2
			}
		}
		return n
	}
	for _, i := range []int{3, 1, 5, 4, 2, 7} { // what goes first
		wide[0] = min(wide[0], max(16, wide[0]-max(sum()-w, 0)))
		if sum() > w {
			wide[i] = 0
		}
	}
	wide[0] = min(wide[0], max(8, wide[0]-max(sum()-w, 0)))
	draw := func(r *row, cells []string, k, late ink) string {
		for i, s := range cells {
			if wide[i] == 0 {
				continue
			}
			if i > 0 {
				r.put("", "  ")
			}
			switch i {
			case 0:
				r.cell(c.st.text.and(k), middle(s, wide[i], 0.4), wide[i])
			case 1, 3, 5:
				r.cell(c.st.dim, s, wide[i])
			case columns - 1:
				r.cell(late, s, wide[i])
			default:
				r.cell(k, s, wide[i])
			}
		}
		return r.line()
	}
	rows := make([]string, 0, len(table)+2)
	for _, cells := range head {
		rows = append(rows, draw(newRow(w, "").space(lead), cells, c.st.dim, c.st.dim))
	}
	for i, cells := range table {
		k := looks[i].ink
		if k == c.st.alarm || k == c.st.caution {
			k = c.st.bad
		}
		rows = append(rows, draw(newRow(w, "").space(1).put(k, looks[i].glyph).put("", " "), cells, c.st.text, inks[i]))
	}
	return rows
}

// planCells are the columns of a step, and the ink of its delay.
func planCells(c scene, t *fold.TaskView, s step) ([]string, ink) {
	const unknown = "–"
	at := func(m time.Time) string {
		if m.IsZero() {
			return unknown
		}
		return c.clock(m)
	}
	meant, started, length, ends := unknown, at(t.Started), unknown, unknown
	if s.length > 0 {
		meant = words.Duration(s.length)
	}
	var end time.Time // as it is expected or was
	switch {
	case t.Verdict.Ended():
		end = firstSet(t.Ended, t.Since)
		ends = at(end)
		if !t.Started.IsZero() {
			length = words.Duration(max(end.Sub(t.Started), 0))
		}
	case t.Started.IsZero() || t.Verdict == observe.Pending:
		started, end, ends = pendingStart(c, t, s)
	default:
		length = words.Duration(max(c.now.Sub(t.Started), 0)) + "+" // and it goes on
		switch t.ETA.State {
		case rate.Range:
			end, ends = t.ETA.P50, words.Span(t.ETA.P10, t.ETA.P90, c.loc, c.now)
		case rate.Finishing:
			ends = "finishing"
		case rate.None, rate.Measuring:
		}
	}
	delay, k := delayText(c, t, s, end)
	return []string{clean(t.Name), at(s.start), started, meant, length, at(s.end), ends, delay}, k
}

// pendingStart is when a step that has not begun starts, and ends if it takes as long as it was meant to.
func pendingStart(c scene, t *fold.TaskView, s step) (starts string, end time.Time, ends string) {
	const unknown = "–"
	if t.Starts.State != rate.Range {
		return unknown, time.Time{}, unknown
	}
	starts, ends = "≈"+c.clock(t.Starts.P50), unknown
	if s.length > 0 {
		end = t.Starts.P50.Add(s.length)
		ends = words.Span(t.Starts.P10.Add(s.length), t.Starts.P90.Add(s.length), c.loc, c.now)
	}
	return starts, end, ends
}

// delayText is how much later than planned a step ends, or else began.
func delayText(c scene, t *fold.TaskView, s step, end time.Time) (string, ink) {
	var by time.Duration
	switch {
	case !s.end.IsZero() && !end.IsZero():
		by = end.Sub(s.end)
	case s.start.IsZero():
		return "", c.st.dim
	case !t.Started.IsZero():
		by = t.Started.Sub(s.start)
	case t.Starts.State == rate.Range:
		by = t.Starts.P50.Sub(s.start)
	case c.now.After(s.start):
		by = c.now.Sub(s.start)
	}
	const little = time.Minute
	switch {
	case by >= little:
		k := c.st.warn
		if lateness(c, t).text == late {
			k = c.st.bad
		}
		return "+" + words.Duration(by), k
	case by <= -little:
		return "−" + words.Duration(-by), c.st.good
	}
	return "on time", c.st.text
}
