package score

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// The tasks of a recorded copy: what is seen of it from outside, and what it tells of itself where it does.
const (
	CopyTask    = "copy"
	CopyLogTask = "log"
)

// Begun is the word of the truth for the moment at which a copy began.
const Begun = "begun"

// copyRules are who names ends of the recorded copies, in the order of the tables: ronda, which has found the copy and
// sees it from outside; ronda by what the copy tells of itself, where it does; and the peers' own displays, which
// stand in the recordings as marks by their names.
func copyRules() []string {
	return []string{"ronda", "ronda, by its output", "rsync", "pv", "progress"}
}

const (
	copyRonda = 0
	copyTold  = 1
	copyPeers = 2 // the first of the peers
)

// copyRun is a recorded copy with all that was shown of it, a run for each rule; nil for one that was not there.
type copyRun struct {
	name    string // without what it is for: "faster-rsync"
	seconds float64
	said    []*etaRun
}

// followCopy folds a recorded copy by today's rules and returns what was shown of it once a second.
func followCopy(r Run) copyRun {
	_, name, _ := strings.Cut(r.Name, "-")
	c := copyRun{name: name, said: make([]*etaRun, len(copyRules()))}
	var begin, end time.Time
	for _, e := range r.Truth() {
		switch e.Word {
		case Begun:
			begin = e.At
		case Ended:
			end = e.At
		}
	}
	c.seconds = end.Sub(begin).Seconds()
	peers := map[string][]observe.Observation{}
	for _, o := range r.Night {
		if m, ok := o.Payload.(observe.Mark); ok && m.By != TruthTeller {
			peers[m.By] = append(peers[m.By], o)
		}
	}
	for i, rule := range copyRules()[copyPeers:] {
		for _, o := range peers[rule] {
			left, err := strconv.ParseFloat(o.Payload.(observe.Mark).Text, 64) //nolint:forcetypeassert // sorted so above
			c.add(copyPeers+i, o.At.Sub(begin).Seconds(), guess(left, err == nil))
		}
	}
	c.watched(r, begin, moments(peers, begin, end))
	return c
}

// moments are the moments at which the peers were looked at; where there were none, every second.
func moments(peers map[string][]observe.Observation, begin, end time.Time) []time.Time {
	var at []time.Time
	for _, rule := range copyRules()[copyPeers:] {
		if len(at) == 0 {
			for _, o := range peers[rule] {
				at = append(at, o.At)
			}
		}
	}
	for t := begin; len(peers) == 0 && t.Before(end); t = t.Add(time.Second) {
		at = append(at, t)
	}
	return at
}

// watched adds what ronda shows at these moments.
func (c *copyRun) watched(r Run, begin time.Time, at []time.Time) {
	state := fold.New(fold.Options{})
	var next time.Time
	show := func(until time.Time) {
		for len(at) > 0 && at[0].Before(until) {
			c.look(state, at[0].Sub(begin).Seconds(), at[0])
			at = at[1:]
		}
	}
	for _, o := range r.Night {
		if _, mark := o.Payload.(observe.Mark); mark {
			continue // nobody saw it
		}
		for !next.IsZero() && next.Before(o.At) {
			show(next)
			state.Advance(next)
			next = next.Add(time.Second)
		}
		show(o.At)
		state.Apply(o)
		if t := o.At.Truncate(time.Second).Add(time.Second); t.After(next) {
			next = t
		}
	}
}

// look adds what is on the screen: ends to the second, as the peers show them.
func (c *copyRun) look(state *fold.State, t float64, now time.Time) {
	var outside, log etaGuess
	told := false
	for _, v := range state.Snapshot().Tasks {
		g := etaGuessOf(shownETA(&v), now)
		for _, s := range []*float64{&g.p10, &g.p50, &g.p90} {
			*s = math.Round(max(*s, 0))
		}
		if v.Name == CopyLogTask {
			log, told = g, true
		} else if g.known || !outside.known {
			outside = g
		}
	}
	c.add(copyRonda, t, outside)
	if told {
		c.add(copyTold, t, log)
	}
}

func (c *copyRun) add(rule int, t float64, g etaGuess) {
	if c.said[rule] == nil {
		c.said[rule] = &etaRun{seconds: c.seconds}
	}
	c.said[rule].add(t, g)
}

// copyScore is how well one rule did on the copies that it was there for.
type copyScore struct {
	etaScore            // at the moments at which it names an end
	all      []weighted // of every moment; none is an error of 1
	ours     []weighted // ronda's errors at those moments at which both name an end
	theirs   []weighted // the rule's at the same
}

// add takes in what the rule said of a copy, beside what ronda said.
func (s *copyScore) add(r, ronda *etaRun) {
	s.etaScore.add(r)
	w := 1 / float64(len(r.moments))
	for i, m := range r.moments {
		err := func(m etaMoment) float64 { return math.Abs(m.p50-m.left) / m.left }
		if !m.known {
			s.all = append(s.all, weighted{1, w})
			continue
		}
		s.all = append(s.all, weighted{err(m), w})
		if o := ronda.moments[i]; o.known {
			s.ours, s.theirs = append(s.ours, weighted{err(o), w}), append(s.theirs, weighted{err(m), w})
		}
	}
}

func (s *copyScore) merge(o *copyScore) {
	s.etaScore.merge(&o.etaScore)
	s.all, s.ours, s.theirs = append(s.all, o.all...), append(s.ours, o.ours...), append(s.theirs, o.theirs...)
}

// Copies is how well the ends of recorded copies were shown.
type Copies struct {
	names []string
	rows  [][]*copyScore // by copy, then by rule; nil: it was not there
}

// MeasureCopies scores recorded copies.
func MeasureCopies(runs []Run) Copies {
	var c Copies
	for _, r := range runs {
		run := followCopy(r)
		row := make([]*copyScore, len(run.said))
		for i, said := range run.said {
			if said != nil && len(said.moments) > 0 {
				row[i] = &copyScore{}
				row[i].add(said, run.said[copyRonda])
			}
		}
		c.names = append(c.names, run.name+", "+strconv.Itoa(int(run.seconds))+" s")
		c.rows = append(c.rows, row)
	}
	return c
}

// sums are the scores over all copies, by rule.
func (c Copies) sums() []copyScore {
	sums := make([]copyScore, len(copyRules()))
	for _, row := range c.rows {
		for i, s := range row {
			if s != nil {
				sums[i].merge(s)
			}
		}
	}
	return sums
}

// Tables are the tables of the copies, in the order in which they stand in docs/performance.md.
func (c Copies) Tables() []Table { return []Table{c.table(), c.byCopy()} }

func (c Copies) table() Table {
	t := Table{
		Title: "All copies",
		Text: "The error of an end is |shown − true time left| / true time left, once a second between 3 and 97 % of a copy's time; every copy weighs the same. " +
			"Jumpiness is by how much the shown end moved in all, in times of the copy's length. The last columns compare at those moments only at which both name an end.",
		Columns: []string{"", "copies", "names an end", "median error then", "P90", "median error, none counted as 100 %", "jumpiness", "at the same moments: it", "ronda", "ronda nearer on"},
	}
	sums := c.sums()
	for i, rule := range copyRules() {
		s := &sums[i]
		if s.runs == 0 {
			continue
		}
		it, ours := etaTenth(weightedQuantile(s.theirs, 0.5)), etaTenth(weightedQuantile(s.ours, 0.5))
		nearer := c.nearer(i)
		if i == copyRonda {
			it, ours, nearer = "", "", ""
		}
		t.Rows = append(t.Rows, []string{
			rule, strconv.Itoa(s.runs), etaPercent(1 - s.unknown/s.moments), etaTenth(s.median()), etaPercent(weightedQuantile(s.errors, 0.9)),
			etaTenth(weightedQuantile(s.all, 0.5)), fmt.Sprintf("%.1f", s.jumpiness()), it, ours, nearer,
		})
	}
	t.Notes = c.missed(sums)
	return t
}

// nearer tells on how many of the copies of which both name an end ronda's median error is the smaller one.
func (c Copies) nearer(rule int) string {
	n, all := 0, 0
	for _, row := range c.rows {
		s := row[rule]
		if s == nil || len(s.ours) == 0 {
			continue
		}
		all++
		if weightedQuantile(s.ours, 0.5) < weightedQuantile(s.theirs, 0.5) {
			n++
		}
	}
	return fmt.Sprintf("%d of %d", n, all)
}

// copyTarget is what the median error may be at most, as a share of a peer's at the same moments.
const copyTarget = 0.5

// missed tells against whom the target is missed, and who is calmer.
func (c Copies) missed(sums []copyScore) []string {
	var notes []string
	for i, rule := range copyRules() {
		s := &sums[i]
		if i < copyPeers || s.runs == 0 {
			continue
		}
		if ratio := weightedQuantile(s.ours, 0.5) / weightedQuantile(s.theirs, 0.5); !(ratio <= copyTarget) {
			notes = append(notes, fmt.Sprintf("Missed: at the same moments the median error is %.2f of that of %s, not half.", ratio, rule))
		}
		if s.jumpiness() <= sums[copyRonda].jumpiness() {
			notes = append(notes, "Missed: "+rule+" is calmer.")
		}
	}
	return notes
}

func (c Copies) byCopy() Table {
	t := Table{Title: "By copy", Text: "Median error, jumpiness; in brackets for how much of the time an end was named, where that was less than 95 %.", Columns: append([]string{""}, copyRules()...)}
	for i, row := range c.rows {
		cells := []string{c.names[i]}
		for _, s := range row {
			cell := "–"
			if s != nil && s.unknown < s.moments {
				cell = etaTenth(s.median()) + ", " + strconv.FormatFloat(s.jumpiness(), 'f', 1, 64)
				if none := s.unknown / s.moments; none >= 0.05 {
					cell += " (" + etaPercent(1-none) + ")"
				}
			} else if s != nil {
				cell = "no end"
			}
			cells = append(cells, cell)
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// etaTenth is a share in percent, to a tenth where it is small.
func etaTenth(x float64) string {
	if math.IsNaN(x) || x >= 0.1 {
		return etaPercent(x)
	}
	return strconv.FormatFloat(100*x, 'f', 1, 64) + " %"
}
