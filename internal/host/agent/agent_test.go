package agent_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ronda/internal/host/agent"
	"ronda/internal/host/conformance"
)

// shell is one kind of far side.
type shell struct {
	name string
	args []string
	env  []string
}

// shells returns those that servers have: dash and bash with GNU tools, and busybox with its own.
func shells(t testing.TB) []shell {
	t.Helper()
	list := []shell{{name: "dash", args: []string{"/bin/dash"}}, {name: "bash"}, {name: "busybox"}}
	// As /bin/sh bash keeps to POSIX.
	sh := filepath.Join(t.TempDir(), "sh")
	if err := os.Symlink("/bin/bash", sh); err != nil {
		t.Fatal(err)
	}
	list[1].args = []string{sh}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Fatal("busybox is missing: apt-get install busybox-static")
	}
	applets, err := exec.Command(busybox, "--list").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name := range strings.FieldsSeq(string(applets)) {
		if err := os.Symlink(busybox, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	list[2].args, list[2].env = []string{filepath.Join(dir, "sh")}, []string{"PATH=" + dir}
	for _, s := range list {
		if _, err := os.Stat(s.args[0]); err != nil {
			t.Fatalf("%s is missing: apt-get install dash bash busybox-static", s.name)
		}
	}
	return list
}

// far is a shell that runs, with its streams.
type far struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.Reader
}

func (s shell) start(t testing.TB) far {
	t.Helper()
	cmd := exec.Command(s.args[0], s.args[1:]...)
	cmd.Env = append(os.Environ(), s.env...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = cmd.Process.Kill(), cmd.Wait() // it is to be gone, that is all
	})
	return far{cmd, stdin, stdout}
}

// connect starts a shell and an agent on it.
func connect(t testing.TB, s shell, opts agent.Options) (*agent.Agent, far) {
	t.Helper()
	f := s.start(t)
	opts.Patience = time.Minute
	a, err := agent.Start(context.Background(), f.stdin, f.stdout, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a, f
}

func TestConformance(t *testing.T) {
	for _, s := range shells(t) {
		for name, c := range map[string]agent.Compression{"plain": agent.CompressNever, "compressed": agent.CompressAlways} {
			t.Run(fmt.Sprintf("%s %s", s.name, name), func(t *testing.T) {
				a, _ := connect(t, s, agent.Options{Compress: c, Gather: -1})
				conformance.Run(t, a)
			})
		}
	}
}
