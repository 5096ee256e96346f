package tui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
	"ronda/internal/words"
)

// endsCell says when the task ends, as far as that is known, and whether that is in time.
func endsCell(c scene, t *fold.TaskView, w int, r *row) {
	w = min(w, r.room)
	if noRoom(t) {
		roomCell(c, t, w, r)
		return
	}
	warning := lateness(c, t)
	if warning.text == "" {
		k, text := endsText(c, t, w)
		r.cell(k, text, w)
		return
	}
	room := max(w-width(warning.text)-1, 0)
	k, text := endsText(c, t, room)
	text = clip(text, room)
	r.put(k, text).space(1).cell(warning.ink, warning.text, w-width(text)-1)
}

func endsText(c scene, t *fold.TaskView, w int) (ink, string) {
	switch t.Verdict {
	case observe.Done:
		return c.st.dim, tookText(c, t)
	case observe.Failed:
		return c.st.bad, "at " + c.clock(firstSet(t.Ended, t.Since))
	case observe.Pending:
		if t.Starts.State == rate.Range {
			span := endSpan(c, t.Starts, w)
			for _, word := range []string{"starts ", "from "} {
				if width(word+span) <= w {
					return c.st.dim, word + span
				}
			}
			return c.st.dim, span
		}
		return c.st.dim, startsText(c, t.Name)
	case observe.Blind:
		if isGone(t) {
			return c.st.lost, "gone"
		}
		if t.ETA.State == rate.Range {
			return c.st.lost, "was " + endSpan(c, t.ETA, w-len("was "))
		}
		return c.st.dim, ""
	case observe.Progressing, observe.Quiet, observe.Slowing, observe.Blocked, observe.Looping, observe.Stalled:
	default:
	}
	switch t.ETA.State {
	case rate.Range:
		span := endSpan(c, t.ETA, w)
		if named := "ends " + span; width(named) <= w && !strings.HasPrefix(span, "in ") {
			span = named
		}
		return c.st.text, span
	case rate.Measuring:
		return c.st.dim, "measuring"
	case rate.Finishing:
		return c.st.calm, "finishing"
	case rate.None:
		if t.PhaseETA.State == rate.Range {
			return c.st.text, "phase " + endSpan(c, t.PhaseETA, w-len("phase "))
		}
		return c.st.dim, "end unknown"
	default:
		return c.st.dim, ""
	}
}

// endSpan is the range of an ETA: in times of the clock, or where those are too long for w cells, in minutes,
// hours or days from now, or only the middle of the range. Half of a time would mislead.
func endSpan(c scene, eta rate.ETA, w int) string {
	span := words.Span(eta.P10, eta.P90, c.loc, c.now)
	if width(span) <= w {
		return span
	}
	unit, name := time.Hour, " h"
	from, to := max(eta.P10.Sub(c.now), 0), max(eta.P90.Sub(c.now), 0)
	switch {
	case to >= 100*time.Hour:
		unit, name = 24*time.Hour, " d"
	case to <= 99*time.Minute:
		unit, name = time.Minute, " min"
	}
	span = "in " + strconv.Itoa(int(from/unit)) + "–" + strconv.Itoa(int((to+unit-1)/unit)) + name
	if near := "≈" + c.clock(eta.P50); width(span) > w && width(near) <= w {
		return near
	}
	return span
}

func tookText(c scene, t *fold.TaskView) string {
	end := firstSet(t.Ended, t.Since)
	if t.Started.IsZero() || end.IsZero() {
		return "at " + c.clock(end)
	}
	return "took " + words.Duration(end.Sub(t.Started))
}

// startsText is when the plan means a pending task to start.
func startsText(c scene, name string) string {
	for _, p := range c.snap.Plan.Tasks {
		switch {
		case p.Name != name:
		case !p.Planned.IsZero():
			return "starts " + c.clock(p.Planned)
		case p.After != "" && hasEnded(c, p.After):
			return "not begun"
		case p.After != "":
			return "after " + clean(p.After)
		}
	}
	return ""
}

// hasEnded tells whether a task has ended.
func hasEnded(c scene, name string) bool {
	return slices.ContainsFunc(c.snap.Tasks, func(t fold.TaskView) bool { return t.Name == name && t.Verdict.Ended() })
}

// late is the word for a deadline that will hardly be made.
const late = "late"

// lateness warns when the task will hardly make its deadline, in a word.
func lateness(c scene, t *fold.TaskView) part {
	if t.Verdict.Ended() || isGone(t) || !t.Ended.IsZero() {
		return part{}
	}
	return overdue(c, t.Deadline)
}

// isGone tells that what a task moved is over, and nobody can say how it ended.
func isGone(t *fold.TaskView) bool {
	return t.Transfer != nil && t.Transfer.State == observe.TransferGone
}

// overdue warns when a deadline will hardly be made, in a word.
func overdue(c scene, d fold.DeadlineView) part {
	if d.At.IsZero() {
		return part{}
	}
	const hardly, perhaps = 0.5, 0.9
	switch {
	case c.now.After(d.At), d.Known && d.Probability < hardly:
		return part{c.st.bad, late, 0}
	case d.Known && d.Probability < perhaps:
		return part{c.st.warn, "tight", 0}
	default:
		return part{}
	}
}

// firstSet is the first moment that is set.
func firstSet(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
