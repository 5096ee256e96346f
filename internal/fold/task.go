package fold

import (
	"time"

	"ronda/internal/extract"
	"ronda/internal/judge"
	"ronda/internal/observe"
)

// task is what is known of one task.
type task struct {
	plan   observe.Task
	window *observe.Window

	judge   *judge.Case
	extract *extract.Log
	answer  *extract.AnswerReader
	trouble string // a pattern that could not be used
	due     bool   // the verdict may have changed
	ticked  time.Time

	sources []*source
	lines   logRing
	partial *LogLine
	prompt  string // the question that the unterminated last line asks
	asked   time.Time
	telling telling
	last    time.Time // of the last live line
	bad     string    // the last line that told of an error
	badAt   time.Time

	started    time.Time
	phase      string
	phaseSince time.Time
	phases     map[string]bool // those that ran

	counting   counting
	moving     moving
	recognized int     // the root by which it was looked for among what finders found
	finder     *finder // that made it; nil: the plan names it
	work       working
	tree       tree
	fastest    fastest
	scenes     scenes
	speed      speed
	run        run
	past       past
	behind     follows
	lateness   lateness
	stats      rsyncStats
	tooFast    string    // that it ended far sooner than the earlier run; empty: it did not
	noted      []string  // doubts about its end that were noted
	doubts     []string  // phases that were over suspiciously soon, the first few
	notices    []string  // what is to be noted of it
	group      *group    // with which it shares something; nil: with none
	writers    []*writer // where it takes room
	target     string    // where it was found to write when that was last looked at
}

// source is how well one source sees.
type source struct {
	name  string
	state observe.SourceState
	why   string
	since time.Time
	last  time.Time
}

func newTask(p observe.Task, plan observe.Plan, old *task, now time.Time) *task {
	if old != nil {
		if old.plan.Baseline != p.Baseline {
			old.past = newPast(p.Baseline)
		}
		old.plan, old.window = p, plan.Window
		old.judge.Use(judge.For(p))
		return old
	}
	t := &task{plan: p, window: plan.Window, judge: judge.New(judge.For(p), now), ticked: now, due: true, speed: newSpeed(), past: newPast(p.Baseline)}
	pattern := ""
	if p.Progress != nil {
		pattern = p.Progress.Pattern
		reader, err := extract.Answer(*p.Progress)
		if err != nil {
			t.trouble = err.Error()
		}
		t.answer = reader
	}
	log, err := extract.NewLog(p.Patterns, pattern)
	if err != nil {
		t.trouble = err.Error()
		log, err = extract.NewLog(observe.Patterns{}, "")
	}
	if err == nil {
		t.extract = log
	}
	return t
}

// apply folds in what one of the task's sources saw.
func (t *task) apply(now time.Time, o observe.Observation) {
	src := t.source(o.Source)
	src.last = o.At
	if report, ok := o.Payload.(observe.Source); ok {
		if src.state != report.State {
			src.since = now
		}
		src.state, src.why = report.State, report.Why
		t.sourceChanged(now, src)
		return
	}
	if src.state == "" || (src.state == observe.SourceFailed && o.Payload.Kind() != observe.KindProcess) {
		src.state, src.why, src.since = observe.SourceUp, "", now // it answers, so it sees
	}
	switch p := o.Payload.(type) {
	case observe.Line:
		t.line(now, o.At, p)
	case observe.Skip:
		t.lines.add(LogLine{At: o.At, Gap: true, Text: skipText(p), Severity: Warning})
	case observe.Counter:
		t.counter(now, p)
	case observe.Process:
		t.process(now, p)
	case observe.Transfer:
		t.transfer(now, p)
	default:
		return
	}
}

func (t *task) source(name string) *source {
	for _, s := range t.sources {
		if s.name == name {
			return s
		}
	}
	s := &source{name: name}
	t.sources = append(t.sources, s)
	return s
}

// sourceChanged draws the consequences of a source that sees better or worse.
func (t *task) sourceChanged(now time.Time, src *source) {
	t.due = true
	if src.name == stdinSource && src.state == observe.SourceWaiting {
		t.gone(now, "its output has ended")
	}
	if src.state == observe.SourceUp || src.state == observe.SourceLimited {
		t.begin(now)
	}
}

// stdinSource is the name of the source that reads standard input.
const stdinSource = "stdin"

func (t *task) begin(now time.Time) {
	if t.started.IsZero() {
		t.started = now
	}
}

// tick is one whole second of the task.
func (t *task) tick(now time.Time, h *host, hold string) {
	// What has evidently begun is not held, whatever the plan says: a log that speaks, or, without a log, a
	// process that is there.
	if begun := !t.last.IsZero() || (t.plan.Log == "" && t.work.sample != nil); hold == "" || begun {
		hold = t.waiting()
	}
	t.judge.Hold(hold)
	t.look(now, h)
	if t.judge.Clock() > 0 && t.sight(h).Seen {
		work := t.work.second(now)
		work.Growth = max(work.Growth, t.moving.work(now))
		t.judge.Did(work)
	}
	t.judge.Blocks(now, t.hindrance(now))
	t.settle(now)
	t.settleMoved(now)
	t.recall()
	t.judge.Paced(t.pace(now))
	_, over := t.judge.Ended()
	t.speed.tick(now, t.sight(h).Seen, !over && !t.started.IsZero())
	t.due = true
}

// look tells the judge what can be seen, at a whole second or when the link changes.
func (t *task) look(now time.Time, h *host) {
	sight := t.sight(h)
	if !sight.Seen {
		t.work.forget()
	}
	t.judge.Tick(now, sight, t.readable())
	t.ticked = now
	t.due = true
}

// jump passes over time in which nobody looked.
func (t *task) jump(now time.Time) {
	if t.counting.series != nil {
		t.counting.series.Hole(now.Sub(t.ticked))
	}
	t.judge.Jump(now)
	t.work.forget()
	t.speed.hole()
	t.ticked, t.due = now, true
}

// clock is the observed clock at now, within the second that runs.
func (t *task) clock(now time.Time) time.Duration {
	return t.judge.Clock() + min(max(now.Sub(t.ticked), 0), time.Second-1)
}
