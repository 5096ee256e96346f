//go:build linux

package agent_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ronda/internal/host/agent"
)

// group returns the processes of a process group that run, with their command lines.
func group(tb testing.TB, pgid int) map[int]string {
	tb.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		tb.Fatal(err)
	}
	found := make(map[int]string)
	for _, p := range stats {
		text, err := os.ReadFile(p)
		i := bytes.LastIndex(text, []byte(") "))
		if err != nil || i < 0 {
			continue // it has just gone
		}
		f := strings.Fields(string(text[i+2:])) // state ppid pgrp …
		if f[2] == strconv.Itoa(pgid) && f[0] != "Z" {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(p)))
			line, _ := os.ReadFile(filepath.Join(filepath.Dir(p), "cmdline"))
			found[pid] = string(bytes.ReplaceAll(line, []byte{0}, []byte{' '}))
		}
	}
	return found
}

// until polls for something that takes a moment.
func until(tb testing.TB, within time.Duration, what string, is func() bool) {
	tb.Helper()
	for end := time.Now().Add(within); !is(); {
		if time.Now().After(end) {
			tb.Fatalf("not within %s: %s", within, what)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// alone starts a shell at the head of its own process group.
func (s shell) alone(tb testing.TB) far {
	tb.Helper()
	f := s.prepare(tb)
	f.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	f.run(tb)
	tb.Cleanup(func() { _ = syscall.Kill(-f.cmd.Process.Pid, syscall.SIGKILL) }) // most often nothing is left
	return f
}

// The ways in which a link ends. None leaves a process behind, nor does the agent hold on to anything.
func TestNothingStaysBehind(t *testing.T) {
	for _, s := range shells(t) {
		for _, c := range []struct {
			name   string
			lease  time.Duration
			within time.Duration
			end    func(t *testing.T, a *agent.Agent, f far)
		}{
			{"closed", 0, 20 * time.Second, func(t *testing.T, a *agent.Agent, _ far) {
				t.Helper()
				if err := a.Close(); err != nil {
					t.Error(err)
				}
			}},
			{"the streams are closed", 0, 20 * time.Second, func(t *testing.T, _ *agent.Agent, f far) {
				t.Helper()
				if err := errors.Join(f.stdin.Close(), f.stdout.Close()); err != nil {
					t.Error(err)
				}
			}},
			{"nobody reads the answers", 0, 20 * time.Second, func(t *testing.T, a *agent.Agent, f far) {
				t.Helper()
				stop := func(sig syscall.Signal) {
					if err := f.cmd.Process.Signal(sig); err != nil {
						t.Error(err)
					}
				}
				stop(syscall.SIGSTOP) // so that the question is there before the end
				asked := make(chan struct{})
				go func() {
					defer close(asked)
					_, _ = a.ReadFiles(t.Context(), "/proc/vmstat") // there is no answer to come
				}()
				<-time.After(100 * time.Millisecond)
				if err := f.stdout.Close(); err != nil {
					t.Error(err)
				}
				stop(syscall.SIGCONT)
				<-asked
			}},
			// The watchdog looks each quarter of the lease: here, each second.
			{"the shell is killed", 4 * time.Second, 30 * time.Second, func(t *testing.T, _ *agent.Agent, f far) {
				t.Helper()
				if err := f.cmd.Process.Kill(); err != nil {
					t.Error(err)
				}
			}},
			{"the shell is terminated", 4 * time.Second, 30 * time.Second, func(t *testing.T, _ *agent.Agent, f far) {
				t.Helper()
				if err := f.cmd.Process.Signal(syscall.SIGTERM); err != nil {
					t.Error(err)
				}
			}},
		} {
			t.Run(s.name+" "+c.name, func(t *testing.T) {
				t.Parallel()
				f := s.alone(t)
				a, err := agent.Start(t.Context(), f.stdin, f.stdout, agent.Options{Patience: time.Minute, Lease: c.lease})
				if err != nil {
					t.Fatal(err)
				}
				h, _, err := a.OpenFile(t.Context(), "/etc/passwd")
				if err != nil {
					t.Fatal(err)
				}
				pid := f.cmd.Process.Pid
				if n := len(group(t, pid)); n < 2 {
					t.Fatalf("%d processes run, not the shell and its watchdog", n)
				}
				c.end(t, a, f)
				<-a.Done()
				if _, err := a.ReadFile(t.Context(), h, 0, 1); !errors.Is(err, fs.ErrClosed) {
					t.Errorf("after the end: %v", err)
				}
				until(t, c.within, fmt.Sprintf("all have gone: %v", group(t, pid)), func() bool { return len(group(t, pid)) == 0 })
				if err := a.Close(); err != nil {
					t.Errorf("closed again: %v", err)
				}
			})
		}
	}
}

// A far side whose watchdog was killed ends when its lease is to be renewed, and signals no other process that
// may have its number by then.
func TestWatchdogKilled(t *testing.T) {
	for _, s := range shells(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			f := s.alone(t)
			a, err := agent.Start(t.Context(), f.stdin, f.stdout, agent.Options{Patience: time.Minute, Lease: 4 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			for pid, line := range group(t, f.cmd.Process.Pid) {
				if pid != f.cmd.Process.Pid && !strings.Contains(line, "sleep") {
					if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
						t.Fatal(err)
					}
				}
			}
			<-a.Done()
			until(t, 20*time.Second, "all have gone", func() bool { return len(group(t, f.cmd.Process.Pid)) == 0 })
		})
	}
}

// The far side gives up when nobody renews its lease, as when the network is cut and nobody tells it.
func TestLease(t *testing.T) {
	for _, s := range shells(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			f := s.alone(t)
			gate := &gate{WriteCloser: f.stdin}
			a, err := agent.Start(t.Context(), gate, f.stdout, agent.Options{Patience: time.Minute, Lease: 4 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			// While the agent lives, so does the lease, though nobody asks.
			for range 70 {
				<-time.After(100 * time.Millisecond)
				if len(group(t, f.cmd.Process.Pid)) == 0 {
					t.Fatal("it ended under a lease that was kept up")
				}
			}
			if _, err := a.ReadFiles(t.Context(), "/proc/uptime"); err != nil {
				t.Fatal(err)
			}
			gate.mu.Lock()
			until(t, time.Minute, "the lease runs out", func() bool { return len(group(t, f.cmd.Process.Pid)) == 0 })
			gate.mu.Unlock()
			<-a.Done()
		})
	}
}

// gate is a stream that can be frozen: what is written meanwhile waits.
type gate struct {
	io.WriteCloser
	mu sync.Mutex
}

func (g *gate) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.WriteCloser.Write(p)
}

// TestMain is the client that TestKilledClient kills, when it is told to.
func TestMain(m *testing.M) {
	args := strings.Split(os.Getenv("RONDA_TEST_SHELL"), "\n")
	if args[0] == "" {
		os.Exit(m.Run())
	}
	cmd := exec.CommandContext(context.Background(), args[0], args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err1 := cmd.StdinPipe()
	stdout, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	a, err := agent.Start(context.Background(), stdin, stdout, agent.Options{Patience: time.Minute})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(cmd.Process.Pid)
	for { // it is busy when it is killed
		if _, err := a.ReadFiles(context.Background(), "/proc/[0-9]*/stat"); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
}

// A client that is killed, in the middle of its work, leaves nothing.
func TestKilledClient(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range shells(t) {
		t.Run(s.name, func(t *testing.T) {
			client := exec.CommandContext(t.Context(), self)
			client.Env = append(os.Environ(), "RONDA_TEST_SHELL="+strings.Join(s.args, "\n"))
			client.Env = append(client.Env, s.env...)
			out, err := client.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := client.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(out).ReadString('\n')
			pid, errNum := strconv.Atoi(strings.TrimSpace(line))
			if err := errors.Join(err, errNum); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			t.Cleanup(func() { _ = syscall.Kill(-pid, syscall.SIGKILL) }) // most often nothing is left
			if len(group(t, pid)) < 2 {
				t.Fatal("no shell runs")
			}
			if err := client.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = client.Wait() // it was killed
			until(t, 20*time.Second, "all have gone", func() bool { return len(group(t, pid)) == 0 })
		})
	}
}
