package extract

import "strings"

// Step is what a line says of a step that takes its time.
type Step uint8

// A line may open a step ("Starting mysql...") or close the one that is open ("done."). A line that does both
// does neither.
const (
	StepNone Step = iota
	StepOpens
	StepCloses
	stepWhole // "Starting mysqld...done.": it opens a step and closes it
)

// OpenStep is a step that was announced and whose end has not been told yet. The zero value is none.
type OpenStep struct {
	Name string // as the log announced it, shortened to what a screen can show
	ID   int    // another number for each announcement; 0: none
}

// Bounds of the steps that are open at once, and of the news after which one is thought to have ended: few
// where the log never tells the end of a step, more where it usually does.
const (
	maxSteps    = 8
	lapses      = 3
	lapsesAfter = 200
)

// steps follows which steps are open. Steps of one subject ("aws_instance.db: Creating...") follow each other;
// those of several subjects run side by side.
type steps struct {
	open    []openStep
	last    int    // the ID of the newest
	closing bool   // this log tells the ends of its steps
	begun   string // the beginning of the unterminated line that opened the newest step; empty: none did
}

type openStep struct {
	OpenStep
	subject string
	news    int // lines with news since
}

// Open is the step that has been open the longest.
func (l *Log) Open() OpenStep {
	if len(l.steps.open) == 0 {
		return OpenStep{}
	}
	return l.steps.open[0].OpenStep
}

// see takes in what a line says of steps, and whether it brought news.
func (st *steps) see(step Step, body string, partial, novel bool) {
	if partial {
		if step == StepOpens {
			st.opens(body)
			st.begun = bare(body)
		}
		return
	}
	if st.begun != "" {
		step = st.completed(step, body)
	}
	switch step {
	case StepOpens:
		st.opens(body)
	case StepCloses:
		st.closing = true
		if n := len(st.open); n > 0 {
			st.open = st.open[:n-1]
		}
	case stepWhole:
		st.closing = true
	case StepNone:
		st.passes(body, novel)
	}
}

// completed handles the end of the line that opened a step before it had ended: what was added closes it,
// unless it is more dots.
func (st *steps) completed(step Step, body string) Step {
	rest, same := strings.CutPrefix(body, st.begun)
	st.begun = ""
	n := len(st.open)
	if n == 0 || st.open[n-1].ID != st.last {
		return step
	}
	if same && strings.Trim(rest, " .…") == "" {
		return StepOpens
	}
	st.open = st.open[:n-1]
	st.closing = st.closing || same
	if step == StepCloses {
		return StepNone
	}
	return step
}

// opens notes that the line announces a step. The same announcement again is the same step.
func (st *steps) opens(body string) {
	name, subject := stepName(body), subjectOf(body)
	for i := range st.open {
		if st.open[i].subject != subject {
			continue
		}
		if bare(st.open[i].Name) == bare(name) { // dots may be added as it goes on
			st.open[i].news = 0
			return
		}
		st.open = append(st.open[:i], st.open[i+1:]...)
		break
	}
	if len(st.open) >= maxSteps {
		st.open = append(st.open[:0], st.open[1:]...)
	}
	st.last++
	st.open = append(st.open, openStep{OpenStep: OpenStep{name, st.last}, subject: subject})
}

// bare is a step's line without the dots at its end.
func bare(text string) string { return strings.TrimRight(text, " .…") }

// passes handles a line that is about no step: it may still tell the end of one by its subject, and what
// brings news after a step may have no end that would be told.
func (st *steps) passes(body string, novel bool) {
	kept := st.open[:0]
	for _, o := range st.open {
		if novel {
			o.news++
		}
		switch {
		case o.subject != "" && endsStep(after(body, o.subject)):
			st.closing = true
		case o.subject == "" && endsWell(body):
			st.closing = true
		case o.news >= lapsesAfter, o.news >= lapses && !st.closing:
		default:
			kept = append(kept, o)
		}
	}
	st.open = kept
}

// after is what stands behind subject in a line that names it; empty in one that does not.
func after(body, subject string) string {
	_, rest, _ := strings.Cut(body, subject)
	return rest
}

// endsWell tells whether a line says of whatever was open that it is done, as in "Created new table OK".
func endsWell(body string) bool {
	text := strings.TrimRight(body, " .!")
	if len(text) < 8 {
		return false
	}
	switch strings.ToLower(text[len(text)-3:]) {
	case " ok":
		return true
	}
	return strings.HasSuffix(text, " done") || strings.Contains(text, " successfully") || strings.HasSuffix(text, " completed")
}

// closers are what tools say at the end of a step, in lower case and without what surrounds it.
var closers = map[string]bool{
	"done": true, "ok": true, "failed": true, "fail": true, "success": true, "successful": true, "successfully": true,
	"complete": true, "completed": true, "finished": true, "skipped": true, "passed": true, "already running": true,
	"not running": true, "up to date": true, "fertig": true, "erledigt": true, "terminé": true, "hecho": true, "listo": true,
	"selesai": true, "✓": true, "✔": true,
}

// closer tells whether text is nothing but the end of a step, be it with the time that it took.
func closer(text string) bool {
	if i := strings.LastIndexByte(text, '('); i > 0 && strings.HasSuffix(text, ")") {
		text = text[:i]
	}
	if i := strings.LastIndex(text, " in "); i > 0 && i+4 < len(text) && digit(text[i+4]) {
		text = text[:i]
	}
	text = strings.Trim(text, " .!…[]*:-\t")
	return len(text) <= 24 && closers[strings.ToLower(text)]
}

// endsStep tells whether the rest of a line about a step's subject tells its end: "Creation complete after 12s".
func endsStep(rest string) bool {
	for w := range strings.FieldsSeq(rest) {
		switch strings.ToLower(strings.Trim(w, ".,!:;")) {
		case "complete", "completed", "done", "finished", "failed", "successfully", "ready":
			return true
		}
	}
	return false
}

// stepOf tells what a line says of a step.
func stepOf(body string) Step {
	text := strings.TrimSpace(body)
	if text == "" {
		return StepNone
	}
	if strings.HasSuffix(text, "...") || strings.HasSuffix(text, "…") {
		if strings.Contains(text, "still ") || strings.Contains(text, "Still ") {
			return StepNone // it is open already
		}
		return StepOpens
	}
	if starts(text) != "" {
		return StepOpens
	}
	if strings.HasPrefix(text, "-- ") && strings.Contains(text, "(") { // Rails: -- add_index(:users, :email)
		return StepOpens
	}
	if strings.HasPrefix(text, "-> ") && len(text) < 24 && strings.HasSuffix(text, "s") && digit(text[3]) { // and its time
		return StepCloses
	}
	if closer(text) {
		return StepCloses
	}
	if i := max(strings.LastIndex(text, "..."), strings.LastIndex(text, "…")); i > 0 && closer(text[i:]) {
		return stepWhole
	}
	return StepNone
}

// starts returns what has started, of a line that ends so: "Building wheel for lxml: started", "[Server] Server
// upgrade from '80035' to '80036' started."; empty when the line says no such thing.
func starts(text string) string {
	what, ok := strings.CutSuffix(strings.TrimRight(text, "."), " started")
	if !ok {
		return ""
	}
	if i := strings.LastIndex(what, "] "); i >= 0 {
		what = what[i+2:]
	}
	if what = strings.TrimRight(what, ": "); len(what) < 8 {
		return ""
	}
	return what
}

// beginsStep tells whether a line that has not ended announces what is being done: "Starting postfix: ",
// "Copying user relation files          ".
func beginsStep(body string) bool {
	text := strings.TrimLeft(body, " \t*-=>")
	word, rest, _ := strings.Cut(text, " ")
	return len(word) >= 6 && word[0] >= 'A' && word[0] <= 'Z' && strings.HasSuffix(word, "ing") && rest != "" &&
		!strings.ContainsAny(rest, "%?[<")
}

// stepName is the step as it is shown: without bullets, and without the talk behind its first sentence.
func stepName(body string) string {
	return short(sentence(strings.TrimLeft(strings.TrimSpace(body), "-*=> ")))
}

// subjectOf is what a step is about, as lines on its end name it again: all of what has started, or a word with its
// colon; empty without one.
func subjectOf(body string) string {
	if what := starts(strings.TrimSpace(body)); what != "" {
		return what
	}
	word, _, ok := strings.Cut(body, " ")
	if ok && len(word) > 2 && strings.HasSuffix(word, ":") {
		return word
	}
	return ""
}
