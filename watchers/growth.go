package watchers

import (
	"context"
	"sync"
	"time"

	"ronda/internal/observe"
)

// GrowthConfig says what grows, and where its total comes from.
type GrowthConfig struct {
	Ref    observe.TransferRef
	Runner Runner // of the host on which Ref.Path is
	Procs  Procs  // of that host too: tells who has the target open; may be nil
	// Total is the Runner of the host that knows the total, and Database one that gives the database's client its
	// password too. Either may be nil where Ref asks for nothing of it.
	Total, Database Runner
	// Source and Target are what is read and written, as a person names it. Source may be empty.
	Source, Target string
	// Hold: the copy has not begun yet. What is there already is of an earlier run: nothing is told until it changes.
	Hold bool
	// Moved is what an earlier ronda of this session has told of a growing file system, in bytes: it is counted on
	// from there.
	Moved float64
	Every time.Duration // from look to look; 0: as often as is cheap
}

// Growth watches how a target grows: a file, a folder with all that is in it, or the whole file system that it lies
// on. It emits an observe.Transfer when something has changed, and an observe.Source that says whether the target is
// there. How a transfer ends is not its affair, but for a file that has exactly the size of its source and that nobody
// has open any more: that is TransferDone; and for a smaller one on a full file system that nobody has open: TransferFailed.
//
// A file is looked at, with the temporary names under which rsync, rclone and their like write it. A folder is counted
// with du, at the lowest priority, and so rarely that this costs the host a hundredth of a core at most; between two
// counts, where these are far apart, the growth of its file system is added, in the proportion that it had before.
// Such an amount is of the kind AmountVolume. What hangs is given up, and asked again later.
type Growth struct {
	cfg  GrowthConfig
	last chan struct{} // the process that wrote has ended: a last look is due

	patience, step            time.Duration // for a look; the shortest pause between two
	completeRest, completeAsk time.Duration // see there
}

// NewGrowth returns a watcher of what cfg names. It does nothing before Run.
func NewGrowth(cfg GrowthConfig) *Growth {
	g := &Growth{cfg: cfg, last: make(chan struct{}, 1), patience: volumesPatience, step: 2 * time.Second, completeRest: completeRest, completeAsk: completeAsk}
	if cfg.Every > 0 {
		g.step = cfg.Every
	}
	return g
}

// Name returns "transfer".
func (g *Growth) Name() string { return "transfer" }

// Last asks for an exact look soon: whoever wrote the target has ended. It may be called by anyone, and never blocks.
func (g *Growth) Last() {
	select {
	case g.last <- struct{}{}:
	default:
	}
}

// Run watches until ctx ends, and returns nil then.
func (g *Growth) Run(ctx context.Context, emit Emit) error {
	ctx, cancel := context.WithCancel(ctx)
	r := &growthRun{Growth: g, emit: emit, walked: make(chan walk), totals: make(chan total), first: true}
	defer r.jobs.Wait()
	defer cancel()
	r.jobs.Go(func() { r.findTotal(ctx) })
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case w := <-r.walked:
			r.count(w)
			r.tell()
			continue
		case t := <-r.totals:
			r.total = t
			r.tell()
			continue
		case <-g.last:
			r.final = true
		case <-timer.C:
		}
		r.look(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if r.trouble == "" {
			r.walk(ctx)
			r.complete(ctx)
		}
		r.tell()
		timer.Reset(together(time.Now(), r.pace()))
	}
}

// growthRun is one Run of Growth. All but the walk and the total belong to one goroutine.
type growthRun struct {
	*Growth
	emit   Emit
	jobs   sync.WaitGroup
	walked chan walk
	totals chan total

	first   bool // nothing was seen yet
	final   bool // a last walk is due
	now     target
	was     target // at the look before, of what was there
	begun   bool   // it changed since the first look
	still   int    // looks in a row in which nothing changed
	hidden  string // the temporary name under which it is written; empty: none
	own     target // what stood under its own name at the look before
	stale   string // inode of a temporary name that nobody writes to
	look0   int    // looks since temporary names were looked for
	event   string // what happened to the target: replaced, cut short
	peak    int64  // its size before that
	trouble string // why it could not be looked at
	mute    int    // looks in a row at which its file system did not answer

	tree  folder
	base  int64 // bytes of its file system in use when it was first looked at; -1: not known
	total total

	done         bool // it is complete
	broken       bool // it is not, its file system is full, and nobody has it open
	ended        bool // that was told once
	askedHolders time.Time
	askedRoom    time.Time

	told   observe.Transfer
	source observe.Source
}

// How long it may rest before it is looked at less often, in looks.
const (
	growthRest     = 15
	growthRestLong = 60
	growthFiles    = 5 // looks from one search for temporary names to the next, for that reads the folder
)

func (r *growthRun) pace() time.Duration {
	if r.mute > 0 { // what asked may hang there for good, each time one more
		return max(min(r.step<<min(r.mute, 10), volumesProbeMost), r.step)
	}
	pause := r.step
	if r.now.kind == kindFolder || r.cfg.Ref.Volume {
		pause = max(pause, 5*r.step/2)
	}
	switch {
	case r.cfg.Every > 0:
	case r.still >= growthRestLong:
		return 4 * pause
	case r.still >= growthRest:
		return 2 * pause
	}
	return pause
}
