package score

import "testing"

// The ends are foreseen better than the peers do it, and the ranges keep their promise. What is not kept is said
// beneath the table.
func TestScoreEnds(t *testing.T) {
	simulated, known := SimulatedEnds(), RecordedEnds(recorded(t, "report-"))
	for _, table := range EndTables(simulated, known) {
		t.Log("\n" + table.Markdown())
	}
	for _, m := range append(etaMissed("simulated", simulated.sums()), etaMissed("recorded", known.sums())...) {
		t.Error(m)
	}
}

// The ends of what the estimator may be tuned on, to look at: go test -run ScoreTuningOfEnds -v.
func TestScoreTuningOfEnds(t *testing.T) {
	if !testing.Verbose() {
		return
	}
	for _, table := range EndTables(tuningEnds(), RecordedEnds(recorded(t, "tune-"))) {
		t.Log("\n" + table.Markdown())
	}
}
