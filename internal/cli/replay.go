package cli

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"ronda/internal/fold"
	"ronda/internal/journal"
	"ronda/internal/observe"
	"ronda/internal/report"
	"ronda/tui"
)

func (a *app) replayCommand() *cobra.Command {
	speed, headless := speedFlag(60), false
	cmd := &cobra.Command{
		Use:   "replay FILE",
		Short: "Show a recorded night again, faster; space, ← and → move in time",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			night, err := load(args[0])
			if err != nil {
				return err
			}
			if headless || !term.IsTerminal(int(a.out.Fd())) {
				return a.replayLines(night, fold.Options{})
			}
			return a.replay(cmd.Context(), night, float64(speed))
		},
	}
	cmd.Flags().Var(&speed, "speed", "seconds of the night that pass in a second")
	cmd.Flags().BoolVar(&headless, "headless", false, "no screen: a line on standard output for each change, at once")
	return cmd
}

// load reads a whole session file.
func load(path string) ([]observe.Observation, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, usage(fmt.Errorf("read session file: %w", err), "ls ~/.local/state/ronda")
	}
	defer file.Close() //nolint:errcheck // it was only read
	var all []observe.Observation
	_, err = journal.Scan(file, func(o observe.Observation) error { all = append(all, o); return nil })
	if err != nil {
		return nil, usage(fmt.Errorf("read session file %s: %w", path, err), "give a file that ronda watch recorded")
	}
	if len(all) == 0 {
		return nil, usage(fmt.Errorf("session file %s is empty", path), "give a file that ronda watch recorded")
	}
	return all, nil
}

// replayLines prints the changes of a night, second by second, as a headless watch would have.
func (a *app) replayLines(night []observe.Observation, opts fold.Options) error {
	var shown *fold.Snapshot
	return walk(night, opts, time.Second, func(s *fold.Snapshot) error {
		lines := report.Lines(shown, s)
		shown = s
		return a.print(lines...)
	})
}

// walk folds a night and shows its state after each step of time in which something happened or passed,
// and at its end.
func walk(night []observe.Observation, opts fold.Options, step time.Duration, show func(*fold.Snapshot) error) error {
	state := fold.New(opts)
	next := night[0].At.Truncate(step).Add(step)
	for _, o := range night {
		for until := looking(o); !next.After(until); next = next.Add(step) {
			state.Advance(next)
			if err := show(state.Snapshot()); err != nil {
				return err
			}
		}
		state.Apply(o)
		if next.Before(o.At) { // a gap: nobody looked in between
			next = o.At.Truncate(step).Add(step)
		}
	}
	return show(state.Snapshot())
}

// looking is until when somebody looked before an observation: before a gap that is where the gap begins.
func looking(o observe.Observation) time.Time {
	if g, ok := o.Payload.(observe.Gap); ok && g.From.Before(o.At) {
		return g.From
	}
	return o.At
}

// player folds a night by the clock, and again from its start when it is sent back in time.
type player struct {
	night      []observe.Observation
	start, end time.Time

	mu     sync.Mutex
	state  *fold.State
	next   int       // the observation that comes next
	at     time.Time // moment of the night that is shown
	paused bool
	speed  float64
	snap   *fold.Snapshot
}

func newPlayer(night []observe.Observation, speed float64) *player {
	p := &player{night: night, start: night[0].At, end: night[len(night)-1].At, state: fold.New(fold.Options{}), speed: speed}
	p.at = p.start
	p.catchUp()
	return p
}

// pass lets d of real time pass.
func (p *player) pass(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.paused && p.at.Before(p.end) {
		p.move(time.Duration(float64(d) * p.speed))
	}
}

// move goes by in the night's time, in either direction.
func (p *player) move(by time.Duration) {
	to := p.at.Add(by)
	if to.After(p.end) {
		to = p.end
	}
	if to.Before(p.start) {
		to = p.start
	}
	if to.Before(p.at) {
		p.state, p.next = fold.New(fold.Options{}), 0
	}
	p.at = to
	p.catchUp()
}

func (p *player) catchUp() {
	for p.next < len(p.night) && !p.night[p.next].At.After(p.at) {
		p.state.Apply(p.night[p.next])
		p.next++
	}
	if p.next < len(p.night) {
		until := looking(p.night[p.next])
		if p.at.Before(until) {
			until = p.at
		}
		p.state.Advance(until)
	}
	p.snap = p.state.Snapshot()
}

func (p *player) do(intent tui.Intent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch i := intent.(type) {
	case tui.Seek:
		p.move(i.By)
	case tui.Pause:
		p.paused = !p.paused
	case tui.Speed:
		p.speed = min(max(p.speed*i.Factor, 0.25), 3600)
	}
}

func (p *player) snapshot() *fold.Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.snap
}

func (p *player) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

func (p *player) playback() tui.Playback {
	p.mu.Lock()
	defer p.mu.Unlock()
	return tui.Playback{Paused: p.paused, Speed: p.speed, Start: p.start, End: p.end}
}

// replay shows the night on the screen until the person quits.
func (a *app) replay(ctx context.Context, night []observe.Observation, speed float64) error {
	p := newPlayer(night, speed)
	ctx, cancel := context.WithCancel(ctx)
	var playing sync.WaitGroup
	playing.Go(func() {
		const frame = 80 * time.Millisecond
		tick := time.NewTicker(frame)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				p.pass(frame)
			}
		}
	})
	defer func() { cancel(); playing.Wait() }()
	return tui.Run(ctx, tui.Config{Snapshot: p.snapshot, Do: p.do, Now: p.now, Playback: p.playback, Version: buildVersion()})
}
