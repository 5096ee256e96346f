package rate

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// ask asks everything of a series and checks what must always hold.
func ask(t *testing.T, s *Series, at time.Duration, now time.Time, total float64) {
	t.Helper()
	for name, f := range map[string]func() (float64, bool){
		"Now": func() (float64, bool) { return s.Now(at) }, "Mean": func() (float64, bool) { return s.Mean(at) },
		"Rate": func() (float64, bool) { return s.Rate(at, 5*time.Minute) }, "Best": func() (float64, bool) { return s.Best(), true },
		"Slow": func() (float64, bool) { r, _, _ := s.Slow(at); return r, true },
	} {
		if v, _ := f(); math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			t.Fatalf("%s is %v", name, v)
		}
	}
	e := s.ETA(at, now, total)
	switch e.State {
	case Range:
		if e.P10.Before(now) || e.P50.Before(e.P10) || e.P90.Before(e.P50) || e.P90.After(now.AddDate(10, 1, 0)) {
			t.Fatalf("range %v, %v, %v as of %v", e.P10, e.P50, e.P90, now)
		}
		if p, _ := Probability(e, now, now.Add(time.Hour)); math.IsNaN(p) || p != 0 && (p < least || p > most) {
			t.Fatalf("probability %v", p)
		}
	case None, Measuring, Finishing:
		if !e.P10.IsZero() || !e.P50.IsZero() || !e.P90.IsZero() {
			t.Fatalf("%s has instants", e.State)
		}
	default:
		t.Fatalf("state %q", e.State)
	}
	var c Calm
	c.Show(e, now)
	if e := c.Show(e, now.Add(time.Second)); e.State == Range && (e.P90.Before(e.P50) || e.P50.Before(e.P10)) {
		t.Fatalf("shown %v, %v, %v", e.P10, e.P50, e.P90)
	}
}

// FuzzSeries gives a series readings, holes and clocks that jump as the input says.
func FuzzSeries(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{16, 400, 6000} {
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, at, now, v := NewSeries(), time.Duration(0), wall, 0.0
		for ; len(data) >= 5; data = data[5:] {
			arg := binary.LittleEndian.Uint32(data[1:])
			switch data[0] % 16 {
			case 0:
				v = 0
			case 1:
				v = math.Float64frombits(uint64(arg)<<32 | uint64(arg))
			case 2:
				s.Hole(time.Duration(arg) * time.Millisecond)
			case 3:
				now = now.Add(time.Duration(int32(arg)) * time.Millisecond)
			case 4:
				at += time.Duration(arg) * time.Millisecond
			case 5:
				at -= time.Duration(arg) * time.Microsecond
			case 6:
				ask(t, s, at, now, float64(arg))
			case 7:
				ask(t, s, at, now, v*(1+float64(arg%1000)/100))
			default:
				v += float64(arg % (1 << (data[0] % 32)))
				at += time.Second
				now = now.Add(time.Second)
			}
			if arg%97 == 0 {
				s.Follow(Course{Total: float64(arg % 7), Points: []CoursePoint{
					{0, 0}, {time.Duration(arg%1000) * time.Second, v}, {time.Duration(arg) * time.Second, math.Float64frombits(uint64(arg) << 32)},
				}})
			}
			s.Add(at, v)
			if arg%3 == 0 {
				s.Files(float64(arg%5000), float64(arg>>8))
			}
		}
		ask(t, s, at, now, 2*v)
	})
}

// FuzzForecast asks for ends from phases of any length and state.
func FuzzForecast(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17})
	f.Fuzz(func(t *testing.T, data []byte) {
		var legs []Leg
		for ; len(data) >= 9; data = data[9:] {
			legs = append(legs, Leg{
				State: LegState(data[0] % 5),
				Then:  time.Duration(int32(binary.LittleEndian.Uint32(data[1:]))) * time.Millisecond * 997,
				Now:   time.Duration(int32(binary.LittleEndian.Uint32(data[5:]))) * time.Millisecond * 997,
			})
		}
		for _, running := range []ETA{{}, {State: Range, P10: wall.Add(-time.Hour), P50: wall, P90: wall.Add(time.Hour)}} {
			e := Forecast(legs, running, wall)
			if e.State != Range {
				if e.Why == "" {
					t.Fatalf("%s without a reason", e.State)
				}
				continue
			}
			if e.P10.Before(wall) || e.P50.Before(e.P10) || e.P90.Before(e.P50) || e.P90.After(wall.AddDate(10, 1, 0)) {
				t.Fatalf("range %v, %v, %v as of %v", e.P10, e.P50, e.P90, wall)
			}
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	s := NewSeries()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		s.Add(sec(i), float64(i*10+i%7))
		i++
	}
}

func BenchmarkETA(b *testing.B) {
	s := NewSeries()
	v := 0.0
	r := rand.New(rand.NewPCG(8, 9))
	for i := range 5000 {
		v += 20 * noise(r, 0.5)
		s.Add(sec(i), v)
	}
	b.ReportAllocs()
	for b.Loop() {
		if e := s.ETA(sec(5000), wall, 3*v); e.State != Range {
			b.Fatal(e.State, e.Why)
		}
	}
}
