package fold

import (
	"math"
	"time"
)

// stream is a task as a member of a group: what it moves, and when it began and ceased to.
type stream struct {
	t *task

	unit   string
	byIO   bool   // measured by what its processes read and write, not by a counter
	of     string // the counter's name; empty for what its processes read and write
	feed   feed
	late   bool // it was first read, at first, after nobody had looked
	first  reading
	recent tape // its own last minute
	active bool
	since  time.Time     // when it began to move last; zero: never
	moved  time.Time     // when it moved last; zero: never
	clock  time.Duration // on the task's observed clock
}

// Bounds of a stream: it rests after so long without a move, or after three of its usual gaps; I/O below the floor
// is housekeeping.
const (
	streamRest  = time.Minute
	streamFloor = 100e3 // bytes a second
	streamStep  = 5 * time.Second
	streamCells = 12
)

func newStream(t *task) *stream {
	return &stream{t: t, recent: newTape(streamStep, streamCells, false)}
}

// counts is the unit of the task's counter; empty when it has none that can be added up.
func (s *stream) counts() string {
	p := &s.t.counting.progress
	if !p.Known || p.At.IsZero() || p.Unit == "percent" {
		return ""
	}
	return p.Unit
}

// newest is the newest total in unit, and when it was read.
func (s *stream) newest(unit string) (v float64, at time.Time, ok bool) {
	was := s.byIO
	s.byIO = s.counts() != unit
	name := ""
	if !s.byIO {
		name = s.t.counting.progress.Name
	}
	if (was != s.byIO || name != s.of) && s.feed.known {
		s.feed = feed{} // the difference between two counters is no amount
	}
	s.of = name
	switch m := &s.t.speed.meter; {
	case !s.byIO:
		return s.t.counting.progress.Done, s.t.counting.progress.At, true
	case unit == bytesUnit && !m.at.IsZero():
		return m.total, m.at, true
	}
	return 0, time.Time{}, false
}

// reading is what a counter told, and when.
type reading struct {
	at    time.Time
	value float64
}

// turn is the beginning or the end of a stream.
type turn struct {
	at    time.Time
	more  bool
	known bool // somebody looked when it happened
}

// second takes what was read within the last second, adds it to the total, and tells whether the stream began or
// ended, and when.
func (s *stream) second(now time.Time, unit string, total *tape) (turn, bool) {
	if s.unit != unit {
		*s = *newStream(s.t)
		s.unit = unit
	}
	s.recent.tick(now, s.t.speed.seen)
	s.feed.second(s.t.speed.seen)
	began, ok := s.take(unit, total)
	if ok {
		return began, true
	}
	if _, over := s.t.judge.Ended(); s.active && (over || s.resting() > s.patience()) {
		s.active = false
		return turn{at: s.moved, known: s.t.speed.seen}, true
	}
	return turn{}, false
}

func (s *stream) take(unit string, total *tape) (turn, bool) {
	v, at, ok := s.newest(unit)
	if !ok || (s.feed.known && !at.After(s.feed.at)) {
		return turn{}, false
	}
	unseen := s.feed.blind
	if !s.feed.known {
		s.late, s.first = unseen, reading{at, v}
	}
	from, amount := s.feed.read(at, v)
	if amount <= 0 || (s.byIO && amount < streamFloor*at.Sub(from).Seconds()) {
		return turn{}, false
	}
	total.spread(from, at, amount)
	s.recent.spread(from, at, amount)
	s.moved, s.clock = at, s.t.judge.Clock()
	if s.active {
		return turn{}, false
	}
	s.active = true
	t := s.joined(turn{at: from, more: true, known: !unseen}, amount/at.Sub(from).Seconds())
	s.since = t.at
	return t, true
}

// joined is when a stream began that was first read after nobody could: a command that tells how far a job is often
// fails until there is one. When it had counted no more by then than it counts in a minute, it began that long before.
func (s *stream) joined(t turn, rate float64) turn {
	if !s.late {
		return t
	}
	s.late = false
	if s.byIO || !(s.first.value <= rate*streamRest.Seconds()) {
		t.known = false
		return t
	}
	t.at = s.first.at.Add(-time.Duration(s.first.value / rate * float64(time.Second)))
	return t
}

// began is when the task began, as far as that is known: when it moved first, or was first there.
func (s *stream) began() time.Time {
	if !s.since.IsZero() {
		return s.since
	}
	return s.t.started
}

// ended is when the task ended, or moved last before it came to rest, and which of both; zero while it goes on.
func (s *stream) ended() (at time.Time, verb string) {
	if at, over := s.t.judge.Ended(); over {
		return at, "ended"
	}
	if s.active {
		return time.Time{}, ""
	}
	return s.moved, "came to rest"
}

// resting is for how long it was seen not to move.
func (s *stream) resting() time.Duration { return s.t.judge.Clock() - s.clock }

func (s *stream) patience() time.Duration {
	return max(streamRest, time.Duration(3*s.feed.gap*float64(time.Second)))
}

// rate is how fast it goes now, a second.
func (s *stream) rate(now time.Time) float64 {
	if !s.active {
		return 0
	}
	if !s.byIO {
		if r, ok := s.t.counting.series.Now(s.t.clock(now)); ok {
			return r
		}
	}
	const window = 6
	sum, n := 0.0, 0.0
	last := s.recent.full() - 1 // what came at its very end may not have been told yet
	for i := max(last-window, 0); i < last; i++ {
		if r := s.recent.rate(i); !math.IsNaN(r) {
			sum, n = sum+r, n+1
		}
	}
	return sum / max(n, 1)
}
