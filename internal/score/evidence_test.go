package score

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// On real runs the evidence is never more than a person can read at a glance, every judgement says how sure it is,
// and one that waiting changes says what comes next.
func TestEvidenceOfRealRuns(t *testing.T) {
	files, err := filepath.Glob("testdata/runs/*.jsonl.gz")
	if err != nil || len(files) == 0 {
		t.Fatal("no runs: ", err)
	}
	for _, file := range files {
		run, err := Load(file)
		if err != nil {
			t.Fatal(err)
		}
		s := fold.New(fold.Options{})
		next := run.Night[0].At
		for _, o := range run.Night {
			for ; !next.After(o.At); next = next.Add(5 * time.Second) {
				s.Advance(next)
				for _, task := range s.Snapshot().Tasks {
					requireReadable(t, run.Name+" at "+next.Sub(run.Night[0].At).String(), task)
				}
			}
			if m, truth := o.Payload.(observe.Mark); !truth || m.By != TruthTeller {
				s.Apply(o)
			}
		}
	}
}

func requireReadable(t *testing.T, where string, task fold.TaskView) {
	t.Helper()
	const most, widest = 10, 170
	if len(task.Evidence) > most {
		t.Errorf("%s, %s: %d pieces of evidence", where, task.Name, len(task.Evidence))
	}
	for _, e := range task.Evidence {
		if n := utf8.RuneCountInString(e.Text); n > widest {
			t.Errorf("%s, %s: %d characters: %s", where, task.Name, n, e.Text)
		}
		for _, never := range []string{"NaN", "+Inf", "-Inf", "\n"} {
			if strings.Contains(e.Text, never) {
				t.Errorf("%s, %s: %q in: %s", where, task.Name, never, e.Text)
			}
		}
	}
	switch task.Verdict {
	case observe.Progressing, observe.Slowing, observe.Quiet:
		leaves := task.Process != nil && task.Process.Exit != nil // how it ended comes next, whatever happens
		if task.Next == nil && !leaves {
			t.Errorf("%s, %s: %s without what comes next", where, task.Name, task.Verdict)
		}
		fallthrough
	case observe.Blocked, observe.Looping, observe.Stalled, observe.Failed, observe.Done:
		if task.Sure == "" {
			t.Errorf("%s, %s: %s, and nothing says how sure", where, task.Name, task.Verdict)
		}
	case observe.Pending, observe.Blind:
	}
}
