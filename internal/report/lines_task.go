package report

import (
	"strings"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
	"ronda/internal/words"
)

func (l *lines) tasks(prev, next *fold.Snapshot) {
	for _, t := range next.Tasks {
		before := find(prev.Tasks, func(b fold.TaskView) bool { return b.Name == t.Name })
		l.found(before, t)
		switch {
		case moved(before, t):
			l.add(next.At, t.Name, l.task(t)) // its deadline too
		case before.Deadline.Late != t.Deadline.Late:
			l.inTime(t)
		case tenth(before, t):
			l.add(next.At, t.Name, l.course(t))
		}
		l.room(before, t)
		if n := len(t.Scenes); n > 0 && !l.first && t.Scenes[n-1].At.After(lastScene(before)) {
			l.add(t.Scenes[n-1].At, t.Name, scene(t.Scenes[n-1]))
		}
		if t.Verdict.Ended() {
			continue // that its process is gone is as it should be
		}
		for _, s := range t.Sources {
			was := find(before.Sources, func(b fold.SourceView) bool { return b.Name == s.Name })
			l.source(t.Name, was, s)
		}
	}
}

// lastScene is when the newest scene of a task was taken; zero: none was.
func lastScene(t fold.TaskView) time.Time {
	if n := len(t.Scenes); n > 0 {
		return t.Scenes[n-1].At
	}
	return time.Time{}
}

// scene says what is kept of the moment at which a verdict became alarming.
func scene(s fold.Scene) string {
	var kept []string
	if s.Process != nil && len(s.Process.Procs) > 0 {
		kept = append(kept, plural(len(s.Process.Procs), "process")+" and what each waits in")
	}
	if n := len(s.Lines); n > 0 {
		kept = append(kept, "the last "+plural(n, "line"))
	}
	return join(": ", "what was known is in the record", strings.Join(kept, ", "))
}

// moved tells whether a task has changed so that a person wants to hear of it.
func moved(before, t fold.TaskView) bool {
	switch {
	case t.Verdict == observe.Pending && len(t.Sources) == 0:
		return false // nobody has looked yet
	case before.Verdict != t.Verdict, before.Phase != t.Phase, t.Overlong && !before.Overlong:
		return true
	}
	telling := t.Verdict.Alarming() || t.Verdict == observe.Blind || t.Verdict == observe.Pending
	return telling && !sameWords(before.Reason, t.Reason)
}

// tenth tells whether one more tenth of a task is done.
func tenth(before, t fold.TaskView) bool {
	a, _ := before.Progress.Fraction()
	b, known := t.Progress.Fraction()
	return known && int(b*10) > int(a*10) && !t.Verdict.Ended()
}

// task says how a task stands.
func (l *lines) task(t fold.TaskView) string {
	state := string(t.Verdict)
	if since := t.Since; !since.IsZero() && l.now.Sub(since) >= time.Second && !t.Verdict.Ended() {
		state += " since " + words.ClockSeconds(since, l.loc, l.now)
	}
	if t.Sure == observe.Likely || t.Sure == observe.Unsure {
		state += ", " + string(t.Sure)
	}
	parts := []string{join(": ", state, quote(t.Reason))}
	if t.Verdict.Ended() {
		if moved := came(t); moved != "" {
			parts = append(parts, moved)
		} else if !t.Started.IsZero() && !t.Ended.IsZero() {
			parts = append(parts, "took "+words.Duration(t.Ended.Sub(t.Started)))
		}
		return join("; ", append(parts, t.Deadline.Overrun(t.Ended))...)
	}
	next := ""
	if n := t.Next; n != nil && t.Verdict != observe.Progressing && t.Verdict != observe.Pending {
		next = "next: " + string(n.Verdict) + " at " + words.ClockSeconds(n.At, l.loc, l.now)
		if n.If != "" {
			next += " if " + quote(n.If)
		}
	}
	phase := ""
	if t.Phase != "" && t.Phase != t.Reason {
		phase = named(quote(t.Phase))
	}
	due := deadline(t.Deadline, l.loc, l.now)
	if !t.Ended.IsZero() { // nobody knows how; but when
		due = t.Deadline.Overrun(t.Ended)
	}
	return join("; ", append(parts, phase, join(", ", l.course(t), due), next)...)
}

// named is the name of a phase with the word before it, unless it begins with such a word itself.
func named(phase string) string {
	first, _, _ := strings.Cut(phase, " ")
	switch strings.ToLower(first) {
	case "phase", "step", "stage", "pass":
		return phase
	}
	return "phase " + phase
}

// course says how far a task is, how fast it goes and when it ends.
func (l *lines) course(t fold.TaskView) string {
	how := []string{progress(t.Progress)}
	if t.Rate != 0 {
		how = append(how, words.Rate(t.Rate, t.Progress.Unit))
	}
	how = append(how, end(t.ETA, l.loc, l.now))
	if t.PhaseETA.State == rate.Range {
		how = append(how, "this phase "+end(t.PhaseETA, l.loc, l.now))
	}
	return join(", ", how...)
}
