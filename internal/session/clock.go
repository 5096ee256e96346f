package session

import (
	"time"

	"ronda/internal/observe"
)

// clock is the session's time: the wall clock, but never backwards, and with the times named in which
// ronda did not run.
type clock struct {
	base time.Time // session time at mono
	mono time.Time // as time.Now gave it, with its monotonic reading
	last time.Time // newest time given out
	seen time.Time // when it was last read
}

// Times beyond which the wall clock and the session's own differ for a reason, and between two readings of
// a clock that is read every second.
const (
	clockStep = 2 * time.Second
	notRun    = 5 * time.Second
)

// start begins at now, or at the end of what was recorded when that is later.
func (c *clock) start(now, recorded time.Time) {
	c.base, c.mono, c.seen = now.Round(0), now, now
	if recorded.After(c.base) {
		c.base = recorded
	}
	c.last = c.base.UTC().Truncate(time.Millisecond)
}

func (c *clock) now() time.Time {
	now, _ := c.peek(time.Now())
	return now
}

// peek is the session's time at the reading, and how far the wall clock is ahead of it.
func (c *clock) peek(reading time.Time) (time.Time, time.Duration) {
	return c.peekAt(reading.Round(0), reading)
}

func (c *clock) peekAt(wall, mono time.Time) (time.Time, time.Duration) {
	own := c.base.Add(mono.Sub(c.mono))
	return own.UTC().Truncate(time.Millisecond), wall.Sub(own)
}

// read is the time now, and the gap before it, if ronda did not run: its machine slept, it was stopped, or
// the clock was set forward. A clock set back is not followed: session time goes on by itself.
func (c *clock) read(reading time.Time) (time.Time, *observe.Gap) {
	return c.readAt(reading.Round(0), reading)
}

// readAt is read with the wall clock and the monotonic clock apart.
func (c *clock) readAt(wall, mono time.Time) (time.Time, *observe.Gap) {
	own, ahead := c.peekAt(wall, mono)
	asleep := mono.Sub(c.seen) // stands still in sleep
	c.seen = mono
	var why string
	switch {
	case ahead > clockStep:
		why = "this machine slept, or its clock was set forward"
		c.base, c.mono = wall, mono
		own = wall.UTC().Truncate(time.Millisecond)
	case asleep > notRun:
		why = "ronda did not run: it was stopped, or its machine paused"
	}
	if own.Before(c.last) {
		own = c.last
	}
	from := c.last
	c.last = own
	if why == "" {
		return own, nil
	}
	return own, &observe.Gap{From: from, To: own, Why: why}
}
