package fold

import (
	"strings"
	"time"

	"ronda/internal/observe"
	"ronda/internal/words"
)

// ruling is the task's verdict at the moment now, with all that is known for and against it.
func (t *task) ruling(now time.Time) observe.Ruling {
	t.remark(now)
	return t.judge.Ruling()
}

// remark tells the judge the facts that are no part of its rules, but that a person would want to hear beside
// them, the most telling first. It is asked only when a ruling is wanted, not every second. A fact that does not
// hold is taken away by an empty one.
func (t *task) remark(now time.Time) {
	t.remember()
	t.remarkStep(now)
	t.judge.Note("deadline", t.deadlineEvidence(now))
	t.judge.Note("room", t.fitEvidence(now))
	t.judge.Note("tree", t.treeRemark(now))
	t.judge.Note("files", t.fileRemark(now))
	t.judge.Note("rates", t.rateRemark(now))
	t.remarkChange(now)
	t.remarkNeighbours()
	t.judge.Note("error", t.errorRemark(now))
	t.judge.Note("expect", t.expectRemark(now))
	t.judge.Note("sources", t.sourceRemark())
	t.judge.Note("transfer", t.movedRemark())
}

// over tells that the task has ended, in whatever way, or cannot be seen: what it did last is not what it does.
func (t *task) over() bool {
	_, over := t.judge.Ended()
	return over || t.judge.Verdict() == observe.Blind
}

// treeRemark names who of the tree works most; or what its newest leaf waits in, when none does.
func (t *task) treeRemark(now time.Time) observe.Evidence {
	if t.over() || !t.work.alive() {
		return observe.Evidence{}
	}
	if t.judge.Works() {
		p, n := t.tree.busiest(t.tree.usesAt(now, t.work.at))
		if p == nil || len(t.tree.procs) < 2 {
			return observe.Evidence{}
		}
		return observe.Evidence{For: true, Text: processName(*p) + ": most of it, " + processors(n), At: t.tree.at}
	}
	switch t.judge.Verdict() {
	case observe.Quiet, observe.Looping, observe.Stalled:
	default:
		return observe.Evidence{} // a pause between two steps needs no reason, a hindrance is one itself
	}
	leaf := t.tree.leaf()
	if leaf == nil {
		return observe.Evidence{}
	}
	doing := Doing(*leaf)
	if doing == "" || doing == "sleeps" {
		return observe.Evidence{}
	}
	return observe.Evidence{Text: processName(*leaf) + " " + words.Short(doing, 60), At: t.work.at}
}

// fileRemark tells of the file that moved most in the last minutes: the output that grows, or the input that is
// read.
func (t *task) fileRemark(now time.Time) observe.Evidence {
	if t.over() || !t.work.alive() {
		return observe.Evidence{}
	}
	return t.tree.moves.remark(now)
}

// rateRemark holds the counter's rate against its mean and its best.
func (t *task) rateRemark(now time.Time) observe.Evidence {
	k := &t.counting
	if k.series == nil || !k.progress.Known || k.progress.At.IsZero() || k.outlived || t.over() {
		return observe.Evidence{}
	}
	mean, known := k.series.Mean(t.clock(now))
	if !known || mean <= 0 {
		return observe.Evidence{}
	}
	current, _ := k.series.Now(t.clock(now))
	unit := k.progress.Unit
	text := "now " + words.Rate(current, unit) + ", mean " + words.Rate(mean, unit)
	if t.fastest.best > 0 {
		text += ", best minute " + words.Rate(t.fastest.best, unit)
	}
	if f, ok := k.progress.Fraction(); ok {
		text = words.Percent(f) + " is done; " + text
	}
	moves := current >= 0.5*mean
	return observe.Evidence{For: moves || t.judge.Verdict() == observe.Quiet, Text: text, At: k.progress.At}
}

// errorRemark is the last error that the log told of, while it is news.
func (t *task) errorRemark(now time.Time) observe.Evidence {
	const news = 15 * time.Minute
	if t.bad == "" || now.Sub(t.badAt) > news || strings.Contains(t.judge.Reason(), t.bad) || t.judge.Quotes(t.bad) {
		return observe.Evidence{}
	}
	return observe.Evidence{Text: "last error: “" + words.Short(t.bad, 70) + "”", At: t.badAt}
}

// expectRemark says that the task takes longer than planned.
func (t *task) expectRemark(now time.Time) observe.Evidence {
	planned := time.Duration(t.plan.Expect)
	if planned <= 0 || t.started.IsZero() {
		return observe.Evidence{}
	}
	end, over := t.judge.Ended()
	if over {
		now = end
	}
	took := now.Sub(t.started)
	switch {
	case took <= planned:
		return observe.Evidence{}
	case over:
		return observe.Evidence{Text: "took " + words.Exact(took) + "; planned were " + words.Exact(planned)}
	}
	return observe.Evidence{Text: "goes on for " + words.Exact(took) + "; planned were " + words.Exact(planned)}
}

// sourceRemark says which of its sources do not see, while others do, where that makes the verdict less sure.
func (t *task) sourceRemark() observe.Evidence {
	switch t.judge.Verdict() {
	case observe.Quiet, observe.Looping, observe.Stalled, observe.Pending:
	default:
		return observe.Evidence{}
	}
	var all []string
	for _, s := range t.sources {
		switch s.state {
		case observe.SourceFailed:
			all = append(all, "its "+s.name+" cannot be seen: "+s.why)
		case observe.SourceLimited:
			all = append(all, "its "+s.name+" is seen in part: "+s.why)
		case observe.SourceUp, observe.SourceWaiting:
		}
	}
	return observe.Evidence{Text: strings.Join(all, "; ")}
}
