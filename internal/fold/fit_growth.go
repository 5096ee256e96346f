package fold

import (
	"math"
	"time"
)

// growth learns by how much a target grows for each unit of its task's counter: less than a byte for a byte where it is
// compressed, has holes or was there before, and where the counter tells percent anything. It is believed only once it
// has been the same for some stretches of the run in turn.
type growth struct {
	what   grownBy
	bytes  bool      // the counter counts bytes
	since  time.Time // since when it is looked at
	now    time.Time
	read   time.Time // of the file system's sample that was taken last
	total  float64
	done   float64 // of the counter when it was last looked at
	held   float64 // of what grows then
	begun  bool
	length float64 // units of the counter in one stretch
	of     [stretches]stretch
	n      int
	open   stretch
}

// stretch is a part of the run: by how much the counter and the target rose in it.
type stretch struct{ moved, grew float64 }

const (
	stretches     = 8
	leastStretch  = 1.0 / 200 // of the total: four are two percent
	mostApart     = 0.3       // of the mean, by which a stretch may differ from it
	littleGrowth  = 0.02      // of a byte for a byte: below it they are alike, however they differ
	othersInRatio = 1.2       // bytes for a byte: what a whole volume grew more by was not the task alone
)

// longUnchanged is for how long a file system must not have changed for that to be believed: what is written may reach
// it late.
const longUnchanged = time.Minute

// grownBy is what is looked at for the growth.
type grownBy int

const (
	byNothing grownBy = iota
	byTarget          // what the target holds
	byVolume          // what its file system holds more
)

// learn looks at how much the target has grown since it last looked.
func (w *writer) learn(now time.Time, lone bool) {
	t, g := w.t, &w.grown
	p := &t.counting.progress
	if !p.Known || !(p.Total > 0) {
		*g = growth{}
		return
	}
	held, what := w.held(lone)
	if g.what != what || g.total != p.Total && math.Abs(g.total-p.Total) > 0.1*p.Total || p.Done < g.done {
		*g = growth{what: what, bytes: p.Unit == bytesUnit, since: now, length: leastStretch * p.Total}
	}
	g.total, g.now = p.Total, now
	switch at := w.v.pool.at; {
	case what == byNothing:
	case what == byVolume && at.Equal(g.read) && now.Sub(at) < longUnchanged: // it was not looked at since
	default:
		g.read = at
		g.add(p.Done, held)
	}
}

// held is how many bytes there are of what grows. The target that is counted itself says nothing new: then it is what
// its volume takes, where no other task writes there.
func (w *writer) held(lone bool) (float64, grownBy) {
	t := w.t
	if h := t.moving.held(); h != nil && (!t.counting.outside || h != t.moving.way()) {
		return h.value(), byTarget
	}
	if r := &w.v.pool.room[inBytes]; lone && r.known {
		return r.size - r.avail, byVolume
	}
	return 0, byNothing
}

func (g *growth) add(done, held float64) {
	if !g.begun {
		g.begun, g.done, g.held = true, done, held
		return
	}
	if done <= g.done {
		return
	}
	grew := held - g.held
	g.open.moved, g.open.grew = g.open.moved+done-g.done, g.open.grew+grew
	g.done, g.held = done, held
	if g.open.moved < g.length {
		return
	}
	if g.n == stretches {
		for i := range stretches / 2 {
			a, b := g.of[2*i], g.of[2*i+1]
			g.of[i] = stretch{a.moved + b.moved, a.grew + b.grew}
		}
		g.n, g.length = stretches/2, 2*g.length
		return
	}
	g.of[g.n] = g.open
	g.n, g.open = g.n+1, stretch{}
}

// ratio is how many bytes the target grows for each unit of the counter, and by which share that may be wrong.
func (g *growth) ratio() (per, spread float64, known bool) {
	if g.n < stretches/2 {
		return 0, 0, false
	}
	moved, grew := 0.0, 0.0
	for _, s := range g.of[:g.n] {
		moved, grew = moved+s.moved, grew+s.grew
	}
	if per = grew / moved; !(per >= 0) || math.IsInf(per, 0) {
		return 0, 0, false
	}
	off := 0.0
	for _, s := range g.of[:g.n] {
		off = max(off, math.Abs(s.grew/s.moved-per))
	}
	little := g.bytes && per+off < littleGrowth
	switch {
	case little && g.what == byVolume && g.now.Sub(g.since) < longUnchanged:
		return 0, 0, false
	case !little && off > mostApart*per, g.bytes && g.what == byVolume && per > othersInRatio:
		return 0, 0, false
	case g.bytes && g.what == byVolume && per >= 1: // what is on top of a byte for a byte others wrote
		return 1, 0, true
	}
	if per > 0 {
		spread = min(off/per, 1)
	}
	return per, spread, true
}
