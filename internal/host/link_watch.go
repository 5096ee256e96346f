package host

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"ronda/internal/observe"
)

// The longest that a dead link may look alive, whatever its round trip.
const deadAtLast = 15 * time.Second

// measureEvery is how often the round trip is measured on a link that is busy otherwise.
const measureEvery = 15 * time.Second

// tick looks at the link once a second.
func (k *keeper) tick(ctx context.Context, now time.Time) {
	slept := k.sleep.tick(now)
	if slept {
		k.woke = now
	}
	if k.conn == nil {
		if slept || k.failures > 0 && networks() != k.networks {
			k.networks = networks()
			k.restart(ctx)
		}
		return
	}
	if addr, gone := k.conn.lostAddress(); gone {
		k.lost("this machine no longer has the address " + addr)
		k.restart(ctx)
		return
	}
	if slept {
		k.conn.probe()
		k.hedge(ctx)
	}
	k.judgeSilence(ctx)
}

// judgeSilence acts on how long nothing came: ask, call it late, try a second connection, give it up.
func (k *keeper) judgeSilence(ctx context.Context) {
	quiet := k.quiet()
	switch {
	case quiet >= min(k.patience.Dead+3*k.rtt, max(k.patience.Dead, deadAtLast)):
		k.lost(fmt.Sprintf("no answer for %v", quiet.Round(time.Second)))
		k.failures = 0
		k.dial(ctx)
		return
	case quiet >= k.lateAfter():
		k.conn.probe()
		k.late = true
		k.say(observe.Link{Up: true, Late: true, RTTMS: k.said.RTTMS, Detail: fmt.Sprintf("no answer for more than %v", k.lateAfter().Round(time.Second))})
		if quiet >= k.patience.Hedge+2*k.rtt {
			k.hedge(ctx)
		}
		return
	case quiet >= k.patience.Probe, k.conn.sinceProbe() >= measureEvery:
		k.conn.probe()
	}
	if k.late && quiet < k.patience.Probe {
		k.late = false
		if k.cancelDial != nil {
			k.cancelDial()
		}
		k.say(observe.Link{Up: true, RTTMS: millis(k.rtt)})
	}
}

// quiet is for how long nothing came while this machine was awake to hear it.
func (k *keeper) quiet() time.Duration {
	quiet := k.conn.silence()
	if !k.woke.IsZero() {
		quiet = min(quiet, time.Since(k.woke))
	}
	return quiet
}

// lateAfter grows with the round trip, so that a slow link is not called late for being slow.
func (k *keeper) lateAfter() time.Duration { return k.patience.Late + 2*k.rtt }

// hedge tries a second connection beside one that does not answer. After some seconds a new one is always
// there sooner than the old one comes back, whose TCP waits longer and longer.
func (k *keeper) hedge(ctx context.Context) {
	if !k.noHedge {
		k.dial(ctx)
	}
}

// wanted is a person's wish for a connection now.
func (k *keeper) wanted(ctx context.Context) {
	switch {
	case k.conn == nil:
		k.restart(ctx)
	case k.quiet() >= k.patience.Probe:
		k.conn.probe()
		k.hedge(ctx)
	}
}

// measured takes the answer to a probe. It is reported when the round trip has changed enough to matter.
func (k *keeper) measured(rtt time.Duration) {
	if rtt >= k.patience.Late {
		return // it stood in the queue of an outage and says nothing about the link
	}
	k.rtt = rtt
	before, now := k.said.RTTMS, millis(rtt)
	matters := now > 2*before && now > before+20 || now < before/2 && now < before-20
	if before == 0 || matters && !k.late {
		k.say(observe.Link{Up: true, Late: k.late, RTTMS: now, Detail: k.said.Detail})
	}
}

// millis is d in milliseconds, with one decimal.
func millis(d time.Duration) float64 {
	return float64(d.Round(100*time.Microsecond)) / float64(time.Millisecond)
}

// networks names this machine's addresses, to see when it comes into another network.
func networks() string {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	all := make([]string, 0, len(addrs))
	for _, a := range addrs {
		all = append(all, a.String())
	}
	return strings.Join(all, " ")
}

// sleepWatch finds out that this machine slept: its wall clock went on without the monotonic one, or the
// process stood still for several ticks.
type sleepWatch struct{ last time.Time }

// tick is called once a second with a time that has a monotonic reading.
func (s *sleepWatch) tick(now time.Time) (slept bool) {
	last := s.last
	s.last = now
	if last.IsZero() {
		return false
	}
	return sleptIn(now.Sub(last), now.Round(0).Sub(last.Round(0)))
}

// sleptIn judges one tick by how far the two clocks went. A wall clock that was set back is no sleep.
func sleptIn(mono, wall time.Duration) bool {
	const slack, stood = 2 * time.Second, 4 * time.Second
	return wall-mono > slack || mono > stood
}
