package score

import (
	"flag"
	"path/filepath"
	"testing"
)

var copiesIn = flag.String("copies", "testdata/copies", "folder of recorded copies to look at")

// The ends of what the estimator may be tuned on, to look at: go test -run ScoreTuningOfCopies -v.
func TestScoreTuningOfCopies(t *testing.T) {
	if !testing.Verbose() {
		return
	}
	for _, table := range MeasureCopies(recordedCopies(t, *copiesIn, "tune-")).Tables() {
		t.Log("\n" + table.Markdown())
	}
}

func recordedCopies(t *testing.T, dir, prefix string) []Run {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, prefix+"*.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	var runs []Run
	for _, f := range names {
		r, err := Load(f)
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, r)
	}
	return runs
}
