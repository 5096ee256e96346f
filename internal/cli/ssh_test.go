//go:build linux

package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"ronda/internal/host/hosttest"
	"ronda/internal/journal"
	"ronda/internal/observe"
)

// program is ronda as a program of its own: this test binary under that name.
func program(tb testing.TB) string {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	name := filepath.Join(tb.TempDir(), "ronda")
	if err := os.Symlink(self, name); err != nil {
		tb.Fatal(err)
	}
	return name
}

// remote is a server with a job on it, behind a network that can fail.
type remote struct {
	proxy  *hosttest.Proxy
	config string // ssh_config that reaches the server through the proxy as mail1
	log    string
	job    *exec.Cmd
}

// job writes numbered lines until it is killed.
const job = `exec >>"$1"; i=0; while :; do i=$((i+1)); echo "Migrated mailbox $i"; sleep 0.05; done`

func startRemote(t *testing.T) *remote {
	t.Helper()
	server := hosttest.StartSSHD(t, hosttest.Options{})
	r := &remote{proxy: hosttest.StartProxy(t, server.Addr), log: filepath.Join(t.TempDir(), "job.log")}
	r.config = filepath.Join(t.TempDir(), "config")
	addr := r.proxy.Addr
	hosttest.WriteFile(t, r.config, server.ClientConfig("mail1", addr))
	r.job = exec.Command("/bin/sh", "-c", job, "sh", r.log) //nolint:noctx // ended in Cleanup
	r.job.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := r.job.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-r.job.Process.Pid, syscall.SIGKILL)
		_ = r.job.Wait()
	})
	return r
}

// watching is a ronda that runs as a program of its own.
type watching struct {
	cmd   *exec.Cmd
	lines chan string
	err   hosttest.Output
}

func startRonda(t *testing.T, args ...string) *watching {
	t.Helper()
	w := &watching{cmd: exec.Command(program(t), args...), lines: make(chan string, 1000)} //nolint:noctx // ended in Cleanup
	w.cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "SSH_AUTH_SOCK=")
	w.cmd.Stderr = &w.err
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(w.lines)
		for in := bufio.NewScanner(out); in.Scan(); {
			w.lines <- in.Text()
		}
	}()
	t.Cleanup(func() { _ = w.cmd.Process.Kill() })
	return w
}

// until waits for a line that holds text.
func (w *watching) until(t *testing.T, text string, patience time.Duration) string {
	t.Helper()
	deadline := time.After(patience)
	var heard []string
	for {
		select {
		case line, ok := <-w.lines:
			if !ok {
				t.Fatalf("ended before %q: heard\n%s\n%s", text, strings.Join(heard, "\n"), w.err.String())
			}
			heard = append(heard, line)
			if strings.Contains(line, text) {
				return line
			}
		case <-deadline:
			t.Fatalf("no %q in %v: heard\n%s\n%s", text, patience, strings.Join(heard, "\n"), w.err.String())
		}
	}
}

func (w *watching) stop(t *testing.T, sig os.Signal) {
	t.Helper()
	if err := w.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	go func() {
		for range w.lines {
		}
	}()
	_ = w.cmd.Wait()
}

// recorded reads a session file.
func recorded(t *testing.T, path string) ([]observe.Observation, journal.Read) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []observe.Observation
	read, err := journal.Scan(f, func(o observe.Observation) error { all = append(all, o); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return all, read
}

// mailboxes are the numbers of the job's lines, which must be there once each, in order and without a hole.
func mailboxes(t *testing.T, all []observe.Observation) int {
	t.Helper()
	next := 1
	for _, o := range all {
		l, ok := o.Payload.(observe.Line)
		if !ok || l.Partial {
			continue
		}
		n, err := strconv.Atoi(strings.TrimPrefix(l.Text, "Migrated mailbox "))
		if err != nil || n != next {
			t.Fatalf("line %q where mailbox %d was due", l.Text, next)
		}
		next++
	}
	return next - 1
}

// A real server, a real job, the link dead for a minute: BLIND for that time and never STALLED, the
// session file holds every line exactly once, and the verdict is right again at once.
func TestLinkLost(t *testing.T) {
	t.Parallel()
	r := startRemote(t)
	file := filepath.Join(t.TempDir(), "s.jsonl")
	w := startRonda(t, "watch", "mail1:"+r.log, "-F", r.config, "--headless", "--record", file)
	w.until(t, "job.log@mail1: PROGRESSING", 60*time.Second)
	r.proxy.Freeze()
	frozen := time.Now()
	w.until(t, "job.log@mail1: BLIND", 40*time.Second)
	if took := time.Since(frozen); took > 20*time.Second {
		t.Errorf("a dead link was found after %v", took)
	}
	time.Sleep(50 * time.Second) // the outage itself is what is tested: a minute in all
	r.proxy.Thaw()
	w.until(t, "job.log@mail1: PROGRESSING", 60*time.Second)
	time.Sleep(2 * time.Second)
	w.stop(t, os.Interrupt)

	all, read := recorded(t, file)
	n := mailboxes(t, all)
	if n < 500 || read.Torn != 0 || read.Damaged != 0 {
		t.Errorf("%d lines, %+v", n, read)
	}
	if _, ended := all[len(all)-1].Payload.(observe.End); !ended {
		t.Errorf("interrupted, the record ends with %#v", all[len(all)-1])
	}
	var said []string
	for _, o := range all {
		if v, ok := o.Payload.(observe.Ruling); ok {
			said = append(said, string(v.Verdict))
		}
	}
	if got := strings.Join(said, " "); strings.Contains(got, "STALLED") || !strings.Contains(got, "BLIND PROGRESSING") {
		t.Errorf("verdicts: %s", got)
	}
}

// kill -9 of ronda costs at most the last second of the record, the next ronda goes on at the exact line,
// and nothing is left on the server.
func TestKilledAndResumed(t *testing.T) {
	t.Parallel()
	r := startRemote(t)
	file := filepath.Join(t.TempDir(), "s.jsonl")
	for i := range 3 {
		w := startRonda(t, "watch", "mail1:"+r.log, "-F", r.config, "--headless", "--record", file)
		w.until(t, "job.log@mail1: PROGRESSING", 60*time.Second)
		time.Sleep(1500 * time.Millisecond)
		before := time.Now()
		w.stop(t, os.Kill)
		all, _ := recorded(t, file)
		if last := all[len(all)-1].At; before.Sub(last) > 2*time.Second {
			t.Errorf("round %d: the record ends %v before the kill", i, before.Sub(last))
		}
		mailboxes(t, all)
	}
	if n := r.proxy.Open(); n != 0 {
		deadline := time.Now().Add(10 * time.Second)
		for r.proxy.Open() != 0 && time.Now().Before(deadline) {
			time.Sleep(50 * time.Millisecond)
		}
		if n := r.proxy.Open(); n != 0 {
			t.Errorf("%d connections are still open", n)
		}
	}
	requireNoShell(t, r.log)
}

// requireNoShell waits until no process but the job holds the log open: the far shells of ronda did.
func requireNoShell(t *testing.T, log string) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		holders := 0
		fds, _ := filepath.Glob("/proc/[0-9]*/fd/*")
		seen := map[string]bool{}
		for _, fd := range fds {
			if to, err := os.Readlink(fd); err == nil && to == log {
				seen[strings.Split(fd, "/")[2]] = true
			}
		}
		for pid := range seen {
			cmdline, _ := os.ReadFile("/proc/" + pid + "/cmdline")
			if !bytes.Contains(cmdline, []byte("Migrated mailbox")) && !bytes.HasPrefix(cmdline, []byte("sleep")) {
				holders++
			}
		}
		if holders == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d processes of ronda are still on the server: %v", holders, seen)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// Hosts that cannot be reached are said in one clear sentence each, and the others are watched.
func TestUnreachableHost(t *testing.T) {
	t.Parallel()
	r := startRemote(t)
	config := hosttest.ReadFile(t, r.config) + "\nHost nobody\n  HostName 127.0.0.1\n  Port 1\n"
	hosttest.WriteFile(t, r.config, config)
	w := startRonda(t, "watch", "mail1:"+r.log, "nobody:/var/log/x.log", "-F", r.config, "--headless", "--for", "10s", "--record", filepath.Join(t.TempDir(), "s.jsonl"))
	var heard []string
	for line := range w.lines {
		heard = append(heard, line)
	}
	_ = w.cmd.Wait()
	all := strings.Join(heard, "\n")
	for _, want := range []string{"job.log@mail1: PROGRESSING", "x.log@nobody: BLIND", "connection refused"} {
		if !strings.Contains(all, want) {
			t.Errorf("not said: %s\n%s\n%s", want, all, w.err.String())
		}
	}
	if code := w.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d\n%s", code, fmt.Sprint(w.err.String()))
	}
}

// A host that will not be reached tonight is said with its reason by its link and by the task's verdict, not
// by each of the task's sources too. Nobody refused a key when nobody was there to ask.
func TestHostKeyIsSaidOnce(t *testing.T) {
	t.Parallel()
	r := startRemote(t)
	other := hosttest.KeyGen(t, filepath.Join(t.TempDir(), "other"), "-t", "ed25519")
	config := hosttest.ReadFile(t, r.config)
	_, known, _ := strings.Cut(config, "UserKnownHostsFile ")
	known, _, _ = strings.Cut(known, "\n")
	name, _, _ := strings.Cut(hosttest.ReadFile(t, known), " ")
	for want, lines := range map[string]string{
		"mail1: link down: the host key of mail1 has CHANGED: refused; ":                               name + " " + hosttest.ReadFile(t, other+".pub"),
		"mail1: link down: the host key of mail1 is not known, and nobody was there to ask: refused; ": "",
	} {
		hosttest.WriteFile(t, known, lines)
		w := startRonda(t, "watch", "mail1:"+r.log, "-F", r.config, "--headless", "--for", "3s", "--record", filepath.Join(t.TempDir(), "s.jsonl"))
		var heard []string
		for line := range w.lines {
			heard = append(heard, line)
		}
		_ = w.cmd.Wait()
		all := strings.Join(heard, "\n")
		if !strings.Contains(all, want) {
			t.Errorf("want %q said, heard\n%s\n%s", want, all, w.err.String())
		}
		if n := strings.Count(all, "the host key of mail1"); n > 2 {
			t.Errorf("said %d times:\n%s", n, all)
		}
	}
}

// A question on the terminal that nobody answers does not hold up the end, and leaves the terminal as it was.
func TestUnansweredQuestion(t *testing.T) {
	t.Parallel()
	r := startRemote(t)
	config := hosttest.ReadFile(t, r.config)
	hosttest.WriteFile(t, r.config, regexp.MustCompile(`UserKnownHostsFile .*`).ReplaceAllString(config, "UserKnownHostsFile "+filepath.Join(t.TempDir(), "none")))
	cmd := exec.CommandContext(t.Context(), program(t), "watch", "mail1:"+r.log, "-F", r.config, "--headless", "--record", filepath.Join(t.TempDir(), "s.jsonl"))
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "SSH_AUTH_SOCK=")
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	asked := make(chan string, 1)
	go func() {
		var heard []byte
		buf := make([]byte, 4096)
		for {
			n, err := terminal.Read(buf)
			heard = append(heard, buf[:n]...)
			if err != nil || bytes.Contains(heard, []byte("Type yes or no")) {
				asked <- string(heard)
				return
			}
		}
	}()
	select {
	case heard := <-asked:
		if !strings.Contains(heard, "SHA256:") {
			t.Fatalf("asked: %s", heard)
		}
	case <-time.After(60 * time.Second):
		t.Fatal("not asked")
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("an unanswered question holds up the end")
	}
}
