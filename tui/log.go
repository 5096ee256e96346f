package tui

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ronda/internal/fold"
)

// logPane is the way a person looks at a task's log. The place is kept as the number of a line, so that
// the text stands still while lines come and old ones go.
type logPane struct {
	scrolled bool  // false: the newest line is always in sight
	top      int64 // number of the first line shown, when scrolled
	wrap     bool
	bare     bool // without times
	filter   *filter
}

// filter lets only those lines through that a pattern is found in, and those that say that something is
// missing. It remembers what it has looked at, so that every line is looked at once.
type filter struct {
	text    string
	re      *regexp.Regexp
	matches []int64 // numbers of lines, rising
	next    int64   // number of the first line not looked at yet
}

// newFilter makes a filter of what was typed: a regular expression, or where it is none, the text itself.
// Case matters only when there is a capital letter. An empty text is no filter.
func newFilter(text string) *filter {
	if text == "" {
		return nil
	}
	pattern := text
	if _, err := regexp.Compile(pattern); err != nil {
		pattern = regexp.QuoteMeta(text)
	}
	if strings.IndexFunc(text, unicode.IsUpper) < 0 {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil
	}
	return &filter{text: text, re: re}
}

// look takes in what is new in the log and forgets what is no longer kept.
func (f *filter) look(v fold.LogView) {
	if f.next > v.End() { // another log, or a replay that went back
		f.matches, f.next = nil, 0
	}
	gone, _ := slices.BinarySearch(f.matches, v.First())
	f.matches = f.matches[gone:]
	for f.next = max(f.next, v.First()); f.next < v.End(); f.next++ {
		if l := v.Line(f.next); l.Gap || f.re.MatchString(clean(l.Text)) {
			f.matches = append(f.matches, f.next)
		}
	}
}

// found is how many lines the pattern was found in.
func (f *filter) found(v fold.LogView) int {
	n := 0
	for _, number := range f.matches {
		if !v.Line(number).Gap {
			n++
		}
	}
	return n
}

// lines are those lines of a log that the pane lets through, by position from lo to hi.
type lines struct {
	view   fold.LogView
	filter *filter
	lo, hi int64
}

func (p *logPane) lines(v fold.LogView) lines {
	if p.filter == nil {
		return lines{view: v, lo: v.First(), hi: v.End()}
	}
	return lines{view: v, filter: p.filter, hi: int64(len(p.filter.matches))}
}

func (s lines) number(pos int64) int64 {
	if s.filter == nil {
		return pos
	}
	return s.filter.matches[pos]
}

func (s lines) at(pos int64) fold.LogLine { return s.view.Line(s.number(pos)) }

// position is that of the line with this number, or of the next one let through.
func (s lines) position(number int64) int64 {
	if s.filter == nil {
		return min(max(number, s.lo), s.hi)
	}
	i, _ := slices.BinarySearch(s.filter.matches, number)
	return int64(i)
}

// partial is the unfinished line, where there is one and it is let through.
func (s lines) partial() (fold.LogLine, bool) {
	l, ok := s.view.Partial()
	if ok && s.filter != nil && !s.filter.re.MatchString(clean(l.Text)) {
		return l, false
	}
	return l, ok
}

// lastTop is the position of the first line on a page that ends with the newest.
func (p *logPane) lastTop(s lines, w, h int) int64 {
	room := h
	if l, ok := s.partial(); ok {
		room -= p.height(l, w)
	}
	whole := room == h // nothing is on the page yet
	pos := s.hi
	for pos > s.lo {
		room -= p.height(s.at(pos-1), w)
		if room < 0 && !whole {
			break
		}
		whole = false // of a line larger than the page the end is seen
		pos--
	}
	return pos
}

// start is the position of the first line in sight.
func (p *logPane) start(s lines, w, h int) int64 {
	last := p.lastTop(s, w, h)
	if !p.scrolled {
		return last
	}
	return min(s.position(p.top), last)
}

// scroll moves by so many lines, down when n is positive. At the end it follows again.
func (p *logPane) scroll(v fold.LogView, n int64, w, h int) {
	s := p.lines(v)
	pos, last := p.start(s, w, h), p.lastTop(s, w, h)
	pos = max(pos+n, s.lo)
	if pos >= last {
		p.scrolled = false
		return
	}
	p.scrolled, p.top = true, s.number(pos)
}

// toTop goes to the oldest line that is kept.
func (p *logPane) toTop(v fold.LogView, w, h int) { p.scroll(v, v.First()-v.End(), w, h) }

// follow goes to the newest line and stays there.
func (p *logPane) follow() { p.scrolled = false }

// below is how many lines stand under those in sight, as a log without wrapping has them.
func (p *logPane) below(v fold.LogView, w, h int) int64 {
	s := p.lines(v)
	return p.lastTop(s, w, h) - p.start(s, w, h)
}

// logTitle says which log it is, and which part of it is seen.
func logTitle(c scene, t *fold.TaskView, p *logPane, w, h int) string {
	name := "log"
	for _, task := range c.snap.Plan.Tasks {
		if task.Name == t.Name {
			name = logName(task.Log, w)
		}
	}
	title := []part{{c.st.bold, name, 0}}
	if p.filter != nil {
		found := plural(p.filter.found(t.Log), "line", "lines")
		title = append(title, part{c.st.calm, clip("/"+clean(p.filter.text), max(w/3, 8)), 0}, part{c.st.dim, found, 1})
	}
	if n := p.below(t.Log, w, h-1); n > 0 {
		return rule(c.st, w, title, part{c.st.warn, "↓ " + plural(int(n), "line", "lines") + " below, G to follow", 0})
	}
	return rule(c.st, w, title, part{})
}

func logName(file string, w int) string {
	switch file {
	case "":
		return "no log"
	case "-":
		return "standard input"
	}
	if file = clean(file); width(file) > w/2 {
		return clip(clean(path.Base(file)), w/2)
	}
	return file
}
