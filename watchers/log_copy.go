package watchers

import (
	"context"
	"slices"
	"time"

	"ronda/internal/observe"
)

// rewritten deals with cur after it was cut short. If it was copied before, the rest is read from the copy.
// It returns false when that must be tried again.
func (f *follower) rewritten(ctx context.Context, cur *tailed) bool {
	siblings, err := f.siblings(ctx)
	if err != nil {
		return false
	}
	last := len(f.files) - 1
	i, handle, err := f.locateCopy(ctx, cur, siblings)
	if err != nil || i < 0 && !cur.missing() {
		return false
	}
	if i < 0 {
		gone := *cur
		gone.held = false // the handle goes on with the new content
		f.endEarly(&gone, "the file was cut short; what it got right before is not known")
		f.files[last] = f.anew(cur, siblings)
		return true
	}
	old := *cur
	old.handle, old.info, old.copied, old.missed = handle, siblings[i], true, time.Time{}
	newer := slices.Clone(siblings[:i])
	slices.Reverse(newer)
	between, ok := f.openAll(ctx, newer, cur)
	if !ok {
		for _, t := range append(between, &old) {
			f.release(t)
		}
		return false
	}
	for _, t := range between {
		t.copied = true
	}
	f.files = append(append(append(f.files[:last], &old), between...), f.anew(cur, siblings))
	return true
}

// anew makes the file that cur has become: the same one, read from its beginning.
func (f *follower) anew(cur *tailed, siblings []observe.FileInfo) *tailed {
	info := cur.info
	info.Size = 0
	t := f.start(cur.handle, info)
	t.before = newest(siblings)
	return t
}

// newest returns the first of siblings, or a file that all are newer than.
func newest(siblings []observe.FileInfo) *observe.FileInfo {
	if len(siblings) == 0 {
		return &observe.FileInfo{}
	}
	return &siblings[0]
}

// unseen adds the copies that were made of cur since it was empty and before anything was read of it:
// there is no content yet to know it by. If known is false, cur must be read again: at once if again.
func (f *follower) unseen(ctx context.Context, cur *tailed) (known, again bool) {
	siblings, err := f.siblings(ctx)
	if err != nil {
		return false, false
	}
	copies, ok := f.openAll(ctx, newer(siblings, *cur.before, cur.info.Ident), cur)
	if !ok {
		for _, t := range copies {
			f.release(t)
		}
		return false, false
	}
	if len(copies) == 0 {
		cur.before = nil
		return true, false
	}
	for _, t := range copies {
		t.copied = true
	}
	cur.before = newest(siblings)
	last := len(f.files) - 1
	f.files = append(append(f.files[:last], copies...), cur)
	return false, true
}
