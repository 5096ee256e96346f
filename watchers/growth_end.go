package watchers

import (
	"context"
	"time"

	"ronda/internal/observe"
)

// A file that has the size of what it is a copy of, has not changed for a while and is held open by nobody is
// complete: whoever wrote it is done with it. One that is smaller, on a file system that is full, has failed when nobody
// has it open. Nothing else is said of an end here, for a folder may always get one more file, and of what is compressed
// or estimated nobody knows when it is whole.

const (
	completeRest = 15 * time.Second // of rest, before anybody is asked who holds the file
	completeAsk  = time.Minute      // from one such question to the next
)

// complete asks whether the target is complete, when it may be.
func (r *growthRun) complete(ctx context.Context) {
	if r.still == 0 {
		r.broken = false
	}
	whole := r.whole()
	r.done = r.done && whole
	if !whole && !r.crowded() {
		return
	}
	now := time.Now()
	if r.done || r.broken || r.cfg.Procs == nil || time.Duration(r.still)*r.step < r.completeRest || now.Sub(r.askedHolders) < r.completeAsk {
		return
	}
	r.askedHolders = now
	const status, mounts = "/proc/self/status", "/proc/self/mountinfo"
	texts, err := r.cfg.Procs.ReadFiles(ctx, status, mounts)
	if err != nil || !effectiveRoot(texts[status]) || !mountTable(texts[mounts])[r.now.room.Mount].local() {
		return // others' open files cannot be seen, or to look for them could hang
	}
	holders, err := r.cfg.Procs.Holders(ctx, r.cfg.Ref.Path)
	free := err == nil && len(holders) == 0 && ctx.Err() == nil
	r.done, r.broken = free && whole, free && !whole
}

// short tells whether the target is a file that is smaller than it should be in the end.
func (r *growthRun) short() bool {
	return r.now.kind == kindFile && r.hidden == "" && !r.cfg.Ref.Volume && r.cfg.Ref.Ratio == 0 && !r.total.estimate &&
		r.now.size > 0 && r.now.size < r.total.bytes && (!r.cfg.Hold || r.begun)
}

// crowded tells whether such a file lies on a file system that is full, to the last blocks.
func (r *growthRun) crowded() bool {
	const lastBlocks = 64 << 10
	return r.short() && r.now.room.Size > 0 && r.now.room.Avail < min(lastBlocks, r.now.room.Size/1000+1)
}

// asksRoom tells whether the room of a file is to be looked at again: it is not whole, and rests.
func (r *growthRun) asksRoom(now time.Time) bool {
	return !r.broken && r.short() && time.Duration(r.still)*r.step >= r.completeRest && now.Sub(r.askedRoom) >= r.completeAsk/4
}

// whole tells whether the target is a file that has exactly the size that it should have in the end.
func (r *growthRun) whole() bool {
	return r.now.kind == kindFile && r.hidden == "" && !r.cfg.Ref.Volume && r.cfg.Ref.Ratio == 0 && r.cfg.Ref.TotalPath != "" &&
		!r.total.estimate && r.total.bytes > 0 && r.now.size == r.total.bytes && (!r.cfg.Hold || r.begun)
}

// end is the state of a transfer that is known to have ended, and how it is known.
func (r *growthRun) end() (observe.TransferState, string) {
	switch {
	case r.broken:
		r.ended = true
		return observe.TransferFailed, "it holds " + bytesText(r.now.size) + " of " + bytesText(r.total.bytes) + ", and nobody has it open"
	case !r.done && r.ended: // it goes on after all
		return observe.TransferRunning, r.event
	case !r.done:
		return "", r.event
	}
	r.ended = true
	return observe.TransferDone, "it has the " + r.total.by + ", and nobody has it open"
}
