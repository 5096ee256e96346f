package rate

import "testing"

// A log tells the same value twice now and then: when a line is ended that was told before. A step that was believed
// once must not be doubted for it.
func TestAFreshStepIsBelievedBesideRepeatedReadings(t *testing.T) {
	const step, end = 40, 80 // seconds: three times as fast from then on, and when all is done
	s := NewSeries()
	value := func(t float64) float64 { return t + 2*max(0, t-step) }
	for now := range end - 5 {
		if at := float64(now); now%6 != 2 {
			s.Add(sec(now), value(at))
		} else { // the one before again, and its own a little late
			s.Add(sec(now), value(at-1))
			s.Add(sec(now)+sec(1)/10, value(at))
		}
		e := s.ETA(sec(now)+sec(1)/10, wall.Add(sec(now)), value(end))
		if off := e.P50.Sub(wall.Add(sec(end))).Seconds(); now >= step+8 && (off < -3 || off > 3) {
			t.Errorf("%d s after the step the end is %.1f s off", now-step, off)
		}
	}
}
