package fold

import (
	"time"

	"ronda/internal/judge"
	"ronda/internal/observe"
	"ronda/internal/words"
)

// hardlyRoom is as good as no room, in bytes: a file system keeps a few blocks that nobody gets.
const hardlyRoom = 64e3

// spent is the writer of the task whose volume has nothing left, and in which unit; nil: there is none, or it cannot be
// seen now.
func (t *task) spent() (w *writer, unit int) {
	for _, w := range t.writers {
		if !w.place.moves || w.v.pool.blind {
			continue
		}
		for u := range w.v.pool.room {
			if r := &w.v.pool.room[u]; r.known && r.size > 0 && (r.avail == 0 || u == inBytes && r.avail < hardlyRoom) {
				return w, u
			}
		}
	}
	return nil, 0
}

// noneLeft says that the volume to which the task wrote has nothing left, as a clause; empty: it has, or it is not known.
func (t *task) noneLeft() string {
	w, u := t.spent()
	switch {
	case w == nil:
		return ""
	case u == inInodes:
		return "no inodes are left on " + w.v.Mount
	}
	return w.v.Mount + " is full"
}

// restsBefore is how long what a task moves must rest before a full volume is taken to be why.
const restsBefore = 5 * time.Second

// lacksRoom is the hindrance that nothing is left of the room that the task still needs, where what it moves rests; nil:
// that is not so.
func (t *task) lacksRoom(now time.Time) *judge.Blocker {
	m := &t.moving
	if !m.known || m.derived || m.State == observe.TransferQueued || overState(m.State) {
		return nil
	}
	w, u := t.spent()
	if w == nil {
		return nil
	}
	if way := m.way(); way == nil || now.Sub(way.moved) < restsBefore || t.counting.complete() {
		return nil
	}
	text, r, want := t.noneLeft(), &w.v.pool.room[u], &w.wants[u]
	switch {
	case want.known && want.left <= r.avail:
		return nil
	case want.known:
		text += ", " + about(want.err > 0, words.Amount(want.left-r.avail, unitNames[u])) + " are lacking"
	}
	return &judge.Blocker{Class: observe.BlockerFull, Text: text}
}
