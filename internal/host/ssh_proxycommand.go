package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"time"
)

// commandConn is a ProxyCommand's standard input and output as a connection. It knows no deadlines; those
// who wait close it.
type commandConn struct {
	io.Reader
	io.WriteCloser
	cmd    *exec.Cmd
	stderr *tail
	once   sync.Once
	exited chan struct{}
}

var _ net.Conn = (*commandConn)(nil)

// startProxyCommand runs a command of the user's ssh_config on this machine, with the user's shell and in a
// process group of its own.
func startProxyCommand(ctx context.Context, command string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	cmd := shellCommand(command)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start ProxyCommand: %w", err)
	}
	// A pipe of our own, since exec's is closed by Wait before all was read.
	stdout, theirs, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start ProxyCommand: %w", err)
	}
	c := &commandConn{Reader: stdout, WriteCloser: stdin, cmd: cmd, stderr: &tail{}, exited: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = theirs, c.stderr
	cmd.WaitDelay = time.Second
	err = cmd.Start()
	_ = theirs.Close()
	if err != nil {
		_ = stdout.Close()
		return nil, fmt.Errorf("start ProxyCommand: %w", err)
	}
	go func() { // ends with the command, which Close kills and waits for
		defer close(c.exited)
		_ = cmd.Wait()
	}()
	return c, nil
}

// Read says what the command complained of when it ends without a word.
func (c *commandConn) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		<-c.exited
		if said := c.stderr.String(); said != "" {
			return n, fmt.Errorf("the ProxyCommand ended: %s", said)
		}
	}
	return n, err
}

// Close kills the command with its whole group and waits for its end.
func (c *commandConn) Close() error {
	c.once.Do(func() {
		_ = c.WriteCloser.Close()
		killGroup(c.cmd)
		<-c.exited
		if r, ok := c.Reader.(io.Closer); ok {
			_ = r.Close()
		}
	})
	return nil
}

type commandAddr struct{}

func (commandAddr) Network() string { return "command" }
func (commandAddr) String() string  { return "0.0.0.0:0" } // as x/crypto has it for ways without an address

// LocalAddr is the address of no interface.
func (c *commandConn) LocalAddr() net.Addr { return commandAddr{} }

// RemoteAddr is not known: only the command knows where it went.
func (c *commandConn) RemoteAddr() net.Addr { return commandAddr{} }

var errNoDeadline = errors.New("a ProxyCommand knows no deadlines")

// SetDeadline is not supported.
func (c *commandConn) SetDeadline(time.Time) error { return errNoDeadline }

// SetReadDeadline is not supported.
func (c *commandConn) SetReadDeadline(time.Time) error { return errNoDeadline }

// SetWriteDeadline is not supported.
func (c *commandConn) SetWriteDeadline(time.Time) error { return errNoDeadline }

// tail keeps the last that was written to it, for an error message.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(p)
	if extra := t.buf.Len() - maxMessage; extra > 0 {
		t.buf.Next(extra)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return clean(t.buf.String(), maxMessage)
}
