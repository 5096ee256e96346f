package cli

import (
	"context"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/report"
	"ronda/tui"
)

// screen runs the screen until the person quits or the watch ends.
func (n *night) screen(ctx context.Context, cancel context.CancelCauseFunc) error {
	cfg := tui.Config{
		Snapshot: func() *fold.Snapshot { return n.latest.Load() },
		Do:       func(i tui.Intent) { n.do(ctx, cancel, i) },
		Now:      time.Now,
		Question: n.asker.question,
		Slow:     n.flags.slow,
		Version:  buildVersion(),
	}
	if err := tui.Run(ctx, cfg); err != nil {
		return err
	}
	if last := n.latest.Load(); last != nil {
		return n.print(report.Lines(nil, last)...) // what stood on the screen stays readable behind it
	}
	return nil
}

// do carries out what the person wants.
func (n *night) do(ctx context.Context, cancel context.CancelCauseFunc, intent tui.Intent) {
	switch i := intent.(type) {
	case tui.Quit:
		cancel(errQuit)
	case tui.Mark:
		select {
		case n.marks <- observe.Mark{By: userName(), Text: i.Text}:
		case <-ctx.Done():
		}
	case tui.Retry:
		if h, ok := n.wiring.remote[i.Host]; ok {
			h.Retry()
		}
	case tui.Answer:
		n.asker.answer(i.ID, i.OK, i.Text)
	}
}
