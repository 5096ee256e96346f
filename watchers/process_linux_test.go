package watchers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ronda/internal/observe"
)

// procTestOf watches a command by its pid.
func procTestOf(c *exec.Cmd) ProcessConfig {
	return ProcessConfig{Ref: observe.ProcessRef{PID: c.Process.Pid}}
}

func TestProcessWorksOnTheProcessor(t *testing.T) {
	t.Parallel()
	c := procTestStart(t, "sh", "-c", "while :; do :; done")
	w := procTestRun(t, procTestOf(c))
	w.until(t, "half a second of processor time", func(ps []observe.Payload) bool {
		all := procTestSamples(ps)
		return len(all) > 2 && all[len(all)-1].CPU-all[0].CPU >= 500
	})
	all := procTestSamples(w.all())
	for i, s := range all {
		if s.Root != c.Process.Pid || s.Count != 1 || s.IO == nil || s.Uptime == 0 {
			t.Fatalf("sample %d: %+v", i, s)
		}
		if i > 0 && (s.CPU < all[i-1].CPU || s.Uptime <= all[i-1].Uptime) {
			t.Fatalf("sample %d falls: %+v after %+v", i, s, all[i-1])
		}
		for _, p := range s.Procs {
			if p.Blocker != "" {
				t.Fatalf("a working process is blocked: %+v", p)
			}
		}
	}
	if first := all[0]; len(first.Procs) != 1 || first.Procs[0].Name != "sh" || first.Found == "" {
		t.Fatalf("first sample: %+v", first)
	}
}

func TestProcessShowsMovingFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := os.WriteFile(in, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(in, 1<<30); err != nil {
		t.Fatal(err)
	}
	// dd reads slowly, so that it lasts: 20 bytes at a time.
	c := procTestStart(t, "dd", "if="+in, "of="+out, "bs=20", "status=none")
	w := procTestRun(t, procTestOf(c))
	w.until(t, "both files move", func(ps []observe.Payload) bool {
		for _, s := range procTestSamples(ps) {
			var reads, writes bool
			for _, f := range s.Files {
				reads = reads || f.Path == in && !f.Write && f.Pos > 0 && f.Size == 1<<30
				writes = writes || f.Path == out && f.Write && f.Pos > 0 && f.Size > 0
			}
			if reads && writes && s.IO.ReadChars > 0 && s.IO.WriteChars > 0 && s.IO.Calls > 0 {
				return true
			}
		}
		return false
	})
}

// The totals of a tree are the same whether a child still lives, has ended, or was reaped.
func TestProcessTotalsOutliveChildren(t *testing.T) {
	t.Parallel()
	c := procTestStart(t, "sh", "-c", `while :; do sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; head -c 100000 /dev/zero | wc -c >/dev/null'; done`)
	w := procTestRun(t, procTestOf(c))
	w.until(t, "two seconds of processor time", func(ps []observe.Payload) bool {
		all := procTestSamples(ps)
		return len(all) > 2 && all[len(all)-1].CPU-all[0].CPU >= 2000
	})
	all := procTestSamples(w.all())
	for i := 1; i < len(all); i++ {
		if all[i].CPU < all[i-1].CPU || all[i].IO.ReadChars < all[i-1].IO.ReadChars || all[i].IO.WriteChars < all[i-1].IO.WriteChars {
			t.Fatalf("totals fall: %+v after %+v", all[i], all[i-1])
		}
	}
	first, last := all[0], all[len(all)-1]
	used, passed := last.CPU-first.CPU, last.Uptime-first.Uptime
	if used > passed*2+200 { // a pipeline of a shell and two small tools on two processors
		t.Fatalf("counted twice: %d ms of processor time in %d ms", used, passed)
	}
	full := procTestFull(w.all())
	if len(full.Procs) == 0 || full.Procs[0].PID != c.Process.Pid {
		t.Fatalf("root is not first: %+v", full.Procs)
	}
	// What the kernel says of the root at the end is what was counted, but for the last sample's time.
	b, err := os.ReadFile(procFile(c.Process.Pid, "stat"))
	if err != nil {
		t.Fatal(err)
	}
	st, _ := parseStat(string(b))
	if got := st.cpu * tickMS; last.CPU > got+2000 {
		t.Fatalf("counted %d ms, the kernel %d ms", last.CPU, got)
	}
}

func TestProcessKeepsThoseThatLoseTheirParent(t *testing.T) {
	t.Parallel()
	// The inner shell ends at once; its child works on, under init or a subreaper.
	script := `(sh -c 'while :; do :; done' & echo $! >pid); sleep 600`
	c := procTestStart(t, "sh", "-c", script)
	w := procTestRun(t, procTestOf(c))
	orphan := procTestPID(t, filepath.Join(c.Dir, "pid"))
	p := w.proc(t, "the orphan", func(p observe.Proc) bool { return p.PID == orphan })
	w.until(t, "its work", func(ps []observe.Payload) bool {
		all := procTestSamples(ps)
		return all[len(all)-1].CPU > p.CPU+500
	})
}

func TestProcessExitCodeOfZombie(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		want         observe.Exit
	}{
		{"code", "exit 3", observe.Exit{Known: true, Code: 3}},
		{"signal", "kill -TERM $$", observe.Exit{Known: true, Signal: "SIGTERM"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// The parent execs into sleep and never reaps.
			c := procTestStart(t, "sh", "-c", `mkfifo go; sh -c 'read x <go; `+tt.script+`' & echo $! >pid; exec sleep 600`)
			pid := procTestPID(t, filepath.Join(c.Dir, "pid"))
			w := procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{PID: pid}})
			w.source(t, observe.SourceUp)
			if err := os.WriteFile(filepath.Join(c.Dir, "go"), []byte("x\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			end := procTestExit(t, w)
			if *end.Exit != tt.want || end.Count != 0 || end.Root != 0 {
				t.Fatalf("%+v exit %+v", end, *end.Exit)
			}
		})
	}
}

func TestProcessKilledIsGone(t *testing.T) {
	t.Parallel()
	c := procTestStart(t, "sleep", "600")
	w := procTestRun(t, procTestOf(c))
	w.until(t, "a sample", func(ps []observe.Payload) bool { return len(procTestSamples(ps)) > 0 })
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	end := procTestExit(t, w)
	if end.Exit.Code != 0 || end.Exit.Known && end.Exit.Signal != "SIGKILL" {
		t.Fatalf("exit %+v", *end.Exit)
	}
	if s := w.source(t, observe.SourceWaiting); s.Why != "process "+strconv.Itoa(c.Process.Pid)+" has ended" {
		t.Fatalf("source %+v", s)
	}
}

// A process that does nothing is said once, and asked for with the same words each time, so that the answer
// need not be sent again.
func TestProcessIdleIsSilent(t *testing.T) {
	t.Parallel()
	c := procTestStart(t, "sleep", "600")
	h := &procTestHost{}
	cfg := procTestOf(c)
	cfg.Procs, cfg.Every = h, 50*time.Millisecond
	w := procTestRun(t, cfg)
	calls := func() int { h.mu.Lock(); defer h.mu.Unlock(); return h.calls }
	procTestPoll(t, "20 samples", func() bool { return calls() > 40 })
	before, n := len(w.all()), calls()
	procTestPoll(t, "20 samples more", func() bool { return calls() >= n+20 })
	w.stop()
	same := 0
	for i := len(h.asked) - 20; i < len(h.asked); i++ {
		if h.asked[i] == h.asked[i-1] && !strings.Contains(h.asked[i], procUptime) {
			same++
		}
	}
	if same < 15 {
		t.Fatalf("an idle process is asked for in %d of 20 samples with other words:\n%s", 20-same, strings.Join(h.asked[len(h.asked)-20:], "\n"))
	}
	if after := len(w.all()); after > before+1 {
		t.Fatalf("an idle process was told %d times:\n%s", after-before, procTestDump(w.all()[before:]))
	}
}
