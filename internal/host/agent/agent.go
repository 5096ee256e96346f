// Package agent reads the files and the /proc of another host with nothing but a POSIX /bin/sh on the far
// side and one pair of streams to it. It promises: the far side writes nothing but its answers, opens files
// for reading only, and ends with its input, or when nobody has renewed its lease for two minutes. Paths
// travel as octal escapes and numbers as digits, so no name can be executed; answers are framed by length or
// by a secret mark, so no content can pass for a frame, and all of them are bounded.
//
// An answer that is what it was the last time comes back as one short sign, and a request that was made
// before is asked by its number; requests whose answers stand still wait for each other a moment and travel
// together. So an idle host costs a few hundred bytes a second.
package agent

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	_ "embed" // for the script
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"time"
)

// Compression says when bytes are compressed on their way, at the price of one gzip process each on the
// host.
type Compression int

// The ways to compress. CompressAuto, the zero value, compresses on links with long round trips (20 ms) or
// little throughput (2 MB/s), as measured by the agent itself. Without gzip on the host nothing is compressed.
const (
	CompressAuto Compression = iota
	CompressAlways
	CompressNever
)

// Options tune an agent. The zero value is what a night's watch wants.
type Options struct {
	Patience time.Duration // how long to wait for the shell's hello; 0: 20 s, for slow rc files
	Compress Compression
	// Gather is how long a request whose answer did not change the last time may wait for others of its
	// kind; 0: 500 ms; negative: not at all.
	Gather time.Duration
	// Lease is after how long without a sign of life the far side ends by itself; 0: 120 s. It is kept up by
	// the agent, also while nobody asks. At least one second, counted in whole seconds.
	Lease time.Duration
}

// Bounds of what an agent takes from a host.
const (
	maxNoise = 1 << 20 // bytes before the hello: rc files, messages of the day
	maxText  = 8 << 20 // bytes of one textual answer, as it is after decompression
	maxData  = 4 << 20 // bytes of one read
	maxSent  = 256     // requests on their way
)

//go:embed script.sh
var script string

// Agent is a shell on another host that answers. All methods are safe for concurrent use; requests are sent
// in the order in which they are made and answered in that order. A ctx that ends ends the waiting, not the
// request. After the stream has ended every method returns an error that matches fs.ErrClosed.
type Agent struct {
	in    io.WriteCloser
	out   *bufio.Reader
	opts  Options
	nonce string
	hello hello

	queue  chan *request
	sent   chan *request // asked and not yet answered, in order
	done   chan struct{} // closed when the stream has ended
	writer chan struct{} // closed when the writer has ended

	mu      sync.Mutex
	cause   error // why the stream ended
	known   registry
	pace    pace
	handles handles
}

// hello is what the far side says of itself when it is ready.
type hello struct {
	pid  int
	caps string
}

func (h hello) can(c string) bool { return strings.Contains(h.caps, c) }

// Start sends the far side its script and waits for its hello. The streams must lead to a POSIX shell that
// reads commands from its standard input and has said nothing that matters yet; noise before the hello is
// passed over. An error says in words what stands in the way; the streams' owner then closes them. Start
// itself keeps reading from stdout until it ends.
func Start(ctx context.Context, stdin io.WriteCloser, stdout io.Reader, opts Options) (*Agent, error) {
	if opts.Patience == 0 {
		opts.Patience = 20 * time.Second
	}
	if opts.Gather == 0 {
		opts.Gather = 500 * time.Millisecond
	}
	if opts.Lease == 0 {
		opts.Lease = 2 * time.Minute
	}
	var secret [16]byte
	_, _ = rand.Read(secret[:]) // never fails
	a := &Agent{
		in: stdin, out: bufio.NewReaderSize(stdout, 64<<10), opts: opts, nonce: hex.EncodeToString(secret[:]),
		queue: make(chan *request), sent: make(chan *request, maxSent), done: make(chan struct{}), writer: make(chan struct{}),
		known: newRegistry(), handles: newHandles(),
	}
	ready := make(chan error, 1)
	go a.read(ready)
	go a.write()
	ctx, cancel := context.WithTimeoutCause(ctx, opts.Patience, errSilent)
	defer cancel()
	var err error
	select {
	case err = <-ready:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		a.end(err)
		return nil, fmt.Errorf("start the shell on the host: %w", err)
	}
	return a, nil
}

// errSilent is the usual sign of a login that may not run commands.
var errSilent = errors.New("no answer from /bin/sh: the account may be restricted to other commands (nologin, ForceCommand, a restricted shell); try: ssh HOST exec /bin/sh")

// preamble is what the far side is sent first: the script without its comments, then the call of it. The
// lease is counted in quarters.
func (a *Agent) preamble() []byte {
	var b bytes.Buffer
	for line := range strings.Lines(script) {
		if line = strings.TrimLeft(line, " \t"); line != "" && line[0] != '#' {
			b.WriteString(line)
		}
	}
	quarter := max(1, int(a.opts.Lease/(4*time.Second)))
	fmt.Fprintf(&b, "ronda %s 4 %d\n", a.nonce, quarter)
	return b.Bytes()
}

// Done is closed when the stream has ended, for whatever reason.
func (a *Agent) Done() <-chan struct{} { return a.done }

// Close ends the far side by ending its input, and waits until it has gone, at most two seconds. The error
// says that it did not; the owner of the streams then closes them. When the link is known to be dead, close
// the streams first.
func (a *Agent) Close() error {
	a.fail(errors.New("closed"))
	err := a.in.Close()
	if errors.Is(err, fs.ErrClosed) || errors.Is(err, io.EOF) {
		err = nil
	}
	patience := time.NewTimer(2 * time.Second)
	defer patience.Stop()
	select {
	case <-a.done:
	case <-patience.C:
		return errors.Join(err, errors.New("close the shell on the host: it has not ended yet"))
	}
	<-a.writer
	return err
}

// fail notes why the stream ends; the first reason stands.
func (a *Agent) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.cause == nil {
		a.cause = err
	}
}

// end gives up on the stream.
func (a *Agent) end(err error) {
	a.fail(err)
	_ = a.in.Close() // it is given up; what closing says adds nothing
}

// ended is the error of every call after the end. It matches fs.ErrClosed and hides the reason's own class,
// so that no I/O error passes for an answer about a file.
func (a *Agent) ended() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return fmt.Errorf("ask the shell on the host: its stream has ended (%s): %w", a.cause.Error(), fs.ErrClosed)
}
