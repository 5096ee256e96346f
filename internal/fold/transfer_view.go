package fold

import (
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
	"ronda/internal/words"
)

// transferView is what the task moves; nil where it is not known to move anything.
func (t *task) transferView() *TransferView {
	m, k := &t.moving, &t.counting
	if !m.known {
		return nil
	}
	v := &TransferView{
		Tool: m.Tool, Source: m.Source, Target: m.Target, State: m.State, Detail: m.Detail, Unknown: m.Unknown,
	}
	if t.finder != nil {
		v.Finder = t.finder.plan.Name
	}
	v.Files, v.FilesTotal = m.files()
	w := m.way()
	switch {
	case w == nil:
	case k.outside:
		v.Of, v.What = w.Of, w.What
		if w.total() > 0 {
			v.By = w.By
		}
	case k.lent:
		v.By = w.By
	}
	return v
}

// minute adds to a view how fast the task was over the last minute, and at its best.
func (t *task) minute(v *TaskView, now time.Time) {
	v.RateMinute = -1
	k := &t.counting
	if k.series == nil || k.outlived && v.Ended.IsZero() {
		return
	}
	v.RateBest = t.fastest.best
	if r, ok := k.series.Rate(t.clock(now), time.Minute); ok && v.Ended.IsZero() {
		v.RateMinute = r
	}
}

// unended says why no end can be told of what is moved, where that is known better than that there is no total.
func (t *task) unended(e rate.ETA) rate.ETA {
	m := &t.moving
	if e.State != rate.None || !m.known || t.counting.progress.Total > 0 {
		return e
	}
	switch w := m.way(); {
	case m.Unknown != "":
		e.Why = m.Unknown
	case m.derived:
	case w == nil:
	case w.several:
		e.Why = "what is left after this file is not known"
	case m.reckoned() != "":
		e.Why = m.reckoned() + ": it may be done"
	case w.Total > 0 && w.Estimate && w.Done >= w.Total:
		e.Why = "more is there than was reckoned: the total was an estimate"
	case w.Total > 0 && w.Done > w.Total:
		e.Why = "more is there than the total says"
	}
	return e
}

// reckoned says that all is there that was reckoned with, and not much more; empty where it is not, or was not reckoned.
func (m *moving) reckoned() string {
	const muchMore = 1.05
	w := m.way()
	if w == nil || !w.Estimate || w.several || w.full || !(w.Total > 0) || w.Done < w.Total || w.Done > muchMore*w.Total {
		return ""
	}
	return "all of the about " + words.Amount(w.Total, w.Unit) + " that were reckoned with is there"
}

// atDone is the progress of a task that is done: what was seen of it from outside was all, whatever its total was
// reckoned to be.
func (t *task) atDone(p Progress) Progress {
	const nearly = 0.9
	if !t.counting.outside || !p.Known || p.Done <= 0 || p.Unit == percentUnit || t.shortfall() != "" {
		return p
	}
	switch {
	case !(p.Total > 0) || p.Done < nearly*p.Total:
	case p.Estimate:
		p.Total, p.Estimate = p.Done, false
	case p.Done < p.Total: // the last of it came after the last look
		p.Done = p.Total
	}
	return p
}

// movedRemark is what speaks against a transfer that has ended well, or what cannot be known of one that runs.
func (t *task) movedRemark() observe.Evidence {
	if t.run.over {
		if short := t.shortfall(); short != "" {
			return observe.Evidence{Text: "exit 0, but " + short}
		}
		return observe.Evidence{}
	}
	return observe.Evidence{Text: t.moving.Unknown}
}
