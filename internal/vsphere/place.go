package vsphere

import (
	"context"
	"path"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// place is what is known of where a task reads and writes. A vCenter tells it nowhere in one place: the events of the
// task name what is made and where, the machine how large it is.
type place struct {
	looks  int       // how often it was looked for
	looked time.Time // when last

	made   string // name of the machine that is made
	stored string // the same as the vCenter stores it
	in     ref    // the folder of the inventory that it is made in
	store  ref    // the datastore that is written to; zero: not known
	dir    string // the folder that is written to, as the vCenter writes it: "[datastore1] web2"

	bytes  int64  // of the disks that are copied; 0: not known
	exact  bool   // the copy will have as many
	host   ref    // where the machine runs
	stores []ref  // what it lies on
	grown  growth // of what is written
}

// It is looked for again and again where a task writes, ever more seldom: what it makes is there some time after it began.
const (
	placeFirst = 5 * time.Second
	placeLast  = 5 * time.Minute
)

// locate finds out where a task reads and writes, as far as that can be known. What cannot be read stays unknown.
func (c *center) locate(ctx context.Context, now time.Time, j *job) error {
	p := &j.place
	if p.dir != "" || p.looks > 0 && now.Sub(p.looked) < min(placeFirst<<min(p.looks, 8), placeLast) {
		return nil
	}
	p.looks++
	p.looked = now
	if j.vm.Type != "VirtualMachine" {
		return nil
	}
	m, err := c.machine(ctx, j.vm)
	if err != nil || m == nil {
		return tolerable(err)
	}
	p.host, p.stores = m.host, m.stores
	if !copies(j.kind) {
		p.dir, p.store = m.dir, m.store() // it changes what is there already
		return nil
	}
	p.bytes, p.exact = m.bytes, m.still
	return tolerable(c.target(ctx, j, m))
}

// tolerable is an error after which the session is as good as before: one answer was a fault, which says something of
// that object alone.
func tolerable(err error) error {
	if err == nil || notAuthenticated(err) || !answered(err) {
		return err
	}
	return nil
}

// machine is what is known of a virtual machine.
type machine struct {
	dir    string // "[datastore1] archive"
	host   ref
	stores []ref
	bytes  int64 // of its disks
	still  bool  // they do not change, and hold nothing that a copy will not
}

// store is the datastore that its folder is on, where that is certain.
func (m *machine) store() ref {
	if len(m.stores) == 1 {
		return m.stores[0]
	}
	return ref{}
}

// machine reads what a virtual machine is made of; nil when it is not there or may not be seen.
func (c *center) machine(ctx context.Context, vm ref) (*machine, error) {
	var read []mo.VirtualMachine
	err := c.read(ctx, []ref{vm}, []string{"config.files.vmPathName", "runtime.host", "runtime.powerState", "datastore", "layoutEx", "snapshot", "summary.storage"}, &read)
	if err != nil || len(read) == 0 {
		return nil, err
	}
	v := &read[0]
	m := &machine{stores: v.Datastore, still: v.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOff && v.Snapshot == nil}
	if v.Runtime.Host != nil {
		m.host = *v.Runtime.Host
	}
	if v.Config != nil {
		m.dir = folder(v.Config.Files.VmPathName)
	}
	if v.LayoutEx != nil {
		for _, f := range v.LayoutEx.File {
			if f.Type == string(types.VirtualMachineFileLayoutExFileTypeDiskDescriptor) || f.Type == string(types.VirtualMachineFileLayoutExFileTypeDiskExtent) {
				m.bytes += f.Size
			}
		}
	}
	if m.bytes == 0 && v.Summary.Storage != nil {
		m.bytes, m.still = v.Summary.Storage.Committed, false
	}
	return m, nil
}

// folder is the folder of a file: "[ds] vm/vm.vmx" is in "[ds] vm".
func folder(file string) string {
	store, rest, ok := strings.Cut(file, "] ")
	if !ok {
		return ""
	}
	dir := path.Dir(rest)
	if dir == "." {
		dir = ""
	}
	return strings.TrimSpace(store + "] " + dir)
}

// target finds out what a copy makes and where, by the event with which it began.
func (c *center) target(ctx context.Context, j *job, m *machine) error {
	if j.made == "" && c.client.ServiceContent.EventManager != nil {
		events, err := c.begun(ctx, j)
		if err != nil {
			return err
		}
		for _, e := range events {
			switch e := e.(type) {
			case *types.VmBeingClonedEvent:
				j.made, j.stored, j.in = plainName(e.DestName), e.DestName, e.DestFolder.Folder
			case *types.VmBeingRelocatedEvent:
				j.moveTo(e.DestDatastore, m)
			case *types.VmBeingMigratedEvent:
				j.moveTo(e.DestDatastore, m)
			case *types.VmBeingHotMigratedEvent:
				j.moveTo(e.DestDatastore, m)
			}
		}
	}
	if j.made == "" {
		return nil
	}
	return c.clone(ctx, j)
}

// begun are the events with which a copy began: those of its chain where the vCenter links them, or else those of the
// machine since.
func (c *center) begun(ctx context.Context, j *job) ([]types.BaseEvent, error) {
	ctx, cancel := c.within(ctx)
	defer cancel()
	from := j.queued.Add(-2 * time.Second)
	answer, err := methods.QueryEvents(ctx, c.client, &types.QueryEvents{
		This: *c.client.ServiceContent.EventManager,
		Filter: types.EventFilterSpec{
			Entity:      &types.EventFilterSpecByEntity{Entity: j.vm, Recursion: types.EventFilterSpecRecursionOptionSelf},
			Time:        &types.EventFilterSpecByTime{BeginTime: &from},
			EventTypeId: []string{"VmBeingClonedEvent", "VmBeingRelocatedEvent", "VmBeingMigratedEvent", "VmBeingHotMigratedEvent"},
			MaxCount:    50,
		},
	})
	if err != nil {
		return nil, err
	}
	var chained []types.BaseEvent
	for _, e := range answer.Returnval {
		if j.chain != 0 && e.GetEvent().ChainId == j.chain {
			chained = append(chained, e)
		}
	}
	if len(chained) > 0 {
		return chained, nil
	}
	return answer.Returnval, nil
}

// clone looks at the machine that a clone makes, which is there before it is finished.
func (c *center) clone(ctx context.Context, j *job) error {
	ctx, cancel := c.within(ctx)
	defer cancel()
	if c.client.ServiceContent.SearchIndex == nil {
		return nil
	}
	found, err := methods.FindChild(ctx, c.client, &types.FindChild{This: *c.client.ServiceContent.SearchIndex, Entity: j.in, Name: j.stored})
	if err != nil || found.Returnval == nil {
		return err
	}
	m, err := c.machine(ctx, *found.Returnval)
	if err != nil || m == nil {
		return err
	}
	if m.dir != "" {
		j.dir = m.dir
	}
	if s := m.store(); s != (ref{}) {
		j.store = s
	}
	return nil
}

// moveTo notes where a machine is moved: its folder there usually has the name of the old one.
func (j *job) moveTo(store *types.DatastoreEventArgument, m *machine) {
	_, name, ok := strings.Cut(m.dir, "] ")
	if store == nil || !ok || store.Datastore == m.store() {
		return
	}
	j.store, j.dir = store.Datastore, "["+store.Name+"] "+name
}
