package watchers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ronda/internal/observe"
)

// procTestHost is this machine's /proc, as a watcher reaches it.
type procTestHost struct {
	mu    sync.Mutex
	calls int
	asked []string               // the files of each ReadFiles
	hide  func(path string) bool // what may not be read; nil: all may
}

func (h *procTestHost) count() {
	h.mu.Lock()
	h.calls++
	h.mu.Unlock()
}

func (h *procTestHost) ReadFiles(_ context.Context, patterns ...string) (map[string]string, error) {
	h.count()
	h.mu.Lock()
	h.asked = append(h.asked, strings.Join(patterns, " "))
	h.mu.Unlock()
	texts := map[string]string{}
	for _, p := range patterns {
		files := []string{p}
		if strings.ContainsAny(p, "*[") {
			files, _ = filepath.Glob(p)
		}
		for _, file := range files {
			if h.hide != nil && h.hide(file) {
				continue
			}
			if b, err := os.ReadFile(file); err == nil {
				if bytes.IndexByte(b, 0) >= 0 {
					b = bytes.ReplaceAll(b, []byte{0}, []byte{' '})
				}
				texts[file] = string(b)
			}
		}
	}
	return texts, nil
}

func (h *procTestHost) ReadLinks(_ context.Context, dirs ...string) (map[string]string, error) {
	h.count()
	links := map[string]string{}
	for _, dir := range dirs {
		if h.hide != nil && h.hide(dir) {
			continue
		}
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			link := dir + "/" + e.Name()
			if to, err := os.Readlink(link); err == nil {
				links[link] = to
			}
		}
	}
	return links, nil
}

func (h *procTestHost) Holders(ctx context.Context, path string) ([]int, error) {
	want, err := os.Stat(path)
	if err != nil {
		return nil, nil //nolint:nilerr // nobody holds what is not there
	}
	var pids []int
	dirs, _ := filepath.Glob("/proc/[0-9]*/fd")
	for _, dir := range dirs {
		links, _ := h.ReadLinks(ctx, dir)
		for link := range links {
			if got, err := os.Stat(link); err == nil && os.SameFile(want, got) && pidOf(link) != os.Getpid() {
				pids = append(pids, pidOf(link))
				break
			}
		}
	}
	return pids, nil
}

func (h *procTestHost) StatFiles(_ context.Context, paths ...string) (map[string]observe.FileInfo, error) {
	h.count()
	infos := map[string]observe.FileInfo{}
	for _, p := range paths {
		if st, err := os.Stat(p); err == nil {
			sys := st.Sys().(*syscall.Stat_t)
			ident := fmt.Sprintf("%d:%d", sys.Dev, sys.Ino)
			infos[p] = observe.FileInfo{Path: p, Ident: ident, Size: st.Size(), Allocated: sys.Blocks * 512, Modified: st.ModTime()}
		}
	}
	return infos, nil
}

var _ Procs = (*procTestHost)(nil)

// procTestWatch runs a watcher until the test ends and keeps what it emits.
type procTestWatch struct {
	mu   sync.Mutex
	seen []observe.Payload
	news chan struct{}
	stop func()
}

const procTestEvery = 100 * time.Millisecond

func procTestRun(t *testing.T, cfg ProcessConfig) *procTestWatch {
	t.Helper()
	if cfg.Procs == nil {
		cfg.Procs = &procTestHost{}
	}
	if cfg.Every == 0 {
		cfg.Every = procTestEvery
	}
	w := &procTestWatch{news: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- NewProcesses(cfg).Run(ctx, func(ps ...observe.Payload) {
			w.mu.Lock()
			w.seen = append(w.seen, ps...)
			w.mu.Unlock()
			select {
			case w.news <- struct{}{}:
			default:
			}
		})
	}()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(w.stop)
	return w
}

func (w *procTestWatch) all() []observe.Payload {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]observe.Payload(nil), w.seen...)
}

// until waits for what a test looks for.
func (w *procTestWatch) until(t *testing.T, what string, ok func([]observe.Payload) bool) {
	t.Helper()
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	for !ok(w.all()) {
		select {
		case <-w.news:
		case <-deadline.C:
			t.Fatalf("not seen: %s\n%s", what, procTestDump(w.all()))
		}
	}
}

// proc waits for a process in a full sample.
func (w *procTestWatch) proc(t *testing.T, what string, ok func(observe.Proc) bool) observe.Proc {
	t.Helper()
	var hit observe.Proc
	w.until(t, what, func(ps []observe.Payload) bool {
		for _, p := range procTestFull(ps).Procs {
			if ok(p) {
				hit = p
				return true
			}
		}
		return false
	})
	return hit
}

// blocked waits until a process is blocked in a certain way.
func (w *procTestWatch) blocked(t *testing.T, class observe.Blocker) observe.Proc {
	t.Helper()
	return w.proc(t, "blocker "+string(class), func(p observe.Proc) bool { return p.Blocker == class })
}

// source waits for a state of the source.
func (w *procTestWatch) source(t *testing.T, state observe.SourceState) observe.Source {
	t.Helper()
	var hit observe.Source
	w.until(t, "source "+string(state), func(ps []observe.Payload) bool {
		for _, p := range ps {
			if s, ok := p.(observe.Source); ok && s.State == state {
				hit = s
				return true
			}
		}
		return false
	})
	return hit
}

// samples returns the process samples.
func procTestSamples(ps []observe.Payload) []observe.Process {
	var all []observe.Process
	for _, p := range ps {
		if s, ok := p.(observe.Process); ok {
			all = append(all, s)
		}
	}
	return all
}

// full returns the newest full sample.
func procTestFull(ps []observe.Payload) observe.Process {
	var full observe.Process
	for _, s := range procTestSamples(ps) {
		if s.Procs != nil {
			full = s
		}
	}
	return full
}

func procTestExit(t *testing.T, w *procTestWatch) observe.Process {
	t.Helper()
	var end observe.Process
	w.until(t, "an exit", func(ps []observe.Payload) bool {
		for _, s := range procTestSamples(ps) {
			if s.Exit != nil {
				end = s
				return true
			}
		}
		return false
	})
	return end
}

func procTestDump(ps []observe.Payload) string {
	var b strings.Builder
	for _, p := range ps {
		line, err := json.Marshal(p)
		if err != nil {
			line = []byte(err.Error())
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// procTestStart starts a command in a process group and a directory of its own; both end with the test.
func procTestStart(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(name, args...) //nolint:noctx // ended by its process group
	c.Dir = t.TempDir()
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	procTestBegin(t, c)
	return c
}

// procTestBegin starts c, and ends its process group and waits for it when the test ends.
func procTestBegin(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = c.Wait()
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		_ = syscall.Kill(c.Process.Pid, syscall.SIGKILL)
		<-done
		procTestEndThose(c.Dir)
	})
}

// procTestEndThose ends what a command left behind in a session of its own: all that works in its directory,
// which is the test's alone.
func procTestEndThose(dir string) {
	dirs, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range dirs {
		if at, err := os.Readlink(link); err == nil && at == dir {
			_ = syscall.Kill(pidOf(link), syscall.SIGKILL)
		}
	}
}

// procTestPoll waits until ok.
func procTestPoll(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("not seen: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// procTestPID waits until a pid stands in a file.
func procTestPID(t *testing.T, file string) int {
	t.Helper()
	pid := 0
	procTestPoll(t, "a pid in "+file, func() bool {
		b, _ := os.ReadFile(file)
		pid, _ = strconv.Atoi(strings.TrimSpace(string(b)))
		return pid > 0 && bytes.HasSuffix(b, []byte("\n"))
	})
	return pid
}
