package watchers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Notify wakes when the system tells that a local log has changed. It watches the file itself, and its
// directory only while the file is missing: other files of a busy directory cost nothing.
//
// A log that is written to without pause is looked at every 5 ms. What the system tells meanwhile is left
// lying there: it merges what is the same, so ten thousand lines a second cost no more than two hundred.
type Notify struct {
	path string
	open func() (*fsnotify.Watcher, error)

	watcher *fsnotify.Watcher
	target  string // what is watched: the file or its directory; empty: nothing
	ident   string // of the file that is watched
	limited string
	woke    time.Time // when Wait last told of a change
}

const (
	notifyGap    = 5 * time.Millisecond   // between looks at a log that grows without pause
	notifySafety = 5 * time.Second        // between looks in case nothing is told: network file systems, a switched link
	notifyPoll   = 250 * time.Millisecond // between looks when the system tells nothing at all
)

var _ Waker = (*Notify)(nil)

// NewNotify makes a waker for the log at path. It takes nothing from the system before its first Wait.
func NewNotify(path string) *Notify {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return &Notify{path: path, open: fsnotify.NewWatcher}
}

// Wait returns when the system tells of a change, and every five seconds. When it watches something new it
// returns at once, for the change may have come before.
func (n *Notify) Wait(ctx context.Context, last Look) error {
	if n.limited != "" {
		return sleep(ctx, within(notifyPoll, last.Within))
	}
	if n.watcher == nil {
		watcher, err := n.open()
		if err != nil {
			n.limit(err)
			return ctx.Err()
		}
		n.watcher = watcher
	}
	if n.watch(last) {
		return ctx.Err()
	}
	return n.wait(ctx, last.Within)
}

// Limited tells that the system cannot say when the log changes.
func (n *Notify) Limited() string { return n.limited }

// Close ends the watch.
func (n *Notify) Close() error {
	if n.watcher == nil {
		return nil
	}
	err := n.watcher.Close()
	n.watcher, n.target, n.ident = nil, "", ""
	return err
}

// watch turns to what is worth watching after the last look, and reports whether that is something new.
func (n *Notify) watch(last Look) bool {
	target, ident := n.path, last.Ident
	if last.Missing || ident == "" {
		target, ident = filepath.Dir(n.path), ""
	}
	if target == n.target && ident == n.ident {
		return false
	}
	if n.target != "" {
		_ = n.watcher.Remove(n.target) // it is gone already when the file is
		n.target = ""
	}
	switch err := n.watcher.Add(target); {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return false // the slow look finds it once it can be watched
	case err != nil:
		n.limit(err)
		return true
	}
	n.target, n.ident = target, ident
	return true
}

// wait blocks until something is told that concerns the log.
func (n *Notify) wait(ctx context.Context, most time.Duration) error {
	pause := within(together(time.Now(), notifySafety), most)
	if n.target == "" {
		pause = min(pause, time.Second) // not even the directory is there
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return nil
		case event, ok := <-n.watcher.Events:
			self := event.Name == n.target
			if ok && !self && filepath.Base(event.Name) != filepath.Base(n.path) {
				continue
			}
			if self && (event.Has(fsnotify.Remove) || event.Has(fsnotify.Rename)) {
				n.target = "" // the watch ended with it
			}
		case err := <-n.watcher.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				n.limit(err)
			}
		}
		if rest := notifyGap - time.Since(n.woke); rest > 0 {
			if err := sleep(ctx, rest); err != nil {
				return err
			}
		}
		n.woke = time.Now()
		return nil
	}
}

// limit gives up being told and looks by the clock from now on.
func (n *Notify) limit(err error) {
	n.limited = fmt.Sprintf("the system does not tell of changes (%v): looked at four times a second", err)
	_ = n.Close()
}

func within(pause, most time.Duration) time.Duration {
	if most > 0 {
		return min(pause, most)
	}
	return pause
}
