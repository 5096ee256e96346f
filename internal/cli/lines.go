package cli

import (
	"context"
	"fmt"

	"ronda/internal/fold"
	"ronda/internal/report"
)

// lines prints a line for each change, for pipes, cron and tests. It ends with the last snapshot of the
// session, or when nobody reads any more.
func (n *night) lines(ctx context.Context) error {
	n.asker.terminal = n.wiring.stdin
	answering, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); n.asker.answerOnTerminal(answering, n.err) }()
	defer func() { stop(); <-done }()

	var shown *fold.Snapshot
	for {
		select {
		case <-n.fresh:
		case <-ctx.Done():
		}
		next := n.latest.Load()
		if next != nil && next != shown {
			for _, line := range report.Lines(shown, next) {
				if _, err := fmt.Fprintln(n.out, line); err != nil {
					return nil //nolint:nilerr // who reads our lines has gone: that ends the watch, and is no error
				}
			}
			shown = next
		}
		if ctx.Err() != nil {
			return nil
		}
	}
}
