package fold

import (
	"math"
	"strings"
	"time"
)

// growth learns by how much a target grows for each unit of its task's counter: less than a byte for a byte where it is
// compressed, has holes or was there before, and where the counter tells percent anything. It is believed only once it
// has been the same for some stretches of the run in turn.
type growth struct {
	shared bool      // what holds it is a file system, that others may write to
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

// madeRoom is how many bytes must have gone at once for somebody to have made room.
const madeRoom = 16 << 20

// grown is how a target grows: by what it holds, and by what its file system holds more where no other task of the
// session writes. That one knows of holes and of compression that sizes do not show.
type grown struct{ target, volume growth }

// learn looks at how much the target has grown since it last looked.
func (w *writer) learn(now time.Time, lone bool) {
	t, g := w.t, &w.grown
	p := &t.counting.progress
	if !p.Known || !(p.Total > 0) {
		*g = grown{}
		return
	}
	if h := t.moving.held(); h == nil || t.counting.outside && h == t.moving.way() {
		g.target = growth{} // what is counted itself says nothing new
	} else {
		g.target.look(p, h.value(), now)
	}
	switch r, at := &w.v.pool.room[inBytes], w.v.pool.at; {
	case !lone || !r.known || !strings.HasPrefix(w.v.Mount, "/"): // a datastore's room is counted late
		g.volume.begun = false // what comes next is not to be held against what was before
	case at.Equal(g.volume.read) && now.Sub(at) < longUnchanged: // it was not looked at since
	default:
		g.volume.read, g.volume.shared = at, true
		g.volume.look(p, r.size-r.avail, now)
	}
}

// ratio is how many bytes the target takes for each unit of the counter, by which share that may be wrong, and whether
// it is learned. What the file system shows is believed where it is less.
func (g *grown) ratio() (per, spread float64, learned bool) {
	per, spread, learned = g.target.ratio()
	if less, s, ok := g.volume.ratio(); ok && (!learned || less < 0.9*per) {
		return less, s, true
	}
	return per, spread, learned
}

// look takes a reading: held bytes at p.
func (g *growth) look(p *Progress, held float64, now time.Time) {
	other := g.total > 0 && math.Abs(g.total-p.Total) > 0.1*p.Total || p.Done < g.done
	if other || g.shared && g.begun && g.held-held > madeRoom { // it counts something else, or somebody made room
		*g = growth{shared: g.shared, read: g.read}
	}
	if g.since.IsZero() {
		g.bytes, g.since, g.length = p.Unit == bytesUnit, now, leastStretch*p.Total
	}
	g.total, g.now = p.Total, now
	g.add(p.Done, held)
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
	case g.shared && !g.bytes && grew <= 0:
		return 0, 0, false
	case little && g.shared && g.now.Sub(g.since) < longUnchanged:
		return 0, 0, false
	case !little && off > mostApart*per, g.bytes && g.shared && per > othersInRatio:
		return 0, 0, false
	case g.bytes && g.shared && per >= 1: // what is on top of a byte for a byte others wrote
		return 1, 0, true
	}
	if per > 0 {
		spread = min(off/per, 1)
	}
	return per, spread, true
}
