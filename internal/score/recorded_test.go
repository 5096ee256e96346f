package score

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// TestRecordedRuns tells whether what was recorded is fit to be judged by.
func TestRecordedRuns(t *testing.T) {
	files, err := filepath.Glob("testdata/runs/*.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 40 {
		t.Fatalf("found %d recorded runs in testdata/runs", len(files))
	}
	for _, file := range files {
		run, err := Load(file)
		if err != nil {
			t.Error(err)
			continue
		}
		t.Run(run.Name, func(t *testing.T) {
			t.Parallel()
			checkForm(t, run)
			checkTruth(t, run)
			checkNames(t, run)
			said := verdicts(run)
			if said == "" {
				t.Error("nothing is said of it")
			}
			if again := verdicts(run); said != again {
				t.Errorf("judged twice, it was said\n%s\nand\n%s", said, again)
			}
		})
	}
}

// checkForm: in order, from the session's beginning to its end, and small.
func checkForm(t *testing.T, run Run) {
	t.Helper()
	info, err := os.Stat("testdata/runs/" + run.Name + ".jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 90<<10 {
		t.Errorf("packed, it takes %d bytes: at most 90 KiB", info.Size())
	}
	if _, err := os.Stat("record/jobs/" + run.Name + ".sh"); err != nil {
		t.Errorf("its script is missing: %v", err)
	}
	for i, o := range run.Night {
		if o.Seq != uint64(i+1) || i > 0 && o.At.Before(run.Night[i-1].At) {
			t.Fatalf("observation %d has seq %d and was made at %s, behind %s", i+1, o.Seq, o.At, run.Night[max(i-1, 0)].At)
		}
		switch o.Payload.(type) {
		case observe.Ruling, observe.Alert, observe.Snapshot, observe.Unknown:
			t.Fatalf("observation %d is a %s: not wanted in a run", i+1, o.Payload.Kind())
		}
	}
	if _, ok := run.Night[0].Payload.(observe.Session); !ok {
		t.Error("it does not begin with a session")
	}
	if _, ok := run.Night[len(run.Night)-1].Payload.(observe.End); !ok {
		t.Error("it does not end with an end")
	}
}

// checkTruth: the truth is told of tasks that there are, in words that there are, and goes on to the end of each.
func checkTruth(t *testing.T, run Run) {
	t.Helper()
	ended := map[string]bool{}
	var begun, silent string
	for _, e := range run.Truth() {
		if !slices.ContainsFunc(run.Night[0].Payload.(observe.Session).Plan.Tasks, func(task observe.Task) bool { return task.Name == e.Task }) {
			t.Errorf("the truth tells of %q, which is no task", e.Task)
		}
		if ended[e.Task] {
			t.Errorf("%s %s: behind its end", e.Task, e.Word)
		}
		switch {
		case e.Word == Fault && begun == "" && Expected(e.Detail) != nil:
			begun = e.Detail
		case e.Word == Healed && begun != "":
			begun = ""
		case e.Word == Silent && silent == "":
			silent = e.Task
		case e.Word == Speaks && silent == e.Task:
			silent = ""
		case e.Word == Ended && (e.Detail == "done" && begun == "" || e.Detail == "failed"):
			ended[e.Task] = true
		default:
			t.Errorf("%s %q: at this place that cannot be the truth", e.Word, e.Detail)
		}
	}
	for _, task := range run.Night[0].Payload.(observe.Session).Plan.Tasks {
		if !ended[task.Name] {
			t.Errorf("the truth does not tell how %s ended", task.Name)
		}
	}
}

// checkNames: nothing tells where it was recorded, and nothing is secret.
func checkNames(t *testing.T, run Run) {
	t.Helper()
	bad := regexp.MustCompile(`["= :](/home/|/root/|/tmp/(record|ronda|go-build))|PRIVATE KEY|(?i:password[=:]\s*\S|token[=:]\s*\S|secret[=:]\s*\S)`)
	var text []byte
	var encoder observe.Encoder
	for _, o := range run.Night {
		var err error
		if text, err = encoder.Append(text[:0], o); err != nil {
			t.Fatal(err)
		}
		if found := bad.Find(text); found != nil {
			t.Fatalf("%q stands in %s", found, bytes.TrimSpace(text))
		}
	}
}

// verdicts are what is said of each task when, a line for each change.
func verdicts(run Run) string {
	state := fold.New(fold.Options{})
	var out strings.Builder
	for _, o := range run.Night {
		state.Apply(o)
		for _, c := range state.TakeChanges() {
			out.WriteString(c.Since.Format(time.TimeOnly) + " " + c.Task + ": " + string(c.Verdict) + ": " + c.Reason + "\n")
		}
	}
	return out.String()
}
