package watchers

import (
	"slices"
	"strings"

	"ronda/internal/observe"
)

// What is said of copies is recorded, for a whole night: of many, each is told of less often while nothing happens but
// that it moves.
const (
	totalsEvery = 5  // ticks from totals of its processes to the next
	someCopies  = 20 // up to so many are told of at every tick, up to manyCopies at every second one
	manyCopies  = 100
)

// worthSaying tells whether a sample must be said now: it tells more than that the copy has moved, or the last one was
// said long enough ago.
func (r *finderRun) worthSaying(f *found, t observe.Transfer) bool {
	gap := 1
	switch n := len(r.found); {
	case n > manyCopies:
		gap = 3
	case n > someCopies:
		gap = 2
	}
	return !observe.Same(f.last, t) && (r.tick-f.said >= gap || !onlyMoved(f.last, t))
}

// kills is how often the kernel killed one of its processes for want of memory.
func kills(p observe.Process) int64 {
	if p.OOMKills == nil {
		return 0
	}
	return *p.OOMKills
}

// onlyMoved tells whether two samples differ in nothing but how far the copy is.
func onlyMoved(last, t observe.Transfer) bool {
	if len(last.Amounts) != len(t.Amounts) {
		return false
	}
	for i, a := range t.Amounts {
		b := last.Amounts[i]
		if a.Done = b.Done; a != b {
			return false
		}
	}
	last.Amounts, t.Amounts = nil, nil
	return observe.Same(last, t)
}

// onwards keeps what is reckoned from the I/O of processes from going back: what they read from a disk and what they
// read by calls are two measures, and the better one may turn.
func onwards(last, now []observe.Amount) {
	for i := range now {
		a := &now[i]
		j := slices.IndexFunc(last, func(b observe.Amount) bool { return a.Of == b.Of && a.What == b.What && a.Unit == b.Unit })
		if j >= 0 && strings.HasPrefix(a.What, "what ") {
			a.Done = max(a.Done, last[j].Done)
		}
	}
}
