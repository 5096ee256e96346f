package watchers

import (
	"context"
	"time"
)

// Waker says when it is worth while to look at a log again. It is used by one goroutine at a time.
type Waker interface {
	// Wait returns when the log may have changed, after the waker's own interval, or after last.Within. The
	// error is that of ctx, or tells why there is no waiting any more.
	Wait(ctx context.Context, last Look) error
	// Limited says in words why it wakes late; it is empty when it does not.
	Limited() string
	// Close gives up what Wait holds.
	Close() error
}

// Look is what the last look at a log found.
type Look struct {
	Grew    bool          // there were new bytes
	Ident   string        // of the file that is followed; empty when there is none
	Missing bool          // nothing that can be followed stands at the path
	Within  time.Duration // look again no later than this; 0: no matter when
}

// Every wakes by the clock: for logs on other hosts, where nothing tells of a change. Its zero value looks
// five times a second while lines come and once a second when none came for ten seconds.
type Every struct {
	Busy time.Duration // between looks while the log grows; 0 means 200 ms
	Idle time.Duration // between looks when it did not grow for Calm; 0 means 1 s
	Calm time.Duration // 0 means 10 s

	grew time.Time // when the log grew last; before the first look it counts as growing
}

var _ Waker = (*Every)(nil)

// Wait returns after the interval that fits the log's growth.
func (e *Every) Wait(ctx context.Context, last Look) error {
	now := time.Now()
	if last.Grew || e.grew.IsZero() {
		e.grew = now
	}
	pause := orDefault(e.Busy, 200*time.Millisecond)
	if now.Sub(e.grew) >= orDefault(e.Calm, 10*time.Second) {
		pause = orDefault(e.Idle, time.Second)
	}
	if last.Within > 0 {
		pause = min(pause, last.Within)
	}
	return sleep(ctx, pause)
}

// Limited returns nothing: that a look comes a moment late is as it should be.
func (e *Every) Limited() string { return "" }

// Close does nothing.
func (e *Every) Close() error { return nil }

func orDefault(d, standard time.Duration) time.Duration {
	if d <= 0 {
		return standard
	}
	return d
}

// sleep waits for d or for the end of ctx, whose error it returns then.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
