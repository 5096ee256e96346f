package score

import (
	"testing"
)

// TestRehearsal measures what a rehearsal is worth: the same job runs again at another pace.
func TestRehearsal(t *testing.T) {
	var all foretold
	for _, kind := range []string{"upgrade", "schema", "schema-served", "index", "heartbeats", "remote", "log-only", "batch", "compress", "process-only", "copy", "copy-bursty", "rsync", "mailboxes"} {
		var with foretold
		for i := range 12 {
			earlier := Simulate(Scenario{Kind: kind, Seed: TuningSeed + uint64(1000+i)})
			night := Again(earlier, []float64{0.7, 0.85, 1, 1.15, 1.4, 1.8}[i%6], 0.3, "", uint64(i))
			with.foretell(Rehearsed(night, earlier))
			if kind[:2] != "co" && kind != "rsync" && kind != "mailboxes" {
				all.foretell(Rehearsed(night, earlier))
			}
		}
		t.Log(kind, with.row(), with.doubts)
	}
	t.Log("all without a counter", all.row(), all.doubts)
}
