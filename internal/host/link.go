package host

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"ronda/internal/observe"
)

// Keep connects to the host and keeps the link until ctx ends or Close is called; then it returns nil. It
// connects anew for as long as it takes. A non-nil error is one that no retry can mend: a *HostKeyError, or a
// *ConfigError or *AuthError before the host was reached at all. It is called once.
func (h *SSH) Keep(ctx context.Context) error {
	h.mu.Lock()
	if h.kept != nil {
		h.mu.Unlock()
		return errors.New("keep " + h.cfg.Name + ": it is kept already")
	}
	h.kept = make(chan struct{})
	h.mu.Unlock()
	defer close(h.kept)

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	k := &keeper{h: h, results: make(chan dialled), pause: time.NewTimer(0), patience: h.timeouts}
	err := k.run(ctx)
	cancel()
	k.end(err)
	return err
}

// keeper is the state of Keep, which alone touches it.
type keeper struct {
	h        *SSH
	patience Timeouts
	work     sync.WaitGroup

	conn    *connection
	rtt     time.Duration // of the last probe in good times; 0: not measured
	late    bool
	noHedge bool // a second connection would need a person
	sleep   sleepWatch
	woke    time.Time // when this machine last came back from sleep

	results    chan dialled
	cancelDial context.CancelFunc // nil while nobody dials
	pause      *time.Timer        // until the next dial
	failures   int                // in a row
	networks   string             // this machine's addresses at the last failure
	said       observe.Link
	spoke      bool
}

// dialled is the end of an attempt.
type dialled struct {
	conn  *connection
	err   error
	hedge bool
}

func (k *keeper) run(ctx context.Context) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		var gone <-chan struct{}
		var rtts <-chan time.Duration
		if k.conn != nil {
			gone, rtts = k.conn.gone, k.conn.rtts
		}
		select {
		case <-ctx.Done():
			return nil
		case <-k.h.closing:
			return nil
		case r := <-k.results:
			if err := k.arrived(ctx, r); err != nil {
				return err
			}
		case <-gone:
			k.lost("the connection was closed by the other side")
			k.again(ctx)
		case rtt := <-rtts:
			k.measured(rtt)
		case <-k.pause.C:
			k.dial(ctx)
		case <-k.h.retry:
			k.wanted(ctx)
		case <-ticker.C:
			k.tick(ctx, time.Now())
		}
	}
}

// end drops everything and waits for it.
func (k *keeper) end(err error) {
	k.pause.Stop()
	conn := k.conn
	k.conn = nil
	reason := err
	if reason == nil {
		reason = errClosed
	}
	k.h.install(nil, reason)
	if conn != nil {
		conn.close()
	}
	done := make(chan struct{})
	go func() { k.work.Wait(); close(done) }()
	for {
		select {
		case r := <-k.results:
			if r.conn != nil {
				r.conn.close()
			}
		case <-done:
			if err != nil {
				k.say(observe.Link{Detail: clean(withHint(err), maxBanner)})
			}
			return
		}
	}
}

// dial starts an attempt, unless one is under way. Beside a connection that may still live nobody is asked.
func (k *keeper) dial(ctx context.Context) {
	if k.cancelDial != nil {
		return
	}
	k.pause.Stop()
	ctx, k.cancelDial = context.WithCancel(ctx)
	hedge := k.conn != nil
	k.work.Go(func() {
		a := &attempt{h: k.h, mayAsk: !hedge}
		conn, err := a.connect(ctx)
		k.results <- dialled{conn, err, hedge} // run or end receives it
	})
}

// restart gives up an attempt that was begun in another network, and dials at once.
func (k *keeper) restart(ctx context.Context) {
	k.failures = 0
	if k.cancelDial != nil && len(k.h.asking) == 0 {
		k.cancelDial() // its end starts the next
		return
	}
	k.dial(ctx)
}

// again dials after a connection was lost: at once, unless it had hardly begun.
func (k *keeper) again(ctx context.Context) {
	if k.failures == 0 {
		k.dial(ctx)
		return
	}
	k.pause.Reset(backoff(k.failures, k.patience.Retry))
}

// arrived deals with the end of an attempt.
func (k *keeper) arrived(ctx context.Context, r dialled) error {
	k.cancelDial()
	k.cancelDial = nil
	switch {
	case r.err == nil && k.conn != nil && k.quiet() < k.lateAfter():
		r.conn.close() // the first one came back to life meanwhile
	case r.err == nil:
		k.use(r.conn)
	case k.conn != nil:
		k.noHedge = k.noHedge || isFinal(r.err)
	default:
		return k.failed(ctx, r)
	}
	return nil
}

// use makes conn the link.
func (k *keeper) use(conn *connection) {
	if k.conn != nil {
		k.lost("a second connection answered before the first")
	}
	conn.gen = k.h.nextGeneration()
	conn.start()
	k.conn, k.rtt, k.late, k.noHedge = conn, 0, false, false
	k.h.install(conn, nil)
	k.say(observe.Link{Up: true, Detail: strings.Join(conn.notes, "; ")})
	conn.probe()
}

// lost takes the link down.
func (k *keeper) lost(why string) {
	const stable = 30 * time.Second
	conn := k.conn
	if time.Since(conn.born) >= stable {
		k.failures = 0
	} else {
		k.failures++
	}
	k.conn, k.late = nil, false
	k.h.install(nil, nil)
	k.say(observe.Link{Detail: why})
	k.work.Go(conn.close)
}

// failed deals with an attempt that brought no connection, while there is none.
func (k *keeper) failed(ctx context.Context, r dialled) error {
	_, wrongKey := errors.AsType[*HostKeyError](r.err)
	pause := backoff(k.failures, k.patience.Retry)
	switch {
	case ctx.Err() != nil:
		return nil
	case errors.Is(r.err, context.Canceled): // given up on purpose
		k.dial(ctx)
		return nil
	case r.hedge && errors.Is(r.err, errUnattended): // now that the link is down, a person may be asked
		k.dial(ctx)
		return nil
	case isFinal(r.err) && !wrongKey && k.h.connected():
		// An upgrade may take away, for a while, what a login needs, there or here. To ask often would have us
		// banned.
		pause = max(pause, k.patience.Refused)
	case isFinal(r.err):
		return r.err
	}
	k.failures++
	k.networks = networks()
	k.pause.Reset(pause)
	k.say(observe.Link{Detail: clean(r.err.Error(), maxMessage) + k.nextTry(pause)})
	return nil
}

// nextTry says when the next try comes; once the pauses are at their longest it says the same each time, so
// that a long outage does not fill the record.
func (k *keeper) nextTry(pause time.Duration) string {
	if pause >= k.patience.Retry/2 {
		return fmt.Sprintf("; tries again every %v", max(k.patience.Retry, pause.Round(time.Second)))
	}
	return fmt.Sprintf("; next try in %v", pause.Round(100*time.Millisecond))
}

func isFinal(err error) bool {
	var config *ConfigError
	var refused *AuthError
	var key *HostKeyError
	return errors.As(err, &config) || errors.As(err, &refused) || errors.As(err, &key)
}

// backoff is the pause after so many failures in a row: 0.25 s, doubled each time up to longest, and then
// somewhere in its upper half, so that many watchers do not come at once.
func backoff(failures int, longest time.Duration) time.Duration {
	const first = 250 * time.Millisecond
	d := longest
	if failures < 16 {
		d = min(first<<failures, longest)
	}
	return d/2 + rand.N(d/2+1)
}

// say reports the link's state when it is not the one reported last.
func (k *keeper) say(l observe.Link) {
	if k.spoke && l == k.said {
		return
	}
	k.said, k.spoke = l, true
	if k.h.cfg.Report != nil {
		k.h.cfg.Report(l)
	}
}
