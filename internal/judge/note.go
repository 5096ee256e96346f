package judge

import (
	"slices"

	"ronda/internal/observe"
)

// note is a fact that others found out about the task, and that is shown while it holds.
type note struct {
	key  string
	well bool
	fact observe.Evidence
}

// Note adds a fact to the evidence: what a rehearsal, a neighbour or an open step tells. It stands until it is
// noted again under the same key; an empty text takes it away, and keeps its place. e.For says here whether it
// speaks for the task being well: with which verdict that agrees is the judge's to say. The facts are shown in
// the order in which their keys were first noted. It is meant to be called right before Ruling, when the text is
// wanted, and not every second.
func (c *Case) Note(key string, e observe.Evidence) {
	i := slices.IndexFunc(c.notes, func(n note) bool { return n.key == key })
	if i >= 0 {
		c.notes[i].fact, c.notes[i].well = e, e.For
		return
	}
	c.notes = append(c.notes, note{key, e.For, e})
}

// noteEvidence is what was noted, as it speaks for or against the verdict.
func (c *Case) noteEvidence() []observe.Evidence {
	var e []observe.Evidence
	for _, n := range c.notes {
		if n.fact.Text == "" || n.fact.Text == c.reason {
			continue
		}
		n.fact.For = n.well == well(c.verdict)
		e = append(e, n.fact)
	}
	return e
}

// well tells whether a verdict says that the task is as it should be.
func well(v observe.Verdict) bool {
	switch v {
	case observe.Progressing, observe.Quiet, observe.Pending, observe.Done:
		return true
	case observe.Slowing, observe.Blocked, observe.Looping, observe.Stalled, observe.Blind, observe.Failed:
	}
	return false
}
