package fold

import (
	"strings"

	"ronda/internal/observe"
	"ronda/internal/words"
)

// muchOther is by which factor the size of tonight's work must be another than in the rehearsal to be worth a word.
const muchOther = 2

// size notes how much there is to do, where that is far from what there was in the rehearsal: as soon as a total is
// known. What was found last stays, for it holds for as long as the run lasts.
func (t *task) size() {
	p := &t.counting.progress
	if t.counting.outlived || p.Estimate || p.Total <= 0 {
		return
	}
	switch {
	case t.countsPhase():
		t.past.compareSize(p.Total, t.phaseCourse().Total, p.Unit)
	case t.countsWhole():
		t.past.compareSize(p.Total, t.past.base.Course.Total, p.Unit)
	}
}

// phaseSize notes how much was counted in a phase that is over, where no total told it before.
func (t *task) phaseSize(p *phaseRun, then *observe.Course) {
	now := &p.course
	if then == nil || len(then.Points) == 0 || now.total > 0 || now.unit != then.Unit || masked(now.name) != masked(then.Name) {
		return
	}
	t.past.compareSize(now.last.Done, then.Total, now.unit)
}

// compareSize keeps a size that is much other than it was then.
func (p *past) compareSize(now, then float64, unit string) {
	if unit == "percent" || now <= 0 || then <= 0 || now == p.sized {
		return
	}
	p.sized, p.size = now, observe.Evidence{}
	if now*muchOther < then || now > then*muchOther {
		before := words.Whole(then)
		amount := words.Whole(now) + " " + unit
		if unit == "bytes" {
			before, amount = words.Bytes(then), words.Bytes(now)
		}
		p.size.Text = strings.TrimSpace(amount) + "; in the rehearsal " + before
	}
}
