//go:build linux

package agent_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ronda/internal/host/agent"
)

// fake is a far side that says what it is told to. It is given the nonce and answers each request line.
func fake(t *testing.T, hello string, answer func(nonce, line string, w io.Writer) error) (io.WriteCloser, io.Reader) {
	t.Helper()
	requests, stdin := io.Pipe()
	stdout, answers := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = answers.Close() }() // never fails
		lines := bufio.NewReader(requests)
		nonce := ""
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if nonce == "" {
				if strings.HasPrefix(line, "ronda ") && !strings.HasPrefix(line, "ronda()") {
					nonce = strings.Fields(line)[1]
					if _, err := fmt.Fprintf(answers, hello, nonce); err != nil {
						return
					}
				}
				continue
			}
			if err := answer(nonce, strings.TrimSuffix(line, "\n"), answers); err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_, _ = requests.Close(), stdout.Close() // never fail
		<-done
	})
	return stdin, stdout
}

const goodHello = "\n%s hi 4711 -fanbzd\n"

// Whatever a host answers, the agent neither hangs, nor grows, nor takes it for something else.
func TestHostileAnswers(t *testing.T) {
	forever := func(w io.Writer, piece string) error {
		for {
			if _, err := io.WriteString(w, piece); err != nil {
				return err
			}
		}
	}
	for name, answer := range map[string]func(nonce, line string, w io.Writer) error{
		"nonsense":           func(_, _ string, w io.Writer) error { _, err := io.WriteString(w, "what?\n"); return err },
		"an empty line":      func(_, _ string, w io.Writer) error { _, err := io.WriteString(w, "\n"); return err },
		"a line without end": func(_, _ string, w io.Writer) error { return forever(w, strings.Repeat("x", 4096)) },
		"a negative length":  func(_, _ string, w io.Writer) error { _, err := io.WriteString(w, ":-5\nxxxxx\n"); return err },
		"a huge length":      func(_, _ string, w io.Writer) error { _, err := io.WriteString(w, ":99999999999\n"); return err },
		"an overflowing length": func(_, _ string, w io.Writer) error {
			_, err := io.WriteString(w, ":99999999999999999999\n")
			return err
		},
		"the same as never": func(_, _ string, w io.Writer) error { _, err := io.WriteString(w, "=\n"); return err },
		"a short answer, then the end": func(_, _ string, w io.Writer) error {
			_, _ = io.WriteString(w, ":500\nabc") // the end is what is tested
			return io.EOF
		},
		"no file at all": func(_, _ string, w io.Writer) error { _, err := io.WriteString(w, ":6\n+\na:b:c\n"); return err },
		"bytes without end": func(_, _ string, w io.Writer) error {
			return forever(w, ":9\n10 0\n1:2:3:4\n"+strings.Repeat("x", 1<<20))
		},
		"lines without end":         func(_, _ string, w io.Writer) error { return forever(w, "~\n"+strings.Repeat("\n", 1<<20)) },
		"what is not compressed":    func(n, _ string, w io.Writer) error { _, err := fmt.Fprintf(w, "~\nxxxx\n%s e\n", n); return err },
		"two answers to a question": func(_, _ string, w io.Writer) error { _, err := io.WriteString(w, ":1\n+\n:1\n+\n"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			stdin, stdout := fake(t, goodHello, answer)
			a, err := agent.Start(t.Context(), stdin, stdout, agent.Options{Gather: -1})
			if err != nil {
				t.Fatal(err)
			}
			for range 4 {
				if _, info, err := a.OpenFile(t.Context(), "/etc/passwd"); err == nil {
					t.Errorf("took it for a file: %+v", info)
				} else if len(err.Error()) > 500 {
					t.Errorf("a long error: %v", err)
				}
				_, _ = a.ReadFiles(t.Context(), "/proc/uptime") // it is the end that counts
				if _, err := a.Siblings(t.Context(), "/x"); name != "two answers to a question" && err == nil {
					t.Error("took it for a list")
				}
			}
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A bomb is not unpacked beyond what is taken.
func TestCompressedBomb(t *testing.T) {
	bomb, err := exec.CommandContext(t.Context(), "sh", "-c", "head -c 200000000 /dev/zero | gzip -1").Output()
	if err != nil {
		t.Fatal(err)
	}
	stdin, stdout := fake(t, goodHello, func(nonce, _ string, w io.Writer) error {
		_, err := fmt.Fprintf(w, "~\n%s\n%s e\n", bomb, nonce)
		return err
	})
	a, err := agent.Start(t.Context(), stdin, stdout, agent.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.ReadFiles(t.Context(), "/proc/uptime"); !errors.Is(err, fs.ErrClosed) || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("got %v", err)
	}
}

// What stands in the way of a start is said in words that are safe to show.
func TestStartRefused(t *testing.T) {
	for _, c := range []struct{ name, command, want string }{
		{"a closed account", "echo 'This account is currently not available.'; exit 1", "said: This account is currently not available."},
		{"without a word", "exit 1", "without a word"},
		{"escape sequences", `printf '\033]0;owned\007\033[31mred\n'; exit 1`, `said: \x1b]0;owned\a\x1b[31mred`},
		{"endless talk", "yes", "talks without end"},
		{"silence", "exec sleep 600", "no answer from /bin/sh"},
		{"an echo", "exec cat", "no answer from /bin/sh"},
		{"no tools", "PATH=/none exec /bin/dash", "lacks what reading its files needs: dd,grep,ls,tr"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := shell{name: "sh", args: []string{"/bin/sh", "-c", c.command}}.prepare(t)
			f.run(t)
			patience := time.Minute
			if strings.HasPrefix(c.want, "no answer") {
				patience = time.Second
			}
			_, err := agent.Start(t.Context(), f.stdin, f.stdout, agent.Options{Patience: patience})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// A noisy and slow login is passed over; so is what it left behind in the shell.
func TestNoisyLogin(t *testing.T) {
	for _, s := range shells(t) {
		t.Run(s.name, func(t *testing.T) {
			args := append([]string{"/bin/sh", "-c", `echo Welcome; printf 'no end'; yes | head -c 100000; sleep 1; IFS=/; export IFS; umask 777; exec "$@"`, "sh"}, s.args...)
			a, _ := connect(t, shell{name: s.name, args: args, env: s.env}, agent.Options{})
			if got, err := a.ReadFiles(t.Context(), "/proc/uptime"); err != nil || len(got) != 1 {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

// Without the right to look, the error says so, and /proc files are absent.
func TestPermission(t *testing.T) {
	dir := t.TempDir()
	closed, inside := filepath.Join(dir, "closed.log"), filepath.Join(dir, "closed", "x.log")
	if err := errors.Join(os.WriteFile(closed, nil, 0o600), os.Mkdir(filepath.Dir(inside), 0o700), os.WriteFile(inside, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	other := os.Getuid() == 0
	if !other { // then these are ours
		if err := errors.Join(os.Chmod(closed, 0), os.Chmod(filepath.Dir(inside), 0)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(filepath.Dir(inside), 0o700) }) // so that it can be removed
	}
	for _, s := range shells(t) {
		t.Run(s.name, func(t *testing.T) {
			f := s.prepare(t)
			if other {
				f.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
				admit(t, dir)                     // nobody may come as far as here
				admit(t, filepath.Dir(s.args[0])) // and to the shell
			}
			f.run(t)
			a, err := agent.Start(t.Context(), f.stdin, f.stdout, agent.Options{Patience: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			for _, p := range []string{closed, inside} {
				if _, _, err := a.OpenFile(t.Context(), p); !errors.Is(err, fs.ErrPermission) {
					t.Errorf("open %s: %v", p, err)
				}
			}
			got, err := a.ReadFiles(t.Context(), closed, inside, "/proc/1/io", "/proc/1/environ", "/proc/1/stat")
			if _, ok := got["/proc/1/stat"]; err != nil || other && (!ok || len(got) != 1) {
				t.Errorf("%q, %v", got, err)
			}
			if got, err := a.ReadLinks(t.Context(), "/proc/1/fd"); err != nil || other && len(got) != 0 {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// admit lets other users pass through a directory of this test. What the test did not make is left as it is:
// only directories below the one for temporary files are touched, and that one never.
func admit(t *testing.T, dir string) {
	t.Helper()
	for top := filepath.Clean(os.TempDir()); strings.HasPrefix(dir, top+"/"); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o711); err != nil {
			t.Fatal(err)
		}
	}
}

// Many ask at once, some leave before the answer; every answer goes to the one who asked.
func TestConcurrent(t *testing.T) {
	for _, s := range shells(t) {
		t.Run(s.name, func(t *testing.T) {
			a, _ := connect(t, s, agent.Options{})
			dir := t.TempDir()
			var all sync.WaitGroup
			for i := range 20 {
				path := filepath.Join(dir, fmt.Sprintf("%d.log", i))
				text := fmt.Sprintf("I am %d\n", i)
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				all.Go(func() {
					for j := range 15 {
						impatient, cancel := context.WithTimeout(t.Context(), time.Duration(j)*time.Millisecond)
						if h, _, err := a.OpenFile(impatient, path); err == nil {
							a.CloseFile(h)
						}
						_, _ = a.StatFiles(impatient, path) // it may be too late
						cancel()
						h, info, err := a.OpenFile(t.Context(), path)
						if err != nil {
							t.Error(err)
							return
						}
						r, err := a.ReadFile(t.Context(), h, 0, 100)
						if err != nil || string(r.Data) != text || r.File.Ident != info.Ident {
							t.Errorf("%d: %q, %+v, %v", i, r.Data, r.File, err)
						}
						got, err := a.ReadFiles(t.Context(), path)
						if err != nil || got[path]+"\n" != text {
							t.Errorf("%d: %q, %v", i, got, err)
						}
						a.CloseFile(h)
					}
				})
			}
			all.Wait()
		})
	}
}

// A host with next to nothing: no stat, no find, no gzip, no readlink. What is left is enough to follow a log.
func TestPoorHost(t *testing.T) {
	dir := t.TempDir()
	for _, tool := range []string{"dd", "grep", "ls", "tr", "awk", "sleep"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, tool)); err != nil {
			t.Fatal(err)
		}
	}
	a, _ := connect(t, shell{name: "poor", args: []string{"/bin/dash"}, env: []string{"PATH=" + dir}}, agent.Options{Compress: agent.CompressAlways})
	path := filepath.Join(t.TempDir(), "the log")
	text := strings.Repeat("a line\n", 1000)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var handles []int
	for range 8 {
		h, info, err := a.OpenFile(t.Context(), path)
		if err != nil || info.Size != 7000 {
			t.Fatalf("%+v, %v", info, err)
		}
		handles = append(handles, h)
	}
	if err := errors.Join(os.Rename(path, path+".1"), os.WriteFile(path, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, h := range handles {
		r, err := a.ReadFile(t.Context(), h, 7, 10_000)
		if err != nil || string(r.Data) != text[7:] || r.Path == nil || r.Path.Ident == r.File.Ident {
			t.Fatalf("%+v, %+v, %.20q, %v", r.File, r.Path, r.Data, err)
		}
	}
	if list, err := a.Siblings(t.Context(), path); err != nil || len(list) != 1 || list[0].Path != path+".1" {
		t.Errorf("%+v, %v", list, err)
	}
	if got, err := a.ReadFiles(t.Context(), "/proc/uptime", "/proc/self/cmdline", path); err != nil || len(got) != 3 {
		t.Errorf("%q, %v", got, err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if pids, err := a.Holders(t.Context(), path); err != nil || len(pids) != 1 || pids[0] != os.Getpid() {
		t.Errorf("%v, %v", pids, err)
	}
	// A file that could not be held open is lost when it is removed, and that is said.
	if err := os.Remove(path + ".1"); err != nil {
		t.Fatal(err)
	}
	if r, err := a.ReadFile(t.Context(), handles[0], 0, 7); err != nil || string(r.Data) != "a line\n" {
		t.Errorf("held open: %q, %v", r.Data, err)
	}
	if _, err := a.ReadFile(t.Context(), handles[7], 0, 7); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("not held open: %v", err)
	}
}

// An answer that is too long is refused, and the next one is given.
func TestTooMuch(t *testing.T) {
	dir := t.TempDir()
	for i := range 40 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), make([]byte, 256<<10), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a, _ := connect(t, shells(t)[0], agent.Options{})
	if _, err := a.ReadFiles(t.Context(), dir+"/*"); err == nil || !strings.Contains(err.Error(), "ask for less") {
		t.Errorf("got %v", err)
	}
	if got, err := a.ReadFiles(t.Context(), "/proc/uptime"); err != nil || len(got) != 1 {
		t.Errorf("afterwards: %v, %v", got, err)
	}
}

// More may ask than fit on the way.
func TestCrowd(t *testing.T) {
	a, _ := connect(t, shells(t)[0], agent.Options{})
	var all sync.WaitGroup
	for i := range 1000 {
		all.Go(func() {
			p := fmt.Sprintf("/proc/%d/none", i)
			if got, err := a.ReadFiles(t.Context(), p, "/proc/uptime"); err != nil || len(got) != 1 {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
	all.Wait()
}

// An open that nobody waits for any more does not stay open, though its answer comes late: a removed log would
// keep its space on the disk.
func TestAbandonedOpen(t *testing.T) {
	a, f := connect(t, shells(t)[0], agent.Options{})
	path := filepath.Join(t.TempDir(), "x.log")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	held := func() bool {
		fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", f.cmd.Process.Pid))
		for _, fd := range fds {
			if to, err := os.Readlink(fd); err == nil && to == path {
				return true
			}
		}
		return false
	}
	stopped := func(stop bool) {
		sig := map[bool]syscall.Signal{true: syscall.SIGSTOP, false: syscall.SIGCONT}[stop]
		if err := f.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		stopped(true)
		ctx, cancel := context.WithCancel(t.Context())
		opening := make(chan error, 1)
		go func() {
			_, _, err := a.OpenFile(ctx, path)
			opening <- err
		}()
		<-time.After(20 * time.Millisecond) // most often it is on its way by then; either way is tested
		cancel()
		if err := <-opening; !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		stopped(false)
		for range 2 { // the second is sent after the first was answered
			if _, err := a.ReadFiles(t.Context(), "/proc/uptime"); err != nil {
				t.Fatal(err)
			}
		}
		if held() {
			t.Fatal("it is still open")
		}
	}
}
