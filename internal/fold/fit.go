package fold

import (
	"fmt"
	"math"
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

// fate is whether a writer has room. It does not flap: what was said is taken back only when there is clearly room
// again, and what hangs on an estimate or a speed is said only after a while.
type fate struct {
	known  bool
	need   float64
	others float64 // what others take before it is done
	avail  float64
	about  bool    // need is an estimate
	err    float64 // by how much it may be wrong
	kind   fateKind
	by     *writer // because of whom, where that is another one

	said  fateKind
	since time.Time // since when it is said not to fit; zero: it is not
	turns fateKind  // what it looks like
	from  time.Time // since when
}

// fateKind is how it stands with the room of a writer, the better first.
type fateKind int

const (
	fitsWell  fateKind = iota
	fitsTight          // with next to nothing to spare
	cutOff             // it is full before the writer is done, for others write too
	tooLarge           // the writer alone needs more than there is
)

// Bounds of what is said.
const (
	tightShare = 0.02 // of what is needed, to spare: less is tight
	clearShare = 0.01 // of what is needed, that must be to spare for a warning to be taken back
	sayAfter   = 5 * time.Second
	guessAfter = 20 * time.Second // where the need is an estimate
	liftAfter  = 10 * time.Second
	tightAfter = 20 * time.Second
	// unknownAfter is how long what was said stays though it is not known any more.
	unknownAfter = time.Minute
	hurry        = 2 * time.Minute // full within so long: it is said after hurryAfter
	hurryAfter   = 2 * time.Second
	tellMost     = 5 // copies of one volume that are noted at once
)

// reckonPool finds out anew who has room there, and when it is full.
func (s *State) reckonPool(p *pool) {
	p.due, p.last = false, s.at
	moving := 0
	for _, w := range p.writers {
		if !w.over() && w.takes() && w.t.run.begun {
			moving++
		}
	}
	for _, w := range p.writers {
		was := w.done
		if w.done = w.over(); w.done {
			if !was && w.took < 0 && w.takes() {
				p.forget() // what it wrote was a part of the trend
			}
			w.wants = [units]want{}
			continue
		}
		w.want(s, moving == 1 && w.takes() && w.t.run.begun)
		w.tookMore()
	}
	for u := range p.room {
		if p.room[u].known {
			s.foresee(p, u)
		}
	}
}

// tookMore adds to what ours have written what the writer's counter tells.
func (w *writer) tookMore() {
	p := &w.t.counting.progress
	if !w.place.moves || !p.Known || !w.wants[inBytes].known {
		w.took = -1 // who writes nobody knows how much is a part of the trend
		return
	}
	per, _, learned := w.grown.ratio()
	if !learned {
		if per = w.t.ratio(); per == 0 {
			per = 1
		}
		if p.Unit != bytesUnit {
			return
		}
	}
	if w.took >= 0 && p.Done > w.took {
		w.v.pool.room[inBytes].ours += (p.Done - w.took) * per
	}
	w.took = p.Done
}

// foresee walks through what all of them still write.
func (s *State) foresee(p *pool, u int) {
	r := &p.room[u]
	p.courses = p.courses[:0]
	for _, w := range p.writers {
		c := rate.Writer{Ends: never}
		if want := &w.wants[u]; want.known && !w.over() {
			c = rate.Writer{Left: want.left, Start: want.start, Ends: want.ends}
		}
		p.courses = append(p.courses, c)
	}
	drift := r.fill.Drift()
	r.seen = r.avail
	if u == inBytes && p.awaited() {
		drift = [3]rate.Drift{}
	}
	for course := range r.full {
		r.full[course] = rate.Walk(r.avail, drift[course], p.courses, course)
	}
	r.cause = p.culprit(u)
	turned := 0
	for i, w := range p.writers {
		f := &w.fates[u]
		if w.over() {
			*f = fate{}
			continue
		}
		w.foretell(f, u, i, drift[rate.Usual])
		if was := f.said; f.turn(s.at, r) {
			w.t.due = true
			if turned++; turned <= tellMost {
				s.tellFate(w, u, was)
			}
		}
	}
	if more := turned - tellMost; more > 0 {
		s.note(s.at, observe.KindVolume, fmt.Sprintf("%s: for %d more copies it is otherwise now whether there is room", p.volumes[0].name(), more))
	}
	s.tellFilling(p, u)
}

// awaited tells that a task that runs is still to take some of what it needs on top of what it moves: what fills the
// volume beside the counters is that then, and must not be counted twice.
func (p *pool) awaited() bool {
	for _, w := range p.writers {
		if w.rest > 0 && w.t.run.begun && !w.over() {
			return true
		}
	}
	return false
}

// culprit is the one without whom all the others would have room, where it is clear which one that is.
func (p *pool) culprit(u int) *writer {
	r, sum := &p.room[u], 0.0
	for i := range p.courses {
		sum += max(p.courses[i].Left, 0)
	}
	excess := sum - r.avail
	if excess <= 0 {
		return nil
	}
	var best, next *writer
	for _, w := range p.writers {
		switch left := w.wants[u].left; {
		case !w.wants[u].known || left < excess || left <= 0 || w.over():
		case w.wants[u].ends[rate.Usual] < r.full[rate.Usual]: // it has ended by then
		case best == nil || left > best.wants[u].left:
			best, next = w, best
		case next == nil || left > next.wants[u].left:
			next = w
		}
	}
	const clearlyMore = 1.5
	switch {
	case best == nil:
		return nil
	case next == nil, best.wants[u].left > r.avail && next.wants[u].left <= r.avail, best.wants[u].left > clearlyMore*next.wants[u].left:
		return best
	}
	return nil
}

// foretell says what it looks like for one writer.
func (w *writer) foretell(f *fate, u, i int, drift rate.Drift) {
	p, want := w.v.pool, &w.wants[u]
	r := &p.room[u]
	f.need, f.err, f.avail, f.about, f.by, f.kind = want.left, want.err, r.avail, want.err > 0, nil, fitsWell
	end, full := want.ends[rate.Usual], r.full[rate.Usual]
	f.others = p.before(w, i, end, drift)
	f.known = want.known
	switch spare := r.avail - f.need - f.others; {
	case w.barred():
		f.known, f.kind = true, tooLarge
	case want.known && want.left-want.err > r.avail && want.left > 0:
		f.kind = tooLarge
	case !math.IsInf(end, 1) && full < end && w.runsOut(end, full):
		f.known, f.kind = true, cutOff
		if r.cause != w {
			f.by = r.cause
		}
	case !want.known:
	case math.IsInf(end, 1) && spare < 0:
		f.known = false // it hangs on who is faster
		if !w.t.run.begun && (r.cause == nil || r.cause == w) {
			f.known, f.kind = true, cutOff
		}
	case want.left > 0 && spare < max(tightShare*(f.need+f.others), want.err):
		f.kind = fitsTight
	}
}

// runsOut tells that the room is full so long before its end that it is no matter of rounding.
func (w *writer) runsOut(end, full float64) bool { return end-full > 0.005*end }

// before is what others take before the writer is done: those that run, and what is not counted.
func (p *pool) before(w *writer, i int, end float64, drift rate.Drift) float64 {
	if !math.IsInf(end, 1) {
		return rate.Taken(end, drift, p.courses, rate.Usual, i)
	}
	sum := 0.0
	for k, o := range p.writers {
		if o != w && (o.t.run.begun || !w.t.run.begun && k < i) {
			sum += max(p.courses[k].Left, 0)
		}
	}
	return sum
}

// turn lets what it looks like become what is said, in time, and tells whether it became something else.
func (f *fate) turn(now time.Time, r *room) bool {
	kind := f.kind
	spare := f.avail - f.need - f.others
	if f.known && kind <= fitsTight && f.said >= cutOff && spare < clearShare*(f.need+f.others) && f.avail > 0 {
		kind = f.said // not clearly
	}
	if f.said == fitsTight && kind == fitsWell && spare < 2*tightShare*(f.need+f.others) {
		kind = fitsTight
	}
	if kind == f.said {
		f.turns, f.from = kind, now
		return false
	}
	if f.turns != kind {
		f.turns, f.from = kind, now
	}
	if now.Sub(f.from) < f.patience(kind, r) {
		return false
	}
	if kind < cutOff {
		f.since = time.Time{}
	} else if f.said < cutOff {
		f.since = now
	}
	f.said = kind
	return true
}

// patience is how long it must look like kind before that is said.
func (f *fate) patience(kind fateKind, r *room) time.Duration {
	soon := r.full[rate.Usual] < hurry.Seconds()
	switch {
	case !f.known:
		return unknownAfter
	case kind == tooLarge && !f.about:
		return 0
	case kind >= cutOff && soon:
		return hurryAfter
	case kind >= cutOff && f.about:
		return guessAfter
	case kind >= cutOff:
		return sayAfter
	case f.said >= cutOff:
		return liftAfter
	}
	return tightAfter
}
