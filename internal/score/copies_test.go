package score

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ronda/internal/observe"
)

// The marks between which the tables of copies stand in docs/performance.md.
const (
	copiesBegin = "<!-- copies: written by go test ./internal/score -run Copies -update -->\n"
	copiesEnd   = "<!-- end of copies -->\n"
)

// docs/performance.md tells how well the ends of copies are shown, beside others, as it is measured.
func TestCopies(t *testing.T) {
	const page = "../../docs/performance.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), copiesBegin)
	said, after, closed := strings.Cut(rest, copiesEnd)
	if !found || !closed {
		t.Fatalf("%s has no place for the tables: %q … %q", page, copiesBegin, copiesEnd)
	}
	c := MeasureCopies(recordedCopies(t, "testdata/copies", "report-"))
	var b strings.Builder
	b.WriteString("\n")
	for _, table := range c.Tables() {
		b.WriteString(table.Markdown())
	}
	measured := b.String()
	if *update {
		if err := os.WriteFile(page, []byte(before+copiesBegin+measured+copiesEnd+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if said != measured {
		t.Errorf("%s does not tell what is measured: write it anew with -update. Measured:\n%s", page, measured)
	}
	sums := c.sums()
	for i, rule := range copyRules() {
		if s := &sums[i]; i >= copyPeers && s.runs < 5 {
			t.Errorf("%s was there for %d copies only", rule, s.runs)
		}
	}
	if s := &sums[copyRonda]; s.median() > 0.2 || s.unknown > 0.2*s.moments || s.jumpiness() > 1.5 {
		t.Errorf("the median error is %.3f, %.2f of the time no end is named, and jumpiness is %.2f", s.median(), s.unknown/s.moments, s.jumpiness())
	}
}

// What was recorded of copies is fit to be scored by: in order, from its session to its end, small, and with its truth.
func TestRecordedCopies(t *testing.T) {
	for _, r := range append(recordedCopies(t, "testdata/copies", "report-"), recordedCopies(t, "testdata/copies", "tune-")...) {
		var words []string
		for _, e := range r.Truth() {
			words = append(words, e.Word)
		}
		if strings.Join(words, " ") != "begun ended" {
			t.Errorf("%s: the truth tells %q", r.Name, words)
		}
		if _, ok := r.Night[0].Payload.(observe.Session); !ok {
			t.Errorf("%s does not begin with a session", r.Name)
		}
		if _, ok := r.Night[len(r.Night)-1].Payload.(observe.End); !ok {
			t.Errorf("%s does not end with an end", r.Name)
		}
		for i := 1; i < len(r.Night); i++ {
			if r.Night[i].At.Before(r.Night[i-1].At) {
				t.Fatalf("%s: observation %d is older than the one before", r.Name, i+1)
			}
		}
		checkNames(t, r)
		if info, err := os.Stat(filepath.Join("testdata/copies", r.Name+".jsonl.gz")); err != nil || info.Size() > 40<<10 {
			t.Errorf("%s: %v, or packed it takes more than 40 KiB", r.Name, err)
		}
	}
}

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
		var text strings.Builder
		for i, rule := range copyRules() {
			if s := c.said[i]; s != nil && k < len(s.moments) && s.moments[k].known {
				fmt.Fprintf(&text, "  %s %4.0f", rule, s.moments[k].p50)
			}
		}
		t.Logf("%4.0f s, left %4.0f:%s", m.at, m.left, text.String())
	}
}
