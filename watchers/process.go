package watchers

import (
	"context"
	"fmt"
	"time"

	"ronda/internal/observe"
)

// ProcessConfig says which process to watch and how to reach its host. Without a Ref the root of the tree
// is found from whoever writes Log.
type ProcessConfig struct {
	Procs  Procs
	Runner Runner // asks systemd and uname; may be nil: units cannot be watched then
	Ref    observe.ProcessRef
	Log    string        // path of the task's log on the host; may be empty when Ref is not
	Every  time.Duration // from sample to sample; 0: 1 s
	// Machine is the host's "uname -m", by which system calls are named; empty: it is asked.
	Machine string
	// Self are pids that are never taken and never counted: ronda's own. A pattern takes nothing that they
	// started either. Empty for a remote host.
	Self []int
}

// Processes watches the tree of processes that does a task's work: what it used of processor and disks,
// and what those that do not move wait for. It reads /proc, never traces a process and never touches one.
//
// The root is found anew when it has ended: a job that is started again is seen as a new root, what the old
// one left behind is not. What counts
// as the tree are the root's descendants, with those that were once seen among them and lost their parent
// since, and those that a member left behind in its own session or process group. Totals are summed over
// the living tree: a parent takes over the totals of the children that it reaps, so they stay.
type Processes struct {
	cfg ProcessConfig
}

// NewProcesses returns a watcher for the process that cfg names. It does nothing before Run.
func NewProcesses(cfg ProcessConfig) *Processes {
	if cfg.Every <= 0 {
		cfg.Every = time.Second
	}
	return &Processes{cfg: cfg}
}

// Name returns "process".
func (p *Processes) Name() string { return "process" }

// Run samples until ctx ends, and returns nil then. A sample is emitted when something has changed: with
// all processes at once when a process begins or ceases to be blocked, within seconds for lesser changes,
// and without them (Procs is nil then, Files too unless they were looked at) when only totals moved. The
// end of the root is a sample with Root 0, Count 0 and Exit. An invalid pattern is returned as an error.
func (p *Processes) Run(ctx context.Context, emit Emit) error {
	r, err := newProcRun(p.cfg, emit)
	if err != nil {
		return err
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		wait, err := r.step(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // what ctx cut short is no trouble
		}
		if err != nil {
			r.report(observe.SourceFailed, err.Error())
			r.failures++
			wait = r.cfg.Every * time.Duration(min(r.failures, 10))
		} else {
			r.failures = 0
		}
		timer.Reset(together(time.Now(), wait))
	}
}

// together is the pause until the clock next shows a multiple of wait, but a quarter of it at least: the
// samplers of many tasks look at the same moment, and the machine sleeps in between.
func together(now time.Time, wait time.Duration) time.Duration {
	pause := now.Truncate(wait).Add(wait).Sub(now)
	if pause < wait/4 {
		pause += wait
	}
	return pause
}

// A tree that has not moved for so many samples is looked at less often: what it waits for is known.
const (
	restful     = 10
	veryRestful = 30
)

// pace is the pause between two samples.
func (r *procRun) pace() time.Duration {
	switch still := r.job.still; {
	case still >= veryRestful:
		return 4 * r.cfg.Every
	case still >= restful:
		return 2 * r.cfg.Every
	}
	return r.cfg.Every
}

// ident is a process's identity while the host is up: a pid is used again, together with the same start
// tick it is not.
type ident struct {
	pid   int
	start int64
}

// procRun is one Run: it has one goroutine.
type procRun struct {
	cfg      ProcessConfig
	emit     Emit
	finder   *finder
	host     procHost
	source   observe.Source
	failures int // steps in a row that could not ask the host
	job      *job
	tries    int   // looks for a root in a row that found none
	last     ident // the root that ended
	next     ident // another one that matched then
}

func newProcRun(cfg ProcessConfig, emit Emit) (*procRun, error) {
	f, err := newFinder(cfg)
	if err != nil {
		return nil, err
	}
	return &procRun{cfg: cfg, emit: emit, finder: f}, nil
}

// report emits a source state when it is news.
func (r *procRun) report(state observe.SourceState, why string) {
	s := observe.Source{State: state, Why: why}
	if s != r.source {
		r.source = s
		r.emit(s)
	}
}

// step does what is next and returns how long to wait after its beginning.
func (r *procRun) step(ctx context.Context) (time.Duration, error) {
	if !r.host.known {
		var err error
		r.host, err = readHost(ctx, r.cfg)
		if err != nil {
			return 0, err
		}
		if !r.host.known {
			r.report(observe.SourceFailed, "this host has no /proc, so its processes cannot be watched; the log and the other sources still are")
			return time.Minute, nil
		}
	}
	if r.job == nil {
		return r.seek(ctx)
	}
	if err := r.sample(ctx); err != nil || r.job == nil {
		return r.cfg.Every, err
	}
	return r.pace(), nil
}

// seek looks for the root once. Looking is dear on a busy host: it is done less and less often.
func (r *procRun) seek(ctx context.Context) (time.Duration, error) {
	if r.cfg.Ref.PID != 0 && r.last.pid != 0 { // a process that gets the same pid is another one
		r.report(observe.SourceWaiting, r.absence(finding{root: r.last}))
		return time.Minute, nil
	}
	found, err := r.finder.find(ctx, r.host)
	if err != nil {
		return 0, err
	}
	if found.root.pid == 0 || found.root == r.last {
		r.tries++
		// Someone who opens the log for each line is missed by most looks: look often before saying so.
		if patience := r.finder.patience(); r.tries >= patience {
			r.report(found.state, r.absence(found))
		}
		return r.finder.pause(r.tries, r.cfg.Every), nil
	}
	r.tries = 0
	r.job = newJob(r.cfg, r.host, found)
	if found.root == r.next {
		r.job.beside = fmt.Sprintf("process %d has ended; process %d matches too, still runs and is watched now", r.last.pid, found.root.pid)
	}
	if err := r.sample(ctx); err != nil {
		return 0, err
	}
	return r.cfg.Every, nil
}

func (r *procRun) absence(f finding) string {
	if r.last.pid == 0 && f.hint != "" {
		return f.why + "; " + f.hint
	}
	if r.last.pid == 0 {
		return f.why
	}
	if f.root == r.last {
		return fmt.Sprintf("process %d has ended", r.last.pid)
	}
	return fmt.Sprintf("process %d has ended; watched for a new one: %s", r.last.pid, f.why)
}

// sample takes one sample of the job and emits what is news.
func (r *procRun) sample(ctx context.Context) error {
	j := r.job
	if err := j.look(ctx); err != nil {
		return err
	}
	if j.end == nil {
		r.report(j.sight())
		s, news := j.news()
		if !news {
			return nil
		}
		if j.still > 0 {
			if err := j.clock(ctx); err != nil {
				return err
			}
			s.Uptime = j.uptime
		}
		r.emit(s)
		return nil
	}
	r.job = nil
	if j.end.never {
		return nil // it had ended before it was looked at: someone who wrote one line
	}
	r.last = j.root
	if j.end.unseen {
		r.report(observe.SourceFailed, fmt.Sprintf("process %d cannot be seen any more, which need not be its end: /proc shows only one's own processes here (hidepid); run as root", j.root.pid))
		return nil
	}
	r.finder.remember(j.remains())
	others, err := r.finder.others(ctx)
	if err != nil {
		others = finding{} // its end is worth more than to know who else runs
	}
	j.end.exit.Others, j.end.exit.Other, r.next = others.of, others.root.pid, others.root
	r.emit(j.last())
	return nil //nolint:nilerr // see above
}

// procHost is what is asked of a host once.
type procHost struct {
	known      bool
	machine    string
	root       bool // we may see everything
	hidden     bool // processes of others are not shown at all
	childFiles bool // task/*/children exist
}

func readHost(ctx context.Context, cfg ProcessConfig) (procHost, error) {
	const mounts, status, arch, children = "/proc/self/mountinfo", "/proc/self/status", "/proc/sys/kernel/arch", "/proc/1/task/1/children"
	texts, err := cfg.Procs.ReadFiles(ctx, procUptime, mounts, status, arch, children)
	if err != nil {
		return procHost{}, fmt.Errorf("read /proc: %w", err)
	}
	h := procHost{known: parseUptime(texts[procUptime]) > 0, machine: cfg.Machine, childFiles: texts[children] != ""}
	h.root = effectiveRoot(texts[status])
	h.hidden = !h.root && hidesPIDs(texts[mounts])
	if h.machine == "" {
		h.machine = printable(firstWord(texts[arch]), 32)
	}
	if h.machine == "" && cfg.Runner != nil && h.known {
		out, _, code, err := cfg.Runner.Run(ctx, "uname -m")
		if err == nil && code == 0 { // without it calls have no names; all else is seen
			h.machine = printable(firstWord(string(out)), 32)
		}
	}
	return h, nil
}
