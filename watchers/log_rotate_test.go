//go:build unix

package watchers

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"ronda/internal/observe"
)

// logtestShell runs a command line in a directory, as the job that rotates logs does.
func logtestShell(t *testing.T, dir, line string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-ec", line)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
}

func TestLogRotatedByRenaming(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	logtestWrite(t, log, "one\ntwo\n")
	r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles()})
	r.want("one", "two")

	writer, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0)
	logtestMust(t, err)
	logtestShell(t, dir, `mv x.log x.log.1; : > x.log`)
	_, err = writer.WriteString("late\n")
	logtestMust(t, err)
	logtestWrite(t, log, "three\n")
	r.want("one", "two", "late", "three")
	_, err = writer.WriteString("later\n")
	logtestMust(t, err, writer.Close())
	r.want("one", "two", "late", "three", "later")
	if skips := r.skips(); skips != nil {
		t.Errorf("skipped %v", skips)
	}
}

func TestLogRotatedByCopying(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	logtestWrite(t, log, "one\ntwo\n")
	files := newLogtestFiles()
	r := logtestFollow(t, LogConfig{Path: log, Files: files})
	r.want("one", "two")
	logtestShell(t, dir, `printf half >> x.log; cp x.log x.log.1; : > x.log; echo three >> x.log`)
	r.want("one", "two", "half", "three")

	files.cut()
	logtestShell(t, dir, `echo four >> x.log; mv x.log.1 x.log.2; cp x.log x.log.1; : > x.log
		echo five >> x.log; mv x.log.2 x.log.3; mv x.log.1 x.log.2; cp x.log x.log.1; : > x.log
		echo six, and longer than what was there before >> x.log`)
	files.mend()
	r.want("one", "two", "half", "three", "four", "five", "six, and longer than what was there before")
	if skips := r.skips(); skips != nil {
		t.Errorf("skipped %v", skips)
	}
}

// Right after it was cut to nothing there is no content to know a log by.
func TestLogCopiedWhileNothingWasReadOfIt(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	logtestWrite(t, log, "one\n")
	files := newLogtestFiles()
	r := logtestFollow(t, LogConfig{Path: log, Files: files})
	r.want("one")
	logtestShell(t, dir, `cp x.log x.log.1; : > x.log`)
	files.untilReads(t, 20) // it is seen that the log is empty
	files.cut()
	logtestShell(t, dir, `echo two > x.log; mv x.log.1 x.log.2; cp x.log x.log.1; echo three > x.log`)
	files.mend()
	r.want("one", "two", "three")
}

func TestLogCopiedBeforeItsFirstLineWasSeen(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	logtestShell(t, dir, `echo old > x.log.1; : > x.log`)
	files := newLogtestFiles()
	r := logtestFollow(t, LogConfig{Path: log, Files: files})
	files.untilReads(t, 5)
	files.cut()
	logtestShell(t, dir, `echo one > x.log; mv x.log.1 x.log.2; cp x.log x.log.1; echo two > x.log`)
	files.mend()
	r.want("one", "two")
}

func TestLogRenamedBeforeItsFirstLineWasSeen(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	logtestWrite(t, log, "")
	files := newLogtestFiles()
	gate := make(chan struct{})
	wake := &logtestGate{gate: gate}
	r := logtestFollow(t, LogConfig{Path: log, Files: files, Wake: wake})
	r.untilSource(observe.SourceUp, "")
	logtestShell(t, dir, `echo one > x.log; mv x.log x.log.1; echo two > x.log`)
	close(gate)
	r.want("one", "two")
}

// logtestGate wakes nobody before its gate is opened.
type logtestGate struct {
	Every
	gate chan struct{}
}

func (g *logtestGate) Wait(ctx context.Context, last Look) error {
	select {
	case <-g.gate:
		return sleep(ctx, 2*time.Millisecond)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestLogRotatedOftenWithoutLink(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	logtestWrite(t, log, "one\n")
	files := newLogtestFiles()
	r := logtestFollow(t, LogConfig{Path: log, Files: files})
	r.want("one")
	files.cut()
	logtestShell(t, dir, `echo two >> x.log; mv x.log x.log.1
		echo three > x.log; mv x.log.1 x.log.2; mv x.log x.log.1
		echo four > x.log; mv x.log.2 x.log.3; mv x.log.1 x.log.2; mv x.log x.log.1; echo five > x.log`)
	files.mend()
	r.want("one", "two", "three", "four", "five")
	if skips := r.skips(); skips != nil {
		t.Errorf("skipped %v", skips)
	}
}

func TestLogRotatedOutOfReach(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	logtestWrite(t, log, "one\n")
	files := newLogtestFiles()
	r := logtestFollow(t, LogConfig{Path: log, Files: files})
	r.want("one")
	files.cut()
	logtestShell(t, dir, `echo two >> x.log; gzip x.log; echo three > x.log`)
	files.mend()
	r.want("one", "three")
	r.until("a skip", func([]observe.Payload) bool { return len(r.skips()) > 0 })
	if s := r.skips()[0]; s.From != 4 || s.Why == "" {
		t.Errorf("skipped %+v", s)
	}
}

func TestLogWrittenAnewWithItsContent(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	logtestWrite(t, log, "a line that is long enough for the anchor to know the file by it\ntwo\n")
	r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles()})
	r.want("a line that is long enough for the anchor to know the file by it", "two")
	logtestShell(t, dir, `cp x.log new; mv new x.log; echo three >> x.log`)
	r.want("a line that is long enough for the anchor to know the file by it", "two", "three")
}

// Found again under another name, it is followed there until it is moved back.
func TestLogMovedAwayAndBack(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	logtestWrite(t, log, "one\n")
	files := newLogtestFiles()
	r := logtestFollow(t, LogConfig{Path: log, Files: files})
	r.want("one")
	files.cut()
	logtestShell(t, dir, `mv x.log x.log.1; echo two >> x.log.1`)
	files.mend()
	r.want("one", "two")
	r.untilSource(observe.SourceLimited, "still followed")
	logtestShell(t, dir, `mv x.log.1 x.log; echo three >> x.log`)
	r.want("one", "two", "three")
	r.untilSource(observe.SourceUp, "")
}
