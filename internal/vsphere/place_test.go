package vsphere_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"ronda/internal/observe"
	"ronda/internal/vsphere"
)

// clone makes a real clone of the first machine in the simulator, so that it is there to be looked at.
func (s *sim) clone(name string) *simulator.VirtualMachine {
	s.t.Helper()
	source := s.vm(first)
	folder := object.NewFolder(s.admin.Client, *source.Parent)
	task, err := object.NewVirtualMachine(s.admin.Client, source.Self).Clone(s.t.Context(), folder, name, types.VirtualMachineCloneSpec{})
	if err == nil {
		err = task.Wait(s.t.Context())
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return s.vm(name)
}

// post makes an event.
func (s *sim) post(e types.BaseEvent) {
	s.t.Helper()
	_, err := methods.PostEvent(s.t.Context(), s.admin.Client, &types.PostEvent{This: *s.admin.ServiceContent.EventManager, EventToPost: e})
	if err != nil {
		s.t.Fatal(err)
	}
}

// disks gives a machine's layout one disk of a size.
func (s *sim) disks(vm *simulator.VirtualMachine, size int64) {
	ctx := s.model.Service.Context
	ctx.Map.AtomicUpdate(ctx, vm, []types.PropertyChange{
		{Name: "runtime.powerState", Val: types.VirtualMachinePowerStatePoweredOff},
		{Name: "layoutEx", Val: &types.VirtualMachineFileLayoutEx{Timestamp: time.Now(), File: []types.VirtualMachineFileLayoutExFileInfo{
			{Key: 1, Name: "[LocalDS_0] a/a.vmdk", Type: "diskDescriptor", Size: 1000},
			{Key: 2, Name: "[LocalDS_0] a/a-flat.vmdk", Type: "diskExtent", Size: size - 1000},
			{Key: 3, Name: "[LocalDS_0] a/a.vswp", Type: "swap", Size: 99999},
		}}},
	})
}

// datastore is a datastore, and the folder that the simulator keeps it in.
func (s *sim) datastore(name string) (*simulator.Datastore, string) {
	s.t.Helper()
	for _, o := range s.model.Map().All("Datastore") {
		if d, ok := o.(*simulator.Datastore); ok && d.Name == name {
			return d, d.Info.GetDatastoreInfo().Url
		}
	}
	s.t.Fatalf("no datastore %s", name)
	return nil, ""
}

func argument(vm *simulator.VirtualMachine) types.VmEvent {
	return types.VmEvent{Event: types.Event{Vm: &types.VmEventArgument{EntityEventArgument: types.EntityEventArgument{Name: vm.Name}, Vm: vm.Self}}}
}

func target(x observe.Transfer) (a observe.Amount, ok bool) {
	for _, a := range x.Amounts {
		if a.Of == observe.AmountTarget {
			return a, true
		}
	}
	return observe.Amount{}, false
}

// TestCloneGrows: what a clone makes and where is known from the event with which it began; its disks' growth is counted
// against the size of the disks that are copied, and its datastore has room for so much.
func TestCloneGrows(t *testing.T) {
	s := startSim(t, false)
	const size = 50_000_000
	made := s.clone("web2")
	s.disks(s.vm(first), size)
	store, dir := s.datastore("LocalDS_0")
	disk := filepath.Join(dir, "web2", "web2.vmdk")
	if err := os.Truncate(disk, 3_000_000); err != nil {
		t.Fatal(err)
	}
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("by source", "clone", first), wanted("by target", "", "WEB2")}})
	o.source("by source", observe.SourceWaiting)
	task := s.begin(clone, first)
	s.post(&types.VmBeingClonedEvent{
		VmCloneEvent: types.VmCloneEvent{VmEvent: argument(s.vm(first))}, DestName: "web2",
		DestFolder: types.FolderEventArgument{Folder: *made.Parent},
	})
	s.run(task)
	s.progress(task, 5)
	got := o.transfer("by source", "grows", func(x observe.Transfer) bool { _, ok := target(x); return ok })
	if got.Target != "[LocalDS_0] web2" || got.Source != first || got.Unknown != "" {
		t.Errorf("%+v", got)
	}
	a, _ := target(got)
	want := observe.Amount{Of: observe.AmountTarget, What: "[LocalDS_0] web2", Done: 3_000_000, Total: size, Unit: "bytes", By: "size of the disks of " + first}
	if a != want || got.Amounts[0] != want {
		t.Errorf("amount %+v", got.Amounts)
	}
	v := o.volume("[LocalDS_0]")
	sum := store.Summary
	if v.Size != sum.Capacity || v.Avail != sum.FreeSpace || v.Used != sum.Capacity-sum.FreeSpace || len(v.Paths) != 1 || v.Paths[0] != got.Target || v.Device != sum.Url {
		t.Errorf("volume %+v", v)
	}
	o.source("by target", observe.SourceWaiting) // the plan's first one follows it
}

// TestCloneByTarget: a clone is also known by the name of what it makes.
func TestCloneByTarget(t *testing.T) {
	s := startSim(t, false)
	made := s.clone("web2")
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("copy", "", "WEB2")}, Qualify: true, Finders: []vsphere.Wanted{wanted("all", "", "")}})
	o.source("copy", observe.SourceWaiting)
	s.post(&types.VmBeingClonedEvent{
		VmCloneEvent: types.VmCloneEvent{VmEvent: argument(s.vm(second))}, DestName: "web2",
		DestFolder: types.FolderEventArgument{Folder: *made.Parent},
	})
	s.run(s.begin(clone, second))
	got := o.transfer("copy", "found", in(observe.TransferRunning))
	if want := "[LocalDS_0 at " + s.server.URL.Host + "] web2"; got.Target != want {
		t.Errorf("target %q, want %q", got.Target, want)
	}
	s.run(s.begin(clone, first)) // of which the simulator itself made web2 just now
	o.transfer("clone "+first+" → web2 at "+s.server.URL.Host, "found", in(observe.TransferRunning))
	if v := o.volume("[LocalDS_0 at " + s.server.URL.Host + "]"); len(v.Paths) != 1 || v.Paths[0] != got.Target {
		t.Errorf("volume %+v", v)
	}
}

// TestCloneThick: disks that are made in their full size tell nothing by growing.
func TestCloneThick(t *testing.T) {
	s := startSim(t, false)
	const size = 10_000_000
	made := s.clone("web2")
	s.disks(s.vm(first), size)
	_, dir := s.datastore("LocalDS_0")
	if err := os.Truncate(filepath.Join(dir, "web2", "web2.vmdk"), size); err != nil {
		t.Fatal(err)
	}
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("copy", "clone", first)}})
	task := s.begin(clone, first)
	s.post(&types.VmBeingClonedEvent{
		VmCloneEvent: types.VmCloneEvent{VmEvent: argument(s.vm(first))}, DestName: "web2",
		DestFolder: types.FolderEventArgument{Folder: *made.Parent},
	})
	s.run(task)
	o.transfer("copy", "its place", func(x observe.Transfer) bool { return x.Target == "[LocalDS_0] web2" })
	o.roundsLater(3)
	got := o.transfer("copy", "its place", in(observe.TransferRunning))
	if _, ok := target(got); ok {
		t.Errorf("%+v", got)
	}
}

// TestRelocate: a machine that is moved grows under its name on the other datastore; one that only changes its host moves
// no files.
func TestRelocate(t *testing.T) {
	s := startSim(t, false)
	s.disks(s.vm(first), 50_000)
	store, dir := s.datastore("LocalDS_1")
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("move", "relocate", first), wanted("host only", "relocate", second)}})
	o.source("move", observe.SourceWaiting)
	if err := os.MkdirAll(filepath.Join(dir, first), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, first, "disk1.vmdk"), make([]byte, 777), 0o600); err != nil {
		t.Fatal(err)
	}
	s.post(&types.VmBeingRelocatedEvent{
		VmRelocateSpecEvent: types.VmRelocateSpecEvent{VmEvent: argument(s.vm(first))},
		DestDatastore:       &types.DatastoreEventArgument{EntityEventArgument: types.EntityEventArgument{Name: store.Name}, Datastore: store.Self},
	})
	s.run(s.begin("VirtualMachine.relocate", first))
	s.run(s.begin("VirtualMachine.relocate", second))
	got := o.transfer("move", "grows", func(x observe.Transfer) bool { a, ok := target(x); return ok && a.Done == 777 })
	if got.Target != "[LocalDS_1] "+first {
		t.Errorf("%+v", got)
	}
	o.volume("[LocalDS_1]")
	if got := o.transfer("host only", "runs", in(observe.TransferRunning)); got.Target != "" {
		t.Errorf("%+v", got)
	}
}

// TestSnapshotVolume: a snapshot changes what is there already, on the machine's own datastore.
func TestSnapshotVolume(t *testing.T) {
	s := startSim(t, false)
	o := s.watch(vsphere.Config{Finders: []vsphere.Wanted{wanted("all", "snapshot", "")}})
	o.source("all", observe.SourceUp)
	s.run(s.begin("VirtualMachine.removeSnapshot", first))
	got := o.transfer("snapshot "+first, "runs", func(x observe.Transfer) bool { return x.Target != "" })
	if got.Target != "[LocalDS_0] "+first || got.Finder != "all" {
		t.Errorf("%+v", got)
	}
	if v := o.volume("[LocalDS_0]"); len(v.Paths) != 1 || v.Paths[0] != got.Target {
		t.Errorf("%+v", v)
	}
}

// TestBrowseForbidden: without the privilege to browse, the percentage stays, and what is missing is said.
func TestBrowseForbidden(t *testing.T) {
	s := startSim(t, false)
	made := s.clone("web2")
	s.model.Service.AddFaultRule(&simulator.FaultInjectionRule{
		MethodName: "SearchDatastore_Task", ObjectType: "*", ObjectName: "*", Probability: 1, MaxCount: -1, Enabled: true,
		FaultType: simulator.FaultTypeNoPermission,
	})
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("copy", "clone", first)}})
	s.post(&types.VmBeingClonedEvent{
		VmCloneEvent: types.VmCloneEvent{VmEvent: argument(s.vm(first))}, DestName: "web2",
		DestFolder: types.FolderEventArgument{Folder: *made.Parent},
	})
	task := s.begin(clone, first)
	s.run(task)
	s.progress(task, 9)
	got := o.transfer("copy", "says what is missing", func(x observe.Transfer) bool { return x.Unknown != "" && percent(x) == 9 })
	if got.Unknown != "how far its files have grown is not known: the privilege Datastore.Browse is missing" || got.Target == "" {
		t.Errorf("%+v", got)
	}
}
