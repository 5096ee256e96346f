package fold

import (
	"strings"
	"time"

	"ronda/internal/extract"
	"ronda/internal/judge"
	"ronda/internal/observe"
)

// line folds in a log line.
func (t *task) line(now, at time.Time, p observe.Line) {
	r := t.extract.Read(p.Text, p.Partial)
	kept := LogLine{At: at, Text: p.Text, Severity: r.Severity, Backlog: p.Backlog, Truncated: p.Truncated}
	t.prompt = r.Prompt
	if p.Partial {
		t.partial, t.asked = &kept, now
	} else {
		t.partial = nil
		t.lines.add(kept)
	}
	began := now
	if p.Backlog {
		began = time.Time{} // before ronda looked
	}
	t.enter(r.Phase, began)
	if r.Template != 0 || p.Partial { // an empty line answers no question
		t.follow(r, p.Partial, began)
	}
	if p.Backlog {
		if r.Count != nil && !t.counting.outside {
			t.counting.history(*r.Count)
		}
		return
	}
	if !p.Partial {
		t.stats.read(p.Text)
	}
	t.last = at
	t.judge.Back()
	t.begin(now)
	if t.counting.series == nil {
		t.speed.line(now)
	}
	t.news(now, p, r)
}

// maxPhases bounds the phases that are remembered.
const maxPhases = 1000

// enter begins a phase, and tells whether it never ran before: then its counters begin anew. A phase that
// comes again is a loop's.
func (t *task) enter(phase string, now time.Time) bool {
	if phase == "" || phase == t.phase {
		return false
	}
	t.phase, t.phaseSince = phase, now
	t.counting.outlived = t.counting.outlived || t.counting.complete()
	t.entered(phase, now)
	if t.counting.outlived && !now.IsZero() {
		t.reckon(now) // the end of what was counted is the task's no more
	}
	if t.phases[phase] || len(t.phases) >= maxPhases {
		return false
	}
	if t.phases == nil {
		t.phases = map[string]bool{}
	}
	t.phases[phase] = true
	t.counting.best = -1
	return true
}

// news tells the judge what a live line brought.
func (t *task) news(now time.Time, p observe.Line, r extract.Reading) {
	up := false
	if r.Count != nil && !t.counting.asked && t.hearOwn(now, r.Count) {
		up = t.count(now, *r.Count)
	}
	switch {
	case up:
		t.judge.News(now, t.counting.text())
	case p.Partial && r.Prompt != "": // a question is no progress
	case r.Novel && (r.Count == nil || t.counting.passes.n == 0): // where it counts the same anew, its numbers were there
		t.judge.News(now, brief(p.Text))
	case r.Trace: // part of the error before it, and no line of its own
	case !p.Partial:
		t.judge.Line(now, r.Template, p.Text, judge.Tone{Bad: r.Severity >= Warning, Waits: r.Waits, Again: r.Again})
	}
	if text, locked := lockTold(p.Text); locked {
		t.judge.LockTold(now, text)
	}
	if r.Severity == Error {
		t.bad, t.badAt = brief(p.Text), now
	}
	if !p.Partial {
		t.judge.Says(r.Waits && r.Severity < Warning && saysThatItWaits(p.Text))
	}
	if text, full := diskFull(p.Text, r.Severity >= Warning); full {
		t.judge.DiskFull(now, text)
		t.due = true
	}
	if r.Fail {
		t.judge.Broke(now, "the log says “"+brief(p.Text)+"”", true)
	} else if r.Done {
		t.judge.Succeeded(now, "the log says “"+brief(p.Text)+"”", true)
	}
	// In a flood the whole seconds decide; what changes the verdict is looked at at once.
	t.due = t.due || r.Fail || r.Done || up || r.Novel || r.Prompt != ""
}

// gone judges an end of which nobody saw how it was: by what was counted, and by the last error.
func (t *task) gone(now time.Time, what string) {
	k, complaint := &t.counting, t.complaint(now)
	if t.moving.known && !t.moving.derived {
		t.goneMoved(now, what+complaint)
		return
	}
	if k.progress.Known && k.progress.Total > 0 && !k.complete() {
		what += ", at " + k.text()
	}
	t.judge.Gone(now, what+complaint, k.complete() && !k.outlived && complaint == "", len(t.plan.Patterns.Done) > 0)
}

// complaint is the last error that the log told of, for the reason of an end; empty when that was long ago.
func (t *task) complaint(now time.Time) string {
	if t.bad == "" || now.Sub(t.badAt) > 2*time.Minute {
		return ""
	}
	return "; its last error: “" + t.bad + "”"
}

// brief is a line as it is quoted: without its end, and short.
func brief(text string) string {
	const limit = 160
	return cut(strings.TrimSpace(text), limit)
}

// diskFull tells whether a line says that nothing more can be written: one that complains, or that ends in the
// system's own words for it, whatever it calls itself.
func diskFull(text string, complains bool) (string, bool) {
	text = strings.TrimSpace(text)
	for _, w := range []string{"No space left on device", "Read-only file system", "Disk quota exceeded", "ENOSPC"} {
		if complains && strings.Contains(text, w) || strings.HasSuffix(text, w) {
			return "the log says “" + brief(text) + "”", true
		}
	}
	return "", false
}
