package fold

import (
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

// speed is how fast a task went, as far back as it was seen.
type speed struct {
	main  track // what it counts, or its lines where it counts nothing
	io    track // what its processes read and write, where it counts nothing
	meter meter
	seen  bool // at the last second
}

// track is the speed of one thing.
type track struct {
	spark  tape // the last minutes
	course tape // the whole run
	levels rate.Levels
	feed   feed
}

// sparkStep is what one cell of a sparkline covers, courseStep what one of a young course does; ioWorth is how many
// bytes a task's processes must have moved for that to be its speed.
const (
	sparkStep  = 5 * time.Second
	courseStep = 10 * time.Second
	ioWorth    = 64e6
)

func newSpeed() speed { return speed{main: newTrack(), io: newTrack()} }

func newTrack() track {
	return track{spark: newTape(sparkStep, SparkCells, false), course: newTape(courseStep, CourseCells, true)}
}

// tick adds one second, which the tapes show while the task runs.
func (s *speed) tick(now time.Time, seen, runs bool) {
	s.seen = seen
	s.main.tick(now, seen, runs)
	if !s.meter.at.IsZero() {
		s.io.tick(now, seen, runs)
	}
}

// hole says that time passed unseen: what is counted next came in all of it.
func (s *speed) hole() {
	s.main.second(false)
	s.io.second(false)
}

// restart begins anew: what is counted from here on is something else.
func (s *speed) restart() { s.main = newTrack() }

// turn goes on with another counter of the same unit: the tapes stay, and no difference is taken between the two.
func (k *track) turn() { k.feed, k.levels = feed{}, rate.Levels{} }

// line adds a line of a task that counts nothing.
func (s *speed) line(now time.Time) { s.main.add(now, now, 1) }

// speedOf is the task's speed as it is shown, its unit, and whether it is what its processes read and write.
func (t *task) speedOf() (shown *track, unit string, byIO bool) {
	switch {
	case t.counting.progress.Known:
		return &t.speed.main, t.counting.progress.Unit, false
	case t.speed.meter.total >= ioWorth:
		return &t.speed.io, bytesUnit, true
	}
	return &t.speed.main, "lines", false
}

func (k *track) tick(now time.Time, seen, runs bool) {
	k.second(seen)
	if runs {
		k.spark.tick(now, seen)
		k.course.tick(now, seen)
	}
}

func (k *track) second(seen bool) {
	k.feed.second(seen)
	if !seen {
		k.levels.Hole()
	}
}

// count takes a reading of what rises.
func (k *track) count(now time.Time, clock time.Duration, v float64) {
	k.levels.Add(now, clock, v)
	if from, amount := k.feed.read(now, v); amount > 0 {
		k.add(from, now, amount)
	}
}

func (k *track) add(from, to time.Time, amount float64) {
	k.spark.spread(from, to, amount)
	k.course.spread(from, to, amount)
}

// meter adds up what a task's processes read and write, over all roots.
type meter struct {
	total float64 // bytes since the first sample
	at    time.Time
	root  int
	last  observe.ProcessIO
}

// read takes a sample, and tells whether its I/O could be seen.
func (m *meter) read(now time.Time, p observe.Process) bool {
	if p.IO == nil || p.Root == 0 {
		return false
	}
	if m.root == p.Root {
		a, b := m.last, *p.IO
		m.total += float64(max(b.Read-a.Read, b.Write-a.Write, b.ReadChars-a.ReadChars, b.WriteChars-a.WriteChars, 0))
	}
	m.at, m.root, m.last = now, p.Root, *p.IO
	return true
}

// metered folds in what a sample tells of the processes' I/O.
func (t *task) metered(now time.Time, p observe.Process) {
	if t.speed.meter.read(now, p) && t.counting.series == nil {
		t.speed.io.count(now, t.clock(now), t.speed.meter.total)
	}
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
	if !countable(v) {
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
