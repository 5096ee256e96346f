//go:build unix

package watchers

import (
	"os"
	"path/filepath"
	"testing"

	"ronda/internal/observe"
)

func TestLogThatDoesNotExistYet(t *testing.T) {
	log := filepath.Join(t.TempDir(), "sub", "x.log")
	r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles(), From: From{End: true}})
	r.untilSource(observe.SourceWaiting, "no such file yet: "+log)
	logtestMust(t, os.Mkdir(filepath.Dir(log), 0o755))
	logtestWrite(t, log, "one\n")
	r.untilSource(observe.SourceUp, "")
	r.want("one")
	if l := r.all()[2].(observe.Line); l.Backlog {
		t.Error("a line of a file that came later is news")
	}
}

func TestLogThatMayNotBeRead(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	logtestWrite(t, log, "one\n")
	files := newLogtestFiles()
	files.deny(true)
	r := logtestFollow(t, LogConfig{Path: log, Files: files})
	r.untilSource(observe.SourceFailed, "permission denied")
	files.deny(false)
	r.untilSource(observe.SourceUp, "")
	r.want("one")
}

func TestLogThatIsADirectory(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	logtestMust(t, os.Mkdir(log, 0o755))
	r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles()})
	r.untilSource(observe.SourceFailed, "not a regular file")
	logtestMust(t, os.Remove(log))
	logtestWrite(t, log, "one\n")
	r.want("one")
}

func TestLogReplacedByADirectory(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	logtestWrite(t, log, "one\n")
	writer, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0)
	logtestMust(t, err)
	defer writer.Close()
	r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles()})
	r.want("one")
	logtestShell(t, dir, `rm x.log; mkdir x.log`)
	r.untilSource(observe.SourceLimited, "not a regular file")
	_, err = writer.WriteString("two\n") // the removed file is still written to
	logtestMust(t, err)
	r.want("one", "two")
	logtestShell(t, dir, `rmdir x.log; echo three > x.log`)
	r.untilSource(observe.SourceUp, "")
	r.want("one", "two", "three")
}

func TestLogRemovedAndMadeAgain(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "x.log")
	logtestWrite(t, log, "one\n")
	r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles()})
	r.want("one")
	logtestMust(t, os.Remove(log))
	r.untilSource(observe.SourceLimited, "moved or removed")
	logtestWrite(t, log, "two\n")
	r.untilSource(observe.SourceUp, "")
	r.want("one", "two")
}

func TestLogCutShort(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	logtestWrite(t, log, "one\ntwo\nunfinish")
	r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles()})
	r.want("one", "two")
	logtestMust(t, os.Truncate(log, 0))
	logtestWrite(t, log, "1\n")
	r.want("one", "two", "unfinish", "1")
	if s := r.skips(); len(s) != 1 || s[0].From != 16 || s[0].To != 16 {
		t.Errorf("skips %+v", s)
	}
}

// A file that is gone gives its inode back, and the next one may get it: only the content tells them apart.
func TestLogMadeAgainWithTheSameIdentity(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	logtestWrite(t, log, "one\ntwo\n")
	files := newLogtestFiles()
	r := logtestFollow(t, LogConfig{Path: log, Files: files})
	r.want("one", "two")
	files.cut()
	logtestMust(t, os.WriteFile(log, []byte("this is another file, longer than the old one\n"), 0o644))
	files.mend()
	r.want("one", "two", "this is another file, longer than the old one")
	if s := r.skips(); len(s) != 1 || s[0].From != 8 {
		t.Errorf("skips %+v", s)
	}
}

// A writer without O_APPEND leaves a hole of NUL bytes when its file is cut to nothing under it.
func TestLogCutUnderWriterThatDoesNotAppend(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	writer, err := os.Create(log)
	logtestMust(t, err)
	defer writer.Close()
	_, err = writer.WriteString("one\ntwo\n")
	logtestMust(t, err)
	r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles()})
	r.want("one", "two")
	logtestMust(t, os.Truncate(log, 0))
	_, err = writer.WriteString("three\n")
	logtestMust(t, err)
	r.want("one", "two", "three")
}
