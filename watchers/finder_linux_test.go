package watchers

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ronda/internal/faults"
	"ronda/internal/observe"
)

// finderWatch runs a finder until the test ends and keeps what it emits, by task.
type finderWatch struct {
	mu        sync.Mutex
	transfers map[string][]observe.Transfer
	processes map[string][]observe.Process
	sources   []observe.Source // its own
	batches   int
	news      chan struct{}
}

func finderRunTest(t *testing.T, cfg FinderConfig) *finderWatch {
	t.Helper()
	if cfg.Procs == nil {
		cfg.Procs = &procTestHost{}
	}
	if cfg.Every == 0 {
		cfg.Every = procTestEvery
	}
	cfg.Name = "copies"
	f, err := NewFinder(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w := &finderWatch{transfers: map[string][]observe.Transfer{}, processes: map[string][]observe.Process{}, news: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx, w.take) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the finder ended with %v", err)
		}
	})
	return w
}

func (w *finderWatch) take(ps ...observe.Payload) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.batches++
	for _, p := range ps {
		switch p := p.(type) {
		case observe.Source:
			w.sources = append(w.sources, p)
		case observe.Of:
			switch what := p.Payload.(type) {
			case observe.Transfer:
				if all := w.transfers[p.Task]; len(all) > 0 { // what is left out is as before
					last := all[len(all)-1]
					what.Tool, what.Source, what.Target = cmp.Or(what.Tool, last.Tool), cmp.Or(what.Source, last.Source), cmp.Or(what.Target, last.Target)
				}
				w.transfers[p.Task] = append(w.transfers[p.Task], what)
			case observe.Process:
				w.processes[p.Task] = append(w.processes[p.Task], what)
			}
		}
	}
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// until waits until ok holds of what was seen.
func (w *finderWatch) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(40 * time.Second)
	for {
		w.mu.Lock()
		good := ok()
		w.mu.Unlock()
		if good {
			return
		}
		select {
		case <-w.news:
		case <-deadline:
			w.mu.Lock()
			defer w.mu.Unlock()
			t.Fatalf("not seen: %s; seen: %s", what, w)
		}
	}
}

func (w *finderWatch) String() string {
	var b strings.Builder
	for name, all := range w.transfers {
		fmt.Fprintf(&b, "\n%s: %d transfers, the last %+v", name, len(all), all[len(all)-1])
	}
	for name, all := range w.processes {
		fmt.Fprintf(&b, "\n%s: %d processes, the last %+v", name, len(all), all[len(all)-1])
	}
	return fmt.Sprintf("%s\nsources %+v", b.String(), w.sources)
}

// last is the newest transfer of a task.
func (w *finderWatch) last(name string) (observe.Transfer, bool) {
	all := w.transfers[name]
	if len(all) == 0 {
		return observe.Transfer{}, false
	}
	return all[len(all)-1], true
}

func amountOf(t observe.Transfer, of observe.AmountOf) observe.Amount {
	i := slices.IndexFunc(t.Amounts, func(a observe.Amount) bool { return a.Of == of })
	if i < 0 {
		return observe.Amount{}
	}
	return t.Amounts[i]
}

// finderStart runs a command in a process group of its own until the test ends.
func finderStart(t *testing.T, command string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(command, args...) //nolint:noctx // ended by its process group
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGCONT)
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		_ = c.Wait()
	})
	return c
}

// halted starts a copy of a file that it makes, and stops it in the middle. One that was done before is started again.
func halted(t *testing.T, size int, src, target, command string, args ...string) *exec.Cmd {
	t.Helper()
	for range 100 {
		finderFile(t, src, size)
		c := finderStart(t, "nice", append([]string{"-n", "19", command}, args...)...)
		for info, err := os.Stat(target); err != nil || info.Size() == 0; info, err = os.Stat(target) {
			continue
		}
		_ = c.Process.Signal(syscall.SIGSTOP)
		var state string
		faults.Poll(t, "that it stands", func() bool {
			text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.Process.Pid))
			st, _ := parseStat(string(text))
			state = string(st.state)
			return strings.Contains("TZ", state)
		})
		if info, err := os.Stat(target); err == nil && info.Size() < int64(size) && state == "T" {
			return c
		}
		_ = c.Process.Kill()
		if err := os.Remove(target); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("%s was never stopped in the middle", command)
	return nil
}

// finderFile makes a file of so many bytes that no file system keeps as a hole.
func finderFile(t *testing.T, name string, size int) string {
	t.Helper()
	block := make([]byte, 1<<16)
	for i := range block {
		block[i] = byte(i*7 + i>>8)
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for left := size; left > 0; left -= len(block) {
		if _, err := f.Write(block[:min(left, len(block))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestFinderFollowsSlowCopyToItsEnd(t *testing.T) {
	dir := t.TempDir()
	src := finderFile(t, filepath.Join(dir, "disk.img"), 6<<20)
	w := finderRunTest(t, FinderConfig{Match: dir})
	finderStart(t, "sh", "-c", `pv -q -L 1m "$1" | dd of="$2" bs=64k 2>/dev/null`, "sh", src, filepath.Join(dir, "copy.img"))
	w.until(t, "one copy that moves", func() bool {
		return len(w.transfers) == 1 && slices.ContainsFunc(w.all(), func(t observe.Transfer) bool {
			return amountOf(t, observe.AmountSource).Done > 1<<20 && amountOf(t, observe.AmountSource).Total == 6<<20
		})
	})
	w.until(t, "its end", func() bool {
		all := w.all()
		return all[len(all)-1].State != observe.TransferRunning
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	if all := w.all(); len(w.transfers) != 1 || all[0].Finder != "copies" || all[0].ID == "" || all[0].Source != src || all[0].Target != filepath.Join(dir, "copy.img") {
		t.Errorf("found %s", w)
	}
	for name, ps := range w.processes {
		if last := ps[len(ps)-1]; last.Exit == nil || last.Count != 0 {
			t.Errorf("%s: the end of its processes is %+v", name, last)
		}
	}
}

// all are the transfers of all tasks.
func (w *finderWatch) all() []observe.Transfer {
	var all []observe.Transfer
	for _, list := range w.transfers {
		all = append(all, list...)
	}
	return all
}

func TestFinderSaysThatCopyIsStopped(t *testing.T) {
	dir := t.TempDir()
	src, target := filepath.Join(dir, "disk.img"), filepath.Join(dir, "copy.img")
	c := halted(t, 40<<20, src, target, "cp", src, target)
	w := finderRunTest(t, FinderConfig{Match: dir})
	w.until(t, "the stop", func() bool {
		ps := w.processes["cp disk.img"]
		return len(ps) > 0 && slices.ContainsFunc(ps[len(ps)-1].Procs, func(p observe.Proc) bool {
			return p.Blocker == observe.BlockerStopped && p.PID == c.Process.Pid
		})
	})
	w.mu.Lock()
	running, _ := w.last("cp disk.img")
	w.mu.Unlock()
	if a := amountOf(running, observe.AmountTarget); running.State != observe.TransferRunning || a.Total != 40<<20 || a.Done == 0 || a.Done > a.Total {
		t.Errorf("while it is stopped it is %+v", running)
	}
	if want := strconv.Itoa(c.Process.Pid) + "@"; !strings.HasPrefix(running.ID, want) {
		t.Errorf("its ID is %q, without %q", running.ID, want)
	}
	_ = c.Process.Signal(syscall.SIGCONT)
	w.until(t, "its end", func() bool {
		last, _ := w.last("cp disk.img")
		return last.State == observe.TransferDone || last.State == observe.TransferGone
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	if last, _ := w.last("cp disk.img"); amountOf(last, observe.AmountTarget).Done != 40<<20 {
		t.Errorf("at its end it is %+v", last)
	}
}
