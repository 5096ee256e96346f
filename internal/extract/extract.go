// Package extract understands the log of one task: how far it is, which phase begins, what went wrong, whether
// it asks a question, and whether a line says anything that was not said before. It needs no configuration;
// patterns of a recipe or a plan come on top.
//
// Lines are masked (numbers, times, addresses and identifiers become place holders) and hashed in one pass. A
// line whose shape is known costs little more than that pass; words are only looked at when a shape is new.
// Shapes that differ in few words share a template, as in Drain (He et al., ICWS 2017).
//
// The package is pure: no clock, no I/O, no goroutine. What it keeps is bounded whatever it reads. The same
// lines in the same order give the same readings.
package extract

import (
	"strings"

	"ronda/internal/observe"
)

// Severity is how much a line wants to be seen.
type Severity uint8

// The severities of a line. The zero value is a plain line.
const (
	Plain   Severity = iota
	Notice           // a phase begins, a step ends, the job has succeeded
	Warning          // something to know of; the job goes on
	Error            // something failed
)

// Count is a reading of a counter.
type Count struct {
	Name    string  // the words before the number in the line that it was first found in; may be empty
	Done    float64 // as it is counted: in Unit, or in percent
	Total   float64 // 0: not known
	Unit    string  // bytes, rows, files …; percent when Percent; empty: not known
	Percent bool    // Total is 100 and Done a percentage
	Derived bool    // Total is reckoned from Done and a rounded percentage: it is right to a percent or two

	// Why says why the total is not known, in a clause, where the tool's own way of working is the reason; empty:
	// nothing is known of that, or there is a total.
	Why string

	// Files and FilesTotal are the second counter of a copy that is counted in bytes; FilesTotal 0: not known.
	Files, FilesTotal float64
}

// Reading is what one line says.
type Reading struct {
	Severity Severity
	// Novel: the line carries new information. It is the first of its template, or a number passes the
	// highest seen in its place, or a word is new in its place. Errors, waits, retries and clocks say nothing
	// new however often they change.
	Novel    bool
	Template uint32 // identity of the line's template within this log; 0: an empty or ignored line
	Fresh    bool   // the first line of its template
	Trace    bool   // a line of a stack trace: it belongs to the error before it, and has its template
	Waits    bool   // it speaks of waiting, trying again, or something that failed
	Again    bool   // of trying again
	Phase    string // the phase that begins with this line; empty: none
	Count    *Count // this line's reading of the log's best progress counter; nil: none
	Step     Step
	Done     bool   // the job has succeeded
	Fail     bool   // the job has failed
	Prompt   string // the question that a partial line asks, cleaned of terminal codes; empty: none
	// Asks is the question that a line asks which has ended. It is one only when nothing follows it.
	Asks string
}

// Log is what was learned from the lines of one log. Make it with NewLog; it is for one goroutine.
type Log struct {
	patterns patterns
	miner    miner
	election election
	rsync    rsync
	copies   copies
	steps    steps
	trace    trace
	line     scan
	lines    int       // lines read
	newsAt   int       // the last line with news that was no counter's
	phase    string    // the phase that runs
	epoch    int       // counts the phases that are like none before: numbers may start anew in them
	given    bool      // a progress pattern has matched: what was elected has no say any more
	previous string    // the last line that was not empty
	last     *template // of that line
}

// NewLog returns a reader of one log. progress is one more pattern of p.Progress, or empty. The error names
// the pattern that does not compile and its kind.
func NewLog(p observe.Patterns, progress string) (*Log, error) {
	if progress != "" {
		p.Progress = append(append([]string(nil), p.Progress...), progress)
	}
	ps, err := compile(p)
	if err != nil {
		return nil, err
	}
	return &Log{patterns: ps, miner: newMiner(), election: newElection()}, nil
}

// Read takes the next line of the log. A partial line has not ended yet: the line that follows takes its
// place. Of a long line the first 4 KiB are looked at.
func (l *Log) Read(text string, partial bool) Reading {
	text, garbage := clean(text)
	body := text[stamp(text):]
	s := &l.line
	s.read(body)
	if s.binary = garbage; garbage {
		s.hash ^= markBinary // a line of text may have the same words
	}
	if !s.worded {
		return l.empty(body)
	}
	l.lines++
	if !partial && l.trace.takes(body, l.lines) {
		return l.framed(text, body)
	}
	sh := l.miner.known(s.hash)
	fresh, words, known := false, false, sh != nil
	if !known {
		sh, fresh, words = l.learn(text, body, partial)
		if sh == nil { // the beginning of a line, not worth learning
			r := Reading{Prompt: prompt(text)}
			l.match(&r, l.patterns, text, body, partial)
			l.follow(&r, StepNone, body, partial)
			return r
		}
	}
	if sh.ignores && ignored(sh.patterns, text, body) {
		return Reading{}
	}
	r := l.known(sh, text, body, partial, words && !fresh && !sh.waits)
	r.Fresh, r.Waits, r.Again = fresh, sh.waits || r.Severity >= Warning, sh.again || sh.tries
	sh.template.used = sh.template.used || !fresh
	if r.Phase != "" && (fresh || words) {
		l.epoch++
	}
	// Words that are known may be new together where they name a file.
	words = words || !known && !partial && !fresh && sh.base < Warning && strings.Count(body, "/") >= 2
	if (fresh && (!sh.waits || !heartbeat(body)) || words && !sh.waits && r.Severity < Warning) && r.Severity < Error {
		r.Novel = true
	}
	if r.Severity == Error && !partial {
		l.trace.head, l.trace.at = r.Template, l.lines
	}
	if r.Novel && !sh.waits && !sh.again && r.Count == nil && len(sh.refs) == 0 && sh.form == formNone {
		l.newsAt = l.lines
	}
	step := sh.step
	if step == StepNone && sh.template.closed >= 2 {
		step = StepOpens
	}
	if step == StepCloses && !partial && len(l.steps.open) == 0 && l.last != nil {
		l.last.closed++ // "Copying ./a.ibd to /b" and then "...done"
	}
	l.follow(&r, step, sh.said(body), partial)
	if !partial {
		l.previous, l.last = body, sh.template
	}
	return r
}

// said is what a line says in words; body is the whole line.
func (sh *shape) said(body string) string {
	if sh.structured {
		return spoken(body)
	}
	return body
}

// heartbeat tells whether a line only says that something goes on, the first time too.
func heartbeat(body string) bool {
	low := strings.ToLower(body)
	return strings.Contains(low, "still ") || strings.HasSuffix(strings.TrimRight(low, " .])"), "elapsed")
}

// follow takes in what the line says of a step.
func (l *Log) follow(r *Reading, step Step, body string, partial bool) {
	if partial {
		if step = StepNone; r.Count == nil && r.Prompt == "" && !l.line.binary && (stepOf(body) == StepOpens || beginsStep(body)) {
			step = StepOpens
		}
	}
	if step != StepNone || len(l.steps.open) > 0 || l.steps.begun != "" {
		l.steps.see(step, body, partial, r.Novel || r.Count != nil)
	}
	if step == stepWhole {
		step = StepNone
	}
	if r.Step = step; step == StepCloses && r.Severity == Plain {
		r.Severity = Notice
	}
}

// framed reads a line of a stack trace.
func (l *Log) framed(text, body string) Reading {
	if ignored(l.patterns, text, body) {
		return Reading{}
	}
	r := Reading{Template: l.trace.kind(l.lines), Trace: true}
	if body[0] != ' ' && body[0] != '\t' {
		g := gravityOf(&l.line)
		r.Severity = g.severity(&l.line)
	}
	l.match(&r, l.patterns, text, body, false)
	l.previous = body
	return r
}

// empty handles a line without a word: a rule under a heading makes the heading a phase.
func (l *Log) empty(body string) Reading {
	var r Reading
	if l.enter(&r, heading(l.previous, body)); r.Phase != "" {
		r.Severity = Notice
	}
	return r
}

// known reads a line whose shape is known.
func (l *Log) known(sh *shape, text, body string, partial, item bool) Reading {
	s := &l.line
	r := Reading{Severity: sh.severity(s), Template: sh.template.id}
	if text[0] == '<' {
		r.Severity = max(r.Severity, priority(text))
	}
	if sh.template.slots != nil {
		r.Novel = l.advance(sh, item) && sh.base < Error
	}
	if !l.given && (len(sh.refs) > 0 || sh.form != formNone) {
		r.Count = l.count(sh, body)
	}
	named := len(sh.patterns) > 0 && l.match(&r, sh.patterns, text, body, partial)
	if sh.phase != phaseNone && !named && !partial && !l.counts(sh, r.Count) {
		if p := sh.phase.name(sh.said(body)); p != l.phase && sh.template.opened(sh.phase) {
			l.enter(&r, p)
		}
	}
	switch {
	case partial && r.Prompt == "" && r.Count == nil:
		r.Prompt = prompt(text)
	case sh.asks && !partial && r.Count == nil:
		r.Asks = asksWhole(sh.said(body))
	}
	if r.Severity == Plain && (r.Phase != "" || r.Done) {
		r.Severity = Notice
	}
	return r
}
