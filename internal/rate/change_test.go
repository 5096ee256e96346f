package rate

import (
	"math"
	"testing"
	"time"
)

// climb adds a reading every five seconds for so many seconds, at a rate, and returns where it ended.
func climb(l *Levels, from int, v float64, seconds int, rate float64) (int, float64) {
	for i := 0; i < seconds; i += 5 {
		at := time.Duration(from+i) * time.Second
		l.Add(wall.Add(at), at, v)
		v += 5 * rate
	}
	return from + seconds, v
}

func TestLevels(t *testing.T) {
	var l Levels
	at, v := climb(&l, 0, 0, 1200, 96e6)
	if c, ok := l.Change(); ok {
		t.Fatalf("a steady rate changed: %+v", c)
	}
	at, v = climb(&l, at, v, 30, 38e6)
	if c, ok := l.Change(); ok {
		t.Fatalf("half a minute is no change: %+v", c)
	}
	at, v = climb(&l, at, v, 300, 38e6)
	c, ok := l.Change()
	if !ok || c.At.Sub(wall) != 1200*time.Second || math.Abs(c.Before-96e6) > 1e3 || math.Abs(c.After-38e6) > 1e3 {
		t.Fatalf("%v %+v", ok, c)
	}
	// It is still so hours later, and when the older samples were put together.
	at, v = climb(&l, at, v, 8*3600, 38e6)
	if c, ok := l.Change(); !ok || c.At.Sub(wall) != 1200*time.Second || math.Abs(c.Before-96e6) > 1e3 {
		t.Fatalf("%v %+v", ok, c)
	}
	up := at
	climb(&l, at, v, 300, 96e6)
	if c, ok := l.Change(); !ok || math.Abs(c.At.Sub(wall).Seconds()-float64(up)) > 10 || math.Abs(c.Before-38e6) > 1e5 {
		t.Fatalf("%v %+v, want at %d", ok, c, up)
	}
}

// A pause, a time unseen and what was caught up in it are no changes; a counter that begins anew has had none.
func TestLevelsAreNotFooled(t *testing.T) {
	var l Levels
	at, v := climb(&l, 0, 0, 1200, 100)
	at, v = climb(&l, at+1200, v, 600, 100) // stood still
	if c, ok := l.Change(); ok {
		t.Errorf("a pause: %+v", c)
	}
	l.Hole() // the observed clock stood still for an hour, and the counter ran on
	at, v = climb(&l, at, v+3600*100, 600, 100)
	if c, ok := l.Change(); ok {
		t.Errorf("a time unseen: %+v", c)
	}
	at, _ = climb(&l, at, v, 600, 10)
	if _, ok := l.Change(); !ok {
		t.Error("a fall to a tenth is not seen after them")
	}
	climb(&l, at, 0, 600, 10)
	if c, ok := l.Change(); ok {
		t.Errorf("a counter that begins anew: %+v", c)
	}
}

// What is no reading is dropped.
func TestLevelsDropNonsense(t *testing.T) {
	var l Levels
	at, v := climb(&l, 0, 0, 1200, 100)
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, 1e30} {
		l.Add(wall, time.Duration(at)*time.Second, bad)
	}
	l.Add(wall, 5*time.Second, v+1e6) // earlier than the one before
	l.Add(wall, time.Duration(at-5)*time.Second, v+1e6)
	climb(&l, at, v, 600, 100)
	if c, ok := l.Change(); ok {
		t.Errorf("%+v", c)
	}
}

// Hardly a microsecond a sample, and no garbage.
func BenchmarkLevels(b *testing.B) {
	var l Levels
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		at := time.Duration(i) * time.Second
		l.Add(wall.Add(at), at, float64(i)*100+float64(i%7))
		i++
	}
}

// FuzzLevels adds arbitrary readings: no panic, and a change is made of numbers and lies within what was seen.
func FuzzLevels(f *testing.F) {
	f.Add([]byte{0, 1, 10, 1, 10, 1, 10, 200, 255, 0, 7, 7})
	f.Fuzz(func(t *testing.T, data []byte) {
		var l Levels
		clock, v := time.Duration(0), 0.0
		for i := 0; i+1 < len(data); i += 2 {
			step, size := data[i], data[i+1]
			switch step {
			case 255:
				l.Hole()
			case 254:
				v = float64(size)
			case 253:
				v = []float64{math.NaN(), math.Inf(1), -1, 1e23, 5e-324}[size%5]
			default:
				for range 1 + step/32 { // long runs of the same
					clock += time.Duration(step%32)*3*time.Second - 6*time.Second
					v += float64(size) * float64(size)
					l.Add(wall.Add(clock), clock, v)
				}
			}
			c, _ := l.Change()
			if c.At.IsZero() {
				continue
			}
			if !(c.Before > 0 && c.After > 0) || math.IsInf(c.Before+c.After, 0) || c.At.Before(wall.Add(-time.Hour)) || c.At.After(l.last.at) {
				t.Fatalf("%+v after %v", c, l.last)
			}
		}
	})
}
