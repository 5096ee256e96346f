package fold

import (
	"slices"
	"time"

	"ronda/internal/extract"
)

// LogLine is one line of a task's log as it is kept for showing. Text is raw: whoever draws it removes
// what a terminal would obey.
type LogLine struct {
	At        time.Time
	Text      string
	Severity  Severity
	Backlog   bool // was there before we looked; At is when we read it
	Truncated bool
	Gap       bool // not a line of the log: Text says what is missing here
}

// Severity is how much a line wants to be seen.
type Severity = extract.Severity

// The severities of a line.
const (
	Plain   = extract.Plain
	Notice  = extract.Notice
	Warning = extract.Warning
	Error   = extract.Error
)

// Bounds of what is kept of a task's log: the newest logKeep lines, in blocks of logBlock.
const (
	logBlock = 256
	logKeep  = 10_000
)

type block [logBlock]LogLine

// logRing keeps the newest lines. Blocks are only ever appended to, so that a LogView may be read while
// the ring grows: it never looks at a line beyond its own end.
type logRing struct {
	blocks []*block
	first  int64 // number of the first line of blocks[0]
	end    int64 // number of the line after the last
}

func (r *logRing) add(l LogLine) {
	i := int((r.end - r.first) % logBlock)
	if i == 0 {
		if r.end-r.first >= logKeep {
			r.blocks = append([]*block(nil), r.blocks[1:]...)
			r.first += logBlock
		}
		r.blocks = append(slices.Clip(r.blocks), new(block))
	}
	r.blocks[len(r.blocks)-1][i] = l
	r.end++
}

func (r *logRing) view(partial *LogLine) LogView {
	v := LogView{blocks: r.blocks, first: r.first, end: r.end}
	if partial != nil {
		p := *partial
		v.partial = &p
	}
	return v
}

// LogView is an immutable view of the newest lines of a log. Lines are numbered from 0 over the whole
// session, so that a reader who scrolls keeps his place while lines come and go.
type LogView struct {
	blocks     []*block
	first, end int64
	partial    *LogLine
}

// First is the number of the oldest line that is kept.
func (v LogView) First() int64 { return v.first }

// End is the number of the line after the newest. First() == End() when there is none.
func (v LogView) End() int64 { return v.end }

// Line returns line n; the zero LogLine when n is not within [First, End).
func (v LogView) Line(n int64) LogLine {
	if n < v.first || n >= v.end {
		return LogLine{}
	}
	i := n - v.first
	return v.blocks[i/logBlock][i%logBlock]
}

// Partial returns the line that has not ended yet, and whether there is one.
func (v LogView) Partial() (LogLine, bool) {
	if v.partial == nil {
		return LogLine{}, false
	}
	return *v.partial, true
}

// NewLogView returns a view of the given lines, numbered from 0, and of the line that has not ended; nil
// when there is none. It is for those who show a log without a fold behind it.
func NewLogView(lines []LogLine, partial *LogLine) LogView {
	var r logRing
	for _, l := range lines {
		r.add(l)
	}
	return r.view(partial)
}
