package fold

import (
	"fmt"
	"testing"
	"time"

	"ronda/internal/observe"
)

// BenchmarkRuling is a ruling with all of its evidence, as each frame of the screen asks for it.
func BenchmarkRuling(b *testing.B) {
	s := New(Options{})
	apply := func(at time.Duration, source string, p observe.Payload) {
		s.Apply(observe.Observation{At: epoch.Add(at), Origin: observe.Origin{Task: "t", Source: source}, Payload: p})
	}
	apply(0, "", observe.Session{Plan: observe.Plan{Tasks: []observe.Task{{Name: "t", Quiet: observe.Duration(time.Minute), Expect: observe.Duration(time.Minute)}}}})
	for i := range 120 {
		at := time.Duration(i) * time.Second
		apply(at, "log", observe.Line{Text: fmt.Sprintf("copied %d of 500 files", i)})
		apply(at, "process", observe.Process{
			Root: 1, Count: 2, CPU: int64(i) * 600, Uptime: int64(i) * 1000,
			Procs: []observe.Proc{{PID: 1, Name: "sh", State: "S"}, {PID: 2, Parent: 1, Name: "cp", State: "R", CPU: int64(i) * 600}},
			Files: []observe.OpenFile{{PID: 2, Path: "/srv/copy", Size: int64(i) << 20, Write: true}},
		})
	}
	apply(121*time.Second, "log", observe.Line{Text: "error: cannot copy, retrying"})
	s.Advance(epoch.Add(4 * time.Minute))
	b.ReportAllocs()
	for b.Loop() {
		s.tasks[0].ruling(s.at)
	}
}
