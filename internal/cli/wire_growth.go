package cli

import (
	"context"
	"fmt"
	"time"

	"ronda/internal/observe"
	"ronda/internal/session"
	"ronda/watchers"
)

// growth makes the source that watches how a task's target grows; nil where the plan names none.
func (w *wiring) growth(t observe.Task) (*watchers.Growth, error) {
	ref := t.Transfer
	if ref == nil || ref.Path == "" {
		return nil, nil //nolint:nilnil // no target is no error
	}
	m, err := w.on(ref.Host)
	if err != nil {
		return nil, fmt.Errorf("task %q: transfer: %w", t.Name, err)
	}
	from, err := w.on(ref.TotalHost)
	if err != nil {
		return nil, fmt.Errorf("task %q: transfer: %w", t.Name, err)
	}
	g := watchers.NewGrowth(watchers.GrowthConfig{
		Ref: *ref, Runner: m, Procs: m, Total: from, Database: w.databases.runner(t.Name, from),
		Target: place(ref.Host, ref.Path), Source: place(ref.TotalHost, ref.TotalPath),
		Hold: t.After != "" || t.Planned.After(time.Now()), Moved: w.moved[t.Name], Every: time.Duration(ref.Every),
	})
	w.add(observe.Origin{Task: t.Name, Host: ref.Host, Source: g.Name()}, g)
	return g, nil
}

// place names a path as a person does; empty for none.
func place(host, path string) string {
	if host == "" || path == "" {
		return path
	}
	return host + ":" + path
}

// moved is how much an earlier run of this session has told of file systems that grow, by task, in bytes.
type moved map[string]float64

// note takes in what a session file tells of a transfer.
func (m moved) note(task string, t observe.Transfer) {
	if t.Finder != "" {
		return
	}
	for _, a := range t.Amounts {
		if a.Of == observe.AmountVolume {
			m[task] = a.Done
		}
	}
}

// ends tells a growth watcher when the process that writes has ended.
type ends struct {
	session.Source
	growth *watchers.Growth
}

// Run runs the source.
func (e ends) Run(ctx context.Context, emit func(...observe.Payload)) error {
	return e.Source.Run(ctx, func(payloads ...observe.Payload) {
		emit(payloads...)
		for _, p := range payloads {
			if p, ok := p.(observe.Process); ok && p.Exit != nil {
				e.growth.Last()
			}
		}
	})
}
