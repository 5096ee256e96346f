package observe

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// A snapshot says no secret and no number that JSON cannot, even if what it was made of did; what it was made of
// stays as it is.
func TestCleanSnapshot(t *testing.T) {
	lines := []string{"PGPASSWORD=hunter2 psql", "plain"}
	evidence := []Evidence{{Text: "the newest: “token=hunter2”"}}
	dirty := Snapshot{
		Ruling: Ruling{Reason: "the log says “secret=hunter2”", Evidence: evidence}, Others: []Other{{Detail: "passwd=hunter2"}},
		Lines: lines, Prompt: "--password hunter2", Counter: &Counter{Name: "c", Done: new(math.NaN()), Total: new(math.Inf(1)), Raw: "token=hunter2"},
		Process: &Process{Procs: []Proc{{PID: 1, Command: "mysql -phunter2"}}},
	}
	text, err := json.Marshal(Clean(dirty))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "hunter2") || strings.Count(string(text), blot) != 7 {
		t.Errorf("clean is %s", text)
	}
	if lines[0] != "PGPASSWORD=hunter2 psql" || dirty.Process.Procs[0].Command != "mysql -phunter2" || dirty.Counter.Done == nil ||
		!strings.Contains(evidence[0].Text, "hunter2") {
		t.Error("what it was made of was written to")
	}
}
