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
	dirty := Snapshot{
		Lines: lines, Prompt: "--password hunter2", Counter: &Counter{Name: "c", Done: new(math.NaN()), Total: new(math.Inf(1)), Raw: "token=hunter2"},
		Process: &Process{Procs: []Proc{{PID: 1, Command: "mysql -phunter2"}}},
	}
	text, err := json.Marshal(Clean(dirty))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "hunter2") || strings.Count(string(text), blot) != 4 {
		t.Errorf("clean is %s", text)
	}
	if lines[0] != "PGPASSWORD=hunter2 psql" || dirty.Process.Procs[0].Command != "mysql -phunter2" || dirty.Counter.Done == nil {
		t.Error("what it was made of was written to")
	}
}
