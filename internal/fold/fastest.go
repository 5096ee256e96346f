package fold

import "time"

// fastest is the best rate that a counter had over a minute of the observed clock, or over as long as it takes to
// count three times: what comes in coarse steps has no rate in between.
type fastest struct {
	best     float64 // in the counter's unit a second; 0: not known
	from     time.Duration
	done     float64
	readings int
	of       string // the counter's name and unit
}

const fastestOver, fastestReadings = time.Minute, 3

// add takes a reading at a time of the observed clock. A counter that falls, or becomes another, begins anew; so does
// the minute where time passed unseen before the reading, in which the counter went on while that clock stood still.
func (f *fastest) add(clock time.Duration, p *Progress, unseen bool) {
	if name := p.Name + "\x00" + p.Unit; name != f.of {
		*f = fastest{of: name, from: clock, done: p.Done}
		return
	}
	if p.Done < f.done || clock < f.from || unseen {
		f.from, f.done, f.readings = clock, p.Done, 0
		return
	}
	f.readings++
	if span := clock - f.from; span >= fastestOver && f.readings >= fastestReadings {
		f.best = max(f.best, (p.Done-f.done)/span.Seconds())
		f.from, f.done, f.readings = clock, p.Done, 0
	}
}
