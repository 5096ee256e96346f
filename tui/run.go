package tui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// framesPerSecond bounds what is written to the terminal, and how often the renderer wakes.
const (
	framesPerSecond     = 10
	framesPerSecondSlow = 2
)

// grace is how long a closing screen may take at each step on a terminal that does not read.
const grace = 2 * time.Second

// errStuck says that the terminal took nothing any more.
var errStuck = errors.New("the terminal does not read: it was left as it is, type reset to restore it")

// Run shows the screen until the person quits or ctx ends; both are no error. The terminal is restored in
// every case, also after a panic, which is returned as an error. Only when the terminal no longer reads is
// it given up, with an error, so that the record can be closed: a write to it cannot be called back.
// Signals are the caller's: he ends ctx.
func Run(ctx context.Context, cfg Config) error {
	hard, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	root := &guard{model: newModel(cfg)}
	p := tea.NewProgram(root, options(hard, cfg)...)
	ended := make(chan error, 1)
	go func() {
		_, err := p.Run()
		ended <- cmp.Or(root.err, err)
	}()
	select {
	case err := <-ended:
		return told(err)
	case <-ctx.Done():
	}
	hurry := time.AfterFunc(grace, kill)
	defer hurry.Stop()
	p.Quit() // waits for the event loop, at most until kill
	select {
	case err := <-ended:
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		return told(err)
	case <-time.After(2 * grace):
		return told(errStuck)
	}
}

func told(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("show the screen: %w", err)
}

func options(ctx context.Context, cfg Config) []tea.ProgramOption {
	fps := framesPerSecond
	if cfg.Slow {
		fps = framesPerSecondSlow
	}
	opts := []tea.ProgramOption{tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithFPS(fps)}
	if cfg.Color == ColorNone {
		opts = append(opts, tea.WithColorProfile(colorprofile.ASCII))
	}
	if cfg.Input != nil {
		opts = append(opts, tea.WithInput(cfg.Input))
	}
	if cfg.Output != nil {
		opts = append(opts, tea.WithOutput(cfg.Output))
	}
	if cfg.Environ != nil {
		opts = append(opts, tea.WithEnvironment(cfg.Environ))
	}
	return opts
}
