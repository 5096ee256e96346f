package vsphere_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"ronda/internal/observe"
	"ronda/internal/vsphere"
)

// The vCenter of these tests is govmomi's own simulator, over HTTP or TLS on loopback.

const (
	user     = "ronda@vsphere.local"
	password = "correct horse"
	patience = 20 * time.Second
)

// sim is a simulated vCenter, and an administrator's session with it.
type sim struct {
	t      testing.TB
	model  *simulator.Model
	server *simulator.Server
	admin  *govmomi.Client

	mu     sync.Mutex
	logins int
	refuse bool
}

// startSim starts a vCenter with two virtual machines on one datastore; secure tells to speak TLS.
func startSim(tb testing.TB, secure bool) *sim {
	tb.Helper()
	s := &sim{t: tb, model: simulator.VPX()}
	s.model.Datastore = 2
	if err := s.model.Create(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.model.Remove)
	s.model.Service.TLS = nil
	if secure {
		s.model.Service.TLS = new(tls.Config)
	}
	s.model.Map().SessionManager().ValidLogin = func(l *types.Login) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		if l.UserName == "admin" {
			return true
		}
		s.logins++
		return !s.refuse && l.UserName == user && l.Password == password
	}
	extensions := s.model.Map().ExtensionManager()
	for _, kind := range []string{"VirtualMachine.clone", "VirtualMachine.relocate", "VirtualMachine.removeSnapshot", "Datastore.odd"} {
		extensions.ExtensionList[0].TaskList = append(extensions.ExtensionList[0].TaskList, types.ExtensionTaskTypeInfo{TaskID: kind})
	}
	s.model.Service.Listen = &url.URL{User: url.UserPassword("set", "so that logins are checked")}
	s.server = s.model.Service.NewServer()
	tb.Cleanup(s.server.Close)
	u := *s.server.URL
	u.User = url.UserPassword("admin", "x")
	admin, err := govmomi.NewClient(tb.Context(), &u, true)
	if err != nil {
		tb.Fatal(err)
	}
	s.admin = admin
	return s
}

// url is the vCenter's address as a plan has it.
func (s *sim) url() string { return s.server.URL.Scheme + "://" + s.server.URL.Host }

// fingerprint is that of its certificate.
func (s *sim) fingerprint() string {
	sum := sha256.Sum256(s.server.Certificate().Raw)
	return hex.EncodeToString(sum[:])
}

func (s *sim) loginCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

func (s *sim) refuseLogins(yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = yes
}

// vms are the virtual machines by name.
func (s *sim) vm(name string) *simulator.VirtualMachine {
	s.t.Helper()
	for _, o := range s.model.Map().All("VirtualMachine") {
		if vm, ok := o.(*simulator.VirtualMachine); ok && vm.Name == name {
			return vm
		}
	}
	s.t.Fatalf("no virtual machine %s", name)
	return nil
}

// begin makes a task of a kind about a machine, which waits.
func (s *sim) begin(kind, vm string) *object.Task {
	s.t.Helper()
	self := s.vm(vm).Self
	answer, err := methods.CreateTask(s.t.Context(), s.admin.Client, &types.CreateTask{
		This: *s.admin.ServiceContent.TaskManager, Obj: self, TaskTypeId: kind, Cancelable: true,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	task := object.NewTask(s.admin.Client, answer.Returnval.Task)
	s.until("the task is there", func() bool { return s.model.Map().Get(task.Reference()) != nil })
	s.update(task, types.PropertyChange{Name: "info.entityName", Val: vm})
	return task
}

// update changes what the vCenter says of a task.
func (s *sim) update(task *object.Task, changes ...types.PropertyChange) {
	s.t.Helper()
	ctx := s.model.Service.Context
	o, ok := ctx.Map.Get(task.Reference()).(*simulator.Task)
	if !ok {
		s.t.Fatal("the task is not there")
	}
	ctx.Map.AtomicUpdate(ctx, o, changes)
}

// forget takes a task out of the vCenter.
func (s *sim) forget(task *object.Task) {
	ctx := s.model.Service.Context
	ctx.Map.Remove(ctx, task.Reference())
	manager := ctx.Map.Get(*s.admin.ServiceContent.TaskManager).(*simulator.TaskManager)
	ctx.Map.AtomicUpdate(ctx, manager, []types.PropertyChange{{Name: "recentTask", Val: []types.ManagedObjectReference{}}})
}

func (s *sim) run(task *object.Task) {
	s.t.Helper()
	if err := task.SetState(s.t.Context(), types.TaskInfoStateRunning, nil, nil); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sim) progress(task *object.Task, percent int) {
	s.t.Helper()
	if err := task.UpdateProgress(s.t.Context(), percent); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sim) end(task *object.Task, fault types.BaseMethodFault, message string) {
	s.t.Helper()
	state, failure := types.TaskInfoStateSuccess, (*types.LocalizedMethodFault)(nil)
	if fault != nil {
		state, failure = types.TaskInfoStateError, &types.LocalizedMethodFault{Fault: fault, LocalizedMessage: message}
	}
	if err := task.SetState(s.t.Context(), state, nil, failure); err != nil {
		s.t.Fatal(err)
	}
}

// until waits for a condition.
func (s *sim) until(what string, ok func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: not within %s", what, patience)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// seen is what a watch reported last, by task and source.
type seen struct {
	t testing.TB

	mu        sync.Mutex
	transfers map[string]observe.Transfer
	sources   map[string]observe.Source
	volumes   map[string]observe.Volume
	all       []string // everything in words, for secrets
	rounds    int
	failed    bool // some source did, once
}

// watch runs a watch until the test ends.
func (s *sim) watch(cfg vsphere.Config) *seen {
	s.t.Helper()
	if cfg.URL == "" {
		cfg.URL = s.url()
	}
	if cfg.User == "" {
		cfg.User = user
	}
	if cfg.Password == nil && cfg.Ask == nil {
		cfg.Password = func(context.Context) (string, error) { return password, nil }
	}
	if cfg.Known == "" {
		cfg.Known = filepath.Join(s.t.TempDir(), "ronda", "known_vcenters")
	}
	if cfg.Every == 0 {
		cfg.Every = 20 * time.Millisecond
	}
	if cfg.Limit == 0 {
		cfg.Limit = 10 * time.Second
	}
	w, err := vsphere.New(cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	o := &seen{t: s.t, transfers: map[string]observe.Transfer{}, sources: map[string]observe.Source{}, volumes: map[string]observe.Volume{}}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx, o.take) }()
	s.t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				s.t.Errorf("the watch ended with %v", err)
			}
		case <-time.After(patience):
			s.t.Error("the watch does not end")
		}
	})
	return o
}

func (o *seen) take(payloads ...observe.Payload) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rounds++
	for _, p := range payloads {
		of, ok := p.(observe.Of)
		if !ok {
			o.t.Errorf("%T belongs to nobody", p)
			continue
		}
		switch p := of.Payload.(type) {
		case observe.Transfer:
			o.transfers[of.Task] = p
			o.all = append(o.all, p.Detail, p.Unknown)
		case observe.Source:
			name := of.Task
			if name == "" {
				name = of.Source
			}
			o.sources[name] = p
			o.failed = o.failed || p.State == observe.SourceFailed
			o.all = append(o.all, p.Why)
		case observe.Volume:
			if of.Task != "" || of.Source != "volumes" {
				o.t.Errorf("a volume of %q, source %q", of.Task, of.Source)
			}
			o.volumes[p.Mount] = p
		default:
			o.t.Errorf("unexpected %T", p)
		}
	}
}

// transfer waits until a task's transfer is as wanted.
func (o *seen) transfer(task, what string, ok func(observe.Transfer) bool) observe.Transfer {
	o.t.Helper()
	return await(o, task+": "+what, func() (observe.Transfer, bool) { t, is := o.transfers[task]; return t, is && ok(t) })
}

// source waits until a task's or finder's source is in a state, and returns why.
func (o *seen) source(name string, state observe.SourceState) string {
	o.t.Helper()
	return await(o, name+": source "+string(state), func() (observe.Source, bool) { s, is := o.sources[name]; return s, is && s.State == state }).Why
}

func (o *seen) volume(mount string) observe.Volume {
	o.t.Helper()
	return await(o, "volume "+mount, func() (observe.Volume, bool) { v, is := o.volumes[mount]; return v, is })
}

func await[T any](o *seen, what string, get func() (T, bool)) T {
	o.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		o.mu.Lock()
		v, ok := get()
		last := strings.Join(o.all[max(len(o.all)-6, 0):], "\n  ")
		o.mu.Unlock()
		if ok {
			return v
		}
		if time.Now().After(deadline) {
			o.t.Fatalf("%s: not within %s; is %+v\n%+v\nlast:\n  %s", what, patience, v, o.transfers, last)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// roundsLater waits for so many looks more.
func (o *seen) roundsLater(n int) {
	o.t.Helper()
	o.mu.Lock()
	from := o.rounds
	o.mu.Unlock()
	await(o, "more rounds", func() (int, bool) { return o.rounds, o.rounds >= from+n })
}

func (o *seen) words() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.all, "\n")
}

func in(state observe.TransferState) func(observe.Transfer) bool {
	return func(t observe.Transfer) bool { return t.State == state }
}

func percent(t observe.Transfer) float64 {
	for _, a := range t.Amounts {
		if a.Of == observe.AmountJob {
			return a.Done
		}
	}
	return -1
}

// sessions are the keys of the sessions that are open.
func (s *sim) sessions() []string {
	s.t.Helper()
	var m mo.SessionManager
	if err := s.admin.RetrieveOne(s.t.Context(), *s.admin.ServiceContent.SessionManager, []string{"sessionList"}, &m); err != nil {
		s.t.Fatal(err)
	}
	var keys []string
	for _, one := range m.SessionList {
		keys = append(keys, one.Key)
	}
	return keys
}

// failedOnce tells that any source ever failed.
func (o *seen) failedOnce() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.failed
}
