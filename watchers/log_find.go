package watchers

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"ronda/internal/observe"
)

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

// sortSiblings sorts by the time of the last write, newest first. Some hosts know it to the second only; what was
// written in the same one is sorted by name: x.log.1 before x.log.2, but x.log-20261124 before x.log-20261123.
func sortSiblings(log string, siblings []observe.FileInfo) {
	number := func(s observe.FileInfo) int {
		n, err := strconv.Atoi(strings.TrimPrefix(s.Path, log+"."))
		if err != nil || n > 9999 {
			return -1
		}
		return n
	}
	numbered := !slices.ContainsFunc(siblings, func(s observe.FileInfo) bool { return number(s) < 0 })
	slices.SortStableFunc(siblings, func(a, b observe.FileInfo) int {
		if written := b.Modified.Compare(a.Modified); written != 0 {
			return written
		}
		if numbered {
			return cmp.Compare(number(a), number(b))
		}
		return strings.Compare(b.Path, a.Path)
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

// regain opens cur again after its handle was lost with the link: where it was, or where it was moved to.
func (f *follower) regain(ctx context.Context, cur *tailed) (Look, bool) {
	again := Look{Ident: cur.info.Ident, Within: lingerLook}
	handle, info, err := f.open(ctx)
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
