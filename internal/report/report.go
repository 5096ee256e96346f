// Package report says what a session came to, for those who do not look at the screen: a line for each
// change as it happens, and lines of JSON for programs.
//
// It is pure: it works on snapshots of the fold, reads no clock and does no I/O. All functions may be called
// from any goroutine. What it writes is safe to show on a terminal, whatever the logs held that it quotes.
package report

import (
	"fmt"
	"time"

	"ronda/internal/fold"
	"ronda/internal/rate"
	"ronda/internal/words"
)

// progress says how far a task is: "≈61 %, 3.1M of 5.0M rows"; empty when nothing countable is known.
func progress(p fold.Progress) string {
	if !p.Known {
		return ""
	}
	about := ""
	if p.Estimate {
		about = "≈"
	}
	fraction, known := p.Fraction()
	switch {
	case !known:
		return words.Amount(p.Done, p.Unit)
	case p.Unit == "percent":
		return about + words.Percent(fraction)
	case p.Unit == "bytes":
		return about + words.Percent(fraction) + ", " + words.Bytes(p.Done) + " of " + words.Bytes(p.Total)
	}
	return about + words.Percent(fraction) + ", " + words.Count(p.Done) + " of " + words.Amount(p.Total, p.Unit)
}

// end says when a task will end: "ends 00:12–00:31"; empty where there is nothing to say.
func end(eta rate.ETA, loc *time.Location, now time.Time) string {
	switch eta.State {
	case rate.Measuring:
		return "its end is being measured"
	case rate.Finishing:
		return "finishing"
	case rate.Range:
		if !eta.P10.After(now) {
			return "ends by " + words.Clock(eta.P90, loc, now)
		}
		return "ends " + words.Span(eta.P10, eta.P90, loc, now)
	case rate.None:
	}
	return ""
}

// deadline says whether a task makes its deadline: "deadline 02:00, 35 % likely to be met, decide by 01:15";
// empty without one.
func deadline(d fold.DeadlineView, loc *time.Location, now time.Time) string {
	if d.At.IsZero() {
		return ""
	}
	text := "deadline " + words.ClockExact(d.At, loc, now)
	if d.Missed(now) {
		text += " missed"
		if !d.DecideBy.IsZero() {
			text += ", the time to decide passed at " + words.ClockExact(d.DecideBy, loc, now)
		}
		return text
	}
	if d.After == 1 {
		text += " with the task after it"
	} else if d.After > 1 {
		text += fmt.Sprintf(" with the %d tasks after it", d.After)
	}
	if d.Known {
		text += ", " + words.Percent(d.Probability) + " likely to be met"
	}
	if !d.DecideBy.IsZero() {
		if now.Before(d.DecideBy) {
			text += ", decide by "
		} else {
			text += ", the time to decide passed at "
		}
		text += words.ClockExact(d.DecideBy, loc, now)
	}
	return text
}
