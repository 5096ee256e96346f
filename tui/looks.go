package tui

import (
	"ronda/internal/fold"
	"ronda/internal/observe"
)

// verdictLook is how a verdict is drawn: a glyph of one cell, and the ink of the word.
type verdictLook struct {
	glyph string
	ink   ink
}

func (s *styles) verdict(v observe.Verdict) verdictLook {
	switch v {
	case observe.Pending:
		return verdictLook{"·", s.dim}
	case observe.Progressing:
		return verdictLook{"▲", s.good}
	case observe.Quiet:
		return verdictLook{"◐", s.calm}
	case observe.Slowing:
		return verdictLook{"▼", s.warn}
	case observe.Blocked:
		return verdictLook{"!", s.alarm}
	case observe.Looping:
		return verdictLook{"↻", s.caution}
	case observe.Stalled:
		return verdictLook{"■", s.alarm}
	case observe.Blind:
		return verdictLook{"?", s.lost}
	case observe.Failed:
		return verdictLook{"✗", s.alarm}
	case observe.Done:
		return verdictLook{"✓", s.good}
	default:
		return verdictLook{" ", s.text} // no ruling yet, or one from a newer program
	}
}

// task is how a task's verdict is drawn: one that is silent for longer than planned is worth a look, and no
// alarm.
func (s *styles) task(t *fold.TaskView) verdictLook {
	look := s.verdict(t.Verdict)
	if t.Overlong && t.Verdict == observe.Quiet {
		look.ink = s.warn
	}
	return look
}

// meaning is the verdict in a few words, for the help.
func meaning(v observe.Verdict) string {
	switch v {
	case observe.Pending:
		return "not started, or not looked at long enough"
	case observe.Progressing:
		return "something new was seen in time"
	case observe.Quiet:
		return "nothing new, but its processes or session work"
	case observe.Slowing:
		return "goes on, far slower than before or than its deadline needs"
	case observe.Blocked:
		return "waits for something that was seen: input, a lock, space"
	case observe.Looping:
		return "talks, but says the same again and again"
	case observe.Stalled:
		return "in full sight: no progress, no work, no known reason"
	case observe.Blind:
		return "cannot be seen; what was known stays, dated"
	case observe.Failed:
		return "ended without success"
	case observe.Done:
		return "ended well"
	default:
		return ""
	}
}

// verdicts are all verdicts, in the order of the help.
func verdicts() []observe.Verdict {
	return []observe.Verdict{
		observe.Progressing, observe.Quiet, observe.Slowing, observe.Blocked, observe.Looping,
		observe.Stalled, observe.Blind, observe.Failed, observe.Done, observe.Pending,
	}
}

func (s *styles) severity(l fold.LogLine) ink {
	switch {
	case l.Backlog && l.Severity < fold.Warning:
		return s.dim
	case l.Severity == fold.Error:
		return s.bad
	case l.Severity == fold.Warning:
		return s.warn
	case l.Severity == fold.Notice:
		return s.bold
	default:
		return s.text
	}
}

// link is how a link's state is drawn.
func (s *styles) link(state fold.LinkState) verdictLook {
	switch state {
	case fold.LinkUp:
		return verdictLook{"●", s.good}
	case fold.LinkLate:
		return verdictLook{"◐", s.warn}
	case fold.LinkDown:
		return verdictLook{"○", s.bad}
	case fold.LinkNever:
		return verdictLook{"·", s.dim}
	default:
		return verdictLook{"·", s.dim}
	}
}
