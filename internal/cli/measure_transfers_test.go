//go:build linux

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ronda/internal/host/hosttest"
)

// These benchmarks measure what it costs to follow 200 real copies that run at the same time, each slow, once a second:
// the processor time of ronda, and of all that it starts on the host when that is reached over a real sshd:
//
//	go test -run '^$' -bench Transfers -benchtime 1x ./internal/cli

// startCopies starts so many slow copies of a file within dir.
func startCopies(b *testing.B, dir string, copies int) {
	b.Helper()
	source := filepath.Join(dir, "source.img")
	if err := os.WriteFile(source, make([]byte, 64<<20), 0o600); err != nil {
		b.Fatal(err)
	}
	for i := range copies {
		target := filepath.Join(dir, fmt.Sprintf("target%03d.img", i))
		cmd := exec.Command("sh", "-c", `exec pv -q -L 20k "$1" >"$2"`, "sh", source, target) //nolint:noctx // ended in Cleanup
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	}
}

// usedBy is the processor time of processes and of their children that have ended.
func usedBy(pids []int) time.Duration {
	var ticks int
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+2:]))
		for _, f := range fields[11:15] {
			n, _ := strconv.Atoi(f)
			ticks += n
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// family are the processes whose command line holds text, and all that they started.
func family(text string) []int {
	parents := map[int]int{}
	in := map[int]bool{}
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		stat, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+2:]))
		parents[pid], _ = strconv.Atoi(fields[1])
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		in[pid] = strings.Contains(strings.ReplaceAll(string(command), "\x00", " "), text)
	}
	var pids []int
	for pid := range parents {
		for up := pid; up > 1; up = parents[up] {
			if in[up] {
				pids = append(pids, pid)
				break
			}
		}
	}
	return pids
}

func benchmarkTransfers(b *testing.B, far bool) {
	b.Helper()
	const copies = 200
	dir := b.TempDir()
	startCopies(b, dir, copies)
	args := []string{"watch", "--transfers", "--match", dir, "--headless", "--record", filepath.Join(dir, "s.jsonl")}
	port := ""
	if far {
		// The login's own start-up files are left out: what they cost for each command differs from host to host.
		server := hosttest.StartSSHD(b, hosttest.Options{Set: []string{"SetEnv=SHLVL=2"}})
		config := filepath.Join(dir, "config")
		hosttest.WriteFile(b, config, server.ClientConfig("mail1", server.Addr))
		args = append(args, "mail1", "-F", config)
		port = server.Port
	}
	time.Sleep(3 * time.Second)
	cmd := exec.Command(program(b), args...) //nolint:noctx // ended in Cleanup
	cmd.Env = append(os.Environ(), "HOME="+b.TempDir(), "SSH_AUTH_SOCK=")
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	begun := time.Now()
	time.Sleep(12 * time.Second) // until all were found and learned
	const span = 30 * time.Second
	for b.Loop() {
		var there []int
		if far {
			there = family("Port=" + port)
		}
		before, farBefore := costOf(b, cmd.Process.Pid), usedBy(there)
		time.Sleep(span) // the span is what is measured
		after, farAfter := costOf(b, cmd.Process.Pid), usedBy(there)
		b.ReportMetric(100*(after.cpu-before.cpu).Seconds()/after.at.Sub(before.at).Seconds(), "%core-ronda")
		if far {
			b.ReportMetric(100*(farAfter-farBefore).Seconds()/span.Seconds(), "%core-there")
		}
		b.ReportMetric(float64(field(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid), "VmRSS:"))/1024, "MiB-RSS")
		b.ReportMetric(0, "ns/op")
	}
	text, err := os.ReadFile(filepath.Join(dir, "s.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	found, samples := map[string]bool{}, 0
	for line := range strings.Lines(string(text)) {
		if _, rest, ok := strings.Cut(line, `"kind":"transfer","task":"`); ok {
			name, _, _ := strings.Cut(rest, `"`)
			found[name] = true
			samples++
		}
	}
	if len(found) != copies {
		b.Errorf("%d copies found of %d", len(found), copies)
	}
	b.ReportMetric(float64(samples)/copies/time.Since(begun).Seconds(), "samples/s-a-copy")
	b.ReportMetric(float64(len(text))/1024/time.Since(begun).Seconds(), "kB/s-recorded")
}

// BenchmarkTransfersHere follows them on this machine.
func BenchmarkTransfersHere(b *testing.B) { benchmarkTransfers(b, false) }

// BenchmarkTransfersFar follows them on a host that is reached over a real sshd.
func BenchmarkTransfersFar(b *testing.B) { benchmarkTransfers(b, true) }
