package vsphere

import (
	"context"
	"errors"
	"time"

	"ronda/internal/observe"
)

// How long nothing is asked after something went wrong. A login that was refused is hardly tried again: a directory
// locks an account after a few, for everybody who uses it, often counted over half an hour.
const (
	retryLongest = 6 // times what is usual between two questions
	refusedFirst = 20 * time.Minute
	refusedLater = time.Hour
	notTrusted   = time.Minute
	farewell     = 3 * time.Second // for the logout
)

// Run follows the tasks until ctx ends, and returns nil then. It reports under the plan's tasks and what finders found,
// and for the finders themselves.
func (w *Watch) Run(ctx context.Context, emit func(...observe.Payload)) error {
	defer w.leave(ctx)
	failures := 0
	for ctx.Err() == nil {
		wait := w.cfg.Every
		seen, err := w.look(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			failures++
			wait = w.patience(err, failures)
			seen = w.blind(w.explain(err, wait))
		default:
			failures = 0
		}
		emit(seen...)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return nil
}

// look asks once. A session that has run out is opened again, once; over a lost way it stays, since a vCenter only has
// so many.
func (w *Watch) look(ctx context.Context) ([]observe.Payload, error) {
	fresh := w.center == nil
	if err := w.connect(ctx); err != nil {
		return nil, err
	}
	seen, err := w.sample(ctx)
	if err == nil {
		return seen, nil
	}
	w.center.close() // the next question takes a new connection
	_, untrusted := errors.AsType[*CertificateError](err)
	expired := notAuthenticated(err)
	if expired || untrusted {
		w.center = nil
	}
	if !expired || fresh {
		return nil, err
	}
	if err := w.connect(ctx); err != nil {
		return nil, err
	}
	return w.sample(ctx)
}

// patience is how long to wait after a failure, the nth in a row.
func (w *Watch) patience(err error, n int) time.Duration {
	var certificate *CertificateError
	switch {
	case errors.Is(err, errRefused) && w.refused > 1:
		return refusedLater
	case errors.Is(err, errRefused):
		return refusedFirst
	case errors.As(err, &certificate), errors.Is(err, errNoPassword):
		return notTrusted
	}
	return w.cfg.Every * time.Duration(min(n, retryLongest))
}

// blind says of everything that is watched here why it is not seen.
func (w *Watch) blind(why string) []observe.Payload {
	failed := observe.Source{State: observe.SourceFailed, Why: why}
	var all []observe.Payload
	for i := range w.tasks.wanted {
		all = append(all, observe.Of{Task: w.tasks.wanted[i].Name, Source: transferSource, Payload: failed})
	}
	for _, f := range w.cfg.Finders {
		all = append(all, observe.Of{Source: f.Name, Payload: failed})
		for _, name := range w.tasks.found(f.Name) {
			all = append(all, observe.Of{Task: name, Source: transferSource, Payload: failed})
		}
	}
	return all
}

// transferSource is the name of the source that watches what a task moves.
const transferSource = "transfer"

// leave ends the session: a vCenter only has so many.
func (w *Watch) leave(ctx context.Context) {
	if w.center == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	w.center.logout(ctx)
	w.center.close()
	w.center = nil
}
