package fold

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ronda/internal/observe"
)

// found is a state of a session with a finder, and a function by which that reports of a copy.
func found(t *testing.T, opts Options) (s *State, say func(after time.Duration, task string, state observe.TransferState)) {
	t.Helper()
	s = New(opts)
	plan := observe.Plan{Tasks: []observe.Task{{Name: "upgrade"}}, Finders: []observe.Finder{{Name: "copies"}}}
	s.Apply(observe.Observation{Seq: 1, At: epoch, Payload: observe.Session{Format: 1, Plan: plan}})
	return s, func(after time.Duration, task string, state observe.TransferState) {
		s.Apply(observe.Observation{At: epoch.Add(after), Origin: observe.Origin{Task: task, Source: transferSource}, Payload: observe.Transfer{
			Finder: "copies", ID: "task-" + task, State: state, Amounts: []observe.Amount{{Of: observe.AmountSource, Done: after.Seconds(), Total: 1e6, Unit: bytesUnit}},
		}})
	}
}

func names(s *State) (all []string) {
	for _, t := range s.Snapshot().Tasks {
		all = append(all, t.Name)
	}
	return all
}

// TestFoundPlan: another plan keeps what finders found where its finder has the same name, with that one's deadline, and
// gives a task that it names itself to its own.
func TestFoundPlan(t *testing.T) {
	deadline := epoch.Add(time.Hour)
	plan := &observe.Plan{Tasks: []observe.Task{{Name: "cp b"}}, Finders: []observe.Finder{{Name: "copies", Deadline: deadline, Group: "array"}}}
	s, say := found(t, Options{Plan: plan, Adjust: func(p *observe.Task) { p.Quiet = observe.Duration(time.Minute) }})
	say(time.Second, "cp a", observe.TransferRunning)
	say(time.Second, "cp b", observe.TransferRunning)
	if got, want := names(s), []string{"cp b", "cp a"}; !slices.Equal(got, want) {
		t.Errorf("tasks %v, want %v", got, want)
	}
	a := s.task("cp a")
	if !a.plan.Deadline.Equal(deadline) || a.plan.Group != "array" || a.plan.Quiet == 0 {
		t.Errorf("the found task's plan is %+v", a.plan)
	}
	if f := s.Snapshot().Finders; len(f) != 1 || f[0].Found != 1 || f[0].Running != 1 {
		t.Errorf("finders %+v", f)
	}

	other, say := found(t, Options{Plan: &observe.Plan{}})
	say(time.Second, "cp a", observe.TransferRunning)
	if got := names(other); len(got) != 0 {
		t.Errorf("without its finder there are %v", got)
	}
}

// TestFoundResumed: a resumed session goes on with what was found, to the byte as if it had not stopped; and a task that
// ended keeps its end.
func TestFoundResumed(t *testing.T) {
	s, say := found(t, Options{})
	for i := range 90 {
		say(time.Duration(i)*time.Second, "cp a", observe.TransferRunning)
	}
	say(90*time.Second, "cp b", observe.TransferRunning)
	say(91*time.Second, "cp b", observe.TransferDone)
	before := s.Snapshot()
	s.Apply(observe.Observation{At: before.At, Payload: observe.Session{Format: 1, Plan: before.Plan, Resumed: true}})
	after := s.Snapshot()
	for i, was := range before.Tasks {
		is := after.Tasks[i]
		if was.Name != is.Name || was.Verdict != is.Verdict || was.Rate != is.Rate || was.Progress != is.Progress || was.Ended != is.Ended {
			t.Errorf("before the resume %+v, after it %+v", was, is)
		}
	}
	if got := after.Tasks[2].Verdict; got != observe.Done {
		t.Errorf("the copy that ended is %s", got)
	}
}

// TestFoundBounded: of very many copies those that ended are let go first; while all run, no more are taken in, and that
// is said once.
func TestFoundBounded(t *testing.T) {
	s, say := found(t, Options{})
	name := func(i int) string { return time.Duration(i).String() }
	for i := range maxFound {
		say(time.Second, name(i), observe.TransferRunning)
	}
	say(2*time.Second, "one more", observe.TransferRunning)
	say(2*time.Second, "another", observe.TransferRunning)
	say(3*time.Second, "another", observe.TransferRunning)
	snap := s.Snapshot()
	if len(snap.Tasks) != maxFound+1 || s.task("one more") != nil {
		t.Fatalf("%d tasks", len(snap.Tasks))
	}
	if n := len(snap.Notes); n != 1 || snap.Finders[0].Found != maxFound+2 {
		t.Errorf("%d notes, %+v", n, snap.Finders)
	}
	say(4*time.Second, name(7), observe.TransferDone)
	say(5*time.Second, name(5), observe.TransferDone)
	say(6*time.Second, "one more", observe.TransferRunning)
	if len(s.tasks) != maxFound+1 || s.task("one more") == nil || s.task(name(7)) != nil || s.task(name(5)) == nil {
		t.Errorf("%d tasks; the one that ended first must make room", len(s.tasks))
	}
}

// TestFoundAnew: another identity under the same name is another run, with a clean slate and the same log of verdicts.
func TestFoundAnew(t *testing.T) {
	s, say := found(t, Options{})
	say(time.Second, "cp a", observe.TransferRunning)
	say(2*time.Second, "cp a", observe.TransferFailed)
	s.Apply(observe.Observation{At: epoch.Add(3 * time.Second), Origin: observe.Origin{Task: "cp a", Source: transferSource}, Payload: observe.Transfer{
		Finder: "copies", ID: "another", State: observe.TransferRunning,
	}})
	v := s.Snapshot().Tasks[1]
	if v.Verdict == observe.Failed || !v.Ended.IsZero() || v.Progress.Known {
		t.Errorf("the new run is %s since %v with %+v", v.Verdict, v.Since, v.Progress)
	}
	if len(v.Scenes) != 1 {
		t.Errorf("%d scenes: that of the failure must stay", len(v.Scenes))
	}
}

// TestFoundTwiceBounded: of copies that the plan watches too no more are counted than can be remembered, and each once,
// however often it is told of.
func TestFoundTwiceBounded(t *testing.T) {
	s := New(Options{})
	s.Apply(observe.Observation{At: epoch, Payload: observe.Session{Format: 1, Plan: observe.Plan{
		Finders: []observe.Finder{{Name: "copies"}},
		Tasks:   []observe.Task{{Name: "dump", Transfer: &observe.TransferRef{Path: "/srv/dump"}}},
	}}})
	for range 3 {
		for i := range maxFound + 20 {
			s.Apply(observe.Observation{At: epoch.Add(time.Second), Origin: observe.Origin{Task: fmt.Sprint("cp ", i), Source: transferSource}, Payload: observe.Transfer{
				Finder: "copies", ID: fmt.Sprint(i, "@1"), Target: "/srv/dump", State: observe.TransferRunning,
			}})
		}
	}
	if snap := s.Snapshot(); len(snap.Tasks) != 1 || snap.Finders[0].Found != maxFound {
		t.Errorf("%d tasks, %d found, want 1 and %d", len(snap.Tasks), snap.Finders[0].Found, maxFound)
	}
}
