package score

import (
	"math"
	"time"

	"ronda/internal/observe"
)

// detector is a rule by which others tell a stall. It is asked once a second.
type detector interface {
	// second takes in one second: whether the task could be seen, whether it put anything out, whether its
	// processes used a processor or did I/O. It tells whether it alarms.
	second(seen, output, work bool) bool
}

// detectors are the rules that ronda is compared with.
func detectors() []struct {
	name string
	make func() detector
} {
	return []struct {
		name string
		make func() detector
	}{
		{"60 s without output", func() detector { return &silence{limit: 60} }},
		{"10 min without output", func() detector { return &silence{limit: 600} }},
		{"10 min without output, seen", func() detector { return &silence{limit: 600, aware: true} }},
		{"phi accrual (8, 0.1 s, 3 s)", func() detector { return &phi{} }},
		{"10 min without output, processor or I/O, seen", func() detector { return &silence{limit: 600, aware: true, work: true} }},
	}
}

// silence alarms after so many seconds without output; aware counts only those in which the task could be seen,
// work takes work for output.
type silence struct {
	limit, n    int
	aware, work bool
}

func (d *silence) second(seen, output, work bool) bool {
	switch {
	case output, d.work && work:
		d.n = 0
	case seen || !d.aware:
		d.n++
	}
	return d.n > d.limit
}

// phi is the accrual failure detector of Hayashibara et al. (2004) with Akka's constants: threshold 8, least
// deviation 0.1 s, acceptable pause 3 s, and its approximation of the normal distribution.
type phi struct {
	n         float64 // intervals seen, at most 1000
	mean, dev float64
	since     float64
}

func (d *phi) second(_, output, _ bool) bool {
	d.since++
	if output {
		if d.n == 0 {
			d.mean, d.dev = 1, 0.25
		}
		d.n = min(d.n+1, 1000)
		delta := d.since - d.mean
		d.mean += delta / d.n
		d.dev += (delta*(d.since-d.mean) - d.dev) / d.n
		d.since = 0
	}
	if d.n == 0 {
		return false
	}
	y := (d.since - d.mean - 3) / max(math.Sqrt(max(d.dev, 0)), 0.1)
	if y < 0 {
		return false
	}
	e := math.Exp(-y * (1.5976 + 0.070566*y*y))
	return -math.Log10(max(e/(1+e), 1e-300)) > 8
}

// Watched is how well one of the detectors fared.
type Watched struct {
	False, Blind, Missed int
	Delays               []time.Duration
}

// watch lets all detectors go through one task's run, and adds what they said to w, which has one entry for each.
func watch(r Run, task observe.Task, w []Watched) {
	signs := signsOf(r, task)
	for i, d := range detectors() {
		det, on, found := d.make(), false, false
		for s := range signs {
			g := &signs[s]
			alarm := det.second(g.seen, g.output, g.work)
			switch {
			case g.begins:
				found = false
			case g.lifts && !found:
				w[i].Missed++
			}
			switch {
			case g.faulty && alarm && !found && g.since <= foundWithin:
				found = true
				w[i].Delays = append(w[i].Delays, g.since)
			case alarm && !on && !g.seen:
				w[i].Blind++
			case alarm && !on && !g.faulty && !g.ended:
				w[i].False++
			}
			on = alarm
		}
		if n := len(signs); n > 0 && signs[n-1].faulty && !found {
			w[i].Missed++
		}
	}
}

// sign is what one second shows, and what is true of it.
type sign struct {
	seen, output, work           bool
	faulty, begins, lifts, ended bool
	since                        time.Duration // of the fault, while it could be seen
}

// signsOf goes through a run second by second.
func signsOf(r Run, task observe.Task) []sign {
	if len(r.Night) == 0 {
		return nil
	}
	begin, end := r.Night[0].At, r.Night[len(r.Night)-1].At
	signs := make([]sign, int(end.Sub(begin)/time.Second)+1)
	now, last := sign{seen: task.Host == ""}, 0
	var sample observe.Process
	fill := func(until int) { // seconds in which nothing happened
		for ; last < until; last++ {
			now.output, now.work, now.begins, now.lifts = false, false, false, false
			if now.seen && now.faulty {
				now.since += time.Second
			}
			signs[last+1] = now
		}
	}
	for _, o := range r.Night {
		s := int(o.At.Sub(begin) / time.Second)
		if g, ok := o.Payload.(observe.Gap); ok {
			from := int(g.From.Sub(begin) / time.Second)
			fill(min(from, s))
			now.seen = false
		}
		fill(s)
		g := &signs[s]
		switch p := o.Payload.(type) {
		case observe.Link:
			if o.Host == task.Host {
				now.seen, g.seen = p.Up, p.Up
			}
		case observe.Line:
			g.output = g.output || o.Task == task.Name && !p.Backlog
		case observe.Counter:
			g.output = g.output || o.Task == task.Name
		case observe.Process:
			if o.Task == task.Name {
				g.work = g.work || p.Root == sample.Root && (p.CPU-sample.CPU >= 20 || p.IO != nil && sample.IO != nil && p.IO.ReadChars+p.IO.WriteChars-sample.IO.ReadChars-sample.IO.WriteChars > 32e3)
				sample = p
			}
		case observe.Mark:
			if e, ok := told(o); ok && e.Task == task.Name {
				now.tell(e, g)
			}
		default:
		}
	}
	return signs
}

// tell takes in what the truth says.
func (now *sign) tell(e Event, g *sign) {
	switch e.Word {
	case Fault:
		now.faulty, now.since = true, 0
		g.faulty, g.begins, g.since = true, true, 0
	case Healed:
		now.faulty = false
		g.faulty, g.lifts = false, true
	case Ended:
		now.ended, g.ended = true, true
	}
}
