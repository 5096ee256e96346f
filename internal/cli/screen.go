package cli

import (
	"context"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
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
	if !n.flags.untilDone && n.flags.duration == 0 {
		// The night is over when the person says so, not when the last task has ended.
		return tui.Run(ctx, cfg)
	}
	return tui.Run(ctx, cfg)
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
