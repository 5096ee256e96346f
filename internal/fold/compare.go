package fold

import (
	"fmt"
	"time"

	"ronda/internal/judge"
	"ronda/internal/observe"
	"ronda/internal/words"
)

// remember notes what the earlier run tells beside the verdict; of a task without one nothing, so that its place
// among the evidence is the same when a resumed session brings one.
func (t *task) remember() {
	silence, phase, whole := observe.Evidence{}, observe.Evidence{}, observe.Evidence{}
	switch {
	case t.past.base == nil, !t.run.begun:
	case t.run.over:
		whole = t.past.judged
	default:
		silence, phase = t.silenceEvidence(), t.phaseEvidence()
	}
	t.judge.Note("rehearsal: silence", silence)
	t.judge.Note("rehearsal: phase", phase)
	t.judge.Note("rehearsal: whole", whole)
	t.judge.Note("rehearsal: size", t.past.size)
	for i, key := range [maxDoubts]string{"rehearsal: doubt 1", "rehearsal: doubt 2", "rehearsal: doubt 3"} {
		e := observe.Evidence{}
		if i < len(t.doubts) {
			e.Text = t.doubts[i]
		}
		t.judge.Note(key, e)
	}
}

// silenceEvidence compares the silence that lasts.
func (t *task) silenceEvidence() observe.Evidence {
	s, p := t.judge.Standing(), &t.past
	if s.Silent < judge.WorthSaying || s.News == 0 {
		return observe.Evidence{}
	}
	then := t.place(t.run.current).silence
	which, after := "this phase was silent for up to ", ""
	if p.silence != nil {
		then = time.Duration(p.silence.Took)
		after = " (after “" + cut(p.silence.What, 48) + "”)"
		if which = "such a silence lasted "; p.same {
			which = "this silence lasted "
		}
	}
	switch {
	case then < leastPause:
		return observe.Evidence{}
	case judge.Longer(s.Silent, then):
		return observe.Evidence{Text: "silent for longer than in the rehearsal: " + words.Exact(then) + after}
	}
	return observe.Evidence{For: true, Text: "in the rehearsal " + which + words.Exact(then) + after}
}

// phaseEvidence compares the phase that runs.
func (t *task) phaseEvidence() observe.Evidence {
	i := t.run.current
	at, p := t.place(i), t.run.phase(i)
	if p == nil || at.phase < 0 || p.unseen || t.run.partial && p.first == 0 {
		return observe.Evidence{}
	}
	then, now := t.then(at.phase), t.run.took(i, t.judge.Clock())
	if then < judge.WorthSaying {
		return observe.Evidence{}
	}
	what := "this phase"
	if p.name == "" && len(t.past.base.Phases) == 1 {
		what = "the task"
	}
	if judge.Longer(now, then) {
		return observe.Evidence{Text: fmt.Sprintf("%s takes longer than in the rehearsal: %s; then %s", what, words.Exact(now), t.scaled(then))}
	}
	return observe.Evidence{For: true, Text: fmt.Sprintf("%s is at %s; in the rehearsal it took %s", what, words.Exact(now), t.scaled(then))}
}

// wholeEvidence compares the run that has ended.
func (t *task) wholeEvidence() observe.Evidence {
	if !t.past.whole() || t.run.partial || !cameToEnd(t.judge.Standing().Verdict) {
		return observe.Evidence{}
	}
	took, then := t.run.length(0), t.whole()
	text := "took " + words.Exact(took) + "; in the rehearsal " + t.scaled(then)
	missing := t.missing()
	switch {
	case judge.Shorter(took, then):
		text += ": suspiciously short"
	case judge.Longer(took, then):
		text += ": longer than then"
	default:
		return observe.Evidence{For: missing == "", Text: text + missing}
	}
	return observe.Evidence{Text: text + missing}
}

// came tells that a phase of the earlier run came tonight.
func (t *task) came(phase int) bool {
	for i := range t.run.phases {
		if t.place(i).phase == phase {
			return true
		}
	}
	return false
}

// missing names the longest phase of the earlier run that did not come.
func (t *task) missing() string {
	longest, name, n := judge.WorthSaying, "", 0
	for i, b := range t.past.base.Phases {
		if t.came(i) || time.Duration(b.Duration) < judge.WorthSaying || b.Name == "" {
			continue
		}
		n++
		if d := time.Duration(b.Duration); d >= longest {
			longest, name = d, b.Name
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return "; its phase " + quoted(name) + " (" + words.Exact(longest) + " then) did not come"
	}
	return fmt.Sprintf("; %d of its phases did not come, such as %s (%s then)", n, quoted(name), words.Exact(longest))
}

// scaled says a time of the earlier run, and that it was reckoned for another size where it was.
func (t *task) scaled(d time.Duration) string {
	if s := t.past.scale; s > 0 && (s < 0.95 || s > 1.05) {
		return words.Exact(d) + " for as much as tonight"
	}
	return words.Exact(d)
}

// quoted is the name of a phase in a sentence.
func quoted(name string) string {
	if name == "" {
		return "what comes before the first phase"
	}
	return "“" + brief(name) + "”"
}
