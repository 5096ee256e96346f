package watchers

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"ronda/internal/observe"
)

// FinderConfig says where to look for transfers.
type FinderConfig struct {
	Procs  Procs
	Runner Runner        // asks for free space and for peers; may be nil: both stay unknown then
	Name   string        // the finder's; what it finds bears it
	Match  string        // regular expression over command lines; empty: all
	Every  time.Duration // from sample to sample; 0: 1 s
	// Near says that to look through all processes costs little: those of this machine. New ones are looked for at every
	// tick then, else at every third.
	Near bool
	// Machine is the host's "uname -m", by which system calls are named; empty: it is asked.
	Machine string
	// Self are pids that are never taken: ronda's own. Nothing that they started is taken either. Empty for a remote
	// host.
	Self []int
	// Names are those of transfers that were found earlier in this session, by their IDs: they are used again.
	Names map[string]string
	// Left are those of them that had not ended when the session was left: of one that is gone by now that is said.
	Left map[string]observe.Transfer
	// Taken are names that belong to others: tasks of the plan, services.
	Taken []string
	// Suffix stands behind every name: "@mail1", where several hosts are looked at.
	Suffix string
	// Targets is told which files are written to, or the folders of these, whenever that changes; nil: nobody is.
	Targets func(paths []string)
}

// Finder finds the copies that run on a host, as they come and go, and reports on each under a task of its own: what
// moves and how far it is, and what its processes wait for. It reads /proc and the sizes of files on local file
// systems, and never touches a process.
//
// One copy is one task, however many processes it has: those that a copy has started, and those that it is joined
// with over pipes, belong to it. One that lives for little more than a second may be missed, and where the host is not
// Near one of less than five.
type Finder struct {
	cfg   FinderConfig
	match *regexp.Regexp
}

// NewFinder returns a finder of transfers. It does nothing before Run. An invalid pattern is an error.
func NewFinder(cfg FinderConfig) (*Finder, error) {
	f := &Finder{cfg: cfg}
	if cfg.Match != "" {
		re, err := regexp.Compile(cfg.Match)
		if err != nil {
			return nil, fmt.Errorf("transfers that match %q: %w", cfg.Match, err)
		}
		f.match = re
	}
	if f.cfg.Every <= 0 {
		f.cfg.Every = time.Second
	}
	return f, nil
}

// Run looks until ctx ends, and returns nil then. What it sees of a copy it emits as observe.Of, all copies in one
// batch; a copy of which nothing has changed is left out. Of itself it reports only a Source: waiting while no copy
// runs.
func (f *Finder) Run(ctx context.Context, emit Emit) error {
	r := newFinderRun(f.cfg, f.match, emit)
	defer r.asking.running.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	failures := 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		err := r.step(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // what ctx cut short is no trouble
		}
		wait := f.cfg.Every
		if err != nil {
			r.report(observe.SourceFailed, err.Error())
			failures++
			wait *= time.Duration(min(failures, 10))
		} else {
			failures = 0
		}
		r.flush()
		timer.Reset(together(time.Now(), wait))
	}
}

// How often things are done, in ticks.
const (
	scanEvery = 3 // all processes are looked through
	fullLook  = 3 // a copy that moves is looked at in full; between that only its files are
)

// finderRun is one Run: it has one goroutine.
type finderRun struct {
	cfg    FinderConfig
	match  *regexp.Regexp
	emit   Emit
	host   procHost
	gather *gather

	tick   int
	scans  int
	uptime int64
	source observe.Source
	batch  []observe.Payload

	scanner scanner
	places  places
	names   names
	found   []*found // oldest first
	others  int      // copies that Match leaves out
	kernel  map[string]observe.Transfer
	rests   map[string]int // scans in which a copy of the kernel's was not listed any more
	targets []string
	writing []string     // of targets, those that are written to now
	kept    []keptTarget // the others
	asking  inquiries
}

func newFinderRun(cfg FinderConfig, match *regexp.Regexp, emit Emit) *finderRun {
	return &finderRun{
		cfg: cfg, match: match, emit: emit, gather: newGather(cfg.Procs, cfg.Runner),
		scanner: newScanner(), names: newNames(cfg), kernel: map[string]observe.Transfer{}, rests: map[string]int{}, asking: inquiries{told: make(chan inquiry, 1)},
	}
}

// report puts a source state into the batch when it is news.
func (r *finderRun) report(state observe.SourceState, why string) {
	if s := (observe.Source{State: state, Why: why}); s != r.source {
		r.source = s
		r.batch = append(r.batch, s)
	}
}

// say puts what is to be told of a copy into the batch.
func (r *finderRun) say(task, source string, p observe.Payload) {
	r.batch = append(r.batch, observe.Of{Task: task, Source: source, Payload: p})
}

func (r *finderRun) flush() {
	if len(r.batch) > 0 {
		r.emit(r.batch...)
		r.batch = nil
	}
}

// step takes one look at the host.
func (r *finderRun) step(ctx context.Context) error {
	if !r.host.known {
		host, err := readHost(ctx, ProcessConfig{Procs: r.cfg.Procs, Runner: r.cfg.Runner, Machine: r.cfg.Machine})
		if err != nil {
			return err
		}
		if !host.known {
			r.report(observe.SourceFailed, "this host has no /proc, so its copies cannot be found; name their targets in a plan (transfer: {path: …})")
			return nil
		}
		r.host = host
	}
	if err := r.positions(ctx); err != nil {
		return err
	}
	due := r.tick%scanEvery == 0
	if !due && r.cfg.Near {
		var err error
		if due, err = r.fresh(ctx); err != nil {
			return err
		}
	}
	if due {
		if err := r.scan(ctx); err != nil {
			return err
		}
	}
	if err := r.looks(ctx); err != nil {
		return err
	}
	r.tick++
	r.inquire(ctx)
	r.tell()
	if err := r.farewell(ctx); err != nil {
		return err
	}
	r.state()
	return nil
}

// state reports how well copies can be found.
func (r *finderRun) state() {
	foreign := 0
	for _, f := range r.found {
		if f.foreign() {
			foreign++
		}
	}
	switch {
	case r.host.hidden:
		r.report(observe.SourceLimited, "only one's own processes can be seen here (hidepid), so copies of others are not found; run as root")
	case foreign > 0:
		r.report(observe.SourceLimited, "not root: of copies of other users neither files nor I/O can be seen; run as root to see how far they are")
	case len(r.found)+len(r.kernel) == 0 && r.cfg.Match != "":
		why := fmt.Sprintf("no copy that matches %q runs here now", r.cfg.Match)
		switch r.others {
		case 0:
		case 1:
			why += "; 1 other runs"
		default:
			why += fmt.Sprintf("; %d others run", r.others)
		}
		r.report(observe.SourceWaiting, why)
	case len(r.found)+len(r.kernel) == 0:
		r.report(observe.SourceWaiting, "no copy runs here now")
	default:
		r.report(observe.SourceUp, "")
	}
}
