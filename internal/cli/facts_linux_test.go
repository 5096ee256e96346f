package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ronda/internal/faults"
	"ronda/internal/host/hosttest"
)

// fact is one thing that the kernel or the job itself shows: a real job, a real fault, and what must be said of it.
type fact struct {
	name string
	// begin starts the job and returns its part of the plan; dir is the job's own.
	begin func(t *testing.T, f *fact, dir string) string
	// fault and lift are set by begin where the fault is not the job's own doing at the file "go".
	fault, lift func(t *testing.T)
	says        string        // what is said of the fault, as a regular expression over the line
	within      time.Duration // of the fault
	after       string        // what is said within recovery of its end; empty: it has none
	never       string        // what must not be said of it before

	state stage
	from  int       // the line from which what is said counts
	since time.Time // of the fault, or of its end
}

// stage is how far a fact has come.
type stage int

const (
	hurts  stage = iota // the fault is there, and is to be said
	heals               // it has ended, and that is to be said
	passed              // all was said, or was not said in time
)

// hurt begins the fault.
func (f *fact) hurt(t *testing.T, h *heard) {
	t.Helper()
	f.from, f.since = h.count(), time.Now()
	f.fault(t)
}

// look sees whether what is due was said, and tells whether more is to come.
func (f *fact) look(t *testing.T, h *heard) bool {
	t.Helper()
	want, patience := f.says, f.within
	switch f.state {
	case passed:
		return false
	case heals:
		want, patience = f.after, recovery
	case hurts:
	}
	took := time.Since(f.since)
	line := h.find(f.name, want, f.from)
	switch {
	case line == "" && took < patience:
		return true
	case line == "":
		t.Errorf("%s: not said within %v: %s\nbut:\n%s", f.name, patience, want, strings.Join(h.about(f.name, 0), "\n"))
		f.state = passed
		return false
	}
	t.Logf("%5.1f s %s", took.Seconds(), line)
	if f.state == hurts && f.never != "" {
		if bad := h.find(f.name, f.never, f.from); bad != "" {
			t.Errorf("said without cause: %s", bad)
		}
	}
	if f.state++; f.state == heals && f.after == "" {
		f.state = passed
	}
	if f.state == heals {
		f.from, f.since = h.count(), time.Now()
		f.lift(t)
	}
	return f.state != passed
}

// recovery is how soon the verdict must be right again.
const recovery = 30 * time.Second

// well is what is said of a job that goes on, or has ended well.
const well = `: (PROGRESSING|QUIET|DONE|BLIND.*whether it succeeded cannot be seen)`

// stepping are the lines of a shell job: it works, takes a step now and then, and reaches its fault when the file
// "go" is there.
const stepping = `i=0; step() { i=$((i+1)); echo "Step $i of the upgrade is done"; sleep 0.2; }
upto() { until [ -e "$1" ]; do step; done; }
`

// TestFacts watches one job for each fact, all at once, as on a night with many, on this machine and over SSH. Each
// fault must be said with its reason, soon, and the verdict be right again when the fault has ended.
func TestFacts(t *testing.T) {
	t.Parallel()
	term := startTmux(t)
	facts := append(askingFacts(term), terminalFacts(term)...)
	facts = append(facts, kernelFacts()...)
	facts = append(facts, diskFacts()...)
	facts = append(facts, endFacts()...)
	facts = append(facts, serverFacts(t)...)

	server := hosttest.StartSSHD(t, hosttest.Options{})
	config := filepath.Join(t.TempDir(), "config")
	hosttest.WriteFile(t, config, server.ClientConfig("mail1", server.Addr))
	plan := "title: facts\nhosts:\n  mail1: {ssh: mail1}\ntasks:\n"
	for i := range facts {
		f := &facts[i]
		dir := filepath.Join(t.TempDir(), strings.ReplaceAll(f.name, " ", "-"))
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if f.fault == nil {
			f.fault = func(t *testing.T) { t.Helper(); faults.Set(t, filepath.Join(dir, "go"), "") }
		}
		if f.lift == nil {
			f.lift = func(t *testing.T) { t.Helper(); faults.Set(t, filepath.Join(dir, "on"), "") }
		}
		host := ""
		if i%2 == 1 { // every other one is watched over SSH
			host = "    host: mail1\n"
		}
		plan += fmt.Sprintf("  - name: %s\n%s    log: %s\n%s", f.name, host, filepath.Join(dir, "log"), f.begin(t, f, dir))
	}
	at := t.TempDir()
	faults.Set(t, at+"/plan.yaml", plan)
	h := hear(t, startRonda(t, "watch", at+"/plan.yaml", "-F", config, "--headless", "--record", at+"/night.jsonl"))
	for _, f := range facts {
		h.wait(t, f.name, well, 60*time.Second)
	}
	time.Sleep(5 * time.Second) // the jobs have shown for some time how they are when they are well
	for i := range facts {
		facts[i].hurt(t, h)
	}
	for open := len(facts); open > 0; time.Sleep(20 * time.Millisecond) {
		open = 0
		for i := range facts {
			if facts[i].look(t, h) {
				open++
			}
		}
	}
	record, err := os.ReadFile(at + "/night.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(record, []byte(secret)) {
		t.Error("a secret is in the session file")
	}
}

// secret is a passphrase that must be nowhere in the record.
const secret = "geheim4711"

// heard is what a ronda has printed so far.
type heard struct {
	mu    sync.Mutex
	lines []string
}

func hear(t *testing.T, w *watching) *heard {
	t.Helper()
	h := &heard{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for line := range w.lines {
			h.mu.Lock()
			h.lines = append(h.lines, line)
			h.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = w.cmd.Process.Signal(os.Interrupt)
		<-done
		_ = w.cmd.Wait()
		if t.Failed() {
			t.Logf("%s\n%s", strings.Join(h.about("", 0), "\n"), w.err.String())
		}
	})
	return h
}

func (h *heard) count() int { h.mu.Lock(); defer h.mu.Unlock(); return len(h.lines) }

// about are the lines about a task, from line n on.
func (h *heard) about(task string, n int) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var hits []string
	for _, line := range h.lines[n:] {
		if task == "" || strings.Contains(line, "  "+task+": ") {
			hits = append(hits, line)
		}
	}
	return hits
}

// find is the first line about a task, from line n on, that a pattern matches behind the task's name.
func (h *heard) find(task, pattern string, n int) string {
	re := regexp.MustCompile("  " + task + pattern)
	for _, line := range h.about(task, n) {
		if re.MatchString(line) {
			return line
		}
	}
	return ""
}

// wait waits for a line about a task.
func (h *heard) wait(t *testing.T, task, pattern string, patience time.Duration) {
	t.Helper()
	for end := time.Now().Add(patience); h.find(task, pattern, 0) == ""; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not said within %v: %s\nbut:\n%s", task, patience, pattern, strings.Join(h.about(task, 0), "\n"))
		}
	}
}

// spawn starts a job in a process group of its own, with its output in the log, and returns its pid.
func spawn(t *testing.T, dir, name string, args ...string) int {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	c := exec.Command(name, args...) //nolint:noctx // ended by its process group
	c.Dir, c.Stdout, c.Stderr = dir, log, log
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = c.Wait() }()
	t.Cleanup(func() {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		<-done
	})
	return c.Process.Pid
}

// shell is a begin of a job that is a shell script with its output in the log.
func shell(script string) func(t *testing.T, f *fact, dir string) string {
	return func(t *testing.T, _ *fact, dir string) string {
		t.Helper()
		return process(spawn(t, dir, "bash", "-c", stepping+script))
	}
}

func process(pid int) string { return "    process: {pid: " + strconv.Itoa(pid) + "}\n" }

// tmux is a terminal multiplexer of its own, in which jobs run that a person would start by hand.
type tmux struct{ socket string }

func startTmux(t *testing.T) *tmux {
	t.Helper()
	m := &tmux{filepath.Join(t.TempDir(), "tmux")}
	faults.Sh(t, `env -u TMUX tmux -S "$1" -f /dev/null new-session -d -x 120 -y 40 "sleep 600"`, m.socket)
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", m.socket, "kill-server").Run() }) //nolint:noctx // short
	return m
}

// window starts a script in a window, with all that the terminal shows in the log, and returns its pid.
func (m *tmux) window(t *testing.T, dir, script string) int {
	t.Helper()
	faults.Set(t, dir+"/job.sh", stepping+script)
	faults.Set(t, dir+"/start.sh", `until [ -e piped ]; do sleep 0.05; done; exec bash job.sh`)
	out := faults.Sh(t, `cd "$2"; tmux -S "$1" new-window -d -P -F '#{pane_pid} #{pane_id}' "exec sh start.sh"`, m.socket, dir)
	pid, pane, _ := strings.Cut(out, " ")
	faults.Set(t, dir+"/pane", pane)
	faults.Sh(t, `tmux -S "$1" pipe-pane -t "$2" "exec cat >>'$3/log'"; until [ -e "$3/log" ]; do sleep 0.05; done; touch "$3/piped"`, m.socket, pane, dir)
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// keys are pressed in a job's window.
func (m *tmux) keys(t *testing.T, dir string, keys ...string) {
	t.Helper()
	pane, err := os.ReadFile(dir + "/pane")
	if err != nil {
		t.Fatal(err)
	}
	faults.Sh(t, `socket=$1; shift; exec tmux -S "$socket" send-keys -t "$@"`, append([]string{m.socket, strings.TrimSpace(string(pane))}, keys...)...)
}

// typed is a begin of a job in a window that asks something, until the keys are pressed.
func (m *tmux) typed(script string, keys ...string) func(t *testing.T, f *fact, dir string) string {
	return func(t *testing.T, f *fact, dir string) string {
		t.Helper()
		pid := m.window(t, dir, "upto go\n"+script+"\nupto never\n")
		f.lift = func(t *testing.T) { t.Helper(); m.keys(t, dir, keys...) }
		return process(pid)
	}
}

// hushed is a short command line whose output is of no interest.
func hushed(command string) *exec.Cmd { return exec.Command("sh", "-c", command) } //nolint:noctx // short

// unlogged is as typed, but the job writes its log itself, and the question stands on the terminal only.
func (m *tmux) unlogged(script string, keys ...string) func(t *testing.T, f *fact, dir string) string {
	return func(t *testing.T, f *fact, dir string) string {
		t.Helper()
		faults.Set(t, dir+"/ask.sh", stepping+"{ upto go; } >>log\n"+script+"\n{ upto never; } >>log\n")
		faults.Set(t, dir+"/log", "")
		out := faults.Sh(t, `cd "$2"; tmux -S "$1" new-window -d -P -F '#{pane_pid} #{pane_id}' "exec bash ask.sh"`, m.socket, dir)
		pid, pane, _ := strings.Cut(out, " ")
		faults.Set(t, dir+"/pane", pane)
		f.lift = func(t *testing.T) { t.Helper(); m.keys(t, dir, keys...) }
		return "    process: {pid: " + pid + "}\n"
	}
}
