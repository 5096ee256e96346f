package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ronda/internal/faults"
	"ronda/internal/host/hosttest"
	"ronda/internal/observe"
)

// startCopy runs a shell command in a process group of its own until the test ends.
func startCopy(t *testing.T, dir, command string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-c", command) //nolint:noctx // ended in Cleanup
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	return cmd
}

func copySource(t *testing.T, dir, name string, size int) {
	t.Helper()
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(i * i >> 7)
	}
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// exitOf is with which code a ronda ended.
func exitOf(t *testing.T, w *watching) int {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range w.lines { // what is left of it
		}
		_ = w.cmd.Wait() // its exit code tells
	}()
	select {
	case <-done:
		return w.cmd.ProcessState.ExitCode()
	case <-time.After(time.Minute):
		t.Fatal("it does not end")
		return -1
	}
}

func TestWatchFindsCopiesOverSSH(t *testing.T) {
	server := hosttest.StartSSHD(t, hosttest.Options{})
	dir := t.TempDir()
	config := filepath.Join(dir, "config")
	hosttest.WriteFile(t, config, server.ClientConfig("mail1", server.Addr))
	copySource(t, dir, "disk.img", 4<<20)
	session := filepath.Join(dir, "s.jsonl")
	w := startRonda(t, "watch", "mail1", "--transfers", "--match", dir, "-F", config, "--headless", "--until-done", "--record", session)
	w.until(t, "looking for copies", 30*time.Second)
	startCopy(t, dir, `exec rsync --bwlimit=700 "$PWD/disk.img" "$PWD/copy.img"`)
	// The same file, pulled by rsync over ssh.
	startCopy(t, dir, `exec rsync --bwlimit=700 -e "ssh -F '`+config+`'" "mail1:$PWD/disk.img" "$PWD/pulled.img"`)
	if code := exitOf(t, w); code != 0 && code != exitStuck {
		t.Errorf("it ended with %d: %s", code, w.err.String())
	}
	ends, targets := map[string]observe.Transfer{}, map[string]bool{}
	all, _ := recorded(t, session)
	for _, o := range all {
		if tr, ok := o.Payload.(observe.Transfer); ok {
			if o.Host != "mail1" {
				t.Errorf("%s is on %q", o.Task, o.Host)
			}
			ends[o.Task] = tr
			targets[tr.Target] = true
		}
	}
	for _, name := range []string{"copy.img", "pulled.img"} {
		if !targets[filepath.Join(dir, name)] {
			t.Errorf("nothing was found that writes %s: %+v", name, ends)
		}
	}
	for name, end := range ends {
		if end.State == observe.TransferRunning || end.State == observe.TransferFailed {
			t.Errorf("%s ended as %+v", name, end)
		}
	}
}

func TestWatchGivesFoundCopiesTheirNamesAgain(t *testing.T) {
	dir := t.TempDir()
	copySource(t, dir, "disk.img", 2<<20)
	first := startCopy(t, dir, `exec pv -q -L 20k "$PWD/disk.img" >a.img`)
	session := filepath.Join(dir, "s.jsonl")
	args := []string{"watch", "--transfers", "--match", dir, "--headless", "--record", session}
	w := startRonda(t, args...)
	w.until(t, "pv disk.img: ", 30*time.Second)
	second := startCopy(t, dir, `exec pv -q -L 20k "$PWD/disk.img" >b.img`)
	line := w.until(t, "pv disk.img (", 30*time.Second)
	w.stop(t, os.Interrupt)
	_ = first.Process.Kill() // the plain name would be free now
	_ = first.Wait()
	w = startRonda(t, args...)
	name, _, _ := strings.Cut(line[strings.Index(line, "pv disk.img ("):], ":")
	w.until(t, name+": ", 30*time.Second)
	faults.Poll(t, "the end of the first", func() bool { // the line above may be of the session before
		text, err := os.ReadFile(session)
		return err == nil && strings.Contains(string(text), "it ended while nobody looked")
	})
	w.stop(t, os.Interrupt)
	names, gone := map[string]string{}, false
	all, _ := recorded(t, session)
	for _, o := range all {
		if tr, ok := o.Payload.(observe.Transfer); ok {
			if old, known := names[tr.ID]; known && old != o.Task {
				t.Errorf("%s is called %q and %q", tr.ID, old, o.Task)
			}
			names[tr.ID] = o.Task
			gone = gone || o.Task == "pv disk.img" && tr.State == observe.TransferGone && tr.Detail == "it ended while nobody looked"
		}
	}
	if !gone {
		t.Error("the end of the first, which nobody saw, is not told")
	}
	if len(names) != 2 {
		t.Errorf("found %v, for processes %d and %d", names, first.Process.Pid, second.Process.Pid)
	}
}
