package watchers

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"ronda/internal/observe"
)

// rotate follows on to the file that now stands at the path instead of cur, and to those that stood there
// between the two. When it cannot, it is tried again with the next look.
func (f *follower) rotate(ctx context.Context, cur *tailed) (again bool) {
	// The path is opened before the siblings are listed: what is rotated away meanwhile is among them.
	handle, info, err := f.open(ctx)
	if err != nil {
		if ctx.Err() == nil {
			f.stray(time.Now(), observe.SourceLimited, err.Error()+"; the file that was there before is still followed")
		}
		return false
	}
	if info.Ident == cur.info.Ident { // it is back
		f.hold(cur, handle, info.Ident, false)
		return true
	}
	next := f.start(handle, info)
	opened := []*tailed{next}
	defer func() {
		if !again {
			f.stray(time.Now(), observe.SourceLimited, "the log is rotated too fast to follow")
			for _, t := range opened {
				f.release(t)
			}
		}
	}()
	siblings, err := f.siblings(ctx)
	if err != nil {
		return false
	}
	between, ok := f.openAll(ctx, newer(siblings, cur.info, info.Ident), cur)
	opened = append(opened, between...)
	if !ok {
		return false
	}
	switch {
	case !cur.held:
		f.endEarly(cur, "the file was rotated away while the link was lost, and is not found any more")
	case f.readOut(ctx, cur):
		same, err := f.isCopy(ctx, next, cur)
		if err != nil {
			return false
		}
		if same {
			next.stream, next.off, next.tail, next.skip = cur.stream, cur.off, cur.tail, cur.skip
			cur.stream, cur.skip = stream{}, nil
			cur.reset(cur.off)
		}
		cur.since = time.Now()
		if n := len(siblings); n > 0 && len(between) == n && !slices.ContainsFunc(siblings, cur.is) {
			f.batch.skip(cur.off, cur.off, "the log was rotated more often than its old files are kept: some may be gone unread")
		}
		between = append([]*tailed{cur}, between...)
	}
	f.astray = time.Time{}
	f.files = append(append(f.files[:len(f.files)-1], between...), next)
	return true
}

// is tells whether s is the file that t holds open.
func (t *tailed) is(s observe.FileInfo) bool { return s.Ident == t.info.Ident }

// start makes a file that is read from its beginning.
func (f *follower) start(handle int, info observe.FileInfo) *tailed {
	t := &tailed{handle: handle, held: true, info: info, since: time.Now()}
	if f.first {
		t.backlog = info.Size
	}
	return t
}

// isCopy tells whether t holds what was read of old: somebody wrote the log anew with its old content.
func (f *follower) isCopy(ctx context.Context, t, old *tailed) (bool, error) {
	if !old.tail.whole() {
		return false, nil
	}
	return f.matches(ctx, t.handle, old)
}

// openAll opens files that stood at the path after old, without copies of old. It returns false when they
// have changed since they were listed; what it returns is open nevertheless.
func (f *follower) openAll(ctx context.Context, files []observe.FileInfo, old *tailed) ([]*tailed, bool) {
	var opened []*tailed
	for _, s := range files {
		handle, info, err := f.cfg.Files.OpenFile(ctx, s.Path)
		switch {
		case ctx.Err() != nil || errors.Is(err, fs.ErrNotExist):
			return opened, false
		case err != nil:
			f.batch.skip(0, s.Size, err.Error())
			continue
		}
		t := f.start(handle, info)
		same, err := f.isCopy(ctx, t, old)
		if same {
			f.release(t)
			continue
		}
		opened = append(opened, t)
		if err != nil || info.Ident != s.Ident {
			return opened, false
		}
	}
	return opened, true
}
