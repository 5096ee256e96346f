package watchers

import (
	"context"
	"time"

	"ronda/internal/observe"
)

// A file that has the size of what it is a copy of, has not changed for a while and is held open by nobody is
// complete: whoever wrote it is done with it. Nothing else is said of an end here, for a folder may always get one more
// file, and of what is compressed or estimated nobody knows when it is whole.

const (
	completeRest = 15 * time.Second // of rest, before anybody is asked who holds the file
	completeAsk  = time.Minute      // from one such question to the next
)

// complete asks whether the target is complete, when it may be.
func (r *growthRun) complete(ctx context.Context) {
	if !r.whole() {
		r.done = false
		return
	}
	now := time.Now()
	if r.done || r.cfg.Procs == nil || time.Duration(r.still)*r.step < r.completeRest || now.Sub(r.askedHolders) < r.completeAsk {
		return
	}
	r.askedHolders = now
	const status, mounts = "/proc/self/status", "/proc/self/mountinfo"
	texts, err := r.cfg.Procs.ReadFiles(ctx, status, mounts)
	if err != nil || !effectiveRoot(texts[status]) || !mountTable(texts[mounts])[r.now.room.Mount].local() {
		return // others' open files cannot be seen, or to look for them could hang
	}
	holders, err := r.cfg.Procs.Holders(ctx, r.cfg.Ref.Path)
	r.done = err == nil && len(holders) == 0 && ctx.Err() == nil
}

// whole tells whether the target is a file that has exactly the size that it should have in the end.
func (r *growthRun) whole() bool {
	return r.now.kind == kindFile && r.hidden == "" && !r.cfg.Ref.Volume && r.cfg.Ref.Ratio == 0 && r.cfg.Ref.TotalPath != "" &&
		!r.total.estimate && r.total.bytes > 0 && r.now.size == r.total.bytes && (!r.cfg.Hold || r.begun)
}

// end is the state of a transfer that is known to have ended, and how it is known.
func (r *growthRun) end() (observe.TransferState, string) {
	switch {
	case !r.done && r.ended: // it goes on after all
		return observe.TransferRunning, r.event
	case !r.done:
		return "", r.event
	}
	r.ended = true
	return observe.TransferDone, "it has the " + r.total.by + ", and nobody has it open"
}
