package fold

import (
	"math"
	"time"

	"ronda/internal/rate"
)

// speed is how fast a task went, as far back as it was seen: what it counts, or its lines where it counts nothing.
type speed struct {
	spark  tape // the last minutes
	course tape // the whole run
	levels rate.Levels
	feed   feed
	seen   bool // at the last second
}

// sparkStep is what one cell of a sparkline covers, courseStep what one of a young course does.
const (
	sparkStep  = 5 * time.Second
	courseStep = 10 * time.Second
)

func newSpeed() speed {
	return speed{spark: newTape(sparkStep, SparkCells, false), course: newTape(courseStep, CourseCells, true)}
}

// tick adds one second, which the tapes show while the task runs.
func (s *speed) tick(now time.Time, seen, runs bool) {
	if !seen {
		s.hole()
	}
	s.feed.second(seen)
	s.seen = seen
	if !runs {
		return
	}
	s.spark.tick(now, seen)
	s.course.tick(now, seen)
}

// hole says that time passed unseen: what is counted next came in all of it.
func (s *speed) hole() {
	s.feed.second(false)
	s.levels.Hole()
}

// restart begins anew: what is counted from here on is something else.
func (s *speed) restart() {
	s.spark.clear()
	s.course.clear()
	s.levels, s.feed = rate.Levels{}, feed{}
}

// line adds a line of a task that counts nothing.
func (s *speed) line(now time.Time) { s.add(now, now, 1) }

// count takes a reading of the counter.
func (s *speed) count(now time.Time, clock time.Duration, v float64) {
	s.levels.Add(now, clock, v)
	if from, amount := s.feed.read(now, v); amount > 0 {
		s.add(from, now, amount)
	}
}

func (s *speed) add(from, to time.Time, amount float64) {
	s.spark.spread(from, to, amount)
	s.course.spread(from, to, amount)
}

// feed turns the readings of a counter into amounts, and says in which time each came.
type feed struct {
	known bool
	at    time.Time
	value float64
	gap   float64 // usual seconds between two moves; 0: not known
	rate  float64 // usual amount a second
	blind bool    // time passed unseen since the reading before
	seen  float64 // seconds since then
}

// largest is more than anything counts to, and little enough that no rate of it overflows.
const largest = 1e24

// blindFor is for how many seconds in sight again a reading may still tell of what came unseen, if the counter does
// not usually take longer.
const blindFor = 60

// second is a second in which the counter could be seen, or not.
func (f *feed) second(seen bool) {
	if !seen {
		f.blind, f.seen = true, 0
		return
	}
	if f.seen++; f.seen > max(blindFor, 2*f.gap) {
		f.blind = false
	}
}

// read takes a reading and returns what was added since the one before, and since when. Unchanged readings are not
// recorded: what comes after a long time at least as fast as before came in all of it, and less came at the end,
// after the counter had stood still.
func (f *feed) read(now time.Time, v float64) (from time.Time, amount float64) {
	before := *f
	if !(v >= 0 && v <= largest) {
		return now, 0
	}
	f.known, f.at, f.value = true, now, v
	if !before.known || v < before.value {
		f.gap, f.rate, f.blind = 0, 0, false
		return now, 0
	}
	amount = v - before.value
	if amount == 0 {
		return now, 0
	}
	f.blind = false
	took := now.Sub(before.at).Seconds()
	if before.blind || took <= 0 {
		return before.at, amount
	}
	if f.gap > 0 {
		took = min(took, max(2*f.gap, 2, amount/f.rate))
		f.gap += 0.2 * (took - f.gap)
		f.rate += 0.2 * (amount/took - f.rate)
	} else {
		f.gap, f.rate = took, amount/took
	}
	return now.Add(-time.Duration(took * float64(time.Second))), amount
}

// tape is an amount over time, in cells of one step each. Of a full one the oldest cells go, or are put together in
// pairs, so that it covers all and its step doubles.
type tape struct {
	step  time.Duration
	most  int
	whole bool // covers all
	from  time.Time
	now   time.Time // the last second
	cells []cell

	begins, ends time.Time // of the newest cell: most of what comes falls into it
}

// cell is what came in one step, and for how many of its seconds somebody looked.
type cell struct {
	amount float64
	seen   int
}

func newTape(step time.Duration, most int, whole bool) tape {
	return tape{step: step, most: most, whole: whole}
}

// clear forgets all that was.
func (p *tape) clear() {
	p.cells, p.from = p.cells[:0], time.Time{}
}

// tick is the second that ends now.
func (p *tape) tick(now time.Time, seen bool) {
	if c := p.at(now); c != nil && seen {
		c.seen++
	}
	p.now = now
}

// spread adds an amount that came evenly between two moments.
func (p *tape) spread(from, to time.Time, amount float64) {
	last := p.at(to)
	if last == nil {
		return
	}
	from = latest(from, p.from)
	whole, first := to.Sub(from).Seconds(), p.index(from.Add(1))
	if whole <= 0 || first == p.index(to) {
		last.amount += amount
		return
	}
	for i := first; i <= p.index(to); i++ {
		begin, end := p.from.Add(time.Duration(i)*p.step), p.from.Add(time.Duration(i+1)*p.step)
		p.cells[i].amount += amount * earliest(end, to).Sub(latest(begin, from)).Seconds() / whole
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// at is the cell that holds t; nil when t is before the first. Cells that are missing up to it are made.
func (p *tape) at(t time.Time) *cell {
	if n := len(p.cells); n > 0 && t.After(p.begins) && !t.After(p.ends) {
		return &p.cells[n-1]
	}
	if p.from.IsZero() {
		p.from = t.Truncate(time.Second).Add(-time.Second)
		if p.cells == nil {
			p.cells = make([]cell, 0, p.most)
		}
	}
	if t.Before(p.from) {
		return nil
	}
	for p.index(t) >= p.most {
		if p.whole {
			p.pair()
		} else {
			p.roll(p.index(t) - p.most + 1)
		}
	}
	for len(p.cells) <= p.index(t) {
		p.cells = append(p.cells, cell{})
	}
	p.ends = p.from.Add(time.Duration(len(p.cells)) * p.step)
	p.begins = p.ends.Add(-p.step)
	return &p.cells[p.index(t)]
}

// index is the number of the cell that holds t: cells begin behind a moment and end with one.
func (p *tape) index(t time.Time) int { return int((t.Sub(p.from) - 1) / p.step) }

// pair puts every two cells together.
func (p *tape) pair() {
	n := (len(p.cells) + 1) / 2
	for i := range n {
		c := p.cells[2*i]
		if 2*i+1 < len(p.cells) {
			c.amount += p.cells[2*i+1].amount
			c.seen += p.cells[2*i+1].seen
		}
		p.cells[i] = c
	}
	p.cells, p.step = p.cells[:n], 2*p.step
}

// roll drops the oldest n cells.
func (p *tape) roll(n int) {
	p.from = p.from.Add(time.Duration(n) * p.step)
	n = min(n, len(p.cells))
	copy(p.cells, p.cells[n:])
	p.cells = p.cells[:len(p.cells)-n]
}

// full is how many cells are over.
func (p *tape) full() int {
	return min(max(int(p.now.Sub(p.from)/p.step), 0), len(p.cells))
}

// rate is what came in cell i a second; not a number when hardly anybody looked. Of what came unseen the counter told
// afterwards, so the cell's whole time counts.
func (p *tape) rate(i int) float64 {
	c, seconds := p.cells[i], p.step.Seconds()
	if 8*float64(c.seen) < seconds {
		return math.NaN()
	}
	return c.amount / seconds
}

// rates are those of all cells that are over, oldest first.
func (p *tape) rates() []float64 {
	out := make([]float64, p.full())
	for i := range out {
		out[i] = p.rate(i)
	}
	return out
}

// between are the rates of the cells that are over and lie between two moments.
func (p *tape) between(from, to time.Time) []float64 {
	var out []float64
	for i := range p.full() {
		begin := p.from.Add(time.Duration(i) * p.step)
		if !begin.Before(from) && !begin.Add(p.step).After(to) {
			out = append(out, p.rate(i))
		}
	}
	return out
}
