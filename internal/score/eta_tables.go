package score

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Ends is how well ends were foreseen: ronda first, then the peers.
type Ends struct {
	rows   [][]etaScore // by kind of simulated job, or by recorded counter
	titles []string
}

// SimulatedEnds scores the simulated jobs of the seeds that are kept for reporting.
func SimulatedEnds() Ends { return endsOf(simReporting()) }

// tuningEnds scores the simulated jobs that the estimator was tuned on.
func tuningEnds() Ends { return endsOf(simTuning()) }

func endsOf(seeds simSeeds) Ends {
	e := Ends{rows: simulateEnds(seeds)}
	for _, k := range simKinds() {
		e.titles = append(e.titles, k.name)
	}
	return e
}

// RecordedEnds scores the counters of the recorded runs that reached their total and took a minute at least.
func RecordedEnds(runs []Run) Ends {
	var e Ends
	for _, r := range runs {
		for _, l := range etaLegs(r) {
			row := make([]etaScore, 1+len(etaPeers()))
			addPaired(row, l.said())
			e.rows = append(e.rows, row)
			e.titles = append(e.titles, fmt.Sprintf("%s, %s, %.0f s", r.Name, l.unit, l.took()))
		}
	}
	return e
}

// reporting are the runs that nothing was tuned on.
func reporting(runs []Run) []Run {
	return slices.DeleteFunc(slices.Clone(runs), func(r Run) bool { return !strings.HasPrefix(r.Name, "report-") })
}

// sums are the scores over all rows.
func (e Ends) sums() []etaScore {
	sums := make([]etaScore, 1+len(etaPeers()))
	for _, row := range e.rows {
		for i := range row {
			sums[i].merge(&row[i])
		}
	}
	return sums
}

// etaNames are the rules in the order of their scores.
func etaNames() []string {
	names := []string{"ronda"}
	for _, p := range etaPeers() {
		names = append(names, p.name)
	}
	return names
}

// EndTables are the tables of the foreseen ends.
func EndTables(simulated, recorded Ends) []Table {
	return []Table{endTable(simulated, recorded), rangeTable(simulated, recorded), rehearsedTable(simReporting()), kindsOfEnds(simulated, "Ends by kind of job (simulated)"), kindsOfEnds(recorded, "Ends of recorded runs")}
}

// endTable compares ronda with the peers.
func endTable(simulated, recorded Ends) Table {
	t := Table{
		Title: "Ends",
		Text: "The error of an end is |foreseen − true time left| / true time left, between 3 and 97 % of a run's time; every run weighs the same. " +
			"The peers are held to it at those moments only at which ronda names an end. Jumpiness is by how much the shown end moved in all, in times of the run's length.",
		Columns: []string{"rule", "median error, simulated", "P90", "jumpiness", "without an end", "median error, recorded", "P90", "jumpiness", "without an end"},
	}
	s, r := simulated.sums(), recorded.sums()
	for i, name := range etaNames() {
		t.Rows = append(t.Rows, append(append([]string{name}, s[i].cells()...), r[i].cells()...))
	}
	t.Notes = append(etaMissed("simulated", s), etaMissed("recorded", r)...)
	return t
}

// cells are median, P90, jumpiness and the share without an end.
func (s *etaScore) cells() []string {
	if s.runs == 0 {
		return []string{"–", "–", "–", "–"}
	}
	jumps := fmt.Sprintf("%.1f", s.jumpiness())
	if s.jumpiness() > 100 {
		jumps = "> 100"
	}
	return []string{etaPercent(s.median()), etaPercent(weightedQuantile(s.errors, 0.9)), jumps, etaPercent(s.unknown / s.moments)}
}

// rangeTable tells whether the ranges and the probabilities keep their promise.
func rangeTable(simulated, recorded Ends) Table {
	t := Table{
		Title: "Ranges",
		Text: "A range is to hold four ends of five. Probabilities of deadlines at 0.5 to 2 times the time that is truly left: " +
			"0 is a perfect Brier score, 0.25 that of a coin.",
		Columns: []string{"", "target", "simulated", "recorded"},
	}
	s, r := &simulated.sums()[0], &recorded.sums()[0]
	row := func(name, target string, f func(*etaScore) string) {
		cells := []string{name, target}
		for _, x := range []*etaScore{s, r} {
			if x.ranges == 0 {
				cells = append(cells, "–")
				continue
			}
			cells = append(cells, f(x))
		}
		t.Rows = append(t.Rows, cells)
	}
	row("runs", "", func(x *etaScore) string { return strconv.Itoa(x.runs) })
	row("within the range", "75–85 %", func(x *etaScore) string { return etaPercent(x.covered()) })
	row("earlier than it", "", func(x *etaScore) string { return etaPercent(x.below / x.ranges) })
	row("later than it", "", func(x *etaScore) string { return etaPercent(x.above / x.ranges) })
	row("latest over earliest time left, median", "", func(x *etaScore) string { return fmt.Sprintf("%.1f", weightedQuantile(x.width, 0.5)) })
	row("Brier score of deadlines", "", func(x *etaScore) string { return fmt.Sprintf("%.3f", x.brier/x.deadline) })
	return t
}

// rehearsedTable tells what an earlier run is worth.
func rehearsedTable(seeds simSeeds) Table {
	t := Table{
		Title: "Ends with a rehearsal (simulated)",
		Text: "The same jobs without and with an earlier run to follow, which had a third to three times their size, half to twice their " +
			"pace, and drifts of its own.",
		Columns: []string{"median error of ronda", "alone", "with a rehearsal", "within the range alone", "with a rehearsal"},
	}
	for k, kind := range simKinds() {
		if !slices.Contains(rehearsedKinds(), kind.name) {
			continue
		}
		var alone, told etaScore
		for seed := seeds.from; seed <= seeds.to; seed++ {
			j := kind.make(newSimGen(k, seed))
			alone.add(j.foresee()[0])
			j.rehearse(newSimGen(k, seed+1<<32))
			told.add(j.foresee()[0])
		}
		t.Rows = append(t.Rows, []string{kind.name, etaPercent(alone.median()), etaPercent(told.median()), etaPercent(alone.covered()), etaPercent(told.covered())})
	}
	return t
}

// kindsOfEnds tells where it is easy and where it is hard.
func kindsOfEnds(e Ends, title string) Table {
	t := Table{Title: title, Columns: append(append([]string{"median error of"}, etaNames()...), "within ronda's range")}
	for i, row := range e.rows {
		cells := []string{e.titles[i]}
		for k := range row {
			cells = append(cells, etaPercent(row[k].median()))
		}
		t.Rows = append(t.Rows, append(cells, etaPercent(row[0].covered())))
	}
	return t
}

func etaPercent(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*x)
}

// The targets that the ends are held to.
const (
	etaCoverLeast  = 0.75
	etaCoverMost   = 0.85
	etaJumpinessAt = 2
)

// etaMissed tells which targets ronda misses.
func etaMissed(where string, s []etaScore) (missed []string) {
	if s[0].runs == 0 {
		return nil
	}
	var better []string
	for i, name := range etaNames() {
		if i > 0 && s[i].median() <= s[0].median() {
			better = append(better, name)
		}
	}
	if len(better) > 0 {
		missed = append(missed, "Missed, "+where+": the median error is not below that of "+strings.Join(better, ", ")+".")
	}
	if c := s[0].covered(); c < etaCoverLeast || c > etaCoverMost {
		missed = append(missed, fmt.Sprintf("Missed, %s: %s of the ends lie within the range, not 75 to 85 %%.", where, etaPercent(c)))
	}
	if j := s[0].jumpiness(); j > etaJumpinessAt {
		missed = append(missed, fmt.Sprintf("Missed, %s: jumpiness is %.1f, not 2 at most.", where, j))
	}
	return missed
}
