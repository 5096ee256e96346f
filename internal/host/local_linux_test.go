package host_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ronda/internal/host"
	"ronda/internal/host/conformance"
)

func local(tb testing.TB) *host.Local {
	tb.Helper()
	l := host.NewLocal()
	tb.Cleanup(func() {
		if err := l.Close(); err != nil {
			tb.Error(err)
		}
	})
	return l
}

func TestLocalConformance(t *testing.T) {
	conformance.Run(t, local(t))
}

func TestLocalRun(t *testing.T) {
	l := local(t)
	for _, c := range []struct {
		command, stdout, stderr string
		code                    int
	}{
		{"echo out; echo err >&2; exit 3", "out\n", "err\n", 3},
		{"cat", "", "", 0}, // nothing is on its input
		{"kill -9 $$", "", "", 137},
		{"printf 'a\\0b\\377'", "a\x00b\xff", "", 0},
		{"no-such-command 2>/dev/null", "", "", 127},
	} {
		stdout, stderr, code, err := l.Run(t.Context(), c.command)
		if err != nil || string(stdout) != c.stdout || string(stderr) != c.stderr || code != c.code {
			t.Errorf("%s: %q, %q, %d, %v", c.command, stdout, stderr, code, err)
		}
	}
}

// A command that writes without end is not held up, and what is kept is bounded.
func TestLocalRunCutsStreams(t *testing.T) {
	stdout, stderr, code, err := local(t).Run(t.Context(), "head -c 3000000 /dev/zero; head -c 70000 /dev/zero >&2")
	if err != nil || code != 0 || len(stdout) != 64<<10 || len(stderr) != 64<<10 {
		t.Errorf("%d bytes, %d bytes, %d, %v", len(stdout), len(stderr), code, err)
	}
}

// When ctx ends, everything that the command started ends.
func TestLocalRunEndsTheGroup(t *testing.T) {
	pidfile := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, _, _, err := local(t).Run(ctx, "trap '' TERM INT HUP; sleep 600 & echo $! >"+pidfile+".new; mv "+pidfile+".new "+pidfile+"; wait")
		done <- err
	}()
	var pid int
	until(t, "the command runs", func() bool {
		text, _ := os.ReadFile(pidfile)
		pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		return pid > 0
	})
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	until(t, "its child is gone", func() bool { return !alive(pid) })
}

// A daemon that keeps the streams open is left alone, and not waited for.
func TestLocalRunLeavesDaemons(t *testing.T) {
	stdout, _, code, err := local(t).Run(t.Context(), "sleep 60 & echo $!")
	pid, _ := strconv.Atoi(strings.TrimSpace(string(stdout)))
	if err != nil || code != 0 || !alive(pid) {
		t.Errorf("pid %d, %d, %v", pid, code, err)
	}
	if pid > 0 {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it is ours
	}
}

func TestLocalDial(t *testing.T) {
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	conn, err := local(t).DialContext(t.Context(), "tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

// Nothing stays open behind a night of rotations.
func TestLocalLeaksNothing(t *testing.T) {
	l := local(t)
	count := func() int {
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	before := count()
	for range 100 {
		h, _, err := l.OpenFile(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = l.ReadFiles(t.Context(), path, "/proc/*/stat", "/proc/1/syscall")
		_, _ = l.ReadLinks(t.Context(), "/proc/self/fd")
		_, _, _ = l.OpenFile(t.Context(), "/tmp")
		l.CloseFile(h)
	}
	if after := count(); after > before {
		t.Errorf("%d descriptors are open, %d were", after, before)
	}
}

func until(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); {
		if time.Now().After(end) {
			tb.Fatalf("not within 30 s: %s", what)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// alive tells whether a process runs; a zombie does not.
func alive(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, _ := bytes.Cut(text, []byte(") "))
	return err == nil && !bytes.HasPrefix(state, []byte("Z"))
}

// BenchmarkLocalReadFile is one look at a log that has not grown, and at one with 64 KiB of news.
func BenchmarkLocalReadFile(b *testing.B) {
	l := local(b)
	path := filepath.Join(b.TempDir(), "x")
	if err := os.WriteFile(path, make([]byte, 1<<20), 0o600); err != nil {
		b.Fatal(err)
	}
	h, _, err := l.OpenFile(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	for name, off := range map[string]int64{"idle": 1 << 20, "64KiB": 1<<20 - 64<<10} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := l.ReadFile(b.Context(), h, off, 256<<10); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLocalSample is a full sample of one process: fifteen files, and its descriptors.
func BenchmarkLocalSample(b *testing.B) {
	l := local(b)
	p := "/proc/" + strconv.Itoa(os.Getppid())
	paths := []string{
		p + "/stat", p + "/io", p + "/wchan", p + "/syscall", p + "/status", p + "/schedstat", p + "/statm", p + "/comm", p + "/cmdline",
		"/proc/uptime", "/proc/loadavg", "/proc/meminfo", "/proc/vmstat", "/proc/diskstats", "/proc/locks",
	}
	for b.Loop() {
		if _, err := l.ReadFiles(b.Context(), paths...); err != nil {
			b.Fatal(err)
		}
		if _, err := l.ReadLinks(b.Context(), p+"/fd"); err != nil {
			b.Fatal(err)
		}
	}
}

var _ io.Closer = (*host.Local)(nil)
