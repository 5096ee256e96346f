// Package hosttest gives tests real servers to speak with: an OpenSSH sshd on a loopback port with keys of
// its own, and a TCP proxy that plays a bad network. It is imported by tests only.
//
// Everything it starts listens on loopback, lives in the test's temporary directory and ends with the test,
// even when the test process is killed.
package hosttest

import (
	"bytes"
	"io"
	"os/exec"
	"sync"
	"testing"
)

// Start runs a program until the test ends and returns its combined output as it grows. The program runs in
// a process group of its own, below a shell that waits for the end of its standard input: when the test
// ends, or its process dies, the whole group is killed.
func Start(tb testing.TB, program string, args ...string) *Output {
	tb.Helper()
	out := &Output{}
	argv := append([]string{"-c", `"$@" </dev/null & cat >/dev/null; kill -9 0`, "sh", program}, args...)
	cmd := exec.Command("/bin/sh", argv...) //nolint:noctx // its life is the test's, ended in Cleanup
	cmd.Stdout, cmd.Stderr = out, out
	ownGroup(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatalf("start %s: %v", program, err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatalf("start %s: %v", program, err)
	}
	tb.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait() // killed by itself: the error says only that
	})
	return out
}

// Output collects what a program prints. It is safe for concurrent use.
type Output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

var _ io.Writer = (*Output)(nil)

// Write appends p.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

// String returns what was printed so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
