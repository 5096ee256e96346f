package watchers

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"strings"

	"ronda/internal/observe"
)

// begin opens the log for the first time and finds the place to start at. It returns false when there is
// nothing to read yet.
func (f *follower) begin(ctx context.Context) bool {
	handle, info, err := f.open(ctx)
	if ctx.Err() != nil {
		return false
	}
	if f.cfg.Resume != nil {
		switch found, lost := f.resume(ctx, handle, info, err == nil); {
		case found:
			f.sayUp()
			return true
		case lost != nil:
			if err == nil {
				f.cfg.Files.CloseFile(handle)
			}
			return false
		}
	}
	if err != nil {
		f.trouble(err)
		if errors.Is(err, fs.ErrNotExist) && f.cfg.Resume == nil {
			f.first = false // all of a file that comes later is news
		}
		return false
	}
	t := f.start(handle, info)
	f.files = []*tailed{t}
	f.sayUp()
	if r := f.cfg.Resume; r != nil {
		f.batch.skip(r.Offset, r.Offset, "the line that was recorded last is not found in the log any more: it is begun anew, and lines may be missing or stand here twice")
		f.cfg.Resume = nil
	}
	if f.first {
		f.place(ctx, t)
	}
	if info.Size == 0 {
		if siblings, err := f.siblings(ctx); err == nil {
			t.before = newest(siblings)
		}
	}
	return true
}

// place moves t to where reading is to begin.
func (f *follower) place(ctx context.Context, t *tailed) {
	from := f.cfg.From
	switch {
	case from.End:
		f.pass(t, f.lastLine(ctx, t), "begun at its end, as was asked for")
	case from.Byte > 0:
		f.pass(t, min(from.Byte, t.info.Size), "begun further on, as was asked for")
	default:
		f.pass(t, t.info.Size-MaxBacklog, "of a long log only the last 64 MiB are read")
	}
}

// lastLine returns where the line starts that has not ended yet: a prompt may stand there.
func (f *follower) lastLine(ctx context.Context, t *tailed) int64 {
	from := max(0, t.info.Size-MaxText)
	r, err := f.cfg.Files.ReadFile(ctx, t.handle, from, MaxText)
	if err != nil {
		return t.info.Size
	}
	if n := bytes.LastIndexByte(r.Data, '\n'); n >= 0 {
		return from + int64(n) + 1
	}
	return t.info.Size
}

// resume looks for the line that was recorded last, in the file at the path and then in those that were
// rotated away, and goes on after it. It takes handle over only when the line is found. The error is
// errAgain.
func (f *follower) resume(ctx context.Context, handle int, info observe.FileInfo, open bool) (bool, error) {
	if open {
		if found, err := f.resumeIn(ctx, handle, info); found || err != nil {
			return found, err
		}
	}
	siblings, err := f.siblings(ctx)
	if err != nil {
		return false, err
	}
	for _, s := range siblings {
		other, info, err := f.cfg.Files.OpenFile(ctx, s.Path)
		if err != nil {
			continue
		}
		found, err := f.resumeIn(ctx, other, info)
		if !found {
			f.cfg.Files.CloseFile(other)
		}
		if found {
			f.files[0].aside = true
			if open {
				f.cfg.Files.CloseFile(handle)
			}
		}
		if found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// resumeIn goes on in one file if it holds the line that was recorded last.
func (f *follower) resumeIn(ctx context.Context, handle int, info observe.FileInfo) (bool, error) {
	off, found, err := f.after(ctx, handle, *f.cfg.Resume)
	if !found || err != nil {
		return false, err
	}
	t := f.start(handle, info)
	before := max(0, off-anchorSize)
	r, err := f.cfg.Files.ReadFile(ctx, handle, before, int(off-before))
	if err != nil || len(r.Data) != int(off-before) {
		return false, errAgain
	}
	t.tail.add(r.Data)
	t.off = off
	t.reset(off)
	f.files = []*tailed{t}
	f.cfg.Resume = nil
	return true, nil
}

// after returns the offset after a recorded line in an open file, if the line stands there. For a line that
// had not ended it is the line's own offset: it is read again. The error is errAgain.
func (f *follower) after(ctx context.Context, handle int, line observe.Line) (off int64, found bool, err error) {
	var (
		s     splitter
		text  arena
		got   string
		first piece
		ended bool
	)
	take := func(p piece) {
		if !ended {
			first, ended, got = p, true, text.keep(p.text, p.truncated)
		}
	}
	s.reset(line.Offset)
	for !ended {
		r, err := f.cfg.Files.ReadFile(ctx, handle, s.off, f.cfg.ReadSize)
		switch {
		case errors.Is(err, fs.ErrClosed) || ctx.Err() != nil:
			return 0, false, errAgain
		case err != nil:
			return 0, false, nil
		}
		if len(r.Data) == 0 {
			break
		}
		s.split(r.Data, take)
	}
	s.flush(take)
	switch {
	case !ended || first.off != line.Offset:
		return 0, false, nil
	case line.Partial:
		return line.Offset, strings.HasPrefix(got, line.Text), nil
	case line.Truncated:
		return first.end, strings.HasPrefix(got, line.Text), nil
	}
	return first.end, got == line.Text, nil
}
