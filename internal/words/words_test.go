package words

import (
	"math"
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	tests := []struct {
		d                             time.Duration
		duration, exact, age, latency string
	}{
		{0, "0 s", "0 s", "now", "0 ms"},
		{400 * time.Microsecond, "0 s", "0 s", "now", "0.4 ms"},
		{38400 * time.Microsecond, "0 s", "0 s", "now", "38 ms"},
		{999 * time.Millisecond, "0 s", "0 s", "now", "999 ms"},
		{999600 * time.Microsecond, "0 s", "0 s", "now", "1.0 s"},
		{1234 * time.Millisecond, "1 s", "1 s", "1 s ago", "1.2 s"},
		{12 * time.Second, "12 s", "12 s", "12 s ago", "12 s"},
		{59900 * time.Millisecond, "59 s", "59 s", "59 s ago", "59 s"},
		{time.Minute, "1 min", "1 min 0 s", "1 min 0 s ago", "1 min"},
		{14*time.Minute + 12*time.Second, "14 min", "14 min 12 s", "14 min 12 s ago", "14 min"},
		{time.Hour - 1, "59 min", "59 min 59 s", "59 min 59 s ago", "59 min"},
		{time.Hour, "1 h 00", "1 h 00", "1 h 00 ago", "1 h 00"},
		{2*time.Hour + 5*time.Minute + 59*time.Second, "2 h 05", "2 h 05", "2 h 05 ago", "2 h 05"},
		{76 * time.Hour, "3 d 4 h", "3 d 4 h", "3 d 4 h ago", "3 d 4 h"},
		{-90 * time.Second, "-1 min", "-1 min", "now", "?"},
		{math.MinInt64, "-106751 d 23 h", "-106751 d 23 h", "now", "?"},
	}
	for _, tt := range tests {
		for _, c := range []struct{ name, got, want string }{
			{"Duration", Duration(tt.d), tt.duration},
			{"Exact", Exact(tt.d), tt.exact},
			{"Age", Age(tt.d), tt.age},
			{"Latency", Latency(tt.d), tt.latency},
		} {
			if c.got != c.want {
				t.Errorf("%s(%v) = %q, want %q", c.name, tt.d, c.got, c.want)
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	tests := []struct{ got, want string }{
		{Bytes(0), "0 B"},
		{Bytes(999), "999 B"},
		{Bytes(999.7), "1.0 kB"},
		{Bytes(1000), "1.0 kB"},
		{Bytes(9949), "9.9 kB"},
		{Bytes(9960), "10 kB"},
		{Bytes(38e6), "38 MB"},
		{Bytes(999_600), "1.0 MB"},
		{Bytes(1.1e9), "1.1 GB"},
		{Bytes(412e9), "412 GB"},
		{Bytes(2.5e12), "2.5 TB"},
		{Bytes(7e15), "7.0 PB"},
		{Bytes(7e18), "7000 PB"},
		{Bytes(1e30), "1e+15 PB"},
		{Bytes(-38e6), "-38 MB"},
		{Count(0), "0"},
		{Count(812), "812"},
		{Count(2.54), "2.5"},
		{Count(0.042), "0.04"},
		{Count(1234), "1.2k"},
		{Count(38e6), "38M"},
		{Count(math.NaN()), "?"},
		{Count(math.Inf(1)), "?"},
		{Bytes(math.Inf(-1)), "? B"},
		{Amount(1.1e9, "bytes"), "1.1 GB"},
		{Amount(1234, "rows"), "1.2k rows"},
		{Amount(61.7, "percent"), "61 %"},
		{Amount(5, ""), "5"},
		{Rate(38e6, "bytes"), "38 MB/s"},
		{Rate(1200, "rows"), "1.2k rows/s"},
		{Rate(0.3, "percent"), "0.3 %/s"},
		{Rate(0.05, "percent"), "3 %/min"},
		{Rate(0.001, "percent"), "3.6 %/h"},
		{Rate(2.5/60, "rows"), "2.5 rows/min"},
		{Rate(0, "bytes"), "0 B/s"},
		{Rate(7, ""), "7/s"},
		{Percent(0), "0 %"},
		{Percent(0.0001), "<1 %"},
		{Percent(0.29), "29 %"},
		{Percent(0.61), "61 %"},
		{Percent(0.9999), "99 %"},
		{Percent(1), "100 %"},
		{Percent(math.NaN()), "?"},
	}
	for i, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("case %d: %q, want %q", i, tt.got, tt.want)
		}
	}
}

func TestClock(t *testing.T) {
	bangkok := time.FixedZone("+07", 7*60*60)
	now := time.Date(2026, 11, 24, 16, 41, 0, 0, time.UTC) // Tuesday, 23:41 in Bangkok
	at := func(d time.Duration) time.Time { return now.Add(d) }
	tests := []struct{ got, want string }{
		{Clock(now, bangkok, now), "23:41"},
		{Clock(now, nil, now), "16:41"},
		{ClockExact(at(-14*time.Minute+4*time.Second), bangkok, now), "23:27:04"},
		{ClockExact(at(-14*time.Minute), bangkok, now), "23:27"},
		{ClockExact(at(-61*time.Minute+4*time.Second), bangkok, now), "22:40"},
		{ClockSeconds(at(-14*time.Minute+4*time.Second), bangkok, now), "23:27:04"},
		{Clock(at(31*time.Minute), bangkok, now), "00:12"},
		{Clock(at(12*time.Hour), bangkok, now), "Wed 11:41"},
		{Clock(at(-12*time.Hour), bangkok, now), "Tue 11:41"},
		{Clock(at(6*24*time.Hour), bangkok, now), "2026-11-30 23:41"},
		{Clock(time.Time{}, bangkok, now), "?"},
		{Span(at(31*time.Minute), at(50*time.Minute), bangkok, now), "00:12–00:31"},
		{Span(at(31*time.Minute), at(31*time.Minute+20*time.Second), bangkok, now), "00:12"},
		{Span(at(13*time.Hour), at(14*time.Hour), bangkok, now), "Wed 12:41–13:41"},
		{Span(at(13*time.Hour), at(30*time.Hour), bangkok, now), "Wed 12:41–Thu 05:41"},
		{Span(at(11*time.Hour), at(14*time.Hour), bangkok, now), "10:41–Wed 13:41"},
	}
	for i, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("case %d: %q, want %q", i, tt.got, tt.want)
		}
	}
}
