//go:build linux

package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// These benchmarks measure ronda as a whole, as a program on a terminal of its own:
//
//	go test -run '^$' -bench 'Idle|Flood' -benchtime 1x ./internal/cli

// screen is a ronda that runs on a pty of 120 columns and 40 rows.
type screen struct {
	cmd    *exec.Cmd
	frames atomic.Int64
	bytes  atomic.Int64
}

func startScreen(b *testing.B, args ...string) *screen {
	b.Helper()
	s := &screen{cmd: exec.Command(program(b), args...)} //nolint:noctx // ended in Cleanup
	s.cmd.Env = append(os.Environ(), "HOME="+b.TempDir(), "TERM=xterm-256color", "COLORTERM=truecolor", "SSH_TTY=")
	terminal, err := pty.StartWithSize(s.cmd, &pty.Winsize{Rows: 40, Cols: 120})
	if err != nil {
		b.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(func() { s.read(terminal) })
	b.Cleanup(func() {
		_ = s.cmd.Process.Signal(os.Interrupt)
		_ = s.cmd.Wait()
		_ = terminal.Close()
		reading.Wait()
	})
	return s
}

// read is the terminal: it counts what it is given, and says that it knows synchronized output, by which
// the frames can be counted.
func (s *screen) read(terminal *os.File) {
	buf := make([]byte, 64<<10)
	for {
		n, err := terminal.Read(buf)
		if err != nil {
			return
		}
		s.bytes.Add(int64(n))
		s.frames.Add(int64(bytes.Count(buf[:n], []byte("\x1b[?2026h"))))
		if bytes.Contains(buf[:n], []byte("\x1b[?2026$p")) {
			_, _ = terminal.WriteString("\x1b[?2026;2$y")
		}
	}
}

// cost is what a process has used so far.
type cost struct {
	at       time.Time
	cpu      time.Duration
	switches int64
}

func costOf(b *testing.B, pid int) cost {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+2:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	c := cost{at: time.Now(), cpu: time.Duration(user+system) * 10 * time.Millisecond}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	for _, t := range tasks {
		c.switches += field(t, "voluntary_ctxt_switches:")
	}
	return c
}

// field is a number in a file of /proc; 0 when it is not there.
func field(path, name string) int64 {
	text, _ := os.ReadFile(path)
	_, rest, _ := strings.Cut(string(text), "\n"+name)
	words := strings.Fields(rest)
	if len(words) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(words[0], 10, 64)
	return n
}

// over reports what s used in span of time from now.
func (s *screen) over(b *testing.B, span time.Duration) {
	b.Helper()
	pid := s.cmd.Process.Pid
	frames, written, before := s.frames.Load(), s.bytes.Load(), costOf(b, pid)
	time.Sleep(span) // the span is what is measured
	after := costOf(b, pid)
	seconds := after.at.Sub(before.at).Seconds()
	b.ReportMetric(100*(after.cpu-before.cpu).Seconds()/seconds, "%core")
	b.ReportMetric(float64(after.switches-before.switches)/seconds, "wakeups/s")
	b.ReportMetric(float64(s.frames.Load()-frames)/seconds, "frames/s")
	b.ReportMetric(float64(s.bytes.Load()-written)/seconds, "tty-B/s")
	b.ReportMetric(float64(field(fmt.Sprintf("/proc/%d/status", pid), "VmRSS:"))/1024, "MiB-RSS")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkIdle watches twenty tasks that do nothing, each with a log and a process.
func BenchmarkIdle(b *testing.B) {
	dir := b.TempDir()
	args := []string{"watch", "--record", filepath.Join(dir, "s.jsonl")}
	for i := range 20 {
		log := filepath.Join(dir, fmt.Sprintf("task%02d.log", i))
		cmd := exec.Command("/bin/sh", "-c", `exec >>"$1"; echo started; exec sleep 600`, "sh", log) //nolint:noctx // ended in Cleanup
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
		args = append(args, log)
	}
	time.Sleep(time.Second)
	s := startScreen(b, args...)
	time.Sleep(30 * time.Second) // until all have come to rest
	for b.Loop() {
		s.over(b, 60*time.Second)
	}
}

// BenchmarkFlood watches a log that grows by 50,000 lines a second.
func BenchmarkFlood(b *testing.B) {
	const perSecond, batches = 50_000, 100
	dir := b.TempDir()
	log := filepath.Join(dir, "flood.log")
	file, err := os.Create(log)
	if err != nil {
		b.Fatal(err)
	}
	stop := make(chan struct{})
	var writing sync.WaitGroup
	lines := 0
	writing.Go(func() {
		tick := time.NewTicker(time.Second / batches)
		defer tick.Stop()
		var buf []byte
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			buf = buf[:0]
			for range perSecond / batches {
				lines++
				buf = fmt.Appendf(buf, "2026-11-28 23:00:00 INFO [worker-%d] moved item %d of the mailbox store to its new place\n", lines%8, lines)
			}
			_, _ = file.Write(buf)
		}
	})
	b.Cleanup(func() { _ = file.Close() })
	s := startScreen(b, "watch", "--record", filepath.Join(dir, "s.jsonl"), log)
	time.Sleep(5 * time.Second)
	for b.Loop() {
		s.over(b, 20*time.Second)
	}
	close(stop)
	writing.Wait()
	b.ReportMetric(float64(lines), "lines")
	time.Sleep(2 * time.Second)
	_ = s.cmd.Process.Signal(os.Interrupt)
	_ = s.cmd.Wait()
	if got := recordedLines(b, filepath.Join(dir, "s.jsonl")); got != lines {
		b.Errorf("%d lines recorded of %d written", got, lines)
	}
}

func recordedLines(b *testing.B, path string) int {
	b.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	return bytes.Count(text, []byte(`"kind":"line"`))
}
