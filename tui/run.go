package tui

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// framesPerSecond bounds what is written to the terminal, and how often the renderer wakes.
const (
	framesPerSecond     = 12
	framesPerSecondSlow = 2
)

// grace is how long a closing screen may take to draw its last frame on a terminal that does not read.
const grace = 2 * time.Second

// Run shows the screen until the person quits or ctx ends; both are no error. The terminal is restored in
// every case, also after a panic, which is returned as an error. Signals are the caller's: he ends ctx.
func Run(ctx context.Context, cfg Config) error {
	hard, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	p := tea.NewProgram(newModel(cfg), options(hard, cfg)...)

	var closer sync.WaitGroup
	done := make(chan struct{})
	closer.Go(func() {
		select {
		case <-done:
			return
		case <-ctx.Done():
		}
		// Quit waits for the event loop, and that waits for a terminal that does not read.
		hurry := time.AfterFunc(grace, kill)
		defer hurry.Stop()
		p.Quit()
		<-done
	})
	_, err := p.Run()
	close(done)
	closer.Wait()
	if err == nil || ctx.Err() != nil && errors.Is(err, context.Canceled) {
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
