package fold

import (
	"math"
	"time"
)

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
