package rate

import (
	"fmt"
	"math"
	"time"
)

// anchor ties the observed clock to the wall clock: when t last moved, and what the wall clock said then. It
// tells how long nobody has been able to see.
type anchor struct {
	t   float64
	now time.Time
}

// furthest is the longest time that is named: ten years, in seconds.
const furthest = 10 * 365.25 * 24 * 3600

// ETA estimates when the counter will reach total, at t on the observed clock and now on the wall. It looks at
// how long equal shares of the work took since the rate last changed for good, and weighs several ideas of how
// those times hang together (scatter, a drift, a trend; the course of an earlier run) by how well each would
// have foreseen the past. The interval is log-normal: its width comes from the same weighing, and from what was
// unforeseen in the runs that it was tuned on. docs/judge.md has the scores.
//
// There is no range before two changes and a minute, or three percent, were seen (Measuring), without a
// total, when more was counted than the total, or when the counter stands still (None, with the reason).
func (s *Series) ETA(t time.Duration, now time.Time, total float64) ETA {
	blind := s.unseen(t, now)
	why := ""
	if s.course != nil && total == 0 && s.begun {
		total, why = s.course.total, AssumedTotal
	}
	switch {
	case !(total > 0) || math.IsInf(total, 0):
		return ETA{State: None, Why: NoTotal}
	case !s.begun:
		return ETA{State: Measuring, Why: "nothing was counted yet"}
	case why != "" && s.top >= total:
		return ETA{State: None, Why: "as much was counted as in the earlier run"}
	case s.top > total:
		return ETA{State: None, Why: "more was counted than the total: it was an estimate"}
	case s.top == total:
		return ETA{State: Finishing}
	}
	at := s.clock(t)
	if s.wobbly {
		s.totals = totals{}
	} else {
		s.totals.note(at, total)
	}
	first := s.hist.points[0]
	if quiet := at - s.change.last; quiet > s.change.still() {
		return ETA{State: None, Why: "stands still for " + span(quiet+blind)}
	}
	el := at - first.t
	if s.change.n < 1 || s.course == nil && (s.change.n < 2 || el < 60 && (el < 5 || s.top-first.v < 0.03*total)) {
		return ETA{State: Measuring, Why: "was not watched for long enough"}
	}
	left := total - s.top + s.totals.growth(at, el)
	d, doubt := s.estimate(at, left)
	if doubt > doubtMost {
		return ETA{State: Measuring, Why: "files and bytes do not tell the same yet"}
	}
	if s.totals.grows(at) {
		why = TotalGrows
	}
	return d.eta(now, blind, why)
}

// Looking again for so many seconds begins a new anchor; a hole of so many seconds is worth inserting.
const (
	lookAgain = 2
	leastHole = 15
)

// unseen keeps the anchor and returns for how many seconds the wall clock went on while t stood still. A long
// blindness is kept as a hole before the next reading.
func (s *Series) unseen(t time.Duration, now time.Time) float64 {
	at := t.Seconds()
	if s.wall.now.IsZero() || at < s.wall.t-lookAgain || at >= s.wall.t+lookAgain || now.Before(s.wall.now) {
		s.wall = anchor{at, now}
		return 0
	}
	blind := max(0, now.Sub(s.wall.now).Seconds()-max(0, at-s.wall.t))
	if blind >= leastHole {
		s.Hole(seconds(blind))
	}
	return blind
}

// Resting tells that the counter has not moved for longer than it ever did, so that its end moves on with the clock.
func (s *Series) Resting(t time.Duration) bool {
	return s.begun && s.change.n > 0 && s.change.unusual(s.clock(t)-s.change.last)
}

// longer is how much longer an unusual silence is thought to last, as a share of what it lasted.
const longer = 1

// span is a span of time in words. (An instant would need a time zone, and this room has none.)
func span(s float64) string {
	switch m := int(s) / 60; {
	case m < 1:
		return fmt.Sprintf("%d s", int(s))
	case m < 60:
		return fmt.Sprintf("%d min", m)
	default:
		return fmt.Sprintf("%d h %d min", m/60, m%60)
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// duration is how long something will take: its median in seconds, the width of its logarithm, what it may be late by on
// top of that, and what has passed of it already, for it counts from when the counter was where it is read to be.
type duration struct{ median, sigma, late, passed float64 }

func (d duration) eta(now time.Time, blind float64, why string) ETA {
	m := d.median
	if math.IsNaN(m) || math.IsNaN(d.sigma) || m > furthest || m < 0 {
		return ETA{State: None, Why: "too slow to name an end"}
	}
	m += longer * d.late
	m -= min(blind, 0.9*m)
	// What has passed is over; how far the end may be off is what it was. Later than that a tenth is always left.
	in := func(q float64) time.Time { return now.Add(seconds(min(max(q-d.passed, 0.1*q), furthest))) }
	e := ETA{
		State: Range,
		P10:   in(m * math.Exp(-d.sigma)),
		P50:   in(m),
		P90:   in(m*math.Exp(upper*d.sigma) + d.late),
		Why:   why,
	}
	return e
}

// doubtMost is the doubt about the costs of files and bytes beyond which no end is named.
const doubtMost = 0.7

// estimate forecasts how long left will take, on the clock without rare pauses. doubt is how far the logarithm of that
// may be wrong because files and bytes foresee different ends.
func (s *Series) estimate(at, left float64) (d duration, doubt float64) {
	v := view{points: s.hist.points[:s.hist.n]}
	total := s.top + left
	if s.tree.usable() && s.course == nil {
		file, byt := s.tree.costs()
		v.points = work(v.points, &s.scratch, file, byt)
		both := file*(s.tree.total-s.tree.done) + byt*left
		doubt = s.tree.doubt(left)
		left = both
	}
	if s.pauses.n > 0 && s.pauses.n <= rarePauses {
		v.points = s.pauses.active(v.points, &s.scratch)
		at -= s.pauses.skipped()
	}
	moved := v.points[len(v.points)-1].t - s.last.t + s.change.last
	v.end = max(moved, at-s.change.gap)
	quiet := 0.0
	if s.change.unusual(at - moved) {
		v.end, quiet = moved, at-moved // how fast it is, it was until then: what is left is left from now on
	}
	if v.end <= v.start() || v.value() <= v.points[0].v {
		return duration{median: math.Inf(1)}, 0
	}
	usual, scale := s.change.gap, 0.0
	if s.course != nil {
		scale = total / s.course.total
	} else if from := v.regime(max(5, 2*usual, s.change.long[1]), usual); from > v.start() {
		v = v.since(from, &s.scratch)
	}
	p := v.paces(left, s.change.n, max(3, 2*usual))
	d = p.forecast(s.course, scale)
	d.sigma, d.late = math.Hypot(d.sigma, z10*doubt), quiet
	if quiet == 0 { // between two moves it goes on, although nothing tells
		d.passed = max(0, at-v.end)
	}
	return d, doubt
}

// totals follows a total that is still growing.
type totals struct {
	begun   bool
	v, t    float64
	rate    float64 // growth per second, smoothed over a minute
	base    float64 // when it was last said to have grown
	changed float64 // when that was
	ever    bool
}

func (g *totals) note(t, total float64) {
	if !g.begun || t < g.t {
		*g = totals{begun: true, v: total, base: total, t: t}
		return
	}
	dt := t - g.t
	if dt <= 0 {
		return
	}
	a := 1 - math.Exp(-dt/60)
	g.rate += a * (max(0, total-g.v)/dt - g.rate)
	if total > 1.02*g.base {
		g.base, g.changed, g.ever = total, t, true
	}
	g.base = min(g.base, total)
	g.v, g.t = total, t
}

// grows tells whether the total rose within the last two minutes, by more than an estimate wobbles.
func (g *totals) grows(t float64) bool { return g.ever && t-g.changed < 120 }

// growth is what is likely to be added: half of the present growth for as long as the counter was watched, at
// most ten minutes. It is nothing once the total has stood for a while.
func (g *totals) growth(t, el float64) float64 {
	if !g.grows(t) {
		return 0
	}
	return 0.5 * g.rate * min(600, el)
}
