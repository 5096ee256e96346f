//go:build unix

package watchers

import (
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"ronda/internal/observe"
)

var logtestTorture = flag.Duration("torture", 2*time.Second, "how long each torture of the log watcher lasts")

// logtestWriter writes numbered lines into a log that is rotated under it: in pieces, some of them very long,
// and into the old file for a while after it was renamed.
type logtestWriter struct {
	mu   sync.Mutex // held while a line is written, and while the log is copied and cut
	path string
	file *os.File
	n    int
}

func logtestNumbered(n int) string {
	length := 20 + n%100
	if n%97 == 0 {
		length = 60_000
	}
	body := fmt.Sprintf("%d %s", n, strings.Repeat(string(rune('a'+n%26)), length))
	return fmt.Sprintf("%s %08x", body, crc32.ChecksumIEEE([]byte(body)))
}

func (w *logtestWriter) line() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := logtestNumbered(w.n) + "\n"
	w.n++
	for cut := rand.IntN(len(text)); text != ""; cut = len(text) {
		if _, err := w.file.WriteString(text[:cut]); err != nil {
			return err
		}
		text = text[cut:]
	}
	return nil
}

func (w *logtestWriter) reopen() error {
	file, err := os.OpenFile(w.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file != nil {
		_ = w.file.Close()
	}
	w.file = file
	return nil
}

// shift makes room for a new x.log.1.
func (w *logtestWriter) shift(depth int) {
	for n := depth; n > 0; n-- {
		_ = os.Rename(fmt.Sprintf("%s.%d", w.path, n), fmt.Sprintf("%s.%d", w.path, n+1))
	}
	_ = os.Remove(fmt.Sprintf("%s.%d", w.path, depth+1))
}

func (w *logtestWriter) rename(depth int) error {
	w.shift(depth)
	if err := os.Rename(w.path, w.path+".1"); err != nil {
		return err
	}
	for range 3 { // before it is told, it goes on with the old one
		if err := w.line(); err != nil {
			return err
		}
	}
	return w.reopen()
}

func (w *logtestWriter) copytruncate(depth int) error {
	w.shift(depth)
	w.mu.Lock()
	defer w.mu.Unlock()
	in, err := os.Open(w.path)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(w.path + ".1")
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return os.Truncate(w.path, 0)
}

// work writes and rotates until the time is over, then ends with a last line.
func (w *logtestWriter) work(rotate func() error, stop <-chan time.Time) error {
	next := time.Now().Add(200 * time.Millisecond)
	for {
		if err := w.line(); err != nil {
			return err
		}
		if time.Now().After(next) {
			if err := rotate(); err != nil {
				return err
			}
			next = time.Now().Add(time.Duration(100+rand.IntN(200)) * time.Millisecond)
		}
		select {
		case <-stop:
			return nil
		case <-time.After(time.Duration(rand.IntN(2000)) * time.Microsecond):
		}
	}
}

// logtestCount says how many of n numbered lines are lost, stand twice or out of order, or are damaged.
func logtestCount(lines []string, n int) (lost, repeated, unordered, garbled int) {
	seen := make([]int, n)
	newest := -1
	for _, l := range lines {
		var k int
		if _, err := fmt.Sscanf(l, "%d ", &k); err != nil || k < 0 || k >= n || l != logtestNumbered(k) {
			garbled++
			continue
		}
		seen[k]++
		if k < newest {
			unordered++
		}
		newest = max(newest, k)
	}
	for _, c := range seen {
		if c == 0 {
			lost++
		}
		repeated += max(0, c-1)
	}
	return lost, repeated, unordered, garbled
}

func TestLogTorture(t *testing.T) {
	tests := map[string]struct {
		rotate func(*logtestWriter) func() error
		link   string
		notify bool
	}{
		"renamed":               {func(w *logtestWriter) func() error { return func() error { return w.rename(100) } }, "", false},
		"renamed, notified":     {func(w *logtestWriter) func() error { return func() error { return w.rename(100) } }, "", true},
		"renamed, handles lost": {func(w *logtestWriter) func() error { return func() error { return w.rename(100) } }, "loses", false},
		"renamed, link cut":     {func(w *logtestWriter) func() error { return func() error { return w.rename(100) } }, "cuts", false},
		"copied":                {func(w *logtestWriter) func() error { return func() error { return w.copytruncate(100) } }, "", false},
		"copied, notified":      {func(w *logtestWriter) func() error { return func() error { return w.copytruncate(100) } }, "", true},
		"copied, handles lost":  {func(w *logtestWriter) func() error { return func() error { return w.copytruncate(100) } }, "loses", false},
		"copied, link cut":      {func(w *logtestWriter) func() error { return func() error { return w.copytruncate(100) } }, "cuts", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &logtestWriter{path: t.TempDir() + "/x.log"}
			logtestMust(t, w.reopen())
			defer w.file.Close()
			files := newLogtestFiles()
			if test.link == "loses" {
				files.loses = func() bool { return rand.IntN(20) == 0 }
			}
			cfg := LogConfig{Path: w.path, Files: files}
			if test.notify {
				cfg.Wake = NewNotify(w.path)
			}
			r := logtestFollow(t, cfg)
			r.untilSource(observe.SourceUp, "")

			written := make(chan error, 1)
			go func() { written <- w.work(test.rotate(w), time.After(*logtestTorture)) }()
			err := logtestTrouble(files, test.link == "cuts", written)
			logtestMust(t, err)

			last := logtestNumbered(w.n - 1)
			r.until("the last line", func([]observe.Payload) bool {
				lines := r.lines()
				return len(lines) > 0 && lines[len(lines)-1] == last
			})
			lost, repeated, unordered, garbled := logtestCount(r.lines(), w.n)
			t.Logf("%d lines: lost %d, repeated %d, unordered %d, garbled %d, skips %d", w.n, lost, repeated, unordered, garbled, len(r.skips()))
			if lost+repeated+unordered+garbled+len(r.skips()) > 0 {
				t.Errorf("skips %+v\n%s", r.skips(), r.dump())
			}
		})
	}
}

// logtestTrouble cuts the link again and again, until the writer is done, whose error it returns.
func logtestTrouble(files *logtestFiles, cuts bool, written <-chan error) error {
	if !cuts {
		return <-written
	}
	for {
		for _, step := range []func(){files.cut, files.mend} {
			select {
			case err := <-written:
				if up := files.isUp(); !up {
					files.mend()
				}
				return err
			case <-time.After(time.Duration(rand.IntN(800)) * time.Millisecond):
				step()
			}
		}
	}
}
