package watchers

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"ronda/internal/observe"
)

// procTestPTY starts a command on a terminal of its own, whose output is read unless deaf.
func procTestPTY(t *testing.T, deaf bool, name string, args ...string) (*exec.Cmd, *os.File) {
	t.Helper()
	c := exec.Command(name, args...) //nolint:noctx // ended by its process group
	c.Dir = t.TempDir()
	c.Env = append(os.Environ(), "TERM=xterm", "PS1=$ ", "HISTFILE=", "LESS=", "PYTHONSTARTUP=")
	ptm, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	// A copy that the poller knows: closing it ends a read.
	fd, err := unix.FcntlInt(ptm.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	_ = ptm.Close()
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	master := os.NewFile(uintptr(fd), "ptmx")
	c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	procTestBegin(t, c)
	_ = slave.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if !deaf {
			_, _ = io.Copy(io.Discard, master)
		}
	}()
	t.Cleanup(func() {
		_ = master.Close()
		<-done
	})
	return c, master
}

func procTestTool(t *testing.T, name string) string {
	t.Helper()
	p, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: apt-get install bash python3 less util-linux", name)
	}
	return p
}

// Every way to ask a person something that was met looks like waiting for input.
func TestProcessWaitsForInput(t *testing.T) {
	tests := []struct{ name, tool, script string }{
		{"read -p", "bash", `read -p "Continue? " x`},
		{"read -e (readline)", "bash", `read -e -p "Continue? " x`},
		{"read of sh", "sh", `printf "Continue? "; read x; echo "$x"`},
		{"password on /dev/tty with a pipe on standard input", "bash", `echo data | (read -s -p "Password: " x </dev/tty; cat)`},
		{"/dev/tty as another descriptor", "bash", `exec 7</dev/tty; echo data | (read -u 7 x; cat)`},
		{"pager", "bash", `less /etc/services; true`},
		{"pager with a descriptor for signals", "bash", `for f in $(seq 3 254); do eval "exec $f>&-"; done; more /etc/services; true`},
		{"dialog", "bash", `whiptail --msgbox "Read this" 8 40; true`},
		{"a file to be removed", "bash", `touch f; rm -i f; true`},
		{"password of an archive", "bash", `echo x | openssl enc -aes-128-cbc -pbkdf2 -out x; true`},
		{"python", "bash", `python3 -c 'input("Continue? ")'; true`},
		{"python poll", "bash", `python3 -c 'import select,os; os.closerange(3,1024); p=select.poll(); p.register(0, select.POLLIN); p.poll()'; true`},
		{"python select", "bash", `python3 -c 'import select; select.select([0],[],[])'; true`},
		{"interactive shell inside the work", "bash", `sh -c "bash --norc -i; true"; true`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, _ := procTestPTY(t, false, procTestTool(t, tt.tool), "-c", tt.script)
			w := procTestRun(t, procTestOf(c))
			p := w.blocked(t, observe.BlockerInput)
			if !strings.HasPrefix(p.Waits, "waits for input at /dev/pts/") || !p.Foreground || !strings.HasPrefix(p.TTY, "pts/") {
				t.Fatalf("%+v", p)
			}
			if !strings.HasPrefix(p.Target, "/dev/") || p.Call == "" || p.State != "S" {
				t.Fatalf("%+v", p)
			}
		})
	}
}

// What merely sits on a terminal is not asked anything.
func TestProcessDoesNotWaitForInput(t *testing.T) {
	tests := []struct{ name, tool, script string }{
		{"sleep", "bash", `sleep 600; true`},
		{"shell at its prompt", "bash", ""},
		{"dash at its prompt", "dash", ""},
		{"reads a pipe", "bash", `sleep 600 | cat; true`},
		{"select with a timeout", "bash", `python3 -c 'import select; select.select([0],[],[],600)'; true`},
		{"poll of two", "bash", `python3 -c 'import select,os; r,w=os.pipe(); p=select.poll(); p.register(0, select.POLLIN); p.register(r, select.POLLIN); p.poll()'; true`},
		{"poll of a pipe while on a terminal", "bash", `python3 -c 'import select,os; r,w=os.pipe(); p=select.poll(); p.register(r, select.POLLIN); p.poll()'; true`},
		{"expects an answer from a server", "bash", `python3 -c 'import socket; a,b=socket.socketpair(); a.recv(1)'; true`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			args := []string{"-c", tt.script}
			if tt.script == "" {
				args = nil
			}
			c, _ := procTestPTY(t, false, procTestTool(t, tt.tool), args...)
			h := &procTestHost{}
			cfg := procTestOf(c)
			cfg.Procs = h
			w := procTestRun(t, cfg)
			calls := func() int { h.mu.Lock(); defer h.mu.Unlock(); return h.calls }
			w.until(t, "a sample", func(ps []observe.Payload) bool { return len(procTestSamples(ps)) > 0 })
			n := calls()
			procTestPoll(t, "25 samples", func() bool { return calls() > n+25 })
			for _, s := range procTestSamples(w.all()) {
				for _, p := range s.Procs {
					if p.Blocker != "" {
						t.Fatalf("%+v", p)
					}
				}
			}
		})
	}
}

func TestProcessStopped(t *testing.T) {
	t.Parallel()
	c := procTestStart(t, "sh", "-c", "while :; do :; done")
	w := procTestRun(t, procTestOf(c))
	w.source(t, observe.SourceUp)
	if err := c.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	p := w.blocked(t, observe.BlockerStopped)
	if p.State != "T" || !strings.Contains(p.Waits, "kill -CONT "+strconv.Itoa(c.Process.Pid)) {
		t.Fatalf("%+v", p)
	}
	if err := c.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	w.proc(t, "it goes on", func(p observe.Proc) bool { return p.Blocker == "" && p.State != "T" })
}

// A job in the background that reads from the terminal is stopped by the kernel.
func TestProcessStoppedForReadingInTheBackground(t *testing.T) {
	t.Parallel()
	c, _ := procTestPTY(t, false, procTestTool(t, "bash"), "-c", `set -m; cat & wait; sleep 600`)
	w := procTestRun(t, procTestOf(c))
	p := w.blocked(t, observe.BlockerStopped)
	if p.Name != "cat" || p.Foreground || !strings.Contains(p.Waits, "SIGTTIN") || !strings.Contains(p.Waits, "pts/") {
		t.Fatalf("%+v", p)
	}
}

func TestProcessTerminalFrozen(t *testing.T) {
	t.Run("^S", func(t *testing.T) {
		t.Parallel()
		c, master := procTestPTY(t, false, procTestTool(t, "bash"), "-c", `while :; do echo working; sleep 0.01; done`)
		w := procTestRun(t, procTestOf(c))
		w.source(t, observe.SourceUp)
		if _, err := master.Write([]byte{'s' & 0x1f}); err != nil {
			t.Fatal(err)
		}
		p := w.blocked(t, observe.BlockerOutput)
		if p.Call != "write" || !strings.Contains(p.Waits, "^S") {
			t.Fatalf("%+v", p)
		}
		if _, err := master.Write([]byte{'q' & 0x1f}); err != nil {
			t.Fatal(err)
		}
		w.proc(t, "it goes on", func(p observe.Proc) bool { return p.PID == c.Process.Pid && p.Blocker == "" })
	})
	t.Run("nobody reads", func(t *testing.T) {
		t.Parallel()
		c, _ := procTestPTY(t, true, procTestTool(t, "bash"), "-c", `yes`)
		w := procTestRun(t, procTestOf(c))
		if p := w.blocked(t, observe.BlockerOutput); p.Name != "yes" && p.Name != "bash" {
			t.Fatalf("%+v", p)
		}
	})
}

func TestProcessPipeFull(t *testing.T) {
	t.Parallel()
	c := procTestStart(t, "bash", "-c", `mkfifo ff; sleep 600 <ff & exec cat /dev/zero >ff`)
	w := procTestRun(t, procTestOf(c))
	p := w.blocked(t, observe.BlockerPipe)
	if p.Name != "cat" || p.Call != "write" || !strings.Contains(p.Waits, "sleep (pid ") {
		t.Fatalf("%+v", p)
	}
}

func TestProcessPipeFullOfPipeline(t *testing.T) {
	t.Parallel()
	c := procTestStart(t, "bash", "-c", `cat /dev/zero | sleep 600; true`)
	w := procTestRun(t, procTestOf(c))
	p := w.blocked(t, observe.BlockerPipe)
	if p.Name != "cat" || !strings.HasPrefix(p.Target, "pipe:[") || !strings.Contains(p.Waits, "waits for the reader of its full pipe: sleep (pid ") {
		t.Fatalf("%+v", p)
	}
}

// A reader that works is slow, not a hindrance.
func TestProcessPipeSlowIsNotBlocked(t *testing.T) {
	t.Parallel()
	c := procTestStart(t, "bash", "-c", `cat /dev/zero | while read -r -N 10000000 x; do :; done; true`)
	h := &procTestHost{}
	cfg := procTestOf(c)
	cfg.Procs, cfg.Every = h, 200*time.Millisecond // so long, the reader gets the processor on a busy machine too
	w := procTestRun(t, cfg)
	w.until(t, "3 s of work", func(ps []observe.Payload) bool {
		all := procTestSamples(ps)
		return len(all) > 0 && all[len(all)-1].CPU > 3000
	})
	for _, s := range procTestSamples(w.all()) {
		for _, p := range s.Procs {
			if p.Blocker != "" {
				t.Fatalf("%+v", p)
			}
		}
	}
}

func TestProcessLock(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "the lock")
	tests := []struct{ name, holder, waiter, call, by string }{
		{"flock", `flock '` + lock + `1' sleep 600`, `flock '` + lock + `1' true`, "flock", "flock (pid "},
		{"flock left to a child", `exec 9>'` + lock + `2'; flock 9; exec sleep 600`, `flock '` + lock + `2' true; true`, "flock", "sleep (pid "},
		{
			"fcntl", `python3 -c 'import fcntl,time; f=open("` + lock + `3","w"); fcntl.lockf(f, fcntl.LOCK_EX); print("held", flush=True); time.sleep(600)'`,
			`python3 -c 'import fcntl; f=open("` + lock + `3","w"); fcntl.lockf(f, fcntl.LOCK_EX)'; true`, "fcntl", "python3 (pid ",
		},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := lock + strconv.Itoa(i+1)
			procTestStart(t, "bash", "-c", tt.holder)
			procTestPoll(t, "the lock is held", func() bool {
				st, err := os.Stat(file)
				b, _ := os.ReadFile("/proc/locks")
				return err == nil && strings.Contains(string(b), ":"+strconv.FormatUint(st.Sys().(*syscall.Stat_t).Ino, 10)+" ")
			})
			c := procTestStart(t, "bash", "-c", tt.waiter)
			w := procTestRun(t, procTestOf(c))
			p := w.blocked(t, observe.BlockerLock)
			if p.Call != tt.call || p.Target != file || !strings.HasPrefix(p.Waits, "waits for a lock on "+file+" held by "+tt.by) {
				t.Fatalf("%+v", p)
			}
		})
	}
}

// The main thread waits for another one, which waits for the lock.
func TestProcessLockInAThread(t *testing.T) {
	t.Parallel()
	lock := filepath.Join(t.TempDir(), "lock")
	f, err := os.Create(lock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	c := procTestStart(t, "python3", "-c", `import threading,fcntl
f=open("`+lock+`","w")
t=threading.Thread(target=lambda: fcntl.flock(f, fcntl.LOCK_EX)); t.start(); t.join()`)
	w := procTestRun(t, procTestOf(c))
	p := w.blocked(t, observe.BlockerLock)
	if p.Target != lock || p.Call != "flock" || !strings.Contains(p.Waits, "(pid "+strconv.Itoa(os.Getpid())+")") {
		t.Fatalf("%+v", p)
	}
}

// A process whose main thread only waits shows that another one works.
func TestProcessWorksInAThread(t *testing.T) {
	t.Parallel()
	c := procTestStart(t, "python3", "-c", `import threading
def work():
    while True: pass
t=threading.Thread(target=work); t.start(); t.join()`)
	w := procTestRun(t, procTestOf(c))
	p := w.proc(t, "running", func(p observe.Proc) bool { return p.State == "R" && p.CPU > 200 })
	if p.Blocker != "" || p.Call != "" {
		t.Fatalf("%+v", p)
	}
}

// A control group can be frozen: docker pause. It takes root and a writable hierarchy to try it.
func TestProcessFrozen(t *testing.T) {
	group := ""
	for _, dir := range []string{"/sys/fs/cgroup/unified", "/sys/fs/cgroup"} {
		if _, err := os.Stat(dir + "/cgroup.procs"); err == nil {
			group = dir + "/ronda-test-" + strconv.Itoa(os.Getpid())
			break
		}
	}
	if group == "" || os.Mkdir(group, 0o755) != nil {
		t.Log("no control group can be made here; the kernel's texts of one are tested in TestHinder")
		return
	}
	t.Cleanup(func() {
		_ = os.WriteFile(group+"/cgroup.freeze", []byte("0"), 0o600)
		procTestPoll(t, "the group is empty", func() bool { return os.Remove(group) == nil })
	})
	c := procTestStart(t, "sleep", "600")
	t.Cleanup(func() {
		_ = os.WriteFile(group+"/cgroup.freeze", []byte("0"), 0o600)
		_ = c.Process.Kill()
	})
	if err := os.WriteFile(group+"/cgroup.procs", []byte(strconv.Itoa(c.Process.Pid)), 0o600); err != nil {
		t.Fatal(err)
	}
	w := procTestRun(t, procTestOf(c))
	w.source(t, observe.SourceUp)
	if err := os.WriteFile(group+"/cgroup.freeze", []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if p := w.blocked(t, observe.BlockerFrozen); !strings.Contains(p.Waits, filepath.Base(group)) {
		t.Fatalf("%+v", p)
	}
	if err := os.WriteFile(group+"/cgroup.freeze", []byte("0"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.proc(t, "thawed", func(p observe.Proc) bool { return p.Blocker == "" })
}
