package rate

import (
	"math"
	"testing"
	"time"
)

func even(left, start, end float64) Writer {
	return Writer{Left: left, Start: start, Ends: [3]float64{end, end, end}}
}

// TestWalk: three copies to one room, of which one cannot fit; others that write there too; one that begins later.
func TestWalk(t *testing.T) {
	never := math.Inf(1)
	for _, c := range []struct {
		name    string
		avail   float64
		others  Drift
		writers []Writer
		want    float64
	}{
		{"one that fits", 10, Drift{}, []Writer{even(9, 0, 90)}, never},
		{"one to the last byte", 10, Drift{}, []Writer{even(10, 0, 90)}, never},
		{"one that does not", 10, Drift{}, []Writer{even(20, 0, 100)}, 50},
		// 10 in 10 s, 12 in 12 s and 100 in 100 s: after 12 s 34 are taken, and one a second from then on.
		{"three", 60, Drift{}, []Writer{even(10, 0, 10), even(12, 0, 12), even(100, 0, 100)}, 38},
		{"others take a half of it", 10, Drift{Rate: 0.1, For: 1000}, []Writer{even(20, 0, 200)}, 50},
		{"others go on when it has ended", 10, Drift{Rate: 0.05, For: 1000}, []Writer{even(5, 0, 50)}, 100},
		{"others are believed for a minute only", 10, Drift{Rate: 0.1, For: 60}, []Writer{even(2, 0, 50)}, never},
		{"one that begins later", 10, Drift{}, []Writer{even(5, 0, 50), even(10, 50, 100)}, 75},
		{"one of which nothing is known", 10, Drift{}, []Writer{{Left: 50, Ends: [3]float64{never, never, never}}}, never},
		{"nothing left", 0, Drift{}, nil, 0},
		{"others that take nothing", 1, Drift{Rate: -5, For: 100}, nil, never},
		{"no number", math.NaN(), Drift{}, nil, 0},
	} {
		if got := Walk(c.avail, c.others, c.writers, Usual); got != c.want && !(math.Abs(got-c.want) < 1e-3) {
			t.Errorf("%s: full after %v s, want %v", c.name, got, c.want)
		}
	}
}

// TestLatest: the last of several ends later than each; one that is far behind decides alone.
func TestLatest(t *testing.T) {
	now := time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC)
	end := func(p10, p50, p90 int) ETA {
		in := func(m int) time.Time { return now.Add(time.Duration(m) * time.Minute) }
		return ETA{State: Range, P10: in(p10), P50: in(p50), P90: in(p90)}
	}
	if got := Latest([]ETA{{State: Measuring}, {}}, now); got.State != "" {
		t.Errorf("of nothing known: %v", got)
	}
	minutes := func(at time.Time) float64 { return at.Sub(now).Minutes() }
	one := Latest([]ETA{end(50, 60, 75), end(5, 10, 12), {State: None}}, now)
	for i, d := range []float64{minutes(one.P10) - 50, minutes(one.P50) - 60, minutes(one.P90) - 75} {
		if math.Abs(d) > 0.1 {
			t.Errorf("one far behind: quantile %d is %.2f min off", i, d)
		}
	}
	two := Latest([]ETA{end(50, 60, 75), end(50, 60, 75)}, now)
	if m := minutes(two.P50); m < 62 || m > 68 {
		t.Errorf("the last of two alike: %.1f min", m)
	}
	if !two.P10.Before(two.P50) || !two.P50.Before(two.P90) || !two.P90.After(one.P90) {
		t.Errorf("the last of two alike: %v", two)
	}
	past := Latest([]ETA{end(-30, -20, -10)}, now)
	if past.P10.Before(now) || past.P90.Before(past.P50) {
		t.Errorf("what has passed: %v", past)
	}
	if done := Latest([]ETA{end(0, 0, 0)}, now); done.P90.Sub(now) > time.Minute {
		t.Errorf("what ends now: %v", done)
	}
}

// TestFillingIsCheap: adding to what nothing changes in allocates nothing.
func TestFillingIsCheap(t *testing.T) {
	var f Filling
	at := 0.0
	if n := testing.AllocsPerRun(1000, func() {
		at++
		f.Add(at, 1e9-at, 0)
		f.Full()
		f.Rate()
	}); n > 0 {
		t.Errorf("%.1f allocations a reading", n)
	}
}

// BenchmarkFilling is one reading of a volume that fills: what a volume costs a second.
func BenchmarkFilling(b *testing.B) {
	var f Filling
	at := 0.0
	b.ReportAllocs()
	for b.Loop() {
		at++
		f.Add(at, 1e12-at*1e6, 0)
	}
}

// FuzzFilling: whatever is read, nothing is foreseen that is no number or lies in the past.
func FuzzFilling(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22})
	f.Fuzz(func(t *testing.T, data []byte) {
		var fill Filling
		of := []float64{0, 1, 1e3, 1e9, 1e18, -1, 1e300, -1e300, math.NaN(), math.Inf(1), 5e-324}
		at, left := 0.0, 1e9
		for i, b := range data {
			switch {
			case b > 240:
				left = of[i%len(of)]
			case b > 230:
				at -= 100
			default:
				left -= float64(b) * 1e5
			}
			at += float64(b % 60)
			fill.Add(at, left, of[int(b)%5])
			span, by, ok := fill.Full()
			if ok && (!(span[0] >= 0) || !(span[0] <= span[1]) || !(span[1] <= span[2]) || !(by > 0)) {
				t.Fatalf("full in %v at %v a second", span, by)
			}
			if r, known := fill.Rate(); known && math.IsNaN(r) {
				t.Fatalf("fills at %v", r)
			}
			for _, d := range fill.Drift() {
				if full := Walk(left, d, nil, Usual); math.IsNaN(full) || full < 0 {
					t.Fatalf("walks to %v", full)
				}
			}
		}
	})
}
