//go:build linux

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
func shells(tb testing.TB) []shell {
	tb.Helper()
	list := []shell{{name: "dash", args: []string{"/bin/dash"}}, {name: "bash"}, {name: "busybox"}}
	// As /bin/sh bash keeps to POSIX.
	sh := filepath.Join(tb.TempDir(), "sh")
	if err := os.Symlink("/bin/bash", sh); err != nil {
		tb.Fatal(err)
	}
	list[1].args = []string{sh}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		tb.Fatal("busybox is missing: apt-get install busybox-static")
	}
	applets, err := exec.CommandContext(tb.Context(), busybox, "--list").Output()
	if err != nil {
		tb.Fatal(err)
	}
	dir := tb.TempDir()
	for name := range strings.FieldsSeq(string(applets)) {
		if err := os.Symlink(busybox, filepath.Join(dir, name)); err != nil {
			tb.Fatal(err)
		}
	}
	list[2].args, list[2].env = []string{filepath.Join(dir, "sh")}, []string{"PATH=" + dir}
	for _, s := range list {
		if _, err := os.Stat(s.args[0]); err != nil {
			tb.Fatalf("%s is missing: apt-get install dash bash busybox-static", s.name)
		}
	}
	return list
}

// far is a shell, with its streams.
type far struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.ReadCloser
}

func (s shell) prepare(tb testing.TB) far {
	tb.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(tb.Context()), s.args[0], s.args[1:]...)
	cmd.Env = append(os.Environ(), s.env...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	return far{cmd, stdin, stdout}
}

// run starts the shell, and ends it with the test.
func (f far) run(tb testing.TB) {
	tb.Helper()
	if err := f.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_, _ = f.cmd.Process.Kill(), f.cmd.Wait() // it is to be gone, that is all
	})
}

// connect starts a shell and an agent on it.
func connect(tb testing.TB, s shell, opts agent.Options) (*agent.Agent, far) {
	tb.Helper()
	f := s.prepare(tb)
	f.run(tb)
	opts.Patience = time.Minute
	a, err := agent.Start(context.Background(), f.stdin, f.stdout, opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := a.Close(); err != nil {
			tb.Error(err)
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
