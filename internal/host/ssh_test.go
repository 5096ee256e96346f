package host_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"ronda/internal/host"
	"ronda/internal/host/hosttest"
	"ronda/internal/observe"
	"ronda/probes"
	"ronda/watchers"
)

var (
	_ watchers.Files = (*host.SSH)(nil)
	_ watchers.Procs = (*host.SSH)(nil)
	_ probes.Host    = (*host.SSH)(nil)
)

// kept is a host whose link is kept until the test ends.
type kept struct {
	*host.SSH
	reports *reports
	result  chan error // what Keep returned
}

// keep starts to keep the link to a host.
func keep(t *testing.T, cfg host.Config) *kept {
	t.Helper()
	r := &reports{changed: make(chan struct{})}
	cfg.Report = r.add
	h, err := host.New(t.Context(), cfg)
	if err != nil {
		t.Fatalf("new host: %v", err)
	}
	k := &kept{SSH: h, reports: r, result: make(chan error, 1)}
	go func() { k.result <- h.Keep(context.Background()) }()
	t.Cleanup(h.Close)
	return k
}

// keepTo is keep for a server, by the Host alias of its ssh_config.
func keepTo(t *testing.T, s *hosttest.Server) *kept {
	t.Helper()
	return keep(t, host.Config{Name: "box", Address: hosttest.Alias, ConfigFile: s.ClientConfigFile})
}

// gaveUp returns the error with which Keep returned.
func (k *kept) gaveUp(t *testing.T) error {
	t.Helper()
	select {
	case err := <-k.result:
		return err
	case <-time.After(patience):
		t.Fatalf("Keep goes on; it reported %v", k.reports.all())
		return nil
	}
}

// patience is how long a test waits for what must come, on a machine that is busy otherwise.
const patience = 90 * time.Second

func waiting(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// mustRun runs a command that must succeed and returns its output.
func (k *kept) mustRun(t *testing.T, command string) string {
	t.Helper()
	out, errs, code, err := k.Run(waiting(t), command)
	if err != nil || code != 0 {
		t.Fatalf("run %q: code %d, %v\n%s%s\nreports: %v", command, code, err, out, errs, k.reports.all())
	}
	return string(out)
}

// reports collects what a host says of its link.
type reports struct {
	mu      sync.Mutex
	links   []observe.Link
	at      []time.Time
	changed chan struct{}
}

func (r *reports) add(l observe.Link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.links, r.at = append(r.links, l), append(r.at, time.Now())
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *reports) all() []observe.Link {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]observe.Link(nil), r.links...)
}

// wait waits for a report after the first skip ones that is as wanted; it returns when it came and how many
// reports there were up to it.
func (r *reports) wait(t *testing.T, skip int, what string, wanted func(observe.Link) bool) (time.Time, int) {
	t.Helper()
	end := time.After(patience)
	for {
		r.mu.Lock()
		changed := r.changed
		for i := skip; i < len(r.links); i++ {
			if wanted(r.links[i]) {
				defer r.mu.Unlock()
				return r.at[i], i + 1
			}
		}
		r.mu.Unlock()
		select {
		case <-changed:
		case <-end:
			t.Fatalf("never reported: %s; reported was %v", what, r.all())
		}
	}
}

func up(l observe.Link) bool   { return l.Up && !l.Late }
func late(l observe.Link) bool { return l.Up && l.Late }
func down(l observe.Link) bool { return !l.Up }

func TestRunOverRealSSHD(t *testing.T) {
	s := hosttest.StartSSHD(t, hosttest.Options{})
	h := keepTo(t, s)
	ctx := waiting(t)

	out, errs, code, err := h.Run(ctx, `echo "it's here"; echo there >&2; read x && echo "stdin is not empty"; exit 7`)
	if err != nil || string(out) != "it's here\n" || string(errs) != "there\n" || code != 7 {
		t.Errorf("run: %q, %q, %d, %v", out, errs, code, err)
	}
	if _, _, code, err := h.Run(ctx, `kill -TERM $$`); err != nil || code != 143 {
		t.Errorf("run a command that dies: %d, %v; want 143", code, err)
	}
	out, _, code, err = h.Run(ctx, `head -c 200000 /dev/zero | tr '\0' x; echo done >&2`)
	if err != nil || code != 0 || len(out) != 64<<10 {
		t.Errorf("run a loud command: %d bytes, %d, %v; want 65536 bytes", len(out), code, err)
	}
	if got := h.mustRun(t, "printf %s 'a\nb'\\''c'"); got != "a\nb'c" {
		t.Errorf("quoting: %q", got)
	}
	if got := h.mustRun(t, "tty; set"); strings.Contains(got, "SSH_AUTH_SOCK") || !strings.Contains(got, "not a tty") {
		t.Errorf("the command has a terminal or an agent: %q", got)
	}
}

// TestRunEndsWithItsContext: what was started is killed on the server, also a whole pipeline that is silent.
func TestRunEndsWithItsContext(t *testing.T) {
	s := hosttest.StartSSHD(t, hosttest.Options{})
	h := keepTo(t, s)
	pids := filepath.Join(t.TempDir(), "pids")
	ctx, cancel := context.WithCancel(waiting(t))
	ended := make(chan error, 1)
	go func() {
		_, _, _, err := h.Run(ctx, "sleep 987 | sleep 988 & echo $! >"+pids+"; echo $$ >>"+pids+"; wait")
		ended <- err
	}()
	var alive []string
	waitFor(t, "the command runs", func() bool {
		text, _ := os.ReadFile(pids)
		alive = strings.Fields(string(text))
		return len(alive) == 2
	})
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("run: %v, want context.Canceled", err)
	}
	waitFor(t, "the command is gone", func() bool {
		for _, pid := range alive {
			if _, err := os.Stat("/proc/" + pid); err == nil {
				return false
			}
		}
		return true
	})
}

func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

func TestDialFromTheHost(t *testing.T) {
	s := hosttest.StartSSHD(t, hosttest.Options{})
	h := keepTo(t, s)
	ctx := waiting(t)
	var listen net.ListenConfig
	socket := filepath.Join(t.TempDir(), "s")
	for _, at := range [][2]string{{"tcp", "127.0.0.1:0"}, {"unix", socket}} {
		l, err := listen.Listen(ctx, at[0], at[1])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		go func() {
			for c, err := l.Accept(); err == nil; c, err = l.Accept() {
				_, _ = io.Copy(c, c)
			}
		}()
		c, err := h.DialContext(ctx, at[0], l.Addr().String())
		if err != nil {
			t.Fatalf("dial %v: %v", at, err)
		}
		buf := make([]byte, 5)
		if _, err := c.Write([]byte("hello")); err != nil {
			t.Error(err)
		}
		if _, err := io.ReadFull(c, buf); err != nil || string(buf) != "hello" {
			t.Errorf("echo: %q, %v", buf, err)
		}
		_ = c.SetDeadline(time.Now().Add(50 * time.Millisecond))
		if _, err := c.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read past the deadline: %v", err)
		}
		_ = c.Close()
	}
	if _, err := h.DialContext(ctx, "tcp", "127.0.0.1:1"); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("dial a closed port: %v", err)
	}
}

func TestDialForbidden(t *testing.T) {
	s := hosttest.StartSSHD(t, hosttest.Options{Set: []string{"AllowTcpForwarding=no"}})
	h := keepTo(t, s)
	if _, err := h.DialContext(waiting(t), "tcp", s.Addr); err == nil || !strings.Contains(err.Error(), "AllowTcpForwarding") {
		t.Errorf("dial: %v, want the setting named", err)
	}
}

func TestFilesOverTheAgent(t *testing.T) {
	s := hosttest.StartSSHD(t, hosttest.Options{})
	h := keepTo(t, s)
	ctx := waiting(t)
	log := filepath.Join(t.TempDir(), "x.log")
	hosttest.WriteFile(t, log, "one\ntwo\n")
	handle, info, err := h.OpenFile(ctx, log)
	if err != nil || info.Size != 8 {
		t.Fatalf("open: %+v, %v", info, err)
	}
	read, err := h.ReadFile(ctx, handle, 4, 100)
	if err != nil || string(read.Data) != "two\n" || read.Path == nil || read.Path.Ident != info.Ident {
		t.Errorf("read: %+v, %v", read, err)
	}
	if _, _, err := h.OpenFile(ctx, log+".none"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("open what is not there: %v", err)
	}
	texts, err := h.ReadFiles(ctx, "/proc/self/status")
	if err != nil || !strings.Contains(texts["/proc/self/status"], "Pid:") {
		t.Errorf("read files: %v, %v", texts, err)
	}
	h.CloseFile(handle)
	if _, err := h.ReadFile(ctx, handle, 0, 1); !errors.Is(err, os.ErrClosed) {
		t.Errorf("read a closed file: %v", err)
	}
}

// TestNothingIsLeft: after Close there is no goroutine of ours here and no process on the server.
func TestNothingIsLeft(t *testing.T) {
	s := hosttest.StartSSHD(t, hosttest.Options{})
	before := runtime.NumGoroutine()
	h := keepTo(t, s)
	if _, err := h.ReadFiles(waiting(t), "/proc/self/stat"); err != nil {
		t.Fatal(err)
	}
	sleep := longSleep(0)
	go func() { _, _, _, _ = h.Run(context.Background(), sleep) }()
	waitFor(t, "the sleep runs", func() bool { return running(t, sleep) })
	h.Close()
	if err := h.gaveUp(t); err != nil {
		t.Errorf("keep: %v", err)
	}
	if _, _, _, err := h.Run(waiting(t), "true"); err == nil {
		t.Error("a closed host runs commands")
	}
	waitFor(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before })
	waitFor(t, "no process is left", func() bool { return !running(t, sleep) })
}

// longSleep is a command line that no other process has.
func longSleep(n int) string { return fmt.Sprintf("sleep %d", 100_000_000*(n+1)+os.Getpid()) }

// running tells whether a process with that command line runs.
func running(t *testing.T, command string) bool {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range lines {
		text, _ := os.ReadFile(file)
		if strings.ReplaceAll(strings.TrimRight(string(text), "\x00"), "\x00", " ") == command {
			return true
		}
	}
	return false
}
