package fold

import (
	"fmt"
	"testing"
	"time"

	"ronda/internal/observe"
)

// BenchmarkNeighbours is an hour of twenty transfers that are read every five seconds: alone, and as one group. What
// the group costs is the difference, a second and stream.
func BenchmarkNeighbours(b *testing.B) {
	const tasks, hour = 20, 3600
	for name, group := range map[string]func(int) string{
		"alone":    func(i int) string { return fmt.Sprint(i) },
		"together": func(int) string { return "array" },
	} {
		b.Run(name, func(b *testing.B) {
			var plan observe.Plan
			for i := range tasks {
				plan.Tasks = append(plan.Tasks, observe.Task{Name: fmt.Sprint("copy ", i), Group: group(i)})
			}
			b.ReportAllocs()
			for b.Loop() {
				s := New(Options{})
				s.Apply(observe.Observation{At: epoch, Payload: observe.Session{Format: 1, Plan: plan}})
				for at := 5; at <= hour; at += 5 {
					done := float64(at) * 1e6
					for _, t := range plan.Tasks {
						s.Apply(observe.Observation{At: second(at), Origin: observe.Origin{Task: t.Name, Source: "progress"}, Payload: observe.Counter{Name: "c", Done: &done, Unit: "bytes"}})
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/hour/tasks, "ns/stream-second")
		})
	}
}

// A resumed session keeps what is known of a group; a task that is no longer watched leaves it, and with too few left
// there is none.
func TestGroupsSurviveAResume(t *testing.T) {
	plan := observe.Plan{Tasks: []observe.Task{{Name: "one"}, {Name: "two"}, {Name: "three", Group: "array"}}}
	s := New(Options{})
	s.Apply(observe.Observation{At: epoch, Payload: observe.Session{Format: 1, Plan: plan}})
	read := func(at int) {
		for _, name := range []string{"one", "two", "three"} {
			done := float64(at) * 1e6
			s.Apply(observe.Observation{At: second(at), Origin: observe.Origin{Task: name, Source: "progress"}, Payload: observe.Counter{Name: "c", Done: &done, Unit: "bytes"}})
		}
	}
	for at := 5; at <= 300; at += 5 {
		read(at)
	}
	check := func(what string, want int) {
		t.Helper()
		groups := s.Snapshot().Groups
		if len(groups) != want || (want > 0 && (groups[0].Name != thisMachine || groups[0].Streams != 2 || groups[0].Rate < 1.9e6 || groups[0].Rate > 2.1e6)) {
			t.Fatalf("%s: %+v", what, groups)
		}
	}
	check("at first", 1)
	before := len(s.Snapshot().Groups[0].Spark)
	s.Apply(observe.Observation{At: second(302), Payload: observe.Session{Format: 1, Plan: plan, Resumed: true}})
	for at := 305; at <= 400; at += 5 {
		read(at)
	}
	check("resumed", 1)
	if now := len(s.Snapshot().Groups[0].Spark); now <= before {
		t.Errorf("its total covers %d cells, %d before the resume", now, before)
	}
	plan.Tasks = plan.Tasks[1:]
	s.Apply(observe.Observation{At: second(401), Payload: observe.Session{Format: 1, Plan: plan, Resumed: true}})
	s.Advance(second(420 + int(time.Minute/time.Second)))
	check("with one left", 0)
}

// A stream that is first measured by what its processes read and write, and then by a counter, has not moved what lies
// between the two.
func TestAnotherCounterIsNoAmount(t *testing.T) {
	s := New(Options{})
	apply := func(at int, task, source string, p observe.Payload) {
		s.Apply(observe.Observation{At: second(at), Origin: observe.Origin{Task: task, Source: source}, Payload: p})
	}
	count := func(at int, task, name string, done float64) {
		apply(at, task, "progress", observe.Counter{Name: name, Done: &done, Unit: "bytes"})
	}
	apply(0, "", "", observe.Session{Format: 1, Plan: observe.Plan{Tasks: []observe.Task{{Name: "one"}, {Name: "two", Process: &observe.ProcessRef{PID: 7}}}}})
	for at := 5; at <= 600; at += 5 {
		count(at, "one", "c", float64(at)*1e6)
		apply(at, "two", "process", observe.Process{Root: 7, Count: 1, Uptime: int64(at) * 1000, IO: &observe.ProcessIO{Write: int64(at) * 1e6}})
		switch {
		case at > 400:
			count(at, "two", "second file", 900e9+float64(at)*1e6)
		case at > 200:
			count(at, "two", "first file", 50e9+float64(at)*1e6)
		}
	}
	groups := s.Snapshot().Groups
	if len(groups) != 1 || groups[0].Streams != 2 {
		t.Fatalf("%+v", groups)
	}
	moved := 0.0
	for _, rate := range groups[0].Spark {
		if moved = max(moved, rate); rate > 4e6 {
			t.Fatalf("two streams of 1 MB/s: %.0f", groups[0].Spark)
		}
	}
	if moved < 1.5e6 {
		t.Errorf("hardly anything of two streams is in the total: %.0f", groups[0].Spark)
	}
}
