package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// longest bounds what of a line is looked at for drawing, in bytes: more than the largest screen shows.
const longest = 16 << 10

// margin is the room for the time at the left of a line.
func (p *logPane) margin(w int) int {
	if p.bare || w < 60 {
		return 1
	}
	return len(" 15:04:05  ")
}

// height is how many rows a line takes.
func (p *logPane) height(l fold.LogLine, w int) int {
	if !p.wrap {
		return 1
	}
	return len(p.broken(shown(l), w))
}

// broken is the text in rows.
func (p *logPane) broken(text string, w int) []string {
	room := w - p.margin(w) - 1
	if !p.wrap || room < 1 || width(text) <= room {
		return []string{text}
	}
	return strings.Split(ansi.Hardwrap(text, room, true), "\n")
}

// shown is a line's text as it is drawn.
func shown(l fold.LogLine) string {
	text := clean(l.Text[:min(len(l.Text), longest)])
	if l.Truncated || len(l.Text) > longest {
		text += " ⋯"
	}
	return text
}

// rows draws the part of the log that is in sight.
func (p *logPane) rows(c scene, t *fold.TaskView, w, h int) []string {
	if h <= 0 {
		return nil
	}
	s := p.lines(t.Log)
	var rows []string
	pos := p.start(s, w, h)
	for ; pos < s.hi && len(rows) < h; pos++ {
		l := s.at(pos)
		rows = append(rows, p.lineRows(c, l, c.st.severity(l), w)...)
	}
	if l, ok := s.partial(); ok && pos == s.hi && len(rows) < h {
		k := c.st.dim // it has not ended, and may be repainted
		if t.Verdict == observe.Blocked {
			k = c.st.warn // it may be what somebody must answer
		}
		rows = append(rows, p.lineRows(c, l, k, w)...)
	}
	switch {
	case len(rows) > 0:
	case p.filter != nil:
		rows = append(rows, " "+c.st.dim.on(clip("no line matches; esc shows all", w-1)))
	case noLog(c, t):
		rows = append(rows, " "+c.st.dim.on(clip("this task has no log; e shows what is known of it", w-1)))
	default:
		rows = append(rows, " "+c.st.dim.on(clip("nothing read yet", w-1)))
	}
	if !p.scrolled && len(rows) > h {
		rows = rows[len(rows)-h:]
	}
	return exactly(rows, h)
}

func (p *logPane) lineRows(c scene, l fold.LogLine, k ink, w int) []string {
	m := p.margin(w)
	if l.Gap {
		return []string{newRow(w, "").space(m).put(c.st.lost, "⋯ "+shown(l)).line()}
	}
	broken := p.broken(shown(l), w)
	out := make([]string, 0, len(broken))
	for i, text := range broken {
		r := newRow(w, "")
		switch {
		case m == 1 || i > 0 || l.Backlog || l.At.IsZero():
			r.space(m)
		default:
			r.put("", " ").put(c.st.dim, l.At.In(c.loc).Format("15:04:05")).put("", "  ")
		}
		p.putText(c, r, k, text)
		out = append(out, r.line())
	}
	return out
}

// putText draws the text, with what the filter found marked.
func (p *logPane) putText(c scene, r *row, k ink, text string) {
	if p.filter == nil {
		r.put(k, text)
		return
	}
	at := 0
	for _, hit := range p.filter.re.FindAllStringIndex(text, -1) {
		if hit[0] == hit[1] {
			continue
		}
		r.put(k, text[at:hit[0]]).put(k.and(c.st.match), text[hit[0]:hit[1]])
		at = hit[1]
	}
	r.put(k, text[at:])
}
