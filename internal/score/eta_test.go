package score

import "testing"

// The ends are foreseen better than the peers do it, and the ranges keep their promise. The recorded runs are few, and
// their ends jump more than the target allows, as the table says: there it is held that it becomes no worse.
func TestScoreEnds(t *testing.T) {
	simulated, known := SimulatedEnds(), RecordedEnds(recorded(t, "report-"))
	for _, table := range EndTables(simulated, known) {
		t.Log("\n" + table.Markdown())
	}
	for _, m := range etaMissed("simulated", simulated.sums()) {
		t.Error(m)
	}
	sums := known.sums()
	if sums[0].runs < 10 {
		t.Errorf("only %d recorded counters came to their end", sums[0].runs)
	}
	for i, name := range etaNames() {
		if i > 0 && sums[i].median() <= sums[0].median() {
			t.Errorf("recorded: the median error is %.3f, that of %s %.3f", sums[0].median(), name, sums[i].median())
		}
	}
	if c := sums[0].covered(); c < 0.7 || c > 0.9 {
		t.Errorf("recorded: %.3f of the ends lie within the range", c)
	}
	if j := sums[0].jumpiness(); j > 4 {
		t.Errorf("recorded: jumpiness is %.2f", j)
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
