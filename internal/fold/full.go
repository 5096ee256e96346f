package fold

import (
	"time"

	"ronda/internal/judge"
	"ronda/internal/observe"
	"ronda/internal/words"
)

// What is left of a file system that can take no more: the last blocks, that hold no file any more, or of a small one a
// thousandth; of inodes none.
const (
	leastRoom      = 64 << 10
	leastRoomShare = 1.0 / 1000
)

// spent tells that nothing can be written there any more.
func (r *room) spent() bool {
	if r.inodes {
		return r.known && r.avail < 1
	}
	return r.known && r.avail < min(leastRoom, max(leastRoomShare*r.size, 1))
}

// spentUnit is what a pool has run out of; ok is false while it has room, or cannot be seen.
func (p *pool) spentUnit() (u int, ok bool) {
	if p.blind {
		return 0, false
	}
	switch {
	case p.room[inBytes].spent():
		return inBytes, true
	case p.room[inInodes].spent():
		return inInodes, true
	}
	return 0, false
}

// spentText says that a volume has run out of something: "/mnt/backup is full (0 bytes left)".
func (v *volume) spentText(u int) string {
	if u == inInodes {
		return "no inodes are left on " + v.name()
	}
	return v.name() + " is full (" + left(v.pool.room[u].avail) + " left)"
}

func left(bytes float64) string {
	if bytes < 1 {
		return "0 bytes"
	}
	return words.Bytes(bytes)
}

// spent is the first of the volumes on which a task writes that can take no more; nil: there is none.
func (t *task) spent() (w *writer, unit int) {
	for _, w := range t.writers {
		if u, ok := w.v.pool.spentUnit(); ok && w.takes() {
			return w, u
		}
	}
	return nil, 0
}

// restsWhereFull is how long a counter must rest on a full volume before that is taken for the reason: what was written
// last may reach it late.
const restsWhereFull = 3 * time.Second

// outOfRoom is a full volume on which the task's counter has come to rest; nil: none. Whoever runs as root may still
// write where others cannot: while it does, nothing hinders it.
func (t *task) outOfRoom() *judge.Blocker {
	w, u := t.spent()
	if w == nil || !t.run.begun || t.counting.complete() || t.judge.Standing().Silent < restsWhereFull {
		return nil
	}
	text, want := w.v.spentText(u), &w.wants[u]
	switch lack := want.left - w.v.pool.room[u].avail; {
	case !want.known:
	case want.left <= 0:
		return nil // it needs no more
	case lack > 0 && u == inInodes:
		text += "; " + about(want.err > 0, words.Amount(lack, unitNames[u])) + " are lacking"
	case lack > 0:
		text += "; " + about(want.err > 0, words.Bytes(lack)) + " are lacking"
	}
	return &judge.Blocker{Class: observe.BlockerFull, Text: text}
}

// fallsShort tells that clearly less was moved than all that there was, by an exact total.
func (t *task) fallsShort() bool {
	p := &t.counting.progress
	return t.counting.outside && p.Known && !p.Estimate && p.Total > 0 && p.Done < clearlyLess*p.Total
}

// blameFor is for how long after an end a full volume is taken to be what it is due to: it may be looked at only some
// seconds later.
const blameFor = 30 * time.Second

// blame names a full volume as what an end is due to that was no success.
func (t *task) blame(now time.Time) {
	ended, over := t.judge.Ended()
	if !over || now.Sub(ended) > blameFor || t.judge.Standing().Verdict == observe.Done || t.counting.complete() {
		return
	}
	if w, u := t.spent(); w != nil {
		t.judge.Because(w.v.spentText(u), w.place.moves && t.fallsShort())
	}
}
