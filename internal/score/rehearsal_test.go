package score

import (
	"testing"
)

// TestRehearsal measures what a rehearsal is worth: the same job runs again at another pace.
func TestRehearsal(t *testing.T) {
	for _, kind := range []string{"upgrade", "schema", "schema-served", "index", "heartbeats", "remote", "log-only", "batch", "copy", "copy-bursty", "rsync", "mailboxes"} {
		var without, with foretold
		for i := range 6 {
			earlier := Simulate(Scenario{Kind: kind, Seed: ReportingSeed + uint64(1000+i)})
			night := Again(earlier, []float64{0.7, 0.85, 1, 1.15, 1.4, 1.8}[i], 0.3, "", uint64(i))
			without.foretell(night)
			with.foretell(Rehearsed(night, earlier))
		}
		t.Log(kind, without.row(), with.row(), with.doubts)
	}
}
