package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// Channel is a command that runs on the host, with its streams. Stdout and Stderr must both be read, or the
// command will wait for it.
type Channel struct {
	Stdin      io.WriteCloser
	Stdout     io.Reader
	Stderr     io.Reader
	Generation uint64 // of the connection it runs over; grows with each new one

	session *ssh.Session
	release func()
}

// input lets a channel's input be closed from any goroutine, also while another one writes to it; the
// library's own does not. A write that hangs is ended with the whole channel.
type input struct {
	mu     sync.Mutex
	w      io.WriteCloser
	abort  io.Closer
	closed bool
}

func (i *input) Write(p []byte) (int, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return 0, os.ErrClosed
	}
	return i.w.Write(p)
}

func (i *input) Close() error {
	if !i.mu.TryLock() {
		return i.abort.Close()
	}
	defer i.mu.Unlock()
	if i.closed {
		return nil
	}
	i.closed = true
	return i.w.Close()
}

// Close ends the channel. The command sees the end of its input and of those who read from it.
func (c *Channel) Close() error {
	_ = c.Stdin.Close() // dropbear does not take the end of the channel for the end of its input
	err := c.session.Close()
	c.release()
	if errors.Is(err, io.EOF) { // the other side closed it first
		return nil
	}
	return err
}

// Open starts a command on the host with the user's login shell and returns its streams. It waits for the
// link, and for a place where the server limits the sessions. The command gets no terminal, no environment
// and no forwarded agent. The channel must be closed.
func (h *SSH) Open(ctx context.Context, command string) (*Channel, error) {
	conn, err := h.link(ctx)
	if err != nil {
		return nil, err
	}
	c, err := conn.openChannel(ctx, command, false)
	if err != nil {
		return nil, fmt.Errorf("host %s: %w", h.cfg.Name, err)
	}
	return c, nil
}

func (c *connection) openChannel(ctx context.Context, command string, reader bool) (*Channel, error) {
	session, release, err := c.session(ctx, reader)
	if err != nil {
		return nil, err
	}
	ch := &Channel{Generation: c.gen, session: session, release: release}
	// The pipes fail only when they are asked for twice or after Start.
	stdin, _ := session.StdinPipe()
	ch.Stdin = &input{w: stdin, abort: session}
	ch.Stdout, _ = session.StdoutPipe()
	ch.Stderr, _ = session.StderrPipe()
	_, err = await(ctx, c, func() (io.Closer, error) { return session, session.Start(command) })
	if err != nil {
		_ = ch.Close()
		return nil, fmt.Errorf("start a command: %w", err)
	}
	return ch, nil
}

// runScript runs a command with the POSIX shell, whatever the login shell is. The command reads nothing. A
// watcher beside it holds the channel's input: when that ends, because the caller lost patience, the link
// died or this program was killed, the command's whole process group is killed, so that nothing stays behind.
// All of it is one compound command, since the shell reads its script and the watcher the channel from the
// same input.
//
// OpenSSH gives each session a process group of its own, dropbear does not, and setsid is not everywhere. The
// kill has the one form that dash, bash and busybox understand.
const runScript = `{ exec 3<&0 </dev/null; S=; command -v setsid >/dev/null 2>&1 && S=setsid
$S /bin/sh -c %s 3<&- & p=$!
(read -r x <&3; kill -KILL -$p || kill -KILL -$$ || kill -KILL $p) >/dev/null 2>&1 &
w=$!; exec 3<&-; wait $p; r=$?; kill $w; exit $r; }
`

// exports are the lines of shell that set environment variables, for a format.
func exports(env []string) string {
	var b strings.Builder
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		b.WriteString(strings.ReplaceAll(name+"="+quote(value)+"; export "+name+"\n", "%", "%%"))
	}
	return b.String()
}

// quote makes s one word of the POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// Run runs a command line with the host's POSIX shell, in a session of its own and with nothing on its
// standard input, and returns what it printed, each stream cut at 64 KiB, and its exit code; 128 and the
// signal when one ended it. When ctx ends, the command and all that it started in its process group are
// killed. Run waits for the link, and for a place where the server limits the sessions. A server that gives
// one session only has none for commands while files are read; the error says so.
func (h *SSH) Run(ctx context.Context, command string) (stdout, stderr []byte, code int, err error) {
	return h.RunWith(ctx, nil, command)
}

// RunWith is Run with further environment variables, each as NAME=value. They go over the channel's input and not with
// the command, so that they stand on no command line there; root and the same user can see them while it runs.
func (h *SSH) RunWith(ctx context.Context, env []string, command string) (stdout, stderr []byte, code int, err error) {
	conn, err := h.link(ctx)
	if err != nil {
		return nil, nil, 0, err
	}
	stdout, stderr, code, err = conn.run(ctx, env, command)
	if err != nil {
		err = fmt.Errorf("run a command on %s: %w", h.cfg.Name, err)
	}
	return stdout, stderr, code, err
}

func (c *connection) run(ctx context.Context, env []string, command string) (stdout, stderr []byte, code int, err error) {
	if strings.ContainsRune(command, 0) {
		return nil, nil, 0, errors.New("the command holds a NUL byte")
	}
	ch, err := c.openChannel(ctx, "exec /bin/sh", false)
	if err != nil {
		return nil, nil, 0, err
	}
	defer ch.Close() //nolint:errcheck // nothing is left to be written
	stop := context.AfterFunc(ctx, func() { _ = ch.Close() })
	defer stop()
	if _, err := fmt.Fprintf(ch.Stdin, exports(env)+runScript, quote(command)); err != nil {
		return nil, nil, 0, err
	}
	var out, errs capped
	var copies sync.WaitGroup
	copies.Go(func() { _, _ = io.Copy(&out, ch.Stdout) })
	copies.Go(func() { _, _ = io.Copy(&errs, ch.Stderr) })
	err = ch.session.Wait()
	if ctx.Err() == nil && err != nil {
		// The streams end with the channel.
		if exit, ok := errors.AsType[*ssh.ExitError](err); ok {
			code, err = exit.ExitStatus(), nil
		}
	}
	copies.Wait()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return out.kept, errs.kept, code, err
}
