package watchers

import "time"

// stream turns the bytes of one file or pipe into lines, and remembers what a person has seen of the line
// that has not ended.
type stream struct {
	split   splitter
	backlog int64 // what ends at or before this offset was there before we looked

	grew    time.Time // when bytes came last
	shown   int64     // offset up to which the line that has not ended was shown
	shownAt time.Time
}

const (
	// partialQuiet is how long a line must stand unfinished before it is shown: most are finished by then.
	partialQuiet = 200 * time.Millisecond
	// repaintGap is the least time between two shown states of a line that is repainted, such as a
	// progress bar: a record of the night has no use for every frame.
	repaintGap = 100 * time.Millisecond
)

// feed splits bytes that came at now and adds the lines that end in them to the batch.
func (s *stream) feed(b *batch, data []byte, now time.Time) {
	if len(data) == 0 {
		return
	}
	s.grew = now
	s.split.split(data, func(p piece) { b.line(p, false, p.end <= s.backlog) })
}

// partial adds the line that has not ended to the batch when it is due, and otherwise returns in what time it
// will be; 0 when there is nothing to wait for.
func (s *stream) partial(b *batch, now time.Time) time.Duration {
	p, repainted, ok := s.split.partial()
	if !ok || p.end == s.shown {
		return 0
	}
	wait := s.grew.Add(partialQuiet).Sub(now)
	if repainted {
		wait = min(wait, s.shownAt.Add(repaintGap).Sub(now))
	}
	if wait > 0 {
		return wait
	}
	b.line(p, true, p.end <= s.backlog)
	s.shown, s.shownAt = p.end, now
	return 0
}

// finish adds the line that has not ended to the batch as it stands: no more will come.
func (s *stream) finish(b *batch, truncated bool) {
	s.split.flush(func(p piece) {
		p.truncated = p.truncated || truncated
		b.line(p, false, p.end <= s.backlog)
	})
}

// reset lets the stream go on at offset off, at a line's start.
func (s *stream) reset(off int64) {
	s.split.reset(off)
	s.shown = 0
}
