package session

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// stoppedJob logs, then is stopped, with a secret in its command line and one in its log.
func stoppedJob(ctx context.Context, emit func(...observe.Payload)) error {
	emit(observe.Counter{Name: "copied", Done: new(1.0), Total: new(9.0), Unit: "files"}, observe.Line{File: "/l", Text: "step one"}, observe.Line{File: "/l", Offset: 12, Text: "connecting with password=hunter2222"})
	proc := observe.Proc{PID: 7, Name: "mysql", Command: "mysql -pverysecret zimbra", State: "S", Wchan: "hrtimer_nanosleep"}
	emit(observe.Process{Root: 7, Count: 1, Uptime: 1000, Procs: []observe.Proc{proc}})
	time.Sleep(10 * time.Second)
	proc.State, proc.Blocker, proc.Waits = "T", observe.BlockerStopped, "is stopped (SIGSTOP or ^Z)"
	emit(observe.Process{Root: 7, Count: 1, Uptime: 11_000, Procs: []observe.Proc{proc}})
	<-ctx.Done()
	return nil
}

// When a verdict becomes alarming, all that was known stands in the file right behind it: the processes, the last
// lines; without the secrets that were in them.
func TestSceneIsRecorded(t *testing.T) {
	r := &record{}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(errors.New("enough")) })
		if _, err := Run(ctx, config(r, stoppedJob)); err != nil {
			t.Fatal(err)
		}
	})
	var scene *observe.Snapshot
	for i, o := range r.all {
		p, ok := o.Payload.(observe.Snapshot)
		if !ok {
			continue
		}
		if before, ok := r.all[i-1].Payload.(observe.Ruling); !ok || before.Verdict != observe.Blocked || scene != nil {
			t.Errorf("a snapshot stands behind %+v", r.all[i-1])
		}
		if o.Task != "t" || o.Seq != r.all[i-1].Seq+1 {
			t.Errorf("it is of %+v", o)
		}
		scene = &p
	}
	if scene == nil {
		t.Fatalf("no snapshot among %s", r.kinds())
	}
	wanted := &observe.Snapshot{
		Ruling:  scene.Ruling,
		Counter: &observe.Counter{Name: "copied", Done: new(1.0), Total: new(9.0), Unit: "files"},
		Process: &observe.Process{Root: 7, Count: 1, Uptime: 11_000, Procs: []observe.Proc{{
			PID: 7, Name: "mysql", Command: "mysql -p•••• zimbra", State: "T", Wchan: "hrtimer_nanosleep",
			Waits: "is stopped (SIGSTOP or ^Z)", Blocker: observe.BlockerStopped,
		}}},
		Uses:  []observe.Use{{PID: 7}},
		Lines: []string{"step one", "connecting with password=••••"},
		Sees:  []observe.Seen{{Source: "s0", State: observe.SourceUp}},
	}
	if diff := cmp.Diff(wanted, scene); diff != "" {
		t.Error(diff)
	}
	text, err := json.Marshal(scene)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"hunter2222", "verysecret"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%q stands in %s", secret, text)
		}
	}
	requireIgnored(t, r.all)
}

// requireIgnored folds a night with and without what was written for readers.
func requireIgnored(t *testing.T, night []observe.Observation) {
	t.Helper()
	with, without := fold.New(fold.Options{}), fold.New(fold.Options{})
	for _, o := range night {
		with.Apply(o)
		switch o.Payload.(type) {
		case observe.Ruling, observe.Snapshot:
		default:
			without.Apply(o)
		}
	}
	diff := cmp.Diff(without.Snapshot(), with.Snapshot(), cmp.Comparer(sameFloat), cmp.Comparer(sameLog), cmp.AllowUnexported(fold.DeadlineView{}))
	if diff != "" {
		t.Errorf("what was written for readers was folded in:\n%s", diff)
	}
}
