package rate

import (
	"math"
	"slices"
)

// Filling foresees when a room of limited size is full, by what is left in it. It looks at the last minute, minutes
// and hour at once. A trend is believed for a time in proportion to how long it has lasted: what fills in minutes is
// said within seconds, and of a minute's noise no leak of a day is made. A room that was emptier before and recovered
// is not thought to fill before it is emptier still. Adding allocates nothing. The zero value is ready; it is for one
// goroutine.
type Filling struct {
	begun  bool
	t      float64 // of the newest reading
	left   float64 // what is left of the room
	now    float64 // and would be without ours
	levels [len(spacings)]level
	trend  trend
	looks  bool    // it looks like being full within the time for which the trend is believed
	since  float64 // since when it does
	seen   float64 // when it last did
	shown  trend   // as it was then
	is     bool    // it is to be said
}

// spacings are, for each level, how many seconds its readings are apart at least; it keeps the newest trendMost. The
// last one has no trend: it only knows how little was left in the hours before.
var spacings = [...]float64{1, 5, 30, 150, 900}

// A trend that has lasted for so many seconds is believed for as long as it has lasted, so many times. The shorter it
// is the further it may look, for then the end is near and somebody must be told; what lasts for an hour is believed
// for two.
const (
	briefly, brieflyAhead = 30, 8
	shortly, shortlyAhead = 900, 4
	longAhead             = 2

	heldPart               = 0.1 // of the time that it has lasted, for which it must have been seen in a row
	leastHeld, longestHeld = 3, 300
)

// believed says for how many seconds a trend is believed that has lasted for some, and for how long it must be seen
// before it is told.
func believed(lasted float64) (ahead, held float64) {
	held = min(max(heldPart*lasted, leastHeld), longestHeld)
	switch {
	case lasted <= briefly:
		return brieflyAhead * lasted, held
	case lasted <= shortly:
		return shortlyAhead * lasted, held
	}
	return longAhead * lasted, held
}

const (
	trendMost  = 24
	trendLeast = 8   // readings below which there is no trend
	recentMost = 10  // readings of the shorter of a level's two looks
	clearly    = 0.9 // share of the pairs of readings of which the later is lower
	leastDoubt = 0.1 // share by which the steadiest trend may be wrong
	evenly     = 0.4 // part of the whole trend's slope that each half of it must have
)

// trend is how a room fills.
type trend struct {
	slope, fast, slow float64 // a second: the median of the pairs of readings, and their ninth and first tenth
	lasted            float64 // seconds
	ahead             float64 // seconds for which it is believed
	held              float64 // seconds for which it must be seen
}

// remnant is what was left of a room.
type remnant struct {
	t    float64 // seconds
	v    float64 // with what ours have written since the beginning: what would be left without them
	low  float64 // the lowest v since the reading before
	left float64
}

// level is the readings of one spacing, oldest first.
type level struct {
	points [trendMost]remnant
	n      int
	low    float64
	trend  trend // a slope of 0: none is clear
}

// Add takes a reading: left of the room at t seconds of a clock that does not run backwards, when ours had been
// written to it by those whose writing is counted elsewhere. The trend is of what the room would be without those.
// Readings that are not newer, and what is no number, are dropped.
func (f *Filling) Add(t, left, ours float64) {
	if math.IsNaN(left+ours) || math.IsInf(left+ours, 0) || f.begun && t <= f.t {
		return
	}
	f.begun, f.t, f.left, f.now = true, t, left, left+ours
	p := remnant{t: t, v: left + ours, left: left}
	for i := range f.levels {
		if f.levels[i].add(p, spacings[i]) {
			f.look(i)
		}
	}
	f.choose()
	f.decide()
}

func (l *level) add(p remnant, apart float64) bool {
	if l.n > 0 {
		l.low = min(l.low, p.v)
		if p.t-l.points[l.n-1].t < apart {
			return false
		}
	} else {
		l.low = p.v
	}
	if l.n == trendMost {
		copy(l.points[:], l.points[1:])
		l.n--
	}
	p.low = l.low
	l.points[l.n] = p
	l.n++
	l.low = p.v
	return true
}

// look finds the trend of level i anew: of all its readings, or else of the newest.
func (f *Filling) look(i int) {
	l := &f.levels[i]
	l.trend = trend{}
	if i == len(f.levels)-1 || l.n < trendLeast {
		return
	}
	for _, n := range [...]int{l.n, recentMost} {
		if t, ok := clearFall(l.points[max(l.n-n, 0):l.n]); ok && !f.lower(i, l.points[l.n-1].t-t.lasted) {
			t.ahead, t.held = believed(t.lasted)
			l.trend = t
			return
		}
		if l.n <= recentMost {
			return
		}
	}
}

// lower tells that less than now was left at some time before from, as far as the next levels know.
func (f *Filling) lower(i int, from float64) bool {
	now := f.levels[i].points[f.levels[i].n-1].v
	for j := i + 1; j < len(f.levels); j++ {
		for _, p := range f.levels[j].points[:f.levels[j].n] {
			if p.t <= from && p.low <= now {
				return true
			}
		}
	}
	return false
}

// clearFall is the trend of some readings, and whether it is clear that they fall.
func clearFall(p []remnant) (trend, bool) {
	n := len(p)
	first, last := p[0], p[n-1]
	if last.v >= first.v {
		return trend{}, false
	}
	var room [trendMost * trendMost / 2]float64
	slopes, falls := room[:0], 0
	for i := range p {
		for j := i + max(n/3, 2); j < n; j++ {
			s := (p[i].v - p[j].v) / (p[j].t - p[i].t)
			if slopes = append(slopes, s); s > 0 {
				falls++
			}
		}
	}
	whole, middle := (first.v-last.v)/(last.t-first.t), p[n/2]
	if float64(falls) < clearly*float64(len(slopes)) || first.v-middle.v < evenly*whole*(middle.t-first.t) || middle.v-last.v < evenly*whole*(last.t-middle.t) {
		return trend{}, false
	}
	slices.Sort(slopes)
	at := func(q float64) float64 { return slopes[int(q*float64(len(slopes)-1)+0.5)] }
	slope := at(0.5)
	t := trend{slope: slope, fast: max(at(0.9), slope*(1+leastDoubt)), slow: min(max(at(0.1), slope/4), slope*(1-leastDoubt)), lasted: last.t - first.t}
	return t, t.slope > 0
}

// choose takes the trend that is believed to see the end, of the shortest level; or else the one that is believed
// the longest.
func (f *Filling) choose() {
	f.trend = trend{}
	for i := range f.levels {
		t := &f.levels[i].trend
		switch {
		case t.slope == 0 || !f.goesOn(t):
		case f.left <= t.slope*t.ahead:
			f.trend = *t
			return
		case t.ahead > f.trend.ahead:
			f.trend = *t
		}
	}
}

// goesOn tells that the room still fills: not at a quarter of the trend, or less, for an eighth of the time that this
// has lasted.
func (f *Filling) goesOn(t *trend) bool {
	over := max(t.lasted/8, goesOnFor)
	for i := range f.levels {
		l := &f.levels[i]
		if l.n < 2 || f.t-l.points[0].t < over && i < len(f.levels)-2 {
			continue
		}
		from := l.n - 1
		for from > 0 && f.t-l.points[from].t < over {
			from--
		}
		then := l.points[from]
		return then.v-f.now >= t.slope*(f.t-then.t)/4
	}
	return true
}

// decide finds out whether it is to be said that the room fills. What was said is kept for a while without a sign
// of it, so that it does not flap.
func (f *Filling) decide() {
	if reach := f.trend.slope * f.trend.ahead; reach > 0 && f.left <= reach {
		if !f.looks {
			f.looks, f.since = true, f.t
		}
		f.seen, f.shown = f.t, f.trend
		if !f.is && f.t-f.since >= f.trend.held {
			f.is = true
		}
		return
	}
	f.looks = false
	f.is = f.is && f.t-f.seen < min(max(f.shown.held, leastKept), mostKept)
}

// Full is in how many seconds from its newest reading the room is full on its course: soonest, most likely, latest.
// It fills at so much a second then. It is false when that is not to be said: no trend is clear, or none has lasted for
// long enough to see the end.
func (f *Filling) Full() (span [3]float64, by float64, ok bool) {
	if !f.is {
		return span, 0, false
	}
	left := max(f.left, 0)
	return [3]float64{left / f.shown.fast, left / f.shown.slope, left / f.shown.slow}, f.shown.slope, true
}

// Drift is what fills the room beside those whose writing is counted elsewhere, as far as a trend is clear: on its
// fastest, its usual and its slowest course.
func (f *Filling) Drift() [3]Drift {
	t := &f.trend
	return [3]Drift{{t.fast, t.ahead}, {t.slope, t.ahead}, {t.slow, t.ahead}}
}

// Rate is by how much a second the room fills, on the mean of the last minutes, whoever writes; negative: it empties.
// It is false before two readings.
func (f *Filling) Rate() (float64, bool) {
	for i := range f.levels {
		l := &f.levels[i]
		if l.n < 2 || i < len(f.levels)-1 && l.n == trendMost && l.points[l.n-1].t-l.points[0].t < rateOver {
			continue
		}
		from := l.n - 2
		for from > 0 && f.t-l.points[from-1].t <= rateOver {
			from--
		}
		if dt := f.t - l.points[from].t; dt > 0 {
			return (l.points[from].left - f.left) / dt, true
		}
	}
	return 0, false
}

// goesOnFor is for how many seconds a room must have ceased to fill at least for a trend to be over.
const goesOnFor = 15

// leastKept and mostKept bound for how many seconds without a sign a warning is kept.
const (
	leastKept = 10
	mostKept  = 25
)

// rateOver is the time over which Rate is taken, in seconds.
const rateOver = 120

// Moves tells that what is left changed lately, so that it is news that it no longer does.
func (f *Filling) Moves() bool { return f.is || f.trend.slope > 0 }
