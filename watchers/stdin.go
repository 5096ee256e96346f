package watchers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/muesli/cancelreader"

	"ronda/internal/observe"
)

// StdinFile is the File of lines that come from standard input.
const StdinFile = "-"

// Stdin follows what another program writes into ours. It reads whenever there is something, so that the
// writer waits no longer than the session takes to record. Its lines carry the File "-".
type Stdin struct{ r io.Reader }

// NewStdin makes a watcher for r, which nobody else may read from. It does nothing before Run.
func NewStdin(r io.Reader) *Stdin { return &Stdin{r: r} }

// Name returns "log": the lines are the task's log.
func (s *Stdin) Name() string { return "log" }

// Run emits Lines until the input ends or ctx does, and then returns nil. That the input has ended, or cannot
// be read, is emitted as a Source. A read from something that cannot be interrupted, as a regular file can
// not, is waited for.
func (s *Stdin) Run(ctx context.Context, emit Emit) error {
	r, err := cancelreader.NewReader(s.r)
	if err != nil {
		r, err = cancelreader.NewReader(struct{ io.Reader }{s.r}) // a regular file: its reads do not wait
	}
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	b := &batch{file: StdinFile}
	b.out = append(b.out, observe.Source{State: observe.SourceUp})
	b.emit(emit)

	chunks := make(chan stdinChunk)
	ended := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(ended)
		readStdin(r, chunks, stopped)
	}()
	defer func() {
		close(stopped)
		r.Cancel()
		<-ended
		_ = r.Close() // ours only: the input itself stays open
	}()
	followStdin(ctx, b, emit, chunks)
	return nil
}

// stdinChunk is what one read gave.
type stdinChunk struct {
	data []byte
	err  error
}

// readStdin hands over what r gives, until it ends or stopped is closed. Two buffers take turns: one is
// filled while the other is split.
func readStdin(r io.Reader, chunks chan<- stdinChunk, stopped <-chan struct{}) {
	bufs := [2][]byte{make([]byte, smallRead), make([]byte, smallRead)}
	for i := 0; ; i = 1 - i {
		n, err := r.Read(bufs[i])
		select {
		case chunks <- stdinChunk{bufs[i][:n], err}:
		case <-stopped:
			return
		}
		if err != nil {
			return
		}
	}
}

// followStdin emits the lines that come, and those that have not ended when they have stood for a moment.
func followStdin(ctx context.Context, b *batch, emit Emit, chunks <-chan stdinChunk) {
	var in stream
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Stop()
		if due := in.partial(b, time.Now()); due > 0 {
			timer.Reset(due)
		}
		b.emit(emit)
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case c := <-chunks:
			in.feed(b, c.data, time.Now())
			if c.err == nil {
				continue
			}
			in.finish(b, false)
			state, why := observe.SourceWaiting, "standard input has ended"
			if !errors.Is(c.err, io.EOF) {
				state, why = observe.SourceFailed, fmt.Sprintf("standard input cannot be read: %v", c.err)
			}
			b.out = append(b.out, observe.Source{State: state, Why: why})
			b.emit(emit)
			return
		}
	}
}
