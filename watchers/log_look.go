package watchers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"ronda/internal/observe"
)

const (
	// linger is how long a file that was rotated away must be silent before it is left: until its writer
	// has opened the new one, lines still go to the old one.
	linger = 2 * time.Second
	// lingerLook is the time between looks at files that nothing wakes us for.
	lingerLook = 250 * time.Millisecond
	// maxOld bounds how many files that were rotated away are held open.
	maxOld = 16
	// astrayFor is how long nothing may stand at the path, as in the middle of a rotation, before it is said.
	astrayFor = time.Second
)

// look looks at the log once. again asks for the next look at once, because there is more to read.
func (f *follower) look(ctx context.Context) (last Look, again bool) {
	if len(f.files) == 0 && !f.begin(ctx) {
		return Look{Missing: true}, false
	}
	cur := f.files[len(f.files)-1]
	if !cur.held {
		return f.regain(ctx, cur)
	}
	// What the newest file holds is read before the older ones and emitted after them: so a line in it
	// never overtakes one that was written before it.
	began := time.Now()
	data, at, err := f.read(ctx, cur)
	if err != nil {
		return f.unread(ctx, cur, err)
	}
	f.lost = false
	if cur.before != nil && len(data) > 0 {
		if known, again := f.unseen(ctx, cur); !known {
			return Look{Ident: cur.info.Ident, Within: lingerLook}, again
		}
	}
	if !f.readOld(ctx) {
		return Look{Ident: cur.info.Ident, Within: lingerLook}, false
	}
	now := time.Now()
	f.consume(cur, data, now)
	f.measure(cur, len(data), began, now)
	f.jump(cur)
	again = len(data) > 0 && cur.off < cur.info.Size
	switch {
	case cur.aside:
		again = f.rotate(ctx, cur)
	case at != nil && at.Ident == cur.info.Ident:
		f.sayUp()
	case at == nil:
		f.stray(now, observe.SourceLimited, "it was moved or removed, and nothing new stands at its path; what was open is still followed")
	default:
		again = f.rotate(ctx, cur)
	}
	return f.settle(cur, len(data) > 0, again, now)
}

// settle ends a look after cur was read, and says when the next one is needed.
func (f *follower) settle(cur *tailed, grew, again bool, now time.Time) (Look, bool) {
	last := Look{Grew: grew, Ident: cur.info.Ident, Missing: !f.astray.IsZero()}
	if again {
		return last, true
	}
	f.first = false
	if cur.skip == nil {
		last.Within = cur.partial(&f.batch, now)
	}
	if last.Missing && now.Sub(cur.grew) > 10*time.Second {
		last.Within = within(time.Second, last.Within)
	} else if last.Missing || len(f.files) > 1 {
		last.Within = within(lingerLook, last.Within)
	}
	return last, false
}

// unread deals with a file that cannot be read on as it was.
func (f *follower) unread(ctx context.Context, cur *tailed, err error) (Look, bool) {
	switch {
	case ctx.Err() != nil:
		return Look{}, false
	case errors.Is(err, fs.ErrClosed):
		again := !f.lost
		f.lost = true
		return Look{Ident: cur.info.Ident, Within: lingerLook}, again
	case errors.Is(err, errRewritten):
		again := f.readOld(ctx) && f.rewritten(ctx, cur)
		return Look{Grew: true, Ident: cur.info.Ident, Within: lingerLook}, again
	}
	f.release(cur)
	f.say(observe.SourceFailed, err.Error())
	return Look{Missing: true, Within: time.Second}, false
}

// trouble says why what stands at the path cannot be opened.
func (f *follower) trouble(err error) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.say(observe.SourceWaiting, fmt.Sprintf("no such file yet: %s; its directory is watched", f.cfg.Path))
	case errors.Is(err, fs.ErrPermission):
		f.say(observe.SourceFailed, fmt.Sprintf("%v; log in as a user who may read it, or let its group read it", err))
	default:
		f.say(observe.SourceFailed, err.Error())
	}
}

// stray notes that nothing that can be read stands at the path, and says so when that lasts.
func (f *follower) stray(now time.Time, state observe.SourceState, why string) {
	if f.astray.IsZero() {
		f.astray = now
	}
	if now.Sub(f.astray) >= astrayFor {
		f.say(state, why)
	}
}

// readOld reads the files that were rotated away, oldest first, to their ends as they are now, and leaves
// those that nobody writes to any more. It returns false when one of them cannot be read just now, and what is
// newer must wait.
func (f *follower) readOld(ctx context.Context) bool {
	last := len(f.files) - 1
	if last == 0 {
		return true
	}
	all := true
	kept := make([]*tailed, 0, last+1)
	for i, t := range f.files[:last] {
		switch alive := f.readOut(ctx, t); {
		case !alive:
		case !t.held: // the link is down again, or it is being renamed
			kept = append(kept, t)
			all = false
		case t.copied, last-i > maxOld, time.Since(t.since) > linger && time.Since(t.grew) > linger:
			f.end(t)
		default:
			kept = append(kept, t)
		}
	}
	f.files = append(kept, f.files[last])
	return all
}

// readOut reads t to its end as it is now. It returns false when t is done with: nothing more can be had of it.
func (f *follower) readOut(ctx context.Context, t *tailed) bool {
	end := int64(-1)
	for tries := 0; tries < 3; {
		if !t.held {
			tries++
			switch found, err := f.find(ctx, t); {
			case err != nil:
				return true // with the next look
			case !found:
				f.leave(t, "it was rotated away, and was not found again after the link was lost")
				return false
			}
		}
		data, _, err := f.read(ctx, t)
		switch {
		case ctx.Err() != nil:
			return true
		case errors.Is(err, fs.ErrClosed):
			continue
		case err != nil:
			f.leave(t, fmt.Sprintf("it was rotated away, and cannot be read any more: %v", err))
			return false
		}
		if end < 0 {
			end = t.info.Size
		}
		f.consume(t, data, time.Now())
		f.jump(t)
		f.batch.emit(f.emit)
		if len(data) == 0 || t.off >= end {
			break
		}
	}
	return true
}

// leave is done with an old file that cannot be read on; if it is known to hold more, that is said.
func (f *follower) leave(t *tailed, why string) {
	if t.info.Size > t.off {
		f.endEarly(t, why)
		return
	}
	f.end(t)
}
