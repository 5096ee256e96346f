package rate

import (
	"math"
	"time"
)

// Calm keeps a shown end from jittering: it follows small changes slowly and large ones at once. The filter is
// for the eye; probabilities are taken from the ETA itself. The zero Calm is ready; it is for one goroutine.
type Calm struct {
	shown time.Time // P50 as shown; zero: nothing is shown
	at    time.Time // when it was last moved
}

// Show returns e with its instants moved together towards what was shown before. An ETA without a range is
// returned as it is, and what was shown before is forgotten.
func (c *Calm) Show(e ETA, now time.Time) ETA {
	if e.State != Range {
		*c = Calm{}
		return e
	}
	if c.shown.IsZero() {
		c.shown, c.at = e.P50, now
		return e
	}
	p50 := max(e.P50.Sub(now).Seconds(), 0)
	sigma := 0.0
	if p10 := e.P10.Sub(now).Seconds(); p10 > 0 && p50 > 0 {
		sigma = math.Log(p50 / p10)
	}
	off := e.P50.Sub(c.shown).Seconds()
	z := off / max(p50*sigma, 1)
	tau := 0.05 * max(p50, 30) / (1 + 2*z*z)
	dt := max(now.Sub(c.at).Seconds(), 0)
	c.shown = c.shown.Add(seconds((1 - math.Exp(-dt/tau)) * off))
	c.at = now
	shift := c.shown.Sub(e.P50)
	for _, p := range []*time.Time{&e.P10, &e.P50, &e.P90} {
		if *p = p.Add(shift); p.Before(now) {
			*p = now
		}
	}
	return e
}
