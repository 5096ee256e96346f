package score

import (
	"flag"
	"fmt"
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

var copyNamed = flag.String("copy", "", "a recorded copy to print, second by second: its file")

// What was shown of one copy: go test -run ScoreCopy -v -copy FILE.
func TestScoreCopy(t *testing.T) {
	if *copyNamed == "" {
		return
	}
	r, err := Load(*copyNamed)
	if err != nil {
		t.Fatal(err)
	}
	c := followCopy(r)
	for k, m := range c.said[copyRonda].moments {
		text := ""
		for i, rule := range copyRules() {
			if s := c.said[i]; s != nil && k < len(s.moments) && s.moments[k].known {
				text += fmt.Sprintf("  %s %4.0f", rule, s.moments[k].p50)
			}
		}
		t.Logf("%4.0f s, left %4.0f:%s", m.at, m.left, text)
	}
}
