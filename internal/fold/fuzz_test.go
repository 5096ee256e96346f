package fold

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

// night makes a sequence of observations of fuzz input: any order of kinds, jumping clocks, numbers of every
// size, shrinking totals.
func fuzzNight(data []byte) []observe.Observation {
	plan := observe.Plan{
		Hosts: []observe.Host{{Name: "h"}},
		Tasks: []observe.Task{{Name: "a", Host: "h", Group: "g"}, {Name: "b", Group: "g", After: "a", Stall: observe.Duration(30 * time.Second), Deadline: epoch.Add(time.Hour)}},
	}
	all := []observe.Observation{{Seq: 1, At: epoch, Payload: observe.Session{Format: 1, Plan: plan}}}
	at := epoch
	numbers := []float64{0, 1, 2, 99, 100, 1e9, -5, 1e300, math.MaxFloat64}
	for i := 0; i+4 < len(data); i += 5 {
		kind, arg, num, task, step := data[i], data[i+1], data[i+2], data[i+3], data[i+4]
		at = at.Add(time.Duration(int8(step)) * 700 * time.Millisecond)
		if step == 127 {
			at = at.Add(9 * time.Hour)
		}
		o := observe.Observation{Seq: uint64(len(all) + 1), At: at, Origin: observe.Origin{Task: []string{"a", "b", "nobody"}[task%3], Host: "h", Source: []string{"log", "process", "progress", "stdin"}[arg%4]}}
		v := numbers[int(num)%len(numbers)]
		texts := []string{"copied 3 of 9 files", "error: retrying", "Continue? [Y/n] ", "\x1b[31m\xff", "100 %", "No space left on device, error", ""}
		o.Payload = []observe.Payload{
			observe.Line{Text: texts[int(num)%len(texts)], Partial: arg&1 > 0, Backlog: arg&2 > 0},
			observe.Counter{Name: "c", Done: &v, Total: &numbers[int(arg)%len(numbers)], Unit: []string{"rows", "bytes"}[task/3%2]},
			observe.Process{Root: int(arg % 3), Count: int(arg % 3), CPU: int64(num) * 100, IO: &observe.ProcessIO{Read: int64(num) << (arg % 40)}, Procs: []observe.Proc{{PID: 1, State: "S", Blocker: observe.BlockerInput}}},
			observe.Process{Exit: &observe.Exit{Known: arg&1 > 0, Code: int(num), OOM: arg&2 > 0}},
			observe.Link{Up: arg&1 > 0, Late: arg&2 > 0},
			observe.Source{State: []observe.SourceState{observe.SourceUp, observe.SourceFailed, observe.SourceWaiting, "odd"}[arg%4]},
			observe.Gap{From: at.Add(-time.Duration(num) * time.Hour), To: at},
			observe.Skip{From: int64(arg), To: int64(num)},
			observe.Session{Format: 1, Plan: plan, Resumed: true},
			observe.Mark{Text: "m"},
			observe.Unknown{Name: "odd"},
		}[int(kind)%11]
		all = append(all, o)
	}
	return all
}

// FuzzFold folds arbitrary nights: no panic, the same file the same verdicts, never an end in the past,
// never an alarm while nothing can be seen.
func FuzzFold(f *testing.F) {
	f.Add([]byte("0000000010000200003000040000500006000070000800009"))
	f.Add([]byte{2, 1, 9, 0, 1, 2, 1, 99, 0, 1, 1, 3, 3, 0, 127, 4, 0, 0, 0, 5, 1, 4, 4, 0, 9})
	f.Fuzz(func(t *testing.T, data []byte) {
		night := fuzzNight(data[:min(len(data), 400)])
		a, b := New(Options{}), New(Options{})
		for _, o := range night {
			a.Apply(o)
			b.Apply(o)
			snap := a.Snapshot()
			for _, task := range snap.Tasks {
				check(t, snap, task)
			}
			checkSpeeds(t, snap)
		}
		if ca, cb := a.TakeChanges(), b.TakeChanges(); !reflect.DeepEqual(ca, cb) {
			t.Fatalf("the same night, other verdicts:\n%v\n%v", ca, cb)
		}
	})
}

func check(t *testing.T, s *Snapshot, task TaskView) {
	t.Helper()
	if task.Verdict == "" || task.Reason == "" {
		t.Fatalf("no verdict: %+v", task.Ruling)
	}
	if e := task.ETA; e.State == rate.Range && (e.P50.Before(s.At) || e.P10.After(e.P50) || e.P50.After(e.P90)) {
		t.Fatalf("end in the past or out of order at %v: %+v", s.At, e)
	}
	if task.Rate < 0 || math.IsNaN(task.Rate) || math.IsInf(task.Rate, 0) {
		t.Fatalf("rate %v", task.Rate)
	}
	if p := task.Deadline.Probability; p < 0 || p > 1 || math.IsNaN(p) {
		t.Fatalf("probability %v", p)
	}
	for _, h := range s.Hosts {
		alarm := task.Verdict == observe.Stalled || task.Verdict == observe.Looping || task.Verdict == observe.Blocked
		if h.Name == task.Host && h.State == LinkDown && alarm {
			t.Fatalf("%s while the link is down", task.Verdict)
		}
	}
}

// checkSpeeds: what is shown of speeds is bounded, and made of numbers that are some.
func checkSpeeds(t *testing.T, s *Snapshot) {
	t.Helper()
	bad := func(v float64) bool { return v < 0 || math.IsInf(v, 0) }
	for _, task := range s.Tasks {
		if len(task.Course) > CourseCells || len(task.Spark) > SparkCells || slices.ContainsFunc(task.Course, bad) || slices.ContainsFunc(task.Spark, bad) {
			t.Fatalf("course %v, spark %v", task.Course, task.Spark)
		}
		if c := task.Change; !c.At.IsZero() && (bad(c.Before) || bad(c.After) || c.Before*c.After == 0 || math.IsNaN(c.Before+c.After) || c.At.After(s.At)) {
			t.Fatalf("change %+v at %v", c, s.At)
		}
	}
	for _, g := range s.Groups {
		if bad(g.Rate) || math.IsNaN(g.Rate) || g.Streams > len(g.Members) || len(g.Members) < 2 || slices.ContainsFunc(g.Spark, bad) || g.HintSince.After(s.At) {
			t.Fatalf("%+v", g)
		}
		for _, m := range g.Members {
			if bad(m.Rate) || !(m.Share >= 0 && m.Share <= 1) {
				t.Fatalf("%+v", m)
			}
		}
	}
}

// BenchmarkNight steps through nine silent hours of ten tasks with counters: what replay and rejudge pay.
func BenchmarkNight(b *testing.B) {
	var plan observe.Plan
	for i := range 10 {
		plan.Tasks = append(plan.Tasks, observe.Task{Name: string(rune('a' + i))})
	}
	for b.Loop() {
		s := New(Options{})
		s.Apply(observe.Observation{Seq: 1, At: epoch, Payload: observe.Session{Format: 1, Plan: plan}})
		for i := range 60 {
			at := epoch.Add(time.Duration(i) * time.Second)
			for _, t := range plan.Tasks {
				s.Apply(observe.Observation{At: at, Origin: observe.Origin{Task: t.Name, Source: "progress"}, Payload: observe.Counter{Name: "c", Done: new(float64(i)), Total: new(1e6)}})
			}
		}
		s.Advance(epoch.Add(9 * time.Hour))
	}
}
