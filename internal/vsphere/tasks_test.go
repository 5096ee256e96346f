package vsphere_test

import (
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"

	"ronda/internal/observe"
	"ronda/internal/vsphere"
)

const (
	clone  = "VirtualMachine.clone"
	first  = "DC0_H0_VM0"
	second = "DC0_H0_VM1"
)

func wanted(name, task, entity string) vsphere.Wanted {
	return vsphere.Wanted{Name: name, VSphereRef: observe.VSphereRef{Task: task, Entity: entity}}
}

// TestTaskStates follows one clone through all that a task can be: waiting, running, done. The percentage stays where it
// was when a task ends well, which means nothing.
func TestTaskStates(t *testing.T) {
	s := startSim(t, false)
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("copy", "clone", first)}})
	if why := o.source("copy", observe.SourceWaiting); why != "no clone of "+first+" runs at "+s.server.URL.Host {
		t.Errorf("waiting: %s", why)
	}
	task := s.begin(clone, first)
	got := o.transfer("copy", "queued", in(observe.TransferQueued))
	if got.ID != task.Reference().Value || got.Tool != "clone" || got.Source != first || got.Finder != "" || len(got.Amounts) != 0 {
		t.Errorf("queued: %+v", got)
	}
	o.source("copy", observe.SourceUp)
	s.run(task)
	s.progress(task, 30)
	if err := task.SetDescription(t.Context(), types.LocalizableMessage{Message: "Copying Virtual Machine files"}); err != nil {
		t.Fatal(err)
	}
	got = o.transfer("copy", "30 %", func(x observe.Transfer) bool { return percent(x) == 30 && x.Detail != "" })
	if got.State != observe.TransferRunning || got.Detail != "Copying Virtual Machine files" {
		t.Errorf("running: %+v", got)
	}
	s.progress(task, 70)
	o.transfer("copy", "70 %", func(x observe.Transfer) bool { return percent(x) == 70 })
	s.end(task, nil, "")
	if got = o.transfer("copy", "done", in(observe.TransferDone)); percent(got) != 100 {
		t.Errorf("done: %+v", got)
	}
	again := s.begin(clone, first)
	o.transfer("copy", "another run", func(x observe.Transfer) bool {
		return x.ID == again.Reference().Value && x.State == observe.TransferQueued
	})
}

// TestTaskEnds tells an error, a cancellation and a task that is in the way apart.
func TestTaskEnds(t *testing.T) {
	s := startSim(t, false)
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("a", "clone", first), wanted("b", "relocate", second), wanted("c", "snapshot", first)}})
	o.source("c", observe.SourceWaiting)
	a, b := s.begin(clone, first), s.begin("VirtualMachine.relocate", second)
	s.run(a)
	s.run(b)
	o.transfer("a", "running", in(observe.TransferRunning))
	c := s.begin("VirtualMachine.removeSnapshot", first)
	s.run(c)
	s.end(c, &types.TaskInProgress{Task: a.Reference()}, "Another task is already in progress.")
	got := o.transfer("c", "failed", in(observe.TransferFailed))
	if want := "Another task is already in progress. (clone of " + first + ", " + a.Reference().Value + ")"; got.Detail != want {
		t.Errorf("in the way: %q, want %q", got.Detail, want)
	}
	s.progress(a, 12)
	o.transfer("a", "12 %", func(x observe.Transfer) bool { return percent(x) == 12 })
	s.end(a, &types.DuplicateName{Name: "web2"}, "The name 'web2' already exists.")
	if got = o.transfer("a", "failed", in(observe.TransferFailed)); got.Detail != "The name 'web2' already exists." || percent(got) != 12 {
		t.Errorf("failed: %+v", got)
	}
	if err := b.Cancel(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.transfer("b", "cancelled", in(observe.TransferCancelled))
}

// TestTaskQueued says what a task waits for: one about the same machine, or else one that uses the same datastore.
func TestTaskQueued(t *testing.T) {
	s := startSim(t, false)
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("a", "clone", first), wanted("b", "relocate", first), wanted("c", "clone", second)}})
	a := s.begin(clone, first)
	s.run(a)
	o.transfer("a", "running", in(observe.TransferRunning))
	s.begin("VirtualMachine.relocate", first)
	s.begin(clone, second)
	key := a.Reference().Value
	got := o.transfer("b", "waits", func(x observe.Transfer) bool { return x.Detail != "" })
	if want := "waits for clone of " + first + " (" + key + ")"; got.Detail != want {
		t.Errorf("same machine: %q, want %q", got.Detail, want)
	}
	got = o.transfer("c", "waits", func(x observe.Transfer) bool { return x.Detail != "" })
	if want := "waits for its turn: the same datastore is used by clone of " + first + " (" + key + ")"; got.Detail != want {
		t.Errorf("same datastore: %q, want %q", got.Detail, want)
	}
}

// TestTaskVanished: a task that the vCenter does not know any more is gone, which is no end that anybody knows.
func TestTaskVanished(t *testing.T) {
	s := startSim(t, false)
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("copy", "", "")}})
	o.source("copy", observe.SourceWaiting)
	task := s.begin(clone, first)
	s.run(task)
	s.progress(task, 43)
	o.transfer("copy", "43 %", func(x observe.Transfer) bool { return percent(x) == 43 })
	s.forget(task)
	got := o.transfer("copy", "gone", in(observe.TransferGone))
	if got.ID != task.Reference().Value || !strings.Contains(got.Detail, "does not know "+task.Reference().Value) || percent(got) != 43 {
		t.Errorf("gone: %+v", got)
	}
}

// TestTaskHistory: what ended before ronda looked is not what is waited for, unless it was followed earlier in the
// session or is named by its key.
func TestTaskHistory(t *testing.T) {
	s := startSim(t, false)
	old := s.begin(clone, first)
	s.run(old)
	s.end(old, &types.DuplicateName{Name: "x"}, "The name 'x' already exists.")
	key := old.Reference().Value
	resumed := wanted("resumed", "clone", first)
	resumed.Following = key
	lost := wanted("lost", "clone", second)
	lost.Following = "task-99999"
	finder := wanted("finder", "", "")
	finder.Names = map[string]string{key: "clone as it was called"}
	o := s.watch(vsphere.Config{
		Tasks:   []vsphere.Wanted{wanted("fresh", "clone", first), resumed, wanted("by key", key, ""), lost},
		Finders: []vsphere.Wanted{finder, wanted("other", "", "")},
	})
	o.source("fresh", observe.SourceWaiting)
	for _, name := range []string{"resumed", "by key"} {
		if got := o.transfer(name, "failed", in(observe.TransferFailed)); got.ID != key {
			t.Errorf("%s: %+v", name, got)
		}
	}
	o.transfer("lost", "gone", in(observe.TransferGone))
	if got := o.transfer("clone as it was called", "failed", in(observe.TransferFailed)); got.Finder != "finder" {
		t.Errorf("resumed by a finder: %+v", got)
	}
}

// TestTwoAtOnce: two plan tasks that mean the same kind each get one of two clones; a finder finds the third, and leaves
// alone what the plan names and what its pattern does not match.
func TestTwoAtOnce(t *testing.T) {
	s := startSim(t, false)
	finder := wanted("tasks", "", "")
	finder.Match = "VM1$"
	o := s.watch(vsphere.Config{
		Tasks:   []vsphere.Wanted{wanted("a", "clone", first), wanted("b", "clone", first)},
		Finders: []vsphere.Wanted{finder}, Taken: []string{"a", "b", "tasks", "clone " + second},
	})
	o.source("tasks", observe.SourceUp)
	x, y, z := s.begin(clone, first), s.begin(clone, first), s.begin(clone, second)
	for _, task := range []interface {
		Reference() types.ManagedObjectReference
	}{x, y} {
		key := task.Reference().Value
		await(o, "followed "+key, func() (bool, bool) {
			return true, o.transfers["a"].ID == key || o.transfers["b"].ID == key
		})
	}
	name := "clone " + second + " (" + z.Reference().Value + ")" // its plain name is the plan's
	if got := o.transfer(name, "found", in(observe.TransferQueued)); got.Finder != "tasks" {
		t.Errorf("found: %+v", got)
	}
	s.begin("VirtualMachine.relocate", first)
	o.roundsLater(3)
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.transfers) != 3 {
		t.Errorf("%d transfers: %+v", len(o.transfers), o.transfers)
	}
}

// TestRealClone: what the simulator itself makes of a clone is followed too, to its good end and to its own error.
func TestRealClone(t *testing.T) {
	delays := simulator.TaskDelay.MethodDelay
	simulator.TaskDelay.MethodDelay = map[string]int{"CloneVm": 1500, "LockHandoff": 0}
	defer func() { simulator.TaskDelay.MethodDelay = delays }()
	s := startSim(t, false)
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("copy", "clone", "")}})
	o.source("copy", observe.SourceWaiting)
	source := s.vm(first)
	vm, folder := object.NewVirtualMachine(s.admin.Client, source.Self), object.NewFolder(s.admin.Client, *source.Parent)
	for _, want := range []observe.TransferState{observe.TransferDone, observe.TransferFailed} {
		task, err := vm.Clone(t.Context(), folder, "web2", types.VirtualMachineCloneSpec{})
		if err != nil {
			t.Fatal(err)
		}
		got := o.transfer("copy", "ended", func(x observe.Transfer) bool { return x.ID == task.Reference().Value && x.State == want })
		if want == observe.TransferFailed && !strings.Contains(got.Detail, "DuplicateName") {
			t.Errorf("%+v", got)
		}
		_ = task.Wait(t.Context())
	}
}

// TestNames: a name is shown as people wrote it, whatever stands in it.
func TestNames(t *testing.T) {
	s := startSim(t, false)
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("copy", "", "a/b 100%")}})
	o.source("copy", observe.SourceWaiting)
	task := s.begin(clone, first)
	s.update(task, types.PropertyChange{Name: "info.entityName", Val: "a%2fb 100%25"})
	if got := o.transfer("copy", "found", in(observe.TransferQueued)); got.Source != "a/b 100%" {
		t.Errorf("%q", got.Source)
	}
}
