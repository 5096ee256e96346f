package watchers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ronda/internal/observe"
)

// procTestLog watches whoever writes a log, with the test itself in the place of ronda.
func procTestLog(log string) ProcessConfig {
	return ProcessConfig{Log: log, Self: []int{os.Getpid()}}
}

func procTestRoot(t *testing.T, w *procTestWatch, pid int) observe.Process {
	t.Helper()
	var hit observe.Process
	w.until(t, fmt.Sprintf("root %d", pid), func(ps []observe.Payload) bool {
		hit = procTestFull(ps)
		return hit.Root == pid
	})
	return hit
}

func TestProcessFindsTheLogsWriter(t *testing.T) {
	tests := []struct{ name, script, found string }{
		{"it holds the log", `exec >>"$LOG"; while :; do echo x; sleep 0.1; done`, "writes "},
		{"a child of its own holds it", `(exec >>"$LOG"; while :; do echo x; sleep 0.1; done); true`, "writes "},
		{"a program of the script holds it", `dd if=/dev/zero of="$LOG" bs=1 status=none; true`, "writes "},
		{"through tee", `while :; do echo x; sleep 0.1; done | tee -a "$LOG" >/dev/null; true`, "writes "},
		{"through a substituted tee", `exec > >(tee -a "$LOG" >/dev/null) 2>&1; while :; do echo x; sleep 0.1; done`, "through tee"},
		{"through a chain of filters", `while :; do echo x; sleep 0.1; done | cat | sed -u s/x/y/ >>"$LOG"; true`, "writes "},
		{"opened for each line", `while :; do sleep 0.05; for i in 1 2 3 4 5 6 7 8 9; do sleep 0.4 >>"$LOG"; done; done`, "writes "},
		{"in a session of its own", `setsid --wait sh -c 'exec >>"$LOG"; while :; do echo x; sleep 0.1; done'; true`, "writes "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log := filepath.Join(t.TempDir(), "upgrade.log")
			c := procTestStart(t, "env", "LOG="+log, procTestTool(t, "bash"), "-c", tt.script)
			w := procTestRun(t, procTestLog(log))
			s := procTestRoot(t, w, c.Process.Pid)
			if !strings.Contains(s.Found, tt.found) {
				t.Fatalf("found %q", s.Found)
			}
		})
	}
}

// Of several jobs that a script runs side by side each is its own: what one works does not count for another.
func TestProcessSideBySide(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := procTestStart(t, "env", "DIR="+dir, "sh", "-c", `
		for n in a b; do sh -c 'exec >>"$DIR/'$n'.log"; while :; do echo x; sleep 0.1; done' & done; wait`)
	for _, name := range []string{"a", "b"} {
		w := procTestRun(t, procTestLog(filepath.Join(dir, name+".log")))
		s := procTestAnyRoot(t, w)
		if p := s.Procs[0]; p.PID == c.Process.Pid || !strings.Contains(p.Command, "/"+name+".log") {
			t.Errorf("%s.log: root %+v", name, p)
		}
	}
}

func procTestAnyRoot(t *testing.T, w *procTestWatch) observe.Process {
	t.Helper()
	var hit observe.Process
	w.until(t, "a root", func(ps []observe.Payload) bool {
		hit = procTestFull(ps)
		return hit.Root != 0
	})
	return hit
}

// A pipeline that a person starts in an interactive shell: the shell is not the job.
func TestProcessDoesNotClimbIntoTheShell(t *testing.T) {
	for _, script := range []string{
		"exec 9>>$LOG; exec 9>&-\nsh -c 'while :; do echo x; sleep 0.1; done' | tee -a $LOG\n",
		"sh -c 'while :; do echo x; sleep 0.1; done' >>$LOG\n",
		"sh -c 'exec >>$LOG; while :; do echo x; sleep 0.1; done' &\n",
	} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			log := filepath.Join(t.TempDir(), "upgrade.log")
			c, master := procTestPTY(t, false, procTestTool(t, "env"), "LOG="+log, "bash", "--norc", "--noprofile", "-i")
			if _, err := master.WriteString(script); err != nil {
				t.Fatal(err)
			}
			w := procTestRun(t, procTestLog(log))
			s := procTestAnyRoot(t, w)
			p := s.Procs[0]
			if p.PID == c.Process.Pid || p.Parent != c.Process.Pid || !strings.HasPrefix(p.Command, "sh -c ") {
				t.Fatalf("%+v", s)
			}
		})
	}
}

// A part of a pipeline that the interactive shell runs in a copy of itself looks like that shell, but its
// question is one.
func TestProcessCopyOfTheShellAsks(t *testing.T) {
	log := filepath.Join(t.TempDir(), "upgrade.log")
	c, master := procTestPTY(t, false, procTestTool(t, "env"), "LOG="+log, "bash", "--norc", "--noprofile", "-i")
	if _, err := master.WriteString("(echo start; read -p 'Continue? ' x </dev/tty) 2>&1 | tee -a $LOG\n"); err != nil {
		t.Fatal(err)
	}
	w := procTestRun(t, procTestLog(log))
	if p := w.blocked(t, observe.BlockerInput); p.Parent != c.Process.Pid || p.Name != "bash" {
		t.Fatalf("%+v", p)
	}
}

// A reader of the log (tail -f, less) is not its writer.
func TestProcessReaderIsNotTheWriter(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "upgrade.log")
	if err := os.WriteFile(log, []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	procTestStart(t, "tail", "-f", log)
	w := procTestRun(t, procTestLog(log))
	s := w.source(t, observe.SourceWaiting)
	if !strings.Contains(s.Why, "holds the log open") || !strings.Contains(s.Why, "--match") {
		t.Fatalf("%+v", s)
	}
	// A writer that comes later is found.
	c := procTestStart(t, "env", "LOG="+log, "sh", "-c", `exec >>"$LOG"; sleep 600`)
	procTestRoot(t, w, c.Process.Pid)
}

func TestProcessByPattern(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script := filepath.Join(dir, "zmsetup-test.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nsh -c 'echo zmsetup-test.sh child; sleep 600'; true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	procTestStart(t, "tail", "-f", script) // only looks at it
	w := procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{Match: `zmsetup-test\.sh`}})
	w.source(t, observe.SourceWaiting)
	c := procTestStart(t, "sh", script)
	s := procTestRoot(t, w, c.Process.Pid)
	if !strings.HasPrefix(s.Found, `matches "zmsetup`) {
		t.Fatalf("found %q", s.Found)
	}
	// When it has ended and is started again, that is a new root.
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	procTestExit(t, w)
	c = procTestStart(t, "sh", script)
	procTestRoot(t, w, c.Process.Pid)
}

func TestProcessByPIDFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "x.pid")
	w := procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{PIDFile: file}})
	w.source(t, observe.SourceWaiting)
	c := procTestStart(t, "sleep", "600")
	// A file that was left over from an earlier night: its pid is another process's now.
	if err := os.WriteFile(file, []byte(strconv.Itoa(c.Process.Pid)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(file, old, old); err != nil {
		t.Fatal(err)
	}
	stale := procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{PIDFile: file}})
	if s := stale.source(t, observe.SourceWaiting); !strings.Contains(s.Why, "left over") {
		t.Fatalf("%+v", s)
	}
	now := time.Now()
	if err := os.Chtimes(file, now, now); err != nil {
		t.Fatal(err)
	}
	procTestRoot(t, stale, c.Process.Pid)
}

// procTestRunner answers as systemctl does.
type procTestRunner struct{ answers []string }

func (r *procTestRunner) Run(_ context.Context, command string) (stdout, stderr []byte, code int, err error) {
	if !strings.HasPrefix(command, "systemctl show ") || !strings.HasSuffix(command, "-- 'x.service'") {
		return nil, []byte("sh: " + command + ": not found"), 127, nil
	}
	a := r.answers[0]
	if len(r.answers) > 1 {
		r.answers = r.answers[1:]
	}
	return []byte(a), nil, 0, nil
}

func TestProcessByUnit(t *testing.T) {
	c := procTestStart(t, "sleep", "600")
	pid := strconv.Itoa(c.Process.Pid)
	run := &procTestRunner{answers: []string{
		"LoadState=loaded\nActiveState=inactive\nSubState=dead\nMainPID=0\nControlPID=0\nControlGroup=\n",
		"LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=" + pid + "\nControlPID=0\nControlGroup=/system.slice/x.service\n",
		"LoadState=loaded\nActiveState=failed\nSubState=failed\nMainPID=0\nExecMainPID=" + pid + "\nExecMainCode=2\nExecMainStatus=9\nResult=signal\n",
	}}
	w := procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{Unit: "x.service"}, Runner: run, Machine: "x86_64"})
	if s := w.source(t, observe.SourceWaiting); s.Why != "unit x.service is inactive (dead): it has no process" {
		t.Fatalf("%+v", s)
	}
	if s := procTestRoot(t, w, c.Process.Pid); s.Found != "unit x.service" {
		t.Fatalf("%+v", s)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if end := procTestExit(t, w); *end.Exit != (observe.Exit{Known: true, Signal: "SIGKILL"}) {
		t.Fatalf("%+v", *end.Exit)
	}
}

func TestProcessWithoutSystemd(t *testing.T) {
	w := procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{Unit: "y.service"}, Runner: &procTestRunner{}, Machine: "x86_64"})
	if s := w.source(t, observe.SourceFailed); !strings.Contains(s.Why, "no systemctl") {
		t.Fatalf("%+v", s)
	}
}

// What another user may see: stat and wchan, but no I/O, no descriptors, no system calls.
func TestProcessOfAnotherUser(t *testing.T) {
	t.Parallel()
	c := procTestStart(t, "sh", "-c", "while :; do :; done")
	h := &procTestHost{hide: func(p string) bool {
		for _, name := range []string{"/io", "/syscall", "/fd", "/fdinfo", "/proc/self/status"} {
			if strings.HasSuffix(p, name) {
				return true
			}
		}
		return false
	}}
	cfg := procTestOf(c)
	cfg.Procs = h
	w := procTestRun(t, cfg)
	if s := w.source(t, observe.SourceLimited); !strings.Contains(s.Why, "run as root or as that user") {
		t.Fatalf("%+v", s)
	}
	w.until(t, "its work", func(ps []observe.Payload) bool {
		all := procTestSamples(ps)
		return len(all) > 2 && all[len(all)-1].CPU > all[0].CPU+300
	})
	for _, s := range procTestSamples(w.all()) {
		if s.IO != nil {
			t.Fatalf("I/O that nobody read: %+v", s)
		}
	}
}

// Where processes of others are hidden, a process that cannot be seen has not ended.
func TestProcessHidden(t *testing.T) {
	c := procTestStart(t, "sleep", "600")
	w := procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{PID: c.Process.Pid}, Procs: &procTestHidepid{}})
	if s := w.source(t, observe.SourceFailed); !strings.Contains(s.Why, "hidepid") {
		t.Fatalf("%+v", s)
	}
	if all := procTestSamples(w.all()); len(all) > 0 {
		t.Fatalf("%+v", all)
	}
}

// procTestHidepid is a /proc mounted with hidepid=2, seen by an ordinary user.
type procTestHidepid struct{ procTestHost }

func (*procTestHidepid) ReadFiles(_ context.Context, _ ...string) (map[string]string, error) {
	return map[string]string{
		"/proc/uptime":         "100.00 50.00\n",
		"/proc/self/status":    "Name:\tgrep\nUid:\t1000\t1000\t1000\t1000\n",
		"/proc/self/mountinfo": "22 27 0:21 / /proc rw,nosuid,relatime - proc proc rw,hidepid=invisible\n",
	}, nil
}

// A host without /proc, and one that cannot be asked, are said in words.
func TestProcessNoProc(t *testing.T) {
	w := procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{PID: 1}, Procs: &procTestBroken{}})
	if s := w.source(t, observe.SourceFailed); !strings.Contains(s.Why, "no /proc") {
		t.Fatalf("%+v", s)
	}
	w = procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{PID: 1}, Procs: &procTestBroken{err: errors.New("the link is gone")}})
	if s := w.source(t, observe.SourceFailed); s.Why != "read /proc: the link is gone" {
		t.Fatalf("%+v", s)
	}
}

type procTestBroken struct {
	procTestHost
	err error
}

func (b *procTestBroken) ReadFiles(context.Context, ...string) (map[string]string, error) {
	return nil, b.err
}

func TestProcessBadPattern(t *testing.T) {
	err := NewProcesses(ProcessConfig{Ref: observe.ProcessRef{Match: "("}}).Run(t.Context(), func(...observe.Payload) {})
	if err == nil || !strings.Contains(err.Error(), `process pattern "("`) {
		t.Fatalf("%v", err)
	}
}

// Another ronda that watches by the same pattern has it in its command line, and so have those who started it.
func TestProcessAnotherRondaIsNotTheJob(t *testing.T) {
	t.Parallel()
	for kind, start := range map[string]string{
		"itself":            `exec ./ronda watch --match PATTERN`,
		"timeout":           `exec timeout 600 ./ronda watch --match PATTERN --headless`,
		"shell":             `exec sh -c './ronda watch --match PATTERN & wait'`,
		"a script named so": `exec ./PATTERN.sh`,
		"nohup and renamed": `cp -P ronda ronda-1.4; exec nohup bash -c './ronda-1.4 watch --match PATTERN; true'`,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			pattern := "job-of-" + strings.ReplaceAll(strings.ToLower(t.Name()), "/", "-")
			// The job is older than whoever watches it, so that the newest would be taken for it.
			job := procTestStart(t, "bash", "-c", `exec -a "$1" sleep 600`, "sh", pattern)
			// A shell under the name of ronda, which runs a script called watch.
			other := procTestStart(t, "bash", "-c", strings.ReplaceAll(`ln -s "$(command -v bash)" ronda
echo 'sleep 600 & echo $! >pid; : PATTERN; wait' >watch
printf '#!/bin/sh\n./ronda watch --match PATTERN\ntrue\n' >PATTERN.sh; chmod +x PATTERN.sh
eval "$1"`, "PATTERN", pattern), "sh", strings.ReplaceAll(start, "PATTERN", "$(basename *.sh .sh)"))
			procTestPID(t, filepath.Join(other.Dir, "pid"))
			w := procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{Match: pattern}})
			if s := procTestAnyRoot(t, w); s.Root != job.Process.Pid || strings.Contains(s.Found, "newest of") {
				t.Fatalf("root %d, found %q; the job is %d", s.Root, s.Found, job.Process.Pid)
			}
		})
	}
}

// A pid that nobody has is said to be one.
func TestProcessNoSuchPID(t *testing.T) {
	t.Parallel()
	w := procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{PID: 99999999}}) // beyond the highest that Linux gives
	if s := w.source(t, observe.SourceWaiting); !strings.HasPrefix(s.Why, "no process with pid 99999999: ") {
		t.Fatalf("%+v", s)
	}
}

// When the job ends and another process that matches still runs, that is said with the end, and it is watched.
func TestProcessAnotherMatchStillRuns(t *testing.T) {
	t.Parallel()
	const pattern = "two-that-match-job"
	older := procTestStart(t, "bash", "-c", `exec -a "$1" sleep 600`, "sh", pattern)
	procTestPoll(t, "the older one", func() bool {
		name, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", older.Process.Pid))
		return err == nil && strings.HasPrefix(string(name), pattern)
	})
	newer := procTestStart(t, "bash", "-c", `mkfifo go; echo >up; read x <go`, pattern)
	procTestPoll(t, "the newer one", func() bool {
		_, err := os.Stat(filepath.Join(newer.Dir, "up"))
		return err == nil
	})
	w := procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{Match: pattern}})
	procTestRoot(t, w, newer.Process.Pid)
	if err := newer.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if end := procTestExit(t, w); end.Exit.Others != 1 || end.Exit.Other != older.Process.Pid {
		t.Fatalf("%+v, and %d still runs", *end.Exit, older.Process.Pid)
	}
	procTestRoot(t, w, older.Process.Pid)
	w.until(t, "a word on whom it watches", func(ps []observe.Payload) bool {
		want := observe.Source{State: observe.SourceUp, Why: fmt.Sprintf("process %d has ended; process %d matches too, still runs and is watched now", newer.Process.Pid, older.Process.Pid)}
		return slices.ContainsFunc(ps, func(p observe.Payload) bool { s, ok := p.(observe.Source); return ok && s == want })
	})
}
