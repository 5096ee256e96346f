package fold

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

// fuzzer reads fuzz input byte by byte; behind its end stand zeros.
type fuzzer struct{ data []byte }

func (f *fuzzer) byte() int {
	if len(f.data) == 0 {
		return 0
	}
	b := f.data[0]
	f.data = f.data[1:]
	return int(b)
}

// number is one of every size, and what is none.
func (f *fuzzer) number() float64 {
	of := []float64{0, 1, 2, 3, 50, 99, 100, 1e6, 1e9, -5, 0.5, 1e-300, 1e300, math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN()}
	return of[f.byte()%len(of)]
}

// total is a count as the kernel tells it, or one that has run over.
func (f *fuzzer) total() int64 {
	of := []int64{0, 10, 1000, 250_000, 1 << 33, math.MaxInt64, -1, math.MinInt64}
	return of[f.byte()%len(of)] + int64(f.byte())
}

func (f *fuzzer) text() string {
	of := []string{
		"copied 3 of 9 files", "copied 8 of 9 files", "copied 2 of 7 mails", "error: retrying", "Continue? [Y/n] ", "\x1b[31m\xff", "100 %", "12 %", "No space left on device, error", "",
		"=== phase two ===", "=== phase three ===", "Starting mysql...", "done.", "Waiting for cache lock: held by process 4", "waiting for clone on array", "still running (20 s elapsed)",
		"  1,234,567  12%  1.2MB/s  0:00:08 (xfr#12, to-chk=3/40)", "\r 12,567  3%  1.2MB/s  0:00:08", "99999999999999999999999999 of 1e999 rows", strings.Repeat("x ", 40_000), strings.Repeat("7", 300) + " of 9 files",
		"java.net.ConnectException: Connection refused", "\tat com.example.Main.main(Main.java:12)",
	}
	return of[f.byte()%len(of)]
}

// process is a sample of any processes: a pid used again, totals that fall, a host that was booted anew.
func (f *fuzzer) process() observe.Process {
	blockers := []observe.Blocker{"", observe.BlockerInput, observe.BlockerStopped, observe.BlockerLock, observe.BlockerPipe, observe.BlockerPeer, observe.BlockerQuota, observe.BlockerStorage, observe.BlockerFrozen, observe.BlockerOutput, "odd"}
	p := observe.Process{Root: f.byte() % 3, Count: f.byte() % 3, Uptime: f.total(), CPU: f.total(), Throttled: f.number()}
	switch f.byte() % 4 {
	case 0:
		p.IO = &observe.ProcessIO{Read: f.total(), WriteChars: f.total(), Calls: f.total()}
	case 1:
		p.Exit = &observe.Exit{Known: f.byte()%2 == 0, Code: f.byte() % 3, OOM: f.byte()%5 == 0}
	case 2:
		p.Files = []observe.OpenFile{{PID: 1, Path: "/a", Pos: f.total(), Size: f.total(), Write: true}, {Path: "/b", Size: -1, Write: true}}
	default:
	}
	for range f.byte() % 3 {
		p.Procs = append(p.Procs, observe.Proc{PID: 1 + f.byte()%2, Start: f.total(), Name: "job", State: "S", CPU: f.total(), Blocker: blockers[f.byte()%len(blockers)], Command: []string{"job", "peer of job"}[f.byte()%2]})
	}
	return p
}

func (f *fuzzer) counter() observe.Counter {
	c := observe.Counter{Name: []string{"c", "d"}[f.byte()%2], Unit: []string{"rows", "bytes", "percent", ""}[f.byte()%4], Phase: []string{"", "one", "two"}[f.byte()%3]}
	if f.byte()%5 > 0 {
		c.Done = new(f.number())
	}
	if f.byte()%3 > 0 {
		c.Total = new(f.number())
	}
	if f.byte()%6 == 0 {
		c.Raw = f.text()
	}
	return c
}

// transfer is a sample of any transfer: totals that lie, targets that shrink, states that come back.
func (f *fuzzer) transfer() observe.Transfer {
	states := []observe.TransferState{"", observe.TransferQueued, observe.TransferRunning, observe.TransferRunning, observe.TransferDone, observe.TransferFailed, observe.TransferCancelled, observe.TransferGone, "odd"}
	kinds := []observe.AmountOf{observe.AmountSource, observe.AmountTarget, observe.AmountVolume, observe.AmountIO, observe.AmountJob, observe.AmountFiles, "odd"}
	p := observe.Transfer{
		Finder: []string{"", "f", "f", "nobody"}[f.byte()%4], ID: []string{"", "1@2", "1@2", "task-7"}[f.byte()%4], Tool: "cp",
		Target: []string{"", "/m/a"}[f.byte()%2], State: states[f.byte()%len(states)], Detail: f.text(), Unknown: []string{"", "", "the size is not known"}[f.byte()%3],
	}
	for range f.byte() % 4 {
		p.Amounts = append(p.Amounts, observe.Amount{
			Of: kinds[f.byte()%len(kinds)], What: []string{"/a", "/b"}[f.byte()%2], Done: f.number(), Total: f.number(),
			Unit: []string{"bytes", "bytes", "percent", "files", ""}[f.byte()%5], Estimate: f.byte()%3 == 0,
		})
	}
	return p
}

func (f *fuzzer) payload(at time.Time, plan observe.Plan) observe.Payload {
	states := []observe.SourceState{observe.SourceUp, observe.SourceFailed, observe.SourceWaiting, observe.SourceLimited, "odd"}
	switch f.byte() % 18 {
	case 0, 1, 2:
		return observe.Line{File: "l", Text: f.text(), Partial: f.byte()%3 == 0, Backlog: f.byte()%7 == 0, Truncated: f.byte()%9 == 0}
	case 3, 4:
		return f.counter()
	case 5, 6, 7:
		return f.process()
	case 8:
		return observe.Link{Up: f.byte()%2 == 0, Late: f.byte()%3 == 0, Detail: "detail"}
	case 9:
		return observe.Source{State: states[f.byte()%len(states)], Why: "why"}
	case 10:
		return observe.Gap{From: at.Add(-time.Duration(f.byte()) * 10 * time.Minute), To: at.Add(time.Duration(f.byte()-100) * time.Minute), Why: "slept"}
	case 11:
		return observe.Skip{From: f.total(), To: f.total()}
	case 12:
		if f.byte()%4 == 0 {
			plan.Finders = nil
		}
		return observe.Session{Format: 1, Plan: plan, Resumed: true}
	case 13, 14, 15:
		return f.transfer()
	case 16:
		return observe.Volume{Mount: "/m", Size: f.total(), Used: f.total(), Avail: f.total(), Inodes: f.total(), InodesFree: f.total(), ReadOnly: f.byte()%5 == 0, Paths: [][]string{nil, {"/m/a"}, {"/a", ""}}[f.byte()%3]}
	}
	return []observe.Payload{observe.Mark{Text: "m"}, observe.Unknown{Name: "odd"}, observe.Check{Name: "s", OK: true}, observe.End{Why: "end"}, observe.Ruling{}, observe.Snapshot{}}[f.byte()%6]
}

// fuzzNight makes a sequence of observations of fuzz input: any order of kinds, clocks that jump and go back, the
// same twice, numbers of every size and none.
func fuzzNight(data []byte) []observe.Observation {
	f := fuzzer{data}
	plan := observe.Plan{
		Window:  &observe.Window{Start: epoch, End: epoch.Add(3 * time.Hour), Rollback: observe.Duration(30 * time.Minute)},
		Hosts:   []observe.Host{{Name: "h"}},
		Finders: []observe.Finder{{Name: "f", Host: "h", Group: "g", Deadline: epoch.Add(2 * time.Hour)}},
		Tasks: []observe.Task{
			{Name: "a", Host: "h", Group: "g", Process: &observe.ProcessRef{Match: "x"}, Patterns: observe.Patterns{Done: []string{"^done"}}},
			{Name: "b", Group: "g", After: "a", Stall: observe.Duration(30 * time.Second), Deadline: epoch.Add(time.Hour), Progress: &observe.ProgressRef{Command: "c"}},
		},
	}
	all := []observe.Observation{{Seq: 1, At: epoch, Payload: observe.Session{Format: 1, Plan: plan}}}
	at := epoch
	for len(f.data) > 0 && len(all) < 100 {
		switch step := f.byte(); {
		case step == 255 && at.Before(epoch.Add(9*time.Hour)): // more would only take longer
			at = at.Add(9 * time.Hour)
		case step == 254:
			at = at.Add(-3 * time.Hour)
		case step > 200:
			at = at.Add(time.Duration(step-200) * 20 * time.Second)
		default:
			at = at.Add(time.Duration(step-20) * 50 * time.Millisecond)
		}
		from := f.byte()
		o := observe.Observation{
			Seq: uint64(len(all) + 1), At: at, Payload: f.payload(at, plan),
			Origin: observe.Origin{Task: []string{"a", "b", "a", "found", "found 2", ""}[from%6], Host: "h", Source: []string{"log", "process", "progress", "stdin", "transfer", "f"}[from/6%6]},
		}
		all = append(all, o)
		if from%31 == 0 {
			all = append(all, o) // twice
		}
	}
	return all
}

// FuzzFold folds arbitrary nights: no panic, the same file the same verdicts, never an end in the past,
// never an alarm while nothing can be seen.
func FuzzFold(f *testing.F) {
	f.Add([]byte("0000000010000200003000040000500006000070000800009"))
	f.Add([]byte{2, 1, 9, 0, 1, 2, 1, 99, 0, 1, 1, 3, 3, 0, 127, 4, 0, 0, 0, 5, 1, 4, 4, 0, 9})
	f.Fuzz(func(t *testing.T, data []byte) {
		night := fuzzNight(data[:min(len(data), 600)])
		a, b := New(Options{}), New(Options{})
		for _, o := range night {
			a.Apply(o)
			b.Apply(o)
			snap := a.Snapshot()
			for _, task := range snap.Tasks {
				check(t, snap, task)
			}
			checkSpeeds(t, snap)
			checkRooms(t, snap)
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
	if v := task.Transfer; v != nil && (v.Files < 0 || v.FilesTotal < 0) || math.IsNaN(task.RateMinute) || task.RateBest < 0 || math.IsInf(task.RateMinute+task.RateBest, 0) {
		t.Fatalf("rates %v, %v; %+v", task.RateMinute, task.RateBest, v)
	}
	if task.Rate < 0 || math.IsNaN(task.Rate) || math.IsInf(task.Rate, 0) {
		t.Fatalf("rate %v", task.Rate)
	}
	if p := task.Deadline.Probability; p < 0 || p > 1 || math.IsNaN(p) {
		t.Fatalf("probability %v", p)
	}
	if e := task.PhaseETA; e.State == rate.Range && (e.P50.Before(s.At) || e.P10.After(e.P50) || e.P50.After(e.P90)) {
		t.Fatalf("end of the phase in the past or out of order at %v: %+v", s.At, e)
	}
	if p := task.Progress; math.IsNaN(p.Done) || math.IsInf(p.Done, 0) || math.IsNaN(p.Total) || math.IsInf(p.Total, 0) {
		t.Fatalf("progress %+v", p)
	}
	if next := task.Next; next != nil && next.At.Before(s.At.Truncate(time.Second)) {
		t.Fatalf("next in the past at %v: %+v", s.At, next)
	}
	if blindTo(s, task) && (task.Verdict == observe.Stalled || task.Verdict == observe.Looping || task.Verdict == observe.Blocked || task.Verdict == observe.Slowing) {
		t.Fatalf("%s: %s, of a task that cannot be seen", task.Verdict, task.Reason)
	}
}

// blindTo tells whether a task cannot be seen: the way to its host is down, or all its sources failed.
func blindTo(s *Snapshot, task TaskView) bool {
	for _, h := range s.Hosts {
		if h.Name == task.Host && h.State == LinkDown {
			return true
		}
	}
	return len(task.Sources) > 0 && !slices.ContainsFunc(task.Sources, func(v SourceView) bool { return v.State != observe.SourceFailed })
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

// BenchmarkSample is a second of a watched job: a sample of its processes, and the whole second behind it.
func BenchmarkSample(b *testing.B) {
	s := New(Options{})
	s.Apply(observe.Observation{Seq: 1, At: epoch, Payload: observe.Session{Format: 1, Plan: observe.Plan{Tasks: []observe.Task{{Name: "a"}}}}})
	at, o := epoch, observe.Origin{Task: "a", Source: "process"}
	s.Apply(observe.Observation{At: at, Origin: o, Payload: observe.Process{Root: 1, Count: 1, IO: &observe.ProcessIO{}, Procs: []observe.Proc{{PID: 1, Name: "job", State: "R"}}}})
	cpu, io := int64(0), observe.ProcessIO{}
	b.ReportAllocs()
	for b.Loop() {
		at = at.Add(time.Second)
		cpu += 500
		io.WriteChars += 1e6
		copied := io
		s.Apply(observe.Observation{At: at, Origin: o, Payload: observe.Process{Root: 1, Count: 1, CPU: cpu, IO: &copied}})
	}
}

// checkRooms: what is foreseen of volumes and of the whole plan is in order, not in the past, and made of numbers.
func checkRooms(t *testing.T, s *Snapshot) {
	t.Helper()
	bad := func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }
	disordered := func(e rate.ETA) bool {
		return e.State == rate.Range && (e.P10.Before(s.At) || e.P50.Before(e.P10) || e.P90.Before(e.P50))
	}
	for _, v := range s.Volumes {
		if bad(v.Rate) || bad(v.Need) || bad(v.Short) || v.Need < 0 || v.Short < 0 || disordered(v.Full) || v.At.After(s.At) {
			t.Fatalf("at %v: %+v", s.At, v)
		}
	}
	for _, task := range s.Tasks {
		f := task.Fit
		if bad(f.Need) || bad(f.Others) || bad(f.Avail) || f.Need < 0 || f.Others < 0 || disordered(f.FullAt) || f.Since.After(s.At) {
			t.Fatalf("at %v: %+v", s.At, f)
		}
		if !f.Known && (f.Text != "" || f.FullAt.State != "") || f.Known && !f.Fits && (f.Text == "" || f.Since.IsZero()) {
			t.Fatalf("at %v: %+v", s.At, f)
		}
	}
	if w := s.Whole; disordered(w.ETA) || w.Window.Probability < 0 || w.Window.Probability > 1 || len(w.Unknown) > len(s.Tasks) {
		t.Fatalf("at %v: %+v", s.At, w)
	}
}
