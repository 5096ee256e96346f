package watchers

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"ronda/internal/observe"
)

// rotate follows on to the file that now stands at the path instead of cur, and to those that stood there
// between the two. When it cannot, it is tried again with the next look.
func (f *follower) rotate(ctx context.Context, cur *tailed) (again bool) {
	// The path is opened before the siblings are listed: what is rotated away meanwhile is among them.
	handle, info, err := f.cfg.Files.OpenFile(ctx, f.cfg.Path)
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
		between = append([]*tailed{cur}, between...)
	}
	f.astray = time.Time{}
	f.files = append(append(f.files[:len(f.files)-1], between...), next)
	return true
}

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

// newer returns, oldest first, those of siblings that were rotated away after old was and before now came to
// the path. When old is not among them, they are the ones that were written to after it.
func newer(siblings []observe.FileInfo, old observe.FileInfo, now string) []observe.FileInfo {
	if i := slices.IndexFunc(siblings, func(s observe.FileInfo) bool { return s.Ident == now }); i >= 0 {
		siblings = siblings[i+1:] // what is newer than now will be found after now
	}
	n := slices.IndexFunc(siblings, func(s observe.FileInfo) bool { return s.Ident == old.Ident })
	if n < 0 {
		n = 0
		for n < len(siblings) && siblings[n].Modified.After(old.Modified) {
			n++
		}
	}
	found := slices.Clone(siblings[:n])
	slices.Reverse(found)
	return found
}

// missing tells that t has been looked for in vain for long enough to give it up. A list of files that was
// made while they were renamed may lack one of them.
func (t *tailed) missing() bool {
	if t.missed.IsZero() {
		t.missed = time.Now()
	}
	return time.Since(t.missed) > missingFor
}

const missingFor = 500 * time.Millisecond

// siblings lists the rotated files of the log, newest first. A list that was made while they were renamed may
// lack some, so it must come out the same twice. A host that cannot list them has none for us; the error is
// errAgain.
func (f *follower) siblings(ctx context.Context) ([]observe.FileInfo, error) {
	var before []observe.FileInfo
	for tries := 0; ; tries++ {
		found, err := f.cfg.Files.Siblings(ctx, f.cfg.Path)
		if errors.Is(err, fs.ErrClosed) || ctx.Err() != nil {
			return nil, errAgain
		}
		sortSiblings(f.cfg.Path, found)
		if tries == 3 || tries > 0 && slices.EqualFunc(before, found, sameFile) {
			return found, nil
		}
		before = found
	}
}

func sameFile(a, b observe.FileInfo) bool { return a.Path == b.Path && a.Ident == b.Ident }

// sortSiblings sorts by the numbers that rotation gives where all names end in one, x.log.1 being the newest.
// Otherwise it sorts by time, which may be known to the second only, and then by name, as with x.log-20261124.
func sortSiblings(log string, siblings []observe.FileInfo) {
	number := func(s observe.FileInfo) int {
		n, err := strconv.Atoi(strings.TrimPrefix(strings.TrimPrefix(path.Base(s.Path), path.Base(log)), "."))
		if err != nil || n > 9999 {
			return -1
		}
		return n
	}
	numbered := !slices.ContainsFunc(siblings, func(s observe.FileInfo) bool { return number(s) < 0 })
	slices.SortStableFunc(siblings, func(a, b observe.FileInfo) int {
		if numbered {
			return cmp.Compare(number(a), number(b))
		}
		return cmp.Or(b.Modified.Compare(a.Modified), strings.Compare(b.Path, a.Path))
	})
}

// find opens t again after its handle was lost and it was rotated away: by its identity, or by its content
// if it was copied and then cut to nothing. The error is errAgain.
func (f *follower) find(ctx context.Context, t *tailed) (bool, error) {
	siblings, err := f.siblings(ctx)
	if err != nil {
		return false, err
	}
	i, handle, err := f.locate(ctx, t, siblings, func(s observe.FileInfo) bool { return s.Ident == t.info.Ident })
	if i < 0 && err == nil {
		i, handle, err = f.locateCopy(ctx, t, siblings)
	}
	switch {
	case err != nil:
		return false, err
	case i < 0 && !t.missing():
		return false, errAgain
	case i < 0:
		return false, nil
	}
	t.missed = time.Time{}
	f.hold(t, handle, siblings[i].Ident, true)
	return true, nil
}

// locateCopy looks for a copy that was made of t after t was looked at last.
func (f *follower) locateCopy(ctx context.Context, t *tailed, siblings []observe.FileInfo) (index, handle int, err error) {
	if t.tail.n == 0 {
		return -1, 0, nil
	}
	after := t.info.Modified.Truncate(time.Second)
	return f.locate(ctx, t, siblings, func(s observe.FileInfo) bool {
		return s.Ident != t.info.Ident && s.Size >= t.off && !s.Modified.Before(after)
	})
}

// locate opens the oldest of those siblings that may be t and hold what was read of it; index is -1 when
// there is none. The error is errAgain.
func (f *follower) locate(ctx context.Context, t *tailed, siblings []observe.FileInfo, may func(observe.FileInfo) bool) (index, handle int, err error) {
	for i, s := range slices.Backward(siblings) {
		if !may(s) {
			continue
		}
		handle, info, err := f.cfg.Files.OpenFile(ctx, s.Path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return -1, 0, errAgain // they are being renamed
		case err != nil:
			continue
		}
		same, err := f.matches(ctx, handle, t)
		if same && info.Ident == s.Ident {
			return i, handle, nil
		}
		f.cfg.Files.CloseFile(handle)
		if err != nil || info.Ident != s.Ident {
			return -1, 0, errAgain
		}
	}
	return -1, 0, nil
}

// regain opens cur again after its handle was lost with the link: where it was, or where it was moved to.
func (f *follower) regain(ctx context.Context, cur *tailed) (Look, bool) {
	again := Look{Ident: cur.info.Ident, Within: lingerLook}
	handle, info, err := f.cfg.Files.OpenFile(ctx, f.cfg.Path)
	if err == nil && info.Ident == cur.info.Ident {
		f.hold(cur, handle, info.Ident, false) // whether its content goes on is seen by the next read
		return again, true
	}
	there := err == nil
	found, lost := f.find(ctx, cur)
	if there && !found && lost == nil && cur.tail.whole() {
		found, lost = f.matches(ctx, handle, cur)
		if found {
			f.hold(cur, handle, info.Ident, false)
			return again, true
		}
	}
	if there {
		f.cfg.Files.CloseFile(handle)
	}
	switch {
	case ctx.Err() != nil, lost != nil:
		return again, false
	case found:
		return again, true
	case !there:
		f.trouble(err)
		return Look{Ident: cur.info.Ident, Missing: true, Within: time.Second}, false
	}
	return again, f.rotate(ctx, cur)
}

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
	t.backlog = 0
	t.before = &observe.FileInfo{Modified: info.Modified}
	if len(siblings) > 0 {
		t.before = &siblings[0]
	}
	return t
}

// unseen adds the copies that were made of cur since it was cut short and before anything was read of it
// again: there is no content yet to know it by. If known is false, cur must be read again: at once if again.
func (f *follower) unseen(ctx context.Context, cur *tailed) (known, again bool) {
	siblings, err := f.siblings(ctx)
	if err != nil {
		return false, false
	}
	copies, ok := f.openAll(ctx, newer(siblings, *cur.before, ""), cur)
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
	cur.before = &siblings[0]
	last := len(f.files) - 1
	f.files = append(append(f.files[:last], copies...), cur)
	return false, true
}
