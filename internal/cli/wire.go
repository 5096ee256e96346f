package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	"ronda/internal/host"
	"ronda/internal/observe"
	"ronda/internal/session"
	"ronda/probes"
	"ronda/watchers"
)

// machine is what sources need of a host: this one, or one over SSH.
type machine interface {
	watchers.Files
	watchers.Procs
	probes.Host
}

var (
	_ machine = (*host.Local)(nil)
	_ machine = (*host.SSH)(nil)
)

// Defaults of what the plan may leave out.
const (
	checkEvery      = 10 * time.Second
	checkTimeout    = 5 * time.Second
	progressEvery   = 10 * time.Second
	progressTimeout = 30 * time.Second
)

// wiring makes the sources of a plan.
type wiring struct {
	local     *host.Local
	remote    map[string]*host.SSH
	rooms     rooms
	moved     moved
	databases databases
	from      watchers.From
	newest    map[string]*observe.Line // by task: the last line recorded, of a session that is resumed
	found     foundEarlier             // what finders found earlier in a session that is resumed
	followed  map[string]string        // by task: the ID of what it followed last, of a session that is resumed
	entries   []session.Entry
	stdin     *os.File
}

// hosts opens nothing yet: it only resolves how to reach the plan's hosts.
func (w *wiring) hosts(ctx context.Context, p observe.Plan, cfg func(observe.Host) host.Config) error {
	for _, h := range p.Hosts {
		link := &linkSource{}
		c := cfg(h)
		c.Report = link.report
		ssh, err := host.New(ctx, c)
		if err != nil {
			return err
		}
		link.host = ssh
		w.remote[h.Name] = ssh
		w.add(observe.Origin{Host: h.Name, Source: "link"}, link)
	}
	return nil
}

func (w *wiring) add(o observe.Origin, s session.Source) {
	w.entries = append(w.entries, session.Entry{Origin: o, Source: s})
}

// on is the machine of that name; empty is this one.
func (w *wiring) on(name string) (machine, error) {
	if name == "" {
		return w.local, nil
	}
	if h, ok := w.remote[name]; ok {
		return h, nil
	}
	return nil, fmt.Errorf("host %q is not in the plan", name)
}

// task makes the sources of one task.
func (w *wiring) task(ctx context.Context, t observe.Task) error {
	m, err := w.on(t.Host)
	if err != nil {
		return fmt.Errorf("task %q: %w", t.Name, err)
	}
	origin := func(source string) observe.Origin { return observe.Origin{Task: t.Name, Host: t.Host, Source: source} }
	switch {
	case t.Log == "-":
		w.add(origin("stdin"), watchers.NewStdin(w.stdin))
		if t.Process == nil {
			if pid := feeder(ctx, w.local, w.stdin); pid > 0 {
				t.Process = &observe.ProcessRef{PID: pid}
			}
		}
	case t.Log != "":
		w.add(origin("log"), watchers.NewLog(watchers.LogConfig{
			Path: t.Log, Files: m, Wake: waker(t), From: w.from, Resume: w.newest[t.Name],
			MaySkip: t.Host != "",
		}))
	}
	growth, err := w.growth(t)
	if err != nil {
		return err
	}
	if t.Process != nil || (t.Log != "" && t.Log != "-") {
		var source session.Source = watchers.NewProcesses(w.processConfig(m, t))
		if growth != nil {
			source = ends{source, growth}
		}
		w.add(origin("process"), source)
	}
	if err := w.machineJobs(t, m); err != nil {
		return err
	}
	if t.Progress == nil {
		if t.Log == "" && t.Process == nil && growth == nil && t.VSphere == nil && t.Libvirt == nil && t.Proxmox == nil {
			w.add(origin("sources"), unwatched{})
		}
		return nil
	}
	asked, err := w.on(t.Progress.Host)
	if err != nil {
		return fmt.Errorf("task %q: progress: %w", t.Name, err)
	}
	probe, err := probes.ForProgress(t, asked)
	if err != nil {
		return err
	}
	w.add(origin("progress"), session.Every(probe, or(t.Progress.Every, progressEvery), progressTimeout))
	return nil
}

func (w *wiring) processConfig(m machine, t observe.Task) watchers.ProcessConfig {
	cfg := watchers.ProcessConfig{Procs: m, Runner: m, Log: t.Log}
	if t.Process != nil {
		cfg.Ref = *t.Process
	}
	if t.Log == "-" {
		cfg.Log = ""
	}
	if t.Host == "" {
		cfg.Self = []int{os.Getpid()}
	}
	return cfg
}

// unwatched stands for the sources of a task that this version does not know how to watch.
type unwatched struct{}

// Run says so, once.
func (unwatched) Run(_ context.Context, emit func(...observe.Payload)) error {
	emit(observe.Source{State: observe.SourceFailed, Why: "nothing of this task can be watched by this version: give it a log, a process or a progress command"})
	return nil
}

// waker is told by the kernel where the log is on this machine, and looks by the clock elsewhere.
func waker(t observe.Task) watchers.Waker {
	if t.Host == "" {
		return watchers.NewNotify(t.Log)
	}
	return &watchers.Every{}
}

// service makes the source that asks a service.
func (w *wiring) service(s observe.Service) error {
	m, err := w.on(s.Host)
	if err != nil {
		return fmt.Errorf("service %q: %w", s.Name, err)
	}
	probe, err := probes.ForService(s, m)
	if err != nil {
		return err
	}
	w.add(observe.Origin{Host: s.Host, Source: s.Name}, session.Every(probe, or(s.Every, checkEvery), or(s.Timeout, checkTimeout)))
	return nil
}

func or(d observe.Duration, otherwise time.Duration) time.Duration {
	if d > 0 {
		return time.Duration(d)
	}
	return otherwise
}

// linkSource keeps the connection to a host, and reports how it goes.
type linkSource struct {
	host *host.SSH
	emit func(...observe.Payload)
}

// report is called by the host from within Run only.
func (l *linkSource) report(link observe.Link) {
	if l.emit != nil {
		l.emit(link)
	}
}

// Run connects, and connects again for as long as it takes. What no retry can mend the host has reported with
// all that can be said of it; the other hosts go on.
func (l *linkSource) Run(ctx context.Context, emit func(...observe.Payload)) error {
	l.emit = emit
	defer l.host.Close()
	_ = l.host.Keep(ctx)
	<-ctx.Done()
	return nil
}
