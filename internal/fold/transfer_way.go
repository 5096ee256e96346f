package fold

import (
	"slices"
	"strings"
	"time"

	"ronda/internal/observe"
)

// way is one way of telling how far a transfer is, over its samples.
type way struct {
	observe.Amount
	base    float64 // what was counted of the files before this one
	first   time.Time
	seen    time.Time // in the newest sample that had it
	best    float64
	moved   time.Time // when it last told of more; zero: never
	moves   int
	here    bool // the newest sample has it
	full    bool // it came to its total at one stride: the file was made in its full size
	grew    bool // its total was another before
	several bool // it tells of one file after the other, so that no total is that of all
	trail   trail
}

// maxWays bounds the ways that are remembered.
const maxWays = 2 * observe.MaxAmounts

// see takes in the amounts of a sample, dt seconds after the one before, and returns the way that tells of more progress
// than ever before; nil: none does.
func (m *moving) see(now time.Time, clock time.Duration, amounts []observe.Amount, dt float64) (news *way) {
	m.ways = slices.Grow(m.ways, len(amounts))
	for i := range m.ways {
		m.ways[i].here = false
	}
	grown := 0.0 // done again, or by whom is not known: that is work
	for _, a := range amounts {
		if !countable(a.Done) || !countable(a.Total) {
			continue
		}
		w := m.find(a)
		if w == nil {
			if len(m.ways) < maxWays {
				m.ways = append(m.ways, newWay(now, clock, a))
			}
			continue
		}
		more, beyond := w.read(now, clock, a)
		switch {
		case w.full:
		case w.progress() && beyond:
			if news == nil || w.rank() < news.rank() {
				news = w
			}
		case a.Unit == bytesUnit:
			grown = max(grown, more)
		}
	}
	m.growth = 0
	if dt > 0 && grown > 0 {
		m.growth = grown / dt
	}
	return news
}

// find is the way that an amount continues: of the same path, or else of the same kind where its path is another now.
func (m *moving) find(a observe.Amount) *way {
	same := func(w way) bool { return !w.here && w.Of == a.Of && w.Unit == a.Unit }
	i := slices.IndexFunc(m.ways, func(w way) bool { return same(w) && w.What == a.What })
	if i < 0 {
		i = slices.IndexFunc(m.ways, same)
	}
	if i < 0 {
		return nil
	}
	return &m.ways[i]
}

func newWay(now time.Time, clock time.Duration, a observe.Amount) way {
	w := way{first: now, seen: now, here: true}
	w.set(a)
	w.best, w.full = a.Done, w.Unit == bytesUnit && w.Total > 0 && a.Done >= w.Total
	w.trail.add(clock, a.Done)
	return w
}

func (w *way) set(a observe.Amount) {
	if a.Unit == percentUnit && a.Total == 0 {
		a.Total = 100
	}
	w.Amount = a
}

// read takes a reading, and tells how much more it is than the one before, and whether it is beyond the best.
func (w *way) read(now time.Time, clock time.Duration, a observe.Amount) (more float64, beyond bool) {
	before := w.Amount
	if a.What != before.What && a.Done < before.Done && isFile(a.What) && isFile(before.What) && (w.Of == observe.AmountSource || w.Of == observe.AmountTarget) {
		w.base, w.several = w.base+before.Done, true
		before.Done = 0
	}
	w.set(a)
	w.here, w.seen = true, now
	w.grew = w.grew || !w.several && before.Total > 0 && w.Total > 0 && w.Total != before.Total && !before.Estimate
	more = a.Done - before.Done
	if more != 0 {
		w.full = w.Of == observe.AmountTarget && a.Unit == bytesUnit && w.Total > 0 && a.Done >= w.Total && more >= w.Total/2
	}
	if more > 0 {
		w.moved = now
		w.moves++
	}
	w.trail.add(clock, w.value())
	beyond = w.value() > w.best
	w.best = max(w.best, w.value())
	return max(more, 0), beyond
}

// isFile tells that an amount is of a file, and not of all that a process read or wrote.
func isFile(what string) bool { return strings.HasPrefix(what, "/") || strings.HasPrefix(what, "[") }

// value is how much it tells of.
func (w *way) value() float64 { return w.base + w.Done }

// total is of how much; 0 where that is not known, or turned out to be wrong: more is there than there should be, an
// estimate is reached, or the file was made in its full size before anything was copied.
func (w *way) total() float64 {
	switch {
	case w.several, w.full, w.Done > w.Total, w.Estimate && w.Done >= w.Total:
		return 0
	}
	return w.Total
}

// jumped tells that it says nothing of how far the copy is.
func (w *way) jumped() bool { return w.full }

// progress tells that it counts the work itself. What its processes read and write, and what a whole file system holds
// more, is only work, as long as nobody knows of how much: others may have a part in it, or it is done again.
func (w *way) progress() bool {
	return w.Of != observe.AmountIO && w.Of != observe.AmountVolume || w.total() > 0
}

// name is what is counted, the same from night to night.
func (w *way) name() string {
	switch w.Of {
	case observe.AmountSource:
		return "read"
	case observe.AmountTarget:
		return "written"
	case observe.AmountVolume:
		return "more on the volume"
	case observe.AmountIO:
		return "its processes moved"
	case observe.AmountJob, observe.AmountFiles:
	}
	return ""
}

// rank is how much a way is worth as the task's counter: the less the better. An exact end is worth most, and any end
// more than none.
func (w *way) rank() int {
	if w.full {
		return useless
	}
	order := [...]observe.AmountOf{observe.AmountSource, observe.AmountTarget, observe.AmountJob, observe.AmountFiles, observe.AmountVolume, observe.AmountIO}
	r := 2 * slices.Index(order[:], w.Of)
	if r < 0 {
		return useless
	}
	if w.Unit == percentUnit {
		r++
	}
	switch {
	case w.total() == 0:
		return r + withoutTotal
	case w.Estimate:
		return r + estimated
	}
	return r
}

// The ranks of ways begin here.
const (
	estimated    = 20
	withoutTotal = 40
	useless      = 60
)

// class is how well a way knows its end: exactly, about, or not at all.
func class(rank int) int { return rank / estimated }

// Times after which another way is taken: the chosen one never moved and another did, or it came to rest while another
// went on. A percentage moves in coarse steps, and is given much longer.
const (
	neverMoved = 5 * time.Second
	cameToRest = time.Minute
	oftenMoved = 3
	inSteps    = 15 * time.Minute
)

// choose picks the way by which the task is counted, and stays with it: unless it dies while another goes on, or another
// knows its end better and has been seen to move.
func (m *moving) choose(now time.Time) {
	if cur := m.way(); cur != nil && cur.here && cur.moved.Equal(now) && cur.Unit != percentUnit && class(cur.rank()) == 0 {
		return // nothing is better than what moves and knows its end
	}
	best := -1
	for i := range m.ways {
		w := &m.ways[i]
		if !w.here || w.rank() >= useless {
			continue
		}
		if best < 0 || w.rank() < m.ways[best].rank() {
			best = i
		}
	}
	cur := m.way()
	if cur == nil || cur.rank() >= useless {
		if best >= 0 {
			m.chosen = best
		}
		return
	}
	if next := m.successor(now, cur); next >= 0 {
		m.chosen = next
	}
}

// successor is the way that takes the place of the chosen one; -1: none.
func (m *moving) successor(now time.Time, cur *way) int {
	next, rank := -1, useless
	done := cur.total() > 0 && cur.Done >= cur.total() // it is at its end: what still moves finishes it
	never, rest := neverMoved, cameToRest
	if cur.Unit == percentUnit {
		never, rest = inSteps, inSteps
	}
	for i := range m.ways {
		w := &m.ways[i]
		if w == cur || !w.here || w.rank() >= rank || w.moves == 0 {
			continue
		}
		dead := !cur.here && now.Sub(cur.seen) >= neverMoved ||
			cur.moves == 0 && now.Sub(cur.first) >= never && w.moves >= 2 ||
			now.Sub(cur.moved) >= rest && w.moves >= oftenMoved && w.moved.Sub(cur.moved) >= cameToRest
		switch {
		case dead && !done && (w.progress() || !cur.progress() || cur.moves == 0 || !cur.here),
			class(w.rank()) < class(cur.rank()) && w.moves >= 2 && !w.percentOf(cur, 2*agree),
			cur.percentOf(w, agree) && w.moves >= 2 && w.value() >= begunWell*w.total():
			next, rank = i, w.rank()
		}
	}
	return next
}

// trail are a few readings of a way, the further apart the longer it was looked at: what is known of it when it becomes
// the task's counter.
type trail struct {
	of   [trailMax]reach
	n    int
	skip int // readings between two that are kept
	due  int
}

// reach is how far it was at a time of the observed clock.
type reach struct {
	clock time.Duration
	value float64
}

const trailMax = 16

func (r *trail) add(clock time.Duration, v float64) {
	if r.due > 0 {
		r.due--
		return
	}
	if r.n == trailMax {
		for i := range trailMax / 2 {
			r.of[i] = r.of[2*i]
		}
		r.n, r.skip = trailMax/2, 2*r.skip+1
	}
	r.of[r.n] = reach{clock, v}
	r.n++
	r.due = r.skip
}

func (r *trail) points() []reach { return r.of[:r.n] }

// begunWell is the part of a copy after which two ways of telling how far it is can be compared.
const begunWell = 0.05

// percentOf tells that w is a percentage of what the bytes of b tell more finely: both are about as far.
func (w *way) percentOf(b *way, within float64) bool {
	if w.Unit != percentUnit || b.Unit != bytesUnit || b.total() == 0 || w.total() == 0 {
		return false
	}
	d := w.value()/w.total() - b.value()/b.total()
	return d <= within && d >= -within
}
