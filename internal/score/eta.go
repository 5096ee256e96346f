package score

import (
	"math"
	"slices"
	"time"

	"ronda/internal/rate"
)

// etaGuess is what a rule said at one moment, in seconds from then.
type etaGuess struct {
	known         bool
	p10, p50, p90 float64
	interval      bool // p10 and p90 are said
}

// etaGuessOf turns what ronda shows into seconds.
func etaGuessOf(e rate.ETA, now time.Time) etaGuess {
	if e.State != rate.Range {
		return etaGuess{}
	}
	left := func(t time.Time) float64 { return t.Sub(now).Seconds() }
	return etaGuess{true, left(e.P10), left(e.P50), left(e.P90), true}
}

// etaRun collects what one rule said during one run.
type etaRun struct {
	seconds float64 // from the first reading to the end
	moments []etaMoment
}

type etaMoment struct {
	at, left float64 // seconds since the first reading, seconds until the true end
	skip     bool    // the error does not count
	etaGuess
}

// Between these shares of a run's time its ends are scored: at its very beginning nobody knows, and at its very
// end nobody asks.
const (
	etaFrom = 0.03
	etaTo   = 0.97
)

// add notes a guess at a moment of the run.
func (r *etaRun) add(at float64, g etaGuess) {
	if at >= etaFrom*r.seconds && at <= etaTo*r.seconds {
		r.moments = append(r.moments, etaMoment{at: at, left: r.seconds - at, etaGuess: g})
	}
}

// etaScore is how well a rule foresaw the ends of many runs. Every run weighs the same, however often it was
// looked at.
type etaScore struct {
	runs     int
	errors   []weighted // |P50-R|/R
	moments  float64    // weight of all moments
	unknown  float64    // of those without an end
	ranges   float64    // of those with a range
	below    float64    // of those whose end came before P10
	above    float64    // of those whose end came after P90
	jumps    float64    // sum over the runs
	brier    float64    // sum of squared errors of probabilities
	deadline float64    // weight of the deadlines asked
	width    []weighted // P90/P10
}

type weighted struct{ v, w float64 }

// add folds the run r in.
func (s *etaScore) add(r *etaRun) {
	if len(r.moments) == 0 {
		return
	}
	s.runs++
	w := 1 / float64(len(r.moments))
	last := math.NaN()
	for _, m := range r.moments {
		s.moments += w
		if !m.known {
			s.unknown += w
			continue
		}
		if !m.skip {
			s.errors = append(s.errors, weighted{math.Abs(m.p50-m.left) / m.left, w})
		}
		if end := m.at + m.p50; math.IsNaN(last) {
			last = end
		} else {
			s.jumps += min(math.Abs(end-last)/r.seconds, 100) // one absurd moment is not to be all that counts
			last = end
		}
		if m.interval {
			s.addRange(m, w)
		}
	}
}

func (s *etaScore) addRange(m etaMoment, w float64) {
	s.ranges += w
	switch {
	case m.left < m.p10:
		s.below += w
	case m.left > m.p90:
		s.above += w
	}
	s.width = append(s.width, weighted{m.p90 / max(m.p10, 1), w})
	now := simWall()
	at := func(s float64) time.Time { return now.Add(time.Duration(s * float64(time.Second))) }
	e := rate.ETA{State: rate.Range, P10: at(m.p10), P50: at(m.p50), P90: at(m.p90)}
	// Deadlines lie at so many times the time that is truly left.
	for _, f := range [...]float64{0.5, 0.7, 0.85, 1.2, 1.5, 2} {
		p, ok := rate.Probability(e, now, at(f*m.left))
		if !ok {
			continue
		}
		came := 0.0
		if f >= 1 {
			came = 1
		}
		s.brier += w * (p - came) * (p - came)
		s.deadline += w
	}
}

// covered is the share of ranges that held the end.
func (s *etaScore) covered() float64 {
	if s.ranges == 0 {
		return math.NaN()
	}
	return 1 - (s.below+s.above)/s.ranges
}

// median is the median error.
func (s *etaScore) median() float64 { return weightedQuantile(s.errors, 0.5) }

// jumpiness is by how much the end that was shown moved, in the mean run, in all and as a share of the run's
// time.
func (s *etaScore) jumpiness() float64 { return s.jumps / max(1, float64(s.runs)) }

// weightedQuantile returns the q-quantile of v; NaN of nothing.
func weightedQuantile(v []weighted, q float64) float64 {
	slices.SortFunc(v, func(a, b weighted) int {
		switch {
		case a.v < b.v:
			return -1
		case a.v > b.v:
			return 1
		default:
			return 0
		}
	})
	all := 0.0
	for _, x := range v {
		all += x.w
	}
	sum := 0.0
	for _, x := range v {
		if sum += x.w; sum >= q*all {
			return x.v
		}
	}
	return math.NaN()
}

// merge adds the runs of o.
func (s *etaScore) merge(o *etaScore) {
	s.runs += o.runs
	s.errors = append(s.errors, o.errors...)
	s.moments, s.unknown = s.moments+o.moments, s.unknown+o.unknown
	s.ranges, s.below, s.above = s.ranges+o.ranges, s.below+o.below, s.above+o.above
	s.jumps += o.jumps
	s.brier, s.deadline = s.brier+o.brier, s.deadline+o.deadline
	s.width = append(s.width, o.width...)
}

// addPaired folds what all rules said of one run in, ronda first. A peer is held to its errors at the moments only
// at which ronda names an end, so that to keep silent in a hard moment is no advantage.
func addPaired(row []etaScore, said []*etaRun) {
	for i, r := range said {
		if i > 0 {
			r.pair(said[0])
		}
		row[i].add(r)
	}
}

// pair marks the moments of which o says nothing, so that they are not scored.
func (r *etaRun) pair(o *etaRun) {
	for k := range r.moments {
		r.moments[k].skip = !o.moments[k].known
	}
}
