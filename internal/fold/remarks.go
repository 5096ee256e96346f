package fold

import (
	"time"

	"ronda/internal/observe"
)

// ruling is the task's verdict at the moment now, with all that is known for and against it.
func (t *task) ruling(now time.Time) observe.Ruling {
	t.remark(now)
	return t.judge.Ruling()
}

// remark tells the judge the facts that are no part of its rules, but that a person would want to hear beside
// them. It is asked only when a ruling is wanted, not every second.
func (t *task) remark(now time.Time) {
	t.remarkStep(now)
	t.remarkChange(now)
	t.remember()
	t.judge.Note("deadline", t.deadlineEvidence(now))
	t.remarkNeighbours()
}
