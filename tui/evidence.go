package tui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/words"
)

// detailRows is all that is known of a task, and what was noted about the session.
func detailRows(c scene, t *fold.TaskView, w, h int) []string {
	rows := knownRows(c, t, w, h)
	if len(c.snap.Notes) > 0 || c.snap.Unknown > 0 {
		rows = append(rows, "", rule(c.st, w, []part{{c.st.bold, "notes", 0}}, part{}))
		rows = append(rows, noteRows(c, w)...)
	}
	return rows
}

// knownRows is all that is known of a task: the reasons, its course, what each source sees, and the processes. Of h
// rows that will be seen the course must be whole.
func knownRows(c scene, t *fold.TaskView, w, h int) []string {
	heading := func(parts ...part) string { return rule(c.st, w, parts, part{}) }
	rows := append(whyRows(c, t, w, unlimited), scenesRow(c, t, w)...)
	rows = append(rows, transferRows(c, t, w)...)
	if chart := chartRows(c, t, w); len(chart) > 0 && len(rows)+1+len(chart) <= h {
		rows = append(append(rows, ""), chart...)
	}
	if h == unlimited { // on the board the groups have rows of their own
		rows = append(rows, togetherRows(c, t, w)...)
	}
	if len(t.Sources) > 0 {
		rows = append(rows, "", heading(part{c.st.bold, "sources", 0}))
		rows = append(rows, sourceRows(c, t, w)...)
	}
	if t.Process != nil {
		title := []part{{c.st.bold, "processes", 0}}
		if t.Process.Found != "" {
			title = append(title, part{c.st.dim, clip(clean(t.Process.Found), max(w-20, 8)), 1})
		}
		rows = append(rows, "", heading(title...))
		rows = append(rows, processRows(c, t, w)...)
	}
	return rows
}

func sourceRows(c scene, t *fold.TaskView, w int) []string {
	longest := 0
	for _, s := range t.Sources {
		longest = max(longest, min(width(clean(s.Name)), 20))
	}
	lost := linkLost(c, t.Host)
	var rows []string
	for _, s := range t.Sources {
		glyph, word, k := sourceLook(c.st, s.State)
		age := c.ago(s.Last)
		switch {
		case lost && (s.State == observe.SourceUp || s.State == observe.SourceLimited):
			glyph, word, k = "○", "unseen", c.st.lost
		case s.State == observe.SourceUp || s.State == observe.SourceLimited:
			age = c.unchanged(s.Last)
		}
		r := newRow(w, "").put("", "   ").put(k, glyph).put("", " ").cell(c.st.text, clean(s.Name), longest).
			put("", "  ").cell(k, word, 9)
		indent := w - r.room
		why := wrapText(clean(s.Why), max(r.room-width(age)-3, 20))
		if len(why) == 0 {
			why = []string{""}
		}
		r.put(c.st.text, why[0])
		if age != "" && r.room > width(age)+2 {
			r.rest(width(age)+1).put(c.st.dim, age)
		}
		rows = append(rows, r.line())
		for _, line := range why[1:] {
			rows = append(rows, newRow(w, "").space(indent).put(c.st.text, line).line())
		}
	}
	return rows
}

// unchanged is for how long a source that sees has had nothing new to tell: only what changes is recorded, so its
// last look may be much younger.
func (c scene) unchanged(last time.Time) string {
	const lively = 3 * time.Second
	switch since := c.now.Sub(last); {
	case last.IsZero():
		return ""
	case since < lively:
		return "changes now"
	default:
		return "last change " + words.Age(since)
	}
}

// linkLost tells whether the way to a host is lost: then none of what is there is seen.
func linkLost(c scene, host string) bool {
	return slices.ContainsFunc(c.snap.Hosts, func(h fold.HostView) bool { return h.Name == host && h.State == fold.LinkDown })
}

func sourceLook(s *styles, state observe.SourceState) (glyph, word string, k ink) {
	switch state {
	case observe.SourceUp:
		return "●", "sees", s.good
	case observe.SourceWaiting:
		return "·", "waits", s.dim
	case observe.SourceFailed:
		return "○", "failed", s.bad
	case observe.SourceLimited:
		return "◐", "limited", s.warn
	default:
		return "·", "never", s.dim
	}
}

func processRows(c scene, t *fold.TaskView, w int) []string {
	p := t.Process
	var rows []string
	put := func(k ink, text string) { rows = append(rows, newRow(w, "").put("", "   ").put(k, text).line()) }
	if p.Exit != nil {
		put(c.st.text, exitText(p.Exit))
	} else if p.Root == 0 {
		put(c.st.dim, "no such process")
	}
	if p.Count > 0 {
		put(c.st.dim, totals(p))
	}
	depth := depths(p.Procs)
	for i, proc := range p.Procs {
		use := -1.0
		if len(t.Uses) == len(p.Procs) {
			use = t.Uses[i]
		}
		rows = append(rows, procRow(c, proc, use, depth[proc.PID], w))
		if proc.Waits != "" {
			indent := depth[proc.PID]*2 + 13
			for _, line := range wrapText(clean(proc.Waits), max(w-indent-1, 20)) {
				rows = append(rows, newRow(w, "").space(indent).put(c.st.warn, line).line())
			}
		}
	}
	for i, f := range p.Files {
		twice := func(o observe.OpenFile) bool { return o.PID == f.PID && o.Path == f.Path && o.Write == f.Write }
		if !slices.ContainsFunc(p.Files[:i], twice) { // a shell's copies of a descriptor tell nothing more
			rows = append(rows, fileRow(c, f, w))
		}
	}
	return rows
}

func totals(p *observe.Process) string {
	parts := []string{plural(p.Count, "process", "processes"), "processor " + words.Exact(time.Duration(p.CPU)*time.Millisecond)}
	if p.IO != nil {
		parts = append(parts, "read "+words.Bytes(float64(p.IO.Read)), "written "+words.Bytes(float64(p.IO.Write)))
	} else {
		parts = append(parts, "no sight of its reads and writes")
	}
	if p.Throttled > 0 {
		parts = append(parts, "throttled "+words.Percent(p.Throttled)+" of the time")
	}
	return strings.Join(parts, " · ")
}

func exitText(e *observe.Exit) string {
	switch {
	case e.OOM:
		return "ended: the kernel killed it for want of memory"
	case !e.Known:
		return "gone; nobody could say how it ended"
	case e.Signal != "":
		return "ended by " + clean(e.Signal)
	default:
		return "ended with exit code " + strconv.Itoa(e.Code)
	}
}

// depths are how deep each process stands in its tree. A process whose parent is not listed is a root.
func depths(procs []observe.Proc) map[int]int {
	parent := make(map[int]int, len(procs))
	for _, p := range procs {
		parent[p.PID] = p.Parent
	}
	const deepest = 8 // also ends a ring, which a recycled pid may make
	depth := make(map[int]int, len(procs))
	for _, p := range procs {
		n := 0
		for up, ok := parent[p.Parent]; ok && n < deepest; up, ok = parent[up] {
			n++
		}
		depth[p.PID] = n
	}
	return depth
}

// procRow is one process of a tree: its command, what it does, and how much of the processor it uses; negative:
// not known.
func procRow(c scene, p observe.Proc, use float64, depth, w int) string {
	r := newRow(w, "").put("", "   ").cellRight(c.st.dim, strconv.Itoa(p.PID), 8).space(1 + 2*depth)
	k := c.st.text
	if p.Blocker != "" {
		k = c.st.warn
	}
	what := clean(p.Command)
	if what == "" {
		what = clean(p.Name)
	}
	used := "cpu " + words.Duration(time.Duration(p.CPU)*time.Millisecond)
	if use >= 0 {
		used = words.Percent(use)
	}
	doing := procState(p)
	doing = clip(doing, max(r.room*3/5-width(used)-3, 12)) + " · " + used
	r.put(k, middle(what, max(r.room-width(doing)-2, 10), 0.66))
	if r.room > width(doing)+1 {
		r.rest(width(doing)+1).put(c.st.dim, doing)
	}
	return r.line()
}

// procState is what a process does, in words. What it waits for, where that is concrete, has a row of its own.
func procState(p observe.Proc) string {
	if p.Waits != "" {
		p.Waits, p.Blocker = "", ""
	}
	return clean(fold.Doing(p))
}

func fileRow(c scene, f observe.OpenFile, w int) string {
	at := words.Bytes(float64(f.Pos))
	if f.Size >= 0 && !f.Write {
		at += " of " + words.Bytes(float64(f.Size))
	}
	verb := "reads "
	if f.Write {
		verb = "writes "
	}
	r := newRow(w, "").put("", "   ").cellRight(c.st.dim, strconv.Itoa(f.PID), 8).space(1)
	r.put(c.st.dim, verb).put(c.st.text, middle(clean(f.Path), max(r.room-width(at)-2, 10), 0.33))
	if r.room > width(at)+1 {
		r.rest(width(at)+1).put(c.st.dim, at)
	}
	return r.line()
}

func noteRows(c scene, w int) []string {
	var rows []string
	for _, n := range slices.Backward(c.snap.Notes) {
		rows = append(rows, noteRow(c, n, w, unlimited)...)
	}
	if c.snap.Unknown > 0 {
		rows = append(rows, newRow(w, "").put("", "   ").put(c.st.dim, plural(c.snap.Unknown, "observation", "observations")+
			" of kinds that this version does not know").line())
	}
	return rows
}

// noteRow is one note, in at most so many rows.
func noteRow(c scene, n fold.NoteView, w, most int) []string {
	k := c.st.text
	switch {
	case n.Kind == observe.KindGap:
		k = c.st.warn
	case alarms(n):
		k = c.st.alarm
	}
	at, word := c.seconds(n.At), noteWord(n.Kind)
	r := newRow(w, "").put("", " ").put(c.st.dim, at).put("", "  ").put(c.st.dim, word)
	indent := width(at) + 3
	lines := wrapText(word+clean(n.Text), w-indent-1)
	first, wrapped := "", false
	if len(lines) > 1 && len(lines) <= most {
		first, wrapped = strings.CutPrefix(lines[0], word)
	}
	if !wrapped {
		return []string{r.put(k, clean(n.Text)).line()}
	}
	rows := []string{r.put(k, first).line()}
	for _, line := range lines[1:] {
		rows = append(rows, newRow(w, "").space(indent).put(k, line).line())
	}
	return rows
}

func noteWord(kind observe.Kind) string {
	switch kind {
	case observe.KindMark:
		return "note: "
	case observe.KindGap:
		return "gap: "
	default:
		return ""
	}
}
