package session

import (
	"context"
	"time"

	"ronda/internal/observe"
)

// Prober asks once; see package probes.
type Prober interface {
	Probe(ctx context.Context) observe.Payload
}

// Every makes a source of a probe: it asks at once and then at the interval. The next question is due only
// after the last was answered, so a slow answer never piles up questions.
func Every(p Prober, every, timeout time.Duration) Source {
	return &poll{p, every, timeout}
}

type poll struct {
	probe          Prober
	every, timeout time.Duration
}

// Run asks until ctx ends.
func (p *poll) Run(ctx context.Context, emit func(...observe.Payload)) error {
	ticker := time.NewTicker(p.every)
	defer ticker.Stop()
	for {
		once, cancel := context.WithTimeout(ctx, p.timeout)
		answer := p.probe.Probe(once)
		cancel()
		if ctx.Err() != nil {
			return nil
		}
		emit(answer)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
