package watchers

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"ronda/internal/faults"
	"ronda/internal/observe"
)

// slowCopies starts so many copies of the same file at 20 kB/s, each into a file of its own.
func slowCopies(t *testing.T, dir string, copies int) []*exec.Cmd {
	t.Helper()
	src := finderFile(t, filepath.Join(dir, "disk.img"), 8<<20)
	var all []*exec.Cmd
	for i := range copies {
		all = append(all, finderStart(t, "sh", "-c", `exec pv -q -L 20k "$1" >"$2"`, "sh", src, filepath.Join(dir, fmt.Sprintf("copy%d.img", i))))
	}
	return all
}

func TestFinderTellsCopiesOfOneNameApart(t *testing.T) {
	dir := t.TempDir()
	copies := slowCopies(t, dir, 3)
	w := finderRunTest(t, FinderConfig{Match: dir, Taken: []string{"pv disk.img"}})
	w.until(t, "three copies", func() bool { return len(w.transfers) == 3 })
	_ = copies[1].Process.Kill()
	killed := fmt.Sprintf("pv disk.img (%d)", copies[1].Process.Pid)
	w.until(t, "the end of the second", func() bool {
		last, _ := w.last(killed)
		return last.State == observe.TransferFailed && strings.Contains(last.Detail, "SIGKILL")
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range copies {
		name := fmt.Sprintf("pv disk.img (%d)", c.Process.Pid)
		if last, ok := w.last(name); !ok || name != killed && last.State != observe.TransferRunning {
			t.Errorf("%s is %+v; all: %s", name, last, w)
		}
	}
	ps := w.processes[killed]
	if exit := ps[len(ps)-1].Exit; exit == nil || !exit.Known || exit.Signal != "SIGKILL" {
		t.Errorf("the killed one's exit is %+v", exit)
	}
}

func TestFinderAsksForAllCopiesAtOnce(t *testing.T) {
	dir := t.TempDir()
	copies := slowCopies(t, dir, 50)
	host := &procTestHost{}
	f, err := NewFinder(FinderConfig{Name: "copies", Procs: host, Match: dir})
	if err != nil {
		t.Fatal(err)
	}
	w := &finderWatch{transfers: map[string][]observe.Transfer{}, processes: map[string][]observe.Process{}, news: make(chan struct{}, 1)}
	r := newFinderRun(f.cfg, f.match, w.take)
	most := 0
	step := func() {
		before := host.calls
		if err := r.step(context.Background()); err != nil {
			t.Fatal(err)
		}
		r.flush()
		most = max(most, host.calls-before)
	}
	faults.Poll(t, "50 copies", func() bool { step(); return len(w.transfers) == 50 })
	t.Logf("to find them: at most %d questions in a tick", most)
	if most > 20 {
		t.Errorf("%d questions in one tick to find 50 copies", most)
	}
	most = 0
	before := host.calls
	for range 24 {
		step()
	}
	mean := float64(host.calls-before) / 24
	t.Logf("to follow them: at most %d questions in a tick, %.1f in the mean", most, mean)
	if most > 20 || mean > 10 {
		t.Errorf("%d questions in one tick to follow 50 copies, %.1f in the mean", most, mean)
	}
	for _, c := range copies {
		_ = c.Process.Signal(syscall.SIGSTOP)
	}
	most = 0
	faults.Poll(t, "that all are stopped", func() bool {
		step()
		stopped := 0
		for _, ps := range w.processes {
			if slices.ContainsFunc(ps, func(p observe.Process) bool {
				return slices.ContainsFunc(p.Procs, func(p observe.Proc) bool { return p.Blocker == observe.BlockerStopped })
			}) {
				stopped++
			}
		}
		return stopped == 50
	})
	t.Logf("while they stand still: at most %d questions in a tick", most)
	if most > 20 {
		t.Errorf("%d questions in one tick to find out why 50 copies stand still", most)
	}
}

// hideOf hides what the kernel shows of a process to its own user only.
func hideOf(pid int) func(string) bool {
	base := fmt.Sprintf("/proc/%d", pid)
	return func(p string) bool {
		name, mine := strings.CutPrefix(p, base)
		return mine && (name == "" || !slices.Contains([]string{"stat", "cmdline", "status", "cgroup"}, strings.TrimPrefix(name, "/")) && strings.HasPrefix(name, "/"))
	}
}

func TestFinderSaysWhatOfAnotherUsersCopyIsNotKnown(t *testing.T) {
	dir := t.TempDir()
	c := slowCopies(t, dir, 1)[0]
	w := finderRunTest(t, FinderConfig{Match: dir, Procs: &procTestHost{hide: hideOf(c.Process.Pid)}})
	w.until(t, "that its files are another user's", func() bool {
		return slices.ContainsFunc(w.all(), func(t observe.Transfer) bool {
			return t.State == observe.TransferRunning && strings.Contains(t.Unknown, "another user's")
		}) && w.sources[len(w.sources)-1].State == observe.SourceLimited
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, transfer := range w.all() {
		if a := amountOf(transfer, observe.AmountSource); a.Done > 0 {
			t.Errorf("it claims to know %+v", a)
		}
	}
}

func TestFinderFollowsMoveToAnotherFileSystem(t *testing.T) {
	disk := faults.NewDisk(t, 160)
	dir := t.TempDir()
	src, target := filepath.Join(dir, "box.mbox"), filepath.Join(disk.Dir, "box.mbox")
	c := halted(t, 96<<20, src, target, "mv", src, disk.Dir)
	w := finderRunTest(t, FinderConfig{Match: dir})
	w.until(t, "how far it is", func() bool {
		last, ok := w.last("mv box.mbox")
		a := amountOf(last, observe.AmountTarget)
		return ok && a.What == target && a.Total == 96<<20 && a.Done > 0
	})
	_ = c.Process.Signal(syscall.SIGCONT)
	w.until(t, "its end", func() bool {
		last, _ := w.last("mv box.mbox")
		return last.State == observe.TransferDone
	})
}

func TestNamesOfCopies(t *testing.T) {
	n := newNames(FinderConfig{Suffix: "@mail1", Taken: []string{"cp b@mail1"}, Names: map[string]string{"7@1": "cp a (7)@mail1"}})
	for _, c := range []struct{ id, plain, mark, want string }{
		{"8@2", "cp a", "8", "cp a@mail1"},
		{"7@1", "cp a", "7", "cp a (7)@mail1"}, // as in the session before
		{"9@3", "cp a", "9", "cp a (9)@mail1"},
		{"9@9", "cp a", "9", "cp a (9, 2)@mail1"},
		{"8@2", "cp changed", "8", "cp a@mail1"},
		{"1@1", "cp b", "1", "cp b (1)@mail1"},
	} {
		if got := n.of(c.id, c.plain, c.mark); got != c.want {
			t.Errorf("%s is %q, want %q", c.id, got, c.want)
		}
	}
	for want, m := range map[string]move{
		"rsync mail1":        {tool: "rsync", sources: []string{"/srv/mail1/", "/srv/mail2"}, target: "backup:/x"},
		"rsync backup":       {tool: "rsync", sources: []string{"root@backup:/"}, target: "/srv/x"},
		"tar home":           {tool: "tar", sources: []string{"/home"}},
		"mysqldump d.sql.gz": {tool: "mysqldump", target: "/b/d.sql.gz"},
		"zstd":               {tool: "zstd"},
		"tar /":              {tool: "tar", sources: []string{"/"}},
	} {
		if got := plainName(m); got != want {
			t.Errorf("%+v is %q, want %q", m, got, want)
		}
	}
}
