package rate

import (
	"math"
	"time"
)

// Series is the history of one counter: readings that rise, on the observed clock. Make one with NewSeries.
// Adding and asking allocate nothing. It is for one goroutine.
type Series struct {
	hist   history // readings of this segment, thinned with age
	change changes // when the counter moved, and how often it usually does
	recent segment // the stretch of steady rate that lasts now
	slow   slowing
	pauses pauses
	totals totals
	tree   tree
	best   float64
	begun  bool
	wobbly bool    // totals are reckoned from a percentage
	last   point   // the newest reading
	top    float64 // the highest value that was read at the very moment of last
	hole   float64 // seconds that were inserted for time in which nobody could see
	due    float64 // seconds of a hole that stand before the next reading
	wall   anchor
	course *course // an earlier run, or nil

	scratch [historyMax]point // for the clock without pauses
}

// point is a reading: seconds on the series' own clock, the counter's value, and the files of a tree.
type point struct{ t, v, f float64 }

// NewSeries returns a series without readings.
func NewSeries() *Series { return new(Series) }

// largest is more than anything counts to, and little enough that no rate of it overflows.
const largest = 1e24

// Add takes a reading v of the counter at t on the observed clock. Of readings at the same t the highest
// counts, but rates see it only with the next one. A reading that is earlier than the one before, negative, absurdly large (1e24) or not a number is dropped. A reading below the one before starts a new segment:
// the counter was reset, and nothing negative is ever derived from it. The same value again is worth telling:
// it says that the counter stood still until t.
func (s *Series) Add(t time.Duration, v float64) {
	if math.IsNaN(v) || v < 0 || v > largest {
		return
	}
	p := point{t: t.Seconds() + s.hole + s.due, v: v}
	switch {
	case !s.begun:
		s.begin(p)
		return
	case p.t == s.last.t && s.hist.n == 1 && v > s.last.v:
		s.begin(p) // of what came at once with the first reading the last one is where it begins
		return
	case p.t <= s.last.t:
		if p.t == s.last.t {
			s.top = max(s.top, v)
		}
		return
	case v < s.last.v:
		s.begin(p)
		return
	}
	s.insert()
	p.f = s.last.f
	if s.pauses.note(s, p) {
		s.change.resume(p.t)
	} else if v > s.last.v {
		s.change.note(p.t)
	}
	s.recent.add(s, s.last, p)
	s.slow.add(s.last, p)
	if s.slow.age >= bestAfter {
		s.best = max(s.best, s.slow.fast())
	}
	s.hist.add(p)
	s.last, s.top = p, v
}

// bestAfter is how many seconds a rate must have been held before it can be the best.
const bestAfter = 30

// Hole tells that d passed unseen between the reading before and the next one, although the observed clock
// stood still: the link was down and the counter may have moved on. Rates are taken across it, and it teaches
// nothing about how often the counter moves. Without a next reading it has no effect; of several the longest
// counts. ETA, when it is asked in the meantime, finds holes by itself.
func (s *Series) Hole(d time.Duration) {
	if d > 0 && s.begun {
		s.due = max(s.due, d.Seconds())
		s.change.blind = true
	}
}

// insert puts the hole that is due before the reading that comes now. The anchor is from before it: measured
// from there, the same blindness would be found, and inserted, a second time.
func (s *Series) insert() {
	if s.due > 0 {
		s.hole, s.due, s.wall = s.hole+s.due, 0, anchor{}
	}
}

// Derived tells whether the totals that ETA is given are reckoned from a rounded percentage. Such a total
// wobbles by what was rounded away, and a rise of it is no growth.
func (s *Series) Derived(is bool) { s.wobbly = is }

func (s *Series) begin(p point) {
	s.insert()
	s.hist.n = 0
	s.hist.add(p)
	s.change = changes{last: p.t}
	s.recent = segment{from: p, prev: p, before: p}
	s.slow.restart(p.t)
	s.pauses, s.tree = pauses{}, tree{}
	s.begun, s.last, s.top = true, p, p.v
}

// clock maps the observed clock to the series' own, on which it never runs backwards behind a reading.
func (s *Series) clock(t time.Duration) float64 {
	return max(t.Seconds()+s.hole, s.last.t)
}

// Rate returns the mean rate per second over the last window before t, or over the whole segment when it is
// shorter. The window ends at the last change, or as long ago as changes usually take, so that a counter that
// moves in coarse steps is not thought to stand still. It is false before the first change.
func (s *Series) Rate(t, window time.Duration) (float64, bool) {
	if !s.begun || s.change.n == 0 || window <= 0 {
		return 0, false
	}
	v := view{points: s.hist.points[:s.hist.n], end: s.change.end(s.clock(t))}
	return v.rate(window.Seconds()), true
}

// Mean returns the rate per second since the segment's first reading, pauses included. It is false before the
// first change.
func (s *Series) Mean(t time.Duration) (float64, bool) {
	if !s.begun || s.change.n == 0 {
		return 0, false
	}
	first := s.hist.points[0]
	el := s.change.end(s.clock(t)) - first.t
	if el <= 0 {
		return 0, false
	}
	return (s.last.v - first.v) / el, true
}

// Best returns the highest rate per second that was held, smoothed over a minute, since the series began; 0
// before half a minute was seen. Segments do not reset it.
func (s *Series) Best() float64 { return s.best }

// changes knows when a counter moved and how regularly it does.
type changes struct {
	n     int        // how often it moved
	last  float64    // when it last did, or when the segment began
	gap   float64    // usual seconds between two moves
	dev   float64    // usual distance of a gap from gap
	blind bool       // the gap that runs now spans a hole
	long  [2]float64 // the two longest gaps that ended by themselves, the longest first
}

// note learns from a move at t. The weight of a new gap is 0.2, more while there are few.
func (c *changes) note(t float64) {
	g := t - c.last
	c.n++
	c.last = t
	if c.blind {
		c.blind = false
		return
	}
	c.ended(g)
	w := max(0.2, 1/float64(c.n))
	c.dev += w * (math.Abs(g-c.gap) - c.dev)
	if c.n == 1 {
		c.dev = 0
	}
	c.gap += w * (g - c.gap)
}

// ended keeps the longest gaps.
func (c *changes) ended(g float64) {
	switch {
	case g > c.long[0]:
		c.long = [2]float64{g, c.long[0]}
	case g > c.long[1]:
		c.long[1] = g
	}
}

// resume notes a move that ended a pause: such a gap is not usual.
func (c *changes) resume(t float64) {
	if !c.blind {
		c.ended(t - c.last)
	}
	c.n++
	c.last = t
	c.blind = false
}

// end is the moment up to which the newest value holds: the time since the last change counts against the
// rate only as far as it is longer than usual.
func (c *changes) end(t float64) float64 { return max(c.last, t-c.gap) }

// missed is the silence after which two moves are missing, in seconds. An irregular counter gets more.
func (c *changes) missed() float64 { return max(2, 2*c.gap, c.gap+4*c.dev) }

// unusual tells of a silence of so many seconds that two moves are missing, and that none was as long.
func (c *changes) unusual(quiet float64) bool { return quiet > max(c.missed(), 1.2*c.long[0]) }

// still is the silence after which the counter stands still, so that no end can be named: much longer than
// usual, and half as long again as what happened twice.
func (c *changes) still() float64 { return max(60, 5*c.gap, c.gap+6*c.dev, 1.5*c.long[1]) }
