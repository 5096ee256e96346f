package fold

import (
	"time"

	"ronda/internal/extract"
	"ronda/internal/judge"
	"ronda/internal/observe"
)

// telling is what the log's newest lines leave open: a step that was announced, and a question that ended with its
// line.
type telling struct {
	step  extract.OpenStep
	since time.Time // of the step; zero: it was announced before ronda looked

	asks    string        // the question; empty: none, or something followed it
	asked   time.Duration // on the observed clock
	askedAt time.Time
}

// Times after which what is left open is worth a word: an open step is shown, and a line that has ended and that
// nothing follows is believed to be a question. The judge's own patience comes on top of that.
const (
	openStep = 30 * time.Second
	openLine = 45 * time.Second
)

// follow takes in what a line left open. began is when; zero: before ronda looked.
func (t *task) follow(r extract.Reading, partial bool, began time.Time) {
	k := &t.telling
	if open := t.extract.Open(); open.ID != k.step.ID {
		k.step, k.since = open, began
	}
	if k.asks = r.Asks; partial {
		k.asks = ""
	}
	k.asked, k.askedAt = t.judge.Clock(), began
}

// remarkStep notes the step that is open, as evidence; how long is for its age to say.
func (t *task) remarkStep(now time.Time) {
	e := observe.Evidence{}
	_, over := t.judge.Ended()
	if k := &t.telling; k.step.ID != 0 && !over && now.Sub(k.since) >= openStep {
		e.Text, e.At = "the step “"+brief(k.step.Name)+"” is open", k.since
		if k.since.IsZero() {
			e.Text += " since before ronda looked"
		}
	}
	t.judge.Note("step", e)
}

// question is what the log's last line asks, if nothing followed it for long enough; nil for none.
func (t *task) question(now time.Time) *judge.Blocker {
	k := &t.telling
	switch {
	case t.prompt != "" && t.partial != nil && now.Sub(t.asked) < 24*time.Hour:
		return &judge.Blocker{Class: judge.Question, Text: "the log ends in a question: “" + brief(t.prompt) + "”"}
	case k.asks != "" && t.partial == nil && t.judge.Clock()-k.asked >= openLine:
		return &judge.Blocker{Class: judge.Question, Text: "the log's last line asks: “" + brief(k.asks) + "”", Since: k.askedAt}
	}
	return nil
}
