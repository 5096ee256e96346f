package plan

import (
	"fmt"
	"time"
)

// clock resolves moments as people write them. Times of day are local.
type clock struct {
	now    time.Time
	loc    *time.Location
	window struct{ start, end time.Time } // zero until known
}

const momentHint = "a time of day such as 23:00, or a date and time such as 2026-11-28T23:00:00+07:00 or \"2026-11-28 23:00\""

// timeOfDay parses 23:00 and 23:00:30; 24:00 is refused.
func timeOfDay(s string) (h, m, sec int, ok bool) {
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Hour(), t.Minute(), t.Second(), true
		}
	}
	return 0, 0, 0, false
}

// date parses a moment that names its day: RFC 3339, or the same without zone or seconds, then local.
func (c clock) date(s string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, true
	}
	for _, layout := range []string{
		"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05",
	} {
		if t, err := time.ParseInLocation(layout, s, c.loc); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// next returns the first moment with that time of day after from.
func (c clock) next(s string, from time.Time) (time.Time, bool) {
	h, m, sec, ok := timeOfDay(s)
	if !ok {
		return time.Time{}, false
	}
	y, mon, d := from.In(c.loc).Date()
	for day := range 3 { // three, as a day may lack the hour when the clocks change
		if t := time.Date(y, mon, d+day, h, m, sec, 0, c.loc); t.After(from) {
			return t, true
		}
	}
	return time.Time{}, false
}

// last returns the last moment with that time of day before to.
func (c clock) last(s string, to time.Time) (time.Time, bool) {
	h, m, sec, ok := timeOfDay(s)
	if !ok {
		return time.Time{}, false
	}
	y, mon, d := to.In(c.loc).Date()
	for day := range 3 {
		if t := time.Date(y, mon, d-day, h, m, sec, 0, c.loc); t.Before(to) {
			return t, true
		}
	}
	return time.Time{}, false
}

// moment resolves one moment. With a window, a time of day is the one inside it or nearest to it, so that it
// stays the same night when ronda is started again after it; without one it is the next.
func (c clock) moment(s string) (time.Time, error) {
	if t, ok := c.date(s); ok {
		return t, nil
	}
	from, start, end := c.now, c.window.start, c.window.end
	if !start.IsZero() {
		from = start.Add(-time.Nanosecond) // the start itself is inside
	}
	t, ok := c.next(s, from)
	if !ok {
		return time.Time{}, fmt.Errorf("%q is not a time", s)
	}
	if start.IsZero() || end.IsZero() || !t.After(end) {
		return t, nil
	}
	if before, ok := c.last(s, start); ok && start.Sub(before) < t.Sub(end) {
		return before, nil
	}
	return t, nil
}

// setWindow resolves the ends of the window; either may be empty. Of two times of day it is the window that
// is open now, or else the next: one that began an hour ago is not tomorrow's.
func (c *clock) setWindow(start, end string) (startErr, endErr error) {
	begin, beginDated := c.date(start)
	stop, stopDated := c.date(end)
	if end != "" && !stopDated {
		from := c.now
		if beginDated {
			from = begin
		}
		var ok bool
		if stop, ok = c.next(end, from); !ok {
			endErr = fmt.Errorf("%q is not a time", end)
		}
	}
	if start != "" && !beginDated {
		var ok bool
		if stop.IsZero() {
			begin, ok = c.next(start, c.now)
		} else {
			begin, ok = c.last(start, stop)
		}
		if !ok {
			startErr = fmt.Errorf("%q is not a time", start)
		}
	}
	c.window.start, c.window.end = begin, stop
	return startErr, endErr
}
