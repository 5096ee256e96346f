package fold

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"ronda/internal/observe"
)

// A verdict that flaps leaves a scene in half a minute at most; the one that stands at last is kept, and so is the
// end, however soon it comes.
func TestScenesOfAFlappingTask(t *testing.T) {
	s := New(Options{})
	seq := uint64(0)
	at := epoch
	apply := func(p observe.Payload) {
		seq++
		s.Apply(observe.Observation{Seq: seq, At: at, Origin: observe.Origin{Task: "t", Source: "process"}, Payload: p})
	}
	apply(observe.Session{Plan: observe.Plan{Tasks: []observe.Task{{Name: "t", Process: &observe.ProcessRef{PID: 1}}}}})
	sample := func(blocker observe.Blocker, state string) observe.Process {
		return observe.Process{Root: 1, Count: 1, CPU: at.Sub(epoch).Milliseconds(), Procs: []observe.Proc{{PID: 1, Name: "job", State: state, Blocker: blocker}}}
	}
	var taken []Scene
	for i := range 100 { // stopped for 7 s, running for 3 s, again and again
		at = epoch.Add(time.Duration(10*i) * time.Second)
		apply(sample(observe.BlockerStopped, "T"))
		at = at.Add(7 * time.Second)
		s.Advance(at)
		apply(sample("", "R"))
		apply(observe.Line{Text: fmt.Sprintf("file %c%c done", 'a'+i%26, 'a'+i/26)})
		taken = append(taken, s.TakeScenes()...)
	}
	if len(taken) < MaxScenes || len(taken) > MaxScenes+2 {
		t.Errorf("1000 s of flapping left %d scenes", len(taken))
	}
	for i := 1; i < len(taken); i++ {
		if apart := taken[i].At.Sub(taken[i-1].At); apart < sceneApart {
			t.Errorf("two scenes %v apart", apart)
		}
	}
	at = at.Add(time.Second)
	apply(sample(observe.BlockerStopped, "T"))
	at = at.Add(5 * time.Second)
	s.Advance(at)
	apply(observe.Process{Exit: &observe.Exit{Known: true, Signal: "SIGKILL"}})
	at = at.Add(20 * time.Second)
	s.Advance(at)
	taken = s.TakeScenes()
	if n := len(taken); n == 0 || taken[n-1].Ruling.Verdict != observe.Failed {
		t.Fatalf("the end has no scene among %d", n)
	}
	if p := taken[len(taken)-1].Process; p == nil || p.Exit == nil || len(p.Procs) != 1 || p.Procs[0].State != "T" {
		t.Errorf("of the ended process is known %+v", p)
	}
	if view := s.Snapshot().Tasks[0]; len(view.Scenes) != MaxScenes || view.Scenes[MaxScenes-1].Ruling.Verdict != observe.Failed {
		t.Errorf("shown are %d scenes", len(view.Scenes))
	}
}

// A process that was reaped leaves its processor time to its parent, who did not use it.
func TestUsesOfATree(t *testing.T) {
	var r tree
	up := func(s int) int64 { return int64(s) * 1000 }
	r.add(epoch, observe.Process{Uptime: up(1), Procs: []observe.Proc{{PID: 1, Name: "sh"}, {PID: 2, Parent: 1, Name: "gzip", CPU: 90_000}, {PID: 3, Parent: 1, Name: "tar", CPU: 5000}}})
	r.add(epoch.Add(10*time.Second), observe.Process{Uptime: up(11), Procs: []observe.Proc{{PID: 1, Name: "sh", CPU: 91_000}, {PID: 3, Parent: 1, Name: "tar", CPU: 12_500}, {PID: 4, Parent: 1, Name: "xz", CPU: 3}}})
	uses := r.usesAt(epoch.Add(11*time.Second), epoch.Add(10*time.Second))
	if len(uses) != 3 || uses[0] > 0.11 || uses[1] != 0.75 || uses[2] >= 0 {
		t.Errorf("they use %v", uses)
	}
	if p, n := r.busiest(uses); p == nil || p.Name != "tar" || n != 0.75 {
		t.Errorf("the busiest is %+v with %v", p, n)
	}
	for i, n := range r.usesAt(epoch.Add(time.Minute), epoch.Add(10*time.Second)) {
		if n != 0 {
			t.Errorf("nothing was seen to change, but process %d uses %v", i, n)
		}
	}
}

func TestDoing(t *testing.T) {
	for want, p := range map[string]observe.Proc{
		"runs":                                                {State: "R"},
		"sleeps in wait_woken":                                {State: "S", Wchan: "wait_woken"},
		"waits for its child":                                 {State: "S", Call: "wait4"},
		"sleeps by its own wish":                              {State: "S", Call: "nanosleep"},
		"sleeps in read of socket:[88121]":                    {State: "S", Call: "read", Target: "socket:[88121]"},
		"waits for disk or kernel in fsync":                   {State: "D", Call: "fsync"},
		"waits for a lock held by x (pid 3)":                  {State: "S", Blocker: observe.BlockerLock, Waits: "waits for a lock held by x (pid 3)"},
		"is stopped (SIGSTOP or ^Z)":                          {State: "T", Blocker: observe.BlockerStopped},
		"has ended, and its parent does not ask how (zombie)": {State: "Z"},
		"": {},
	} {
		if got := Doing(p); got != want {
			t.Errorf("%+v %q, want %q", p, got, want)
		}
	}
}

// Whatever the observations hold, a scene can be written into the session file.
func TestScenesOfOddNightsCanBeRecorded(t *testing.T) {
	taken := 0
	for seed := range uint64(30) {
		dice := rand.New(rand.NewPCG(seed, 1))
		data := make([]byte, 400)
		for i := range data {
			data[i] = byte(dice.Uint32())
		}
		s := New(Options{})
		for _, o := range fuzzNight(data) {
			s.Apply(o)
		}
		s.Advance(s.At().Add(10 * time.Minute))
		var encoder observe.Encoder
		for _, scene := range s.TakeScenes() {
			taken++
			line, err := encoder.Append(nil, observe.Observation{Seq: 1, At: scene.At, Origin: scene.Origin, Payload: observe.Clean(*scene.Snapshot)})
			if err != nil {
				t.Fatalf("seed %d: %v in %+v", seed, err, scene.Snapshot)
			}
			if back, err := observe.Decode(line); err != nil || back.Payload.Kind() != observe.KindSnapshot {
				t.Fatalf("seed %d: read back as %v, %v", seed, back.Payload, err)
			}
		}
	}
	if taken == 0 {
		t.Error("no scene was taken")
	}
}
