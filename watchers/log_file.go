package watchers

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"time"

	"ronda/internal/observe"
)

// tailed is one file that is read, and how far.
type tailed struct {
	stream
	handle int
	held   bool              // handle is good
	aside  bool              // handle was opened under another name than the log's: a look does not tell of the log's path
	info   observe.FileInfo  // as of the last good look
	off    int64             // the next byte to read
	tail   anchor            // the bytes before off
	skip   *observe.Skip     // bytes that are passed over until a line starts; nil: none
	copied bool              // a copy that nobody writes to any more
	before *observe.FileInfo // the newest copy when it was empty, until something is read of it; nil: it was not empty
	since  time.Time         // when it was rotated away
	missed time.Time         // when it was first looked for in vain; zero: it was not
}

// anchor is the last bytes before an offset. They tell a file that has grown from one that was written anew.
type anchor struct {
	buf [anchorSize]byte
	n   int
}

const anchorSize = 64

func (a *anchor) bytes() []byte { return a.buf[:a.n] }

// whole tells that the anchor is long enough to know a file by.
func (a *anchor) whole() bool { return a.n == anchorSize }

// add moves the anchor over data.
func (a *anchor) add(data []byte) {
	if len(data) >= anchorSize {
		a.n = copy(a.buf[:], data[len(data)-anchorSize:])
		return
	}
	keep := min(a.n, anchorSize-len(data))
	copy(a.buf[:], a.buf[a.n-keep:a.n])
	a.n = keep + copy(a.buf[keep:], data)
}

// errAgain tells that nothing can be said now, because the link was lost or files were renamed meanwhile: the
// next look tries again.
var errAgain = errors.New("look again")

// errRewritten tells that a file is not the continuation of what was read of it.
var errRewritten = errors.New("the file was cut short or written anew")

// A read asks for little while little is expected: a host may make room for as much as is asked for.
const (
	smallRead = 16 << 10
	leastRead = 4 << 10
)

// limit returns how much of t to ask for at once.
func (f *follower) limit(t *tailed) int {
	limit := min(smallRead, f.cfg.ReadSize)
	if t.info.Size-t.off > smallRead {
		limit = f.cfg.ReadSize
	}
	if thin := f.thin(); thin > 0 {
		limit = min(limit, max(leastRead, int(min(thin/2, int64(f.cfg.ReadSize)))))
	}
	return limit
}

// read returns what t has after its offset, at most one read, and what stands at the log's path now.
func (f *follower) read(ctx context.Context, t *tailed) ([]byte, *observe.FileInfo, error) {
	r, err := f.cfg.Files.ReadFile(ctx, t.handle, t.off-int64(t.tail.n), f.limit(t)+t.tail.n)
	if err != nil {
		if errors.Is(err, fs.ErrClosed) {
			t.held = false
		}
		return nil, nil, err
	}
	if r.File.Size < t.off || !bytes.HasPrefix(r.Data, t.tail.bytes()) {
		return nil, r.Path, errRewritten
	}
	t.info, t.missed = r.File, time.Time{}
	return r.Data[t.tail.n:], r.Path, nil
}

// consume takes bytes that follow t's offset.
func (f *follower) consume(t *tailed, data []byte, now time.Time) {
	if t.skip != nil {
		n := bytes.IndexByte(data, '\n')
		passed := data[:n+1]
		if n < 0 {
			passed = data
		}
		t.off += int64(len(passed))
		t.tail.add(passed)
		data = data[len(passed):]
		if n < 0 {
			return
		}
		f.endSkip(t)
	}
	t.feed(&f.batch, data, now)
	t.off += int64(len(data))
	t.tail.add(data)
}

// pass skips what t has before the first line that starts at to or after it.
func (f *follower) pass(t *tailed, to int64, why string) {
	if to <= t.off {
		return
	}
	if t.skip == nil {
		t.finish(&f.batch, true)
		t.skip = &observe.Skip{From: t.off, Why: why}
	}
	t.off = to - 1 // if a line starts at to, the byte before it is a newline
	t.tail.n = 0
}

// endSkip says what was passed over and lets t go on at its offset.
func (f *follower) endSkip(t *tailed) {
	f.batch.skip(t.skip.From, t.off, t.skip.Why)
	t.skip = nil
	t.reset(t.off)
}

// jump skips to the end of t when the link cannot carry what is there.
func (f *follower) jump(t *tailed) {
	thin := f.thin()
	limit := int64(f.limit(t))
	if thin > 0 && t.info.Size-t.off > max(4*limit, 2*thin) {
		f.pass(t, t.info.Size-limit/2, "the log grows faster than the link carries it")
	}
}

// matches tells whether an open file holds what was read of t right before t's offset. The error is errAgain.
func (f *follower) matches(ctx context.Context, handle int, t *tailed) (bool, error) {
	r, err := f.cfg.Files.ReadFile(ctx, handle, t.off-int64(t.tail.n), max(t.tail.n, 1))
	if errors.Is(err, fs.ErrClosed) || ctx.Err() != nil {
		return false, errAgain
	}
	return err == nil && r.File.Size >= t.off && bytes.HasPrefix(r.Data, t.tail.bytes()), nil
}

// hold takes a handle for t in place of the one it had.
func (f *follower) hold(t *tailed, handle int, ident string, aside bool) {
	f.release(t)
	t.handle, t.held, t.aside = handle, true, aside
	t.info.Ident = ident
}

// release gives t's handle back.
func (f *follower) release(t *tailed) {
	if t.held {
		f.cfg.Files.CloseFile(t.handle)
		t.held = false
	}
}

// end is done with t: what it holds of an unfinished line or a skip is emitted.
func (f *follower) end(t *tailed) {
	if t.skip != nil {
		f.endSkip(t)
	}
	t.finish(&f.batch, false)
	f.release(t)
}

// endEarly is done with t although it may have held more than was read of it.
func (f *follower) endEarly(t *tailed, why string) {
	f.end(t)
	f.batch.skip(t.off, max(t.off, t.info.Size), why)
}
