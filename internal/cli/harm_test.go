//go:build linux

package cli

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkHarm tells by how much a copy is slowed by being watched: unthrottled copies in memory, each once alone
// and once watched, in turn; what is told is the median of the pairs' ratios, and their quartiles, of the time that
// the copy took and of the processor time that it used. It is watched as one among all that run on the host.
//
//	go test -run '^$' -bench Harm -benchtime 15x ./internal/cli
//
// A copy waits until ronda looks, so that both begin alike.
func BenchmarkHarm(b *testing.B) {
	dir, err := os.MkdirTemp("/dev/shm", "harm") //nolint:usetesting // in memory, so that no disk decides
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	from := filepath.Join(dir, "from")
	if err := os.Mkdir(from, 0o755); err != nil {
		b.Fatal(err)
	}
	for name, megabytes := range map[string]string{"disk.img": "1000", "dump.sql": "150"} {
		if err := exec.Command("dd", "if=/dev/urandom", "of="+filepath.Join(from, name), "bs=1M", "count="+megabytes, "status=none").Run(); err != nil { //nolint:noctx // takes seconds
			b.Fatal(err)
		}
	}
	to := filepath.Join(dir, "to")
	copies := []struct{ name, script string }{
		// Small blocks: it takes seconds, and most of it in system calls that looking at a process could disturb.
		{"dd", fmt.Sprintf("exec dd if=%s/disk.img of=%s bs=512 status=none", from, to)},
		{"rsync", fmt.Sprintf("exec rsync -a %s/ %s/", from, to)},
		{"gzip", fmt.Sprintf("exec gzip -1 -c %s/dump.sql >%s", from, to)},
	}
	for _, c := range copies {
		b.Run(c.name, func(b *testing.B) {
			var wall, cpu []float64
			for i := 0; b.Loop(); i++ {
				var took [2]spent
				for _, watched := range []bool{i%2 == 0, i%2 != 0} {
					took[map[bool]int{false: 0, true: 1}[watched]] = copyOnce(b, c.script, watched)
					if err := os.RemoveAll(to); err != nil {
						b.Fatal(err)
					}
				}
				wall = append(wall, took[1].wall.Seconds()/took[0].wall.Seconds())
				cpu = append(cpu, took[1].cpu.Seconds()/took[0].cpu.Seconds())
			}
			b.ReportMetric(0, "ns/op")
			reportRatios(b, "wall", wall)
			reportRatios(b, "cpu", cpu)
		})
	}
}

// reportRatios reports by how many percent the second of a pair exceeds the first.
func reportRatios(b *testing.B, name string, ratios []float64) {
	b.Helper()
	slices.Sort(ratios)
	for _, q := range []int{25, 50, 75} {
		b.ReportMetric(100*(ratios[q*(len(ratios)-1)/100]-1), fmt.Sprintf("%%%s-q%d", name, q))
	}
}

type spent struct{ wall, cpu time.Duration }

// copyOnce lets the copy run once.
func copyOnce(b *testing.B, script string, watched bool) spent {
	b.Helper()
	dir := b.TempDir()
	cmd := exec.Command("/bin/sh", "-c", "read go; "+script) //nolint:noctx // it ends by itself
	gate, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	if watched {
		session := filepath.Join(dir, "s.jsonl")
		ronda := exec.Command(program(b), "watch", "--headless", "--record", session, "--transfers") //nolint:noctx // ended below
		ronda.Env = append(os.Environ(), "HOME="+dir)
		ronda.Stdout, ronda.Stderr = io.Discard, io.Discard
		if err := ronda.Start(); err != nil {
			b.Fatal(err)
		}
		defer func() { _ = ronda.Process.Signal(os.Interrupt); _ = ronda.Wait() }()
		for until := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			if text, err := os.ReadFile(session); err == nil && len(text) > 0 {
				break
			}
			if time.Now().After(until) {
				b.Fatal("ronda does not begin to watch")
			}
		}
	}
	time.Sleep(1200 * time.Millisecond) // beyond ronda's start; the same without it
	begun := time.Now()
	if _, err := gate.Write([]byte("\n")); err != nil {
		b.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	return spent{time.Since(begun), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
}
