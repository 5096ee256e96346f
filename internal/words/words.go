// Package words says numbers and moments as a person reads them, and makes strange text safe to show.
//
// It is shared by all who show something: the screen, the lines of a headless run, the report. It is pure:
// it does no I/O, reads no clock and keeps no state, so every function may be called from any goroutine.
// Sizes are decimal (1 kB is 1000 bytes), as disks and networks count. What is not a number is "?".
package words

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Unknown is what stands for a value that is not known.
const Unknown = "?"

// Duration says how long something takes or has lasted, in the two largest units that matter: "12 s",
// "14 min", "2 h 05", "3 d 4 h". Parts of the smallest unit are dropped. A negative span has a minus before it.
func Duration(d time.Duration) string {
	if d < 0 {
		return "-" + Duration(-max(d, -math.MaxInt64))
	}
	switch {
	case d < time.Minute:
		return itoa(d/time.Second) + " s"
	case d < time.Hour:
		return itoa(d/time.Minute) + " min"
	case d < 24*time.Hour:
		return itoa(d/time.Hour) + " h " + twoDigits(d%time.Hour/time.Minute)
	}
	return itoa(d/(24*time.Hour)) + " d " + itoa(d%(24*time.Hour)/time.Hour) + " h"
}

// Exact says a duration to the second below an hour: "14 min 12 s"; above it is as Duration.
func Exact(d time.Duration) string {
	if d < time.Minute || d >= time.Hour {
		return Duration(d)
	}
	return itoa(d/time.Minute) + " min " + itoa(d%time.Minute/time.Second) + " s"
}

// Age says how long ago something was: "2 s ago", "14 min 12 s ago"; below a second, and for a moment that
// a clock puts into the future, "now".
func Age(d time.Duration) string {
	if d < time.Second {
		return "now"
	}
	return Exact(d) + " ago"
}

// Latency says how long an answer took: "0.4 ms", "38 ms", "1.2 s"; from a minute on it is as Duration.
func Latency(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case d < 0:
		return Unknown
	case d == 0:
		return "0 ms"
	case ms < 999.5:
		return short(ms) + " ms"
	case ms < 59_500:
		return short(ms/1000) + " s"
	}
	return Duration(d)
}

// Percent says a fraction of 0 to 1 as "61 %". It rounds down, so that "100 %" is only said of the whole,
// and what has begun but is below one in a hundred is "<1 %".
func Percent(fraction float64) string {
	if math.IsNaN(fraction) || math.IsInf(fraction, 0) {
		return Unknown
	}
	if fraction > 0 && fraction < 0.01 {
		return "<1 %"
	}
	// The small addend makes 0.29*100 (28.999…) the 29 that was meant.
	return strconv.FormatFloat(math.Floor(fraction*100+1e-9), 'f', 0, 64) + " %"
}

// Clock says a moment as "23:41" where that can only be the one nearest to now (less than 12 hours away),
// else with its weekday, "Thu 02:10", and from six days on with its date, "2026-11-28 23:00". A zero t is
// Unknown, a nil loc is UTC.
func Clock(t time.Time, loc *time.Location, now time.Time) string {
	return clock(t, loc, now, "15:04")
}

// ClockSeconds is Clock to the second: "23:27:04".
func ClockSeconds(t time.Time, loc *time.Location, now time.Time) string {
	return clock(t, loc, now, "15:04:05")
}

// ClockExact says a moment that somebody set, as a deadline: as Clock, and to the second where it does not lie on a
// whole minute and is less than an hour away.
func ClockExact(t time.Time, loc *time.Location, now time.Time) string {
	if t.Second() != 0 && t.Sub(now).Abs() < time.Hour {
		return ClockSeconds(t, loc, now)
	}
	return Clock(t, loc, now)
}

// Span says two moments as "00:12–00:31", as one where they fall into the same minute, and with the day
// once where they fall on the same: "Thu 02:10–04:00".
func Span(from, to time.Time, loc *time.Location, now time.Time) string {
	a, b := Clock(from, loc, now), Clock(to, loc, now)
	if a == b {
		return a
	}
	dayA, dayB := strings.LastIndexByte(a, ' '), strings.LastIndexByte(b, ' ')
	if dayB >= 0 && dayA == dayB && a[:dayA] == b[:dayB] {
		b = b[dayB+1:]
	}
	return a + "–" + b
}

func clock(t time.Time, loc *time.Location, now time.Time, layout string) string {
	if t.IsZero() {
		return Unknown
	}
	if loc == nil {
		loc = time.UTC
	}
	switch away := t.Sub(now).Abs(); {
	case away < 12*time.Hour:
	case away < 6*24*time.Hour:
		layout = "Mon " + layout
	default:
		layout = "2006-01-02 " + layout
	}
	return t.In(loc).Format(layout)
}

func itoa(n time.Duration) string { return strconv.FormatInt(int64(n), 10) }

func twoDigits(n time.Duration) string {
	if n < 10 {
		return "0" + itoa(n)
	}
	return itoa(n)
}
