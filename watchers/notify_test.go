//go:build unix

package watchers

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"ronda/internal/observe"
)

// logtestNotify follows a log as on this machine, and fails when a look comes from the slow clock only.
func logtestNotify(t *testing.T, path string) (*logtestRun, *logtestFiles) {
	t.Helper()
	files := newLogtestFiles()
	return logtestFollow(t, LogConfig{Path: path, Files: files, Wake: NewNotify(path)}), files
}

// soon fails the test when what came took so long that the slow look must have found it.
func logtestSoon(t *testing.T, what func()) {
	t.Helper()
	began := time.Now()
	what()
	if took := time.Since(began); took > notifySafety*8/10 {
		t.Errorf("came after %v: nothing woke us", took)
	}
}

func TestNotifyWakes(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	r, _ := logtestNotify(t, log)
	r.untilSource(observe.SourceWaiting, "")
	logtestSoon(t, func() {
		logtestWrite(t, log, "one\n")
		r.want("one")
		logtestWrite(t, log, "two\n")
		r.want("one", "two")
	})
	logtestSoon(t, func() {
		logtestShell(t, dir, `mv x.log x.log.1; echo three > x.log`)
		r.want("one", "two", "three")
		logtestWrite(t, log, "four\n")
		r.want("one", "two", "three", "four")
	})
	logtestSoon(t, func() {
		logtestShell(t, dir, `cp x.log x.log.1; : > x.log; echo five >> x.log`)
		r.want("one", "two", "three", "four", "five")
	})
	logtestMust(t, os.Remove(log))
	r.untilSource(observe.SourceLimited, "moved or removed")
	logtestSoon(t, func() {
		logtestWrite(t, log, "six\n")
		r.want("one", "two", "three", "four", "five", "six")
	})
}

// A file that is replaced while it is open is not told as removed: the new one must be watched all the same.
func TestNotifyWakesForReplacedFile(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	logtestWrite(t, log, "one\n")
	r, _ := logtestNotify(t, log)
	r.want("one")
	logtestSoon(t, func() {
		logtestShell(t, dir, `echo two > new; mv new x.log`)
		r.want("one", "two")
	})
	logtestMust(t, sleep(t.Context(), linger+time.Second)) // the old one is not looked at any more
	logtestSoon(t, func() {
		logtestWrite(t, log, "three\n")
		r.want("one", "two", "three")
	})
}

// A prompt is written once, and nothing follows that could wake us.
func TestNotifyWakesForPrompt(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	r, _ := logtestNotify(t, log)
	logtestWrite(t, log, "Continue? ")
	logtestSoon(t, func() {
		r.untilLine("the prompt", func(l observe.Line) bool { return l.Partial && l.Text == "Continue? " })
	})
}

func TestNotifyWatchesDirectoryWhileFileIsMissing(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	n := NewNotify(log)
	defer n.Close()
	logtestMust(t, n.Wait(t.Context(), Look{Missing: true}))
	if want := filepath.Dir(log); n.target != want {
		t.Errorf("watches %q, want %q", n.target, want)
	}
	logtestWrite(t, log, "")
	logtestMust(t, n.Wait(t.Context(), Look{Missing: true}), n.Wait(t.Context(), Look{Ident: "1:1"}))
	if n.target != log {
		t.Errorf("watches %q, want the file", n.target)
	}
}

func TestNotifyWakesForPermission(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	logtestWrite(t, log, "one\n")
	files := newLogtestFiles()
	files.deny(true)
	r := logtestFollow(t, LogConfig{Path: log, Files: files, Wake: NewNotify(log)})
	r.untilSource(observe.SourceFailed, "permission denied")
	logtestSoon(t, func() {
		files.deny(false)
		logtestMust(t, os.Chmod(log, 0o600))
		r.want("one")
	})
}

func TestNotifyIsIdleWhenNothingHappens(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	logtestWrite(t, log, "one\n")
	r, files := logtestNotify(t, log)
	r.want("one")
	// What happens to other files of the directory is none of its business.
	for range 100 {
		logtestWrite(t, filepath.Join(dir, "busy.log"), "line\n")
	}
	logtestWrite(t, log, "two\n")
	r.want("one", "two")
	if n := files.count(); n > 20 {
		t.Errorf("%d looks for two lines", n)
	}
}

// Ten thousand writes cost few looks: they are gathered for 5 ms.
func TestNotifyGathersWrites(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	f, err := os.Create(log)
	logtestMust(t, err)
	defer f.Close()
	r, files := logtestNotify(t, log)
	r.untilSource(observe.SourceUp, "")
	began := time.Now()
	for range 2_000 {
		_, err := f.WriteString("a line of a log that is written to without pause\n")
		logtestMust(t, err)
		time.Sleep(10 * time.Microsecond) // the writer's pace
	}
	r.until("all lines", func([]observe.Payload) bool { return len(r.lines()) == 2_000 })
	most := int(time.Since(began)/notifyGap)*2 + 20
	if n := files.count(); n > most {
		t.Errorf("%d looks in %v, at most %d", n, time.Since(began), most)
	}
}

func TestNotifyWithoutTheSystemsHelp(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	logtestWrite(t, log, "one\n")
	wake := NewNotify(log)
	wake.open = func() (*fsnotify.Watcher, error) { return nil, errors.New("too many open files") }
	r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles(), Wake: wake})
	r.untilSource(observe.SourceLimited, "too many open files")
	logtestSoon(t, func() {
		logtestWrite(t, log, "two\n")
		r.want("one", "two")
	})
	if !slices.ContainsFunc(r.all(), func(p observe.Payload) bool { return p.Kind() == observe.KindSource }) {
		t.Error("not said")
	}
}
