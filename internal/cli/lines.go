package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"ronda/internal/report"
)

// lines prints a line for each change, for pipes, cron and tests, until ctx ends or nobody reads any more.
func (n *night) lines(ctx context.Context) error {
	defer n.answerOnTerminal(ctx)()
	for ctx.Err() == nil {
		select {
		case <-n.fresh:
		case <-ctx.Done():
		}
		if err := n.say(); err != nil {
			return nil //nolint:nilerr // who reads our lines has gone: that ends the watch, and is no error
		}
	}
	return nil
}

// say prints what has changed since it last did.
func (n *night) say() error {
	next := n.latest.Load()
	if next == nil || next == n.said {
		return nil
	}
	for _, line := range report.Lines(n.said, next) {
		if _, err := fmt.Fprintln(n.out, line); err != nil {
			return fmt.Errorf("print a line: %w", err)
		}
	}
	n.said = next
	return nil
}

// unread is how long the end of a watch waits for a question on the terminal that nobody answers. A read of a
// terminal cannot be called back: after that it is left to the end of the program.
const unread = 200 * time.Millisecond

// answerOnTerminal lets questions be answered on the terminal. The function that it returns ends that, with
// the terminal as it was before: a hidden answer that was never given must not leave it without echo.
func (n *night) answerOnTerminal(ctx context.Context) (stop func()) {
	terminal := n.wiring.stdin
	n.asker.terminal = terminal
	before, err := term.GetState(int(terminal.Fd()))
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); n.asker.answerOnTerminal(ctx, n.err) }()
	return func() {
		cancel()
		select {
		case <-done:
		case <-time.After(unread):
			restore(terminal, before, err)
		}
	}
}

func restore(terminal *os.File, before *term.State, err error) {
	if err == nil {
		_ = term.Restore(int(terminal.Fd()), before) // the program ends: there is nobody left to tell
	}
}
