//go:build unix

package watchers

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ronda/internal/observe"
)

// How the numbers in the documentation were made:
//
//	go test -run '^$' -bench 'Split|FollowBacklog' ./watchers
//	go test -run '^$' -bench FollowLatency -benchtime 1x -count 3 ./watchers
//	go test -c -o watchers.test ./watchers && head -c 2000000000 big.log >/dev/null &&
//	  LOGTEST_SPLIT=big.log /usr/bin/time -v ./watchers.test -test.run '^$' -test.bench SplitFile -test.benchtime 1x &&
//	  /usr/bin/time -v wc -l big.log

// BenchmarkSplitFile reads and splits the file named by LOGTEST_SPLIT, and nothing else.
func BenchmarkSplitFile(b *testing.B) {
	path := os.Getenv("LOGTEST_SPLIT")
	if path == "" {
		b.Skip("LOGTEST_SPLIT names no file")
	}
	buf := make([]byte, standardReadSize)
	for b.Loop() {
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		var s splitter
		lines := 0
		for {
			n, err := f.Read(buf)
			s.split(buf[:n], func(piece) { lines++ })
			if err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
		_ = f.Close()
		b.ReportMetric(float64(lines), "lines")
		b.SetBytes(s.off)
	}
}

// BenchmarkFollowBacklog follows a log of 64 MiB to its end: with all observations that come of it.
func BenchmarkFollowBacklog(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.log")
	line := "2026-11-24T20:28:12Z mail1 zmsetup[4711]: Migrating mboxgroup7.  This can take a substantial amount of time... 137 bytes of it are a mean\n"
	if err := os.WriteFile(path, []byte(strings.Repeat(line, MaxBacklog/len(line))), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(MaxBacklog)
	b.ReportAllocs()
	for b.Loop() {
		lines := 0
		ctx, cancel := context.WithCancel(b.Context())
		emit := func(batch ...observe.Payload) {
			if lines += len(batch); lines > MaxBacklog/len(line) {
				cancel()
			}
		}
		if err := NewLog(LogConfig{Path: path, Files: newLogtestFiles(), Wake: NewNotify(path)}).Run(ctx, emit); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFollowLatency measures how long after it was written a line is emitted, in microseconds, and what
// that costs in percent of a core, next to tail -F into a pipe. Another process writes, for four seconds.
func BenchmarkFollowLatency(b *testing.B) {
	const lasts = 4 * time.Second
	for _, rate := range []int{10, 10_000} {
		for _, reader := range []string{"log", "tail"} {
			b.Run(fmt.Sprintf("%s-%d", reader, rate), func(b *testing.B) {
				for b.Loop() {
					path := filepath.Join(b.TempDir(), fmt.Sprintf("%d.log", b.N))
					logtestWriteB(b, path)
					total := rate * int(lasts/time.Second)
					late := make([]time.Duration, 0, total)
					enough := make(chan struct{})
					take := func(text string) {
						stamp, err := strconv.ParseInt(strings.Fields(text)[0], 10, 64)
						if err != nil {
							b.Errorf("garbled: %q", text)
						}
						if late = append(late, time.Since(time.Unix(0, stamp))); len(late) == total {
							close(enough)
						}
					}
					stop := logtestReader(b, reader, path, take)
					before := logtestCPU(b)
					writer := exec.CommandContext(b.Context(), os.Args[0], "-test.run", "^$", "-test.bench", "^BenchmarkLogtestWriter$", "-test.benchtime", "1x")
					writer.Env = append(os.Environ(), "LOGTEST_WRITE="+path, "LOGTEST_RATE="+strconv.Itoa(rate), "LOGTEST_LINES="+strconv.Itoa(total))
					if err := writer.Start(); err != nil {
						b.Fatal(err)
					}
					<-enough
					cpu := logtestCPU(b) - before
					if err := writer.Wait(); err != nil {
						b.Fatal(err)
					}
					stop()
					slices.Sort(late)
					b.ReportMetric(float64(late[total/2].Microseconds()), "p50-µs")
					b.ReportMetric(float64(late[total*99/100].Microseconds()), "p99-µs")
					b.ReportMetric(float64(late[total-1].Microseconds()), "max-µs")
					b.ReportMetric(100*cpu.Seconds()/lasts.Seconds(), "cpu-%")
				}
			})
		}
	}
}

func logtestWriteB(b *testing.B, path string) {
	b.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		b.Fatal(err)
	}
}

// logtestReader starts what reads the log, and returns when it is ready. What it returns ends it.
func logtestReader(b *testing.B, name, path string, take func(string)) (stop func()) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	if name == "tail" {
		cmd := exec.CommandContext(ctx, "tail", "-n", "0", "-F", path)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			b.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for lines := bufio.NewScanner(out); lines.Scan(); {
				take(lines.Text())
			}
		}()
		time.Sleep(300 * time.Millisecond) // it does not say when it is ready
		return func() { cancel(); <-done; _ = cmd.Wait() }
	}
	ready, done := make(chan struct{}), make(chan error, 1)
	emit := func(batch ...observe.Payload) {
		for _, p := range batch {
			switch p := p.(type) {
			case observe.Source:
				close(ready)
			case observe.Line:
				if !p.Partial {
					take(p.Text)
				}
			}
		}
	}
	go func() {
		done <- NewLog(LogConfig{Path: path, Files: newLogtestFiles(), Wake: NewNotify(path)}).Run(ctx, emit)
	}()
	<-ready
	return func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
}

// logtestCPU returns the processor time that this process has used; without its children.
func logtestCPU(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkLogtestWriter is the process that writes for BenchmarkFollowLatency: one write a line.
func BenchmarkLogtestWriter(b *testing.B) {
	path := os.Getenv("LOGTEST_WRITE")
	if path == "" {
		b.Skip("writes for BenchmarkFollowLatency only")
	}
	rate, _ := strconv.Atoi(os.Getenv("LOGTEST_RATE"))
	lines, _ := strconv.Atoi(os.Getenv("LOGTEST_LINES"))
	for b.Loop() {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			b.Fatal(err)
		}
		pad := strings.Repeat("x", 110)
		began := time.Now()
		for n := range lines {
			if wait := time.Until(began.Add(time.Duration(n) * time.Second / time.Duration(rate))); wait > 0 {
				time.Sleep(wait)
			}
			if _, err := fmt.Fprintf(f, "%d %s\n", time.Now().UnixNano(), pad); err != nil {
				b.Fatal(err)
			}
		}
		_ = f.Close()
	}
}
