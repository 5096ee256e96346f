package watchers

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/faults"
	"ronda/internal/observe"
)

// ended waits for the end of the one copy that was found.
func (w *finderWatch) ended(t *testing.T) observe.Transfer {
	t.Helper()
	var last observe.Transfer
	w.until(t, "the end of the copy", func() bool {
		for name := range w.transfers {
			last, _ = w.last(name)
		}
		return len(w.transfers) == 1 && last.State != observe.TransferRunning && last.State != ""
	})
	return last
}

func TestCopyThatIsRenamedWhenItIsWhole(t *testing.T) {
	for _, c := range []struct {
		why, then string
		state     observe.TransferState
		words     string
	}{
		{"renamed", "mv -- x.tmp x.img", observe.TransferDone, "x.tmp was renamed; "},
		{"renamed to the name of another", "touch x.img; mv -f -- x.tmp x.img", observe.TransferDone, "x.img holds 6.3 MB"},
		{"removed", "rm -- x.tmp", observe.TransferGone, "renamed or removed"},
	} {
		t.Run(c.why, func(t *testing.T) {
			dir := t.TempDir()
			src := finderFile(t, filepath.Join(dir, "disk.img"), 6<<20)

			w := finderRunTest(t, FinderConfig{Match: dir, Runner: procTestShell{}})
			finderStart(t, "sh", "-c", `cd "$2" && pv -q -L 1500k "$1" >x.tmp && `+c.then, "sh", src, dir)
			last := w.ended(t)
			if last.State == observe.TransferDone && strings.Contains(last.Detail, "/x.tmp holds 6.3 MB") {
				return // it was looked at before the next command had begun
			}
			if last.State != c.state || !strings.Contains(last.Detail, c.words) {
				t.Errorf("%s, %q", last.State, last.Detail)
			}
			if a := amountOf(last, observe.AmountTarget); c.state == observe.TransferDone && (a.Done != 6<<20 || a.Total != 6<<20) {
				t.Errorf("in the end %+v", a)
			}
		})
	}
}

// What a program reads for itself is no second way of its source.
func TestPackedInPlaceIsCountedOnce(t *testing.T) {
	dir := t.TempDir()
	src := finderFile(t, filepath.Join(dir, "text.log"), 48<<20)
	c := finderStart(t, "gzip", "-9", src)
	begun := func() bool { info, err := os.Stat(src + ".gz"); return err == nil && info.Size() > 0 }
	for deadline := time.Now().Add(20 * time.Second); !begun() && time.Now().Before(deadline); {
		continue
	}
	_ = c.Process.Signal(syscall.SIGSTOP)
	w := finderRunTest(t, FinderConfig{Match: dir})
	w.until(t, "how far it is", func() bool {
		last, ok := w.last("gzip text.log")
		return ok && amountOf(last, observe.AmountSource).Done > 0
	})
	_ = c.Process.Signal(syscall.SIGCONT)
	last := w.ended(t)
	if a := amountOf(last, observe.AmountSource); last.State != observe.TransferDone || a.Done != 48<<20 || a.What != src {
		t.Errorf("%s, %q, %+v", last.State, last.Detail, a)
	}
}

func TestMoveOfLogThatIsWrittenAnew(t *testing.T) {
	dir := t.TempDir()
	there := faults.NewDisk(t, 160).Dir
	src := finderFile(t, filepath.Join(dir, "app.log"), 64<<20)
	c := finderStart(t, "mv", src, there)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if info, err := os.Stat(filepath.Join(there, "app.log")); err == nil && info.Size() > 0 {
			break
		}
	}
	_ = c.Process.Signal(syscall.SIGSTOP)
	w := finderRunTest(t, FinderConfig{Match: dir})
	w.until(t, "how far it is", func() bool {
		last, ok := w.last("mv app.log")
		return ok && amountOf(last, observe.AmountTarget).Done > 0
	})
	// Its writer opens the file anew as soon as it is gone. The finder must not look in between.
	written := make(chan error, 1)
	go func() {
		_ = c.Process.Signal(syscall.SIGCONT)
		for {
			if _, err := os.Stat(src); err != nil {
				written <- os.WriteFile(src, make([]byte, 64<<20), 0o600)
				return
			}
		}
	}()
	last := w.ended(t)
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if last.State != observe.TransferDone || !strings.Contains(last.Detail, "holds 67.1 MB") && !strings.Contains(last.Detail, "is gone, and") {
		t.Errorf("%s, %q", last.State, last.Detail)
	}
}

func TestFinalAmounts(t *testing.T) {
	bytes := func(of observe.AmountOf, what string, done, total float64) observe.Amount {
		return observe.Amount{Of: of, What: what, Done: done, Total: total, Unit: "bytes"}
	}
	last := []observe.Amount{bytes(observe.AmountSource, "/w/a", 38, 41), bytes(observe.AmountTarget, "/w/a.gz", 5, 0)}
	now := []observe.Amount{bytes(observe.AmountSource, "what gzip read", 35, 0), bytes(observe.AmountTarget, "/w/a.gz", 6, 0)}
	for _, c := range []struct {
		whole bool
		want  []observe.Amount
	}{
		{false, []observe.Amount{last[0], now[1]}},
		{true, []observe.Amount{bytes(observe.AmountSource, "/w/a", 41, 41), now[1]}},
	} {
		if diff := cmp.Diff(c.want, finalAmounts(last, now, c.whole)); diff != "" {
			t.Errorf("whole %v: -want +got:\n%s", c.whole, diff)
		}
	}
}

// A copy that takes a few seconds is found on this machine, at the pace of a real watch.
func TestShortCopyIsFound(t *testing.T) {
	dir := t.TempDir()
	src := finderFile(t, filepath.Join(dir, "disk.img"), 4<<20)
	w := finderRunTest(t, FinderConfig{Match: dir, Every: time.Second, Near: true})
	w.until(t, "the first look", func() bool { return len(w.sources) > 0 })
	finderStart(t, "sh", "-c", `exec pv -q -L 1m "$1" >"$2"`, "sh", src, filepath.Join(dir, "copy.img"))
	if last := w.ended(t); last.State != observe.TransferDone || amountOf(last, observe.AmountTarget).Done != 4<<20 {
		t.Errorf("%s, %q, %+v", last.State, last.Detail, last.Amounts)
	}
}

func TestFinderSaysThatOtherCopiesRun(t *testing.T) {
	dir := t.TempDir()
	src := finderFile(t, filepath.Join(dir, "disk.img"), 1<<20)
	finderStart(t, "sh", "-c", `exec pv -q -L 10k "$1" >"$2"`, "sh", src, filepath.Join(dir, "copy.img"))
	w := finderRunTest(t, FinderConfig{Match: "^no such copy$"})
	w.until(t, "that others run", func() bool {
		return len(w.sources) > 0 && strings.Contains(w.sources[len(w.sources)-1].Why, "runs here now; ")
	})
}

// Of many copies not each second is recorded, but all that is no mere progress is.
func TestManyCopiesAreToldOfLessOften(t *testing.T) {
	sample := func(done float64, unknown string) observe.Transfer {
		return observe.Transfer{State: observe.TransferRunning, Unknown: unknown, Amounts: []observe.Amount{{Of: observe.AmountTarget, Done: done, Total: 100, Unit: "bytes"}}}
	}
	for _, c := range []struct {
		copies, ticks int
		now           observe.Transfer
		want          bool
	}{
		{1, 1, sample(2, ""), true},
		{1, 9, sample(1, ""), false},
		{someCopies + 1, 1, sample(2, ""), false},
		{someCopies + 1, 2, sample(2, ""), true},
		{manyCopies + 1, 2, sample(2, ""), false},
		{manyCopies + 1, 3, sample(2, ""), true},
		{manyCopies + 1, 1, sample(2, "its total"), true},
	} {
		r := &finderRun{tick: 10 + c.ticks, found: make([]*found, c.copies)}
		if got := r.worthSaying(&found{last: sample(1, ""), said: 10}, c.now); got != c.want {
			t.Errorf("%d copies, after %d ticks, %+v: %v", c.copies, c.ticks, c.now, got)
		}
	}
}

// Of an image that is in the cache in part, what is read from the disk and what is read by calls take turns.
func TestWhatWasReadDoesNotGoBack(t *testing.T) {
	m, _ := recognize(running("qemu-img convert -O qcow2 a b", nil))
	at := func(read, stored int64) []observe.Amount {
		return m.amounts(nil, &observe.ProcessIO{ReadChars: read, Read: stored}, map[string]observe.FileInfo{"/w/a": {Size: 1000, Allocated: 1000}})
	}
	last, now := at(100, 320), at(190, 330)
	if first, next := last[0].Done, now[0].Done; first != 320 || next != 190 {
		t.Fatalf("%v and then %v: this is not what should be mended", first, next)
	}
	if onwards(last, now); now[0].Done != 320 {
		t.Errorf("%+v", now[0])
	}
}
