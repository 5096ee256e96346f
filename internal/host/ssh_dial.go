package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"golang.org/x/crypto/ssh"
)

// attempt is one try to reach the host, over all hops.
type attempt struct {
	h      *SSH
	mayAsk bool
	clock  *patience // of the hop that is being entered
	notes  []string  // what a person should know once it is up
}

func (a *attempt) note(format string, args ...any) {
	if text := clean(fmt.Sprintf(format, args...), maxMessage); !slices.Contains(a.notes, text) {
		a.notes = append(a.notes, text)
	}
}

// connect goes over all hops to the host. Names are looked up anew each time.
func (a *attempt) connect(ctx context.Context) (*connection, error) {
	c := newConnection()
	var via *ssh.Client
	for i := range a.h.route {
		e := &a.h.route[i]
		client, m, err := a.enter(ctx, e, via)
		if err != nil {
			c.abandon()
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			return nil, err
		}
		c.add(client, m)
		via = client
		for _, note := range e.notes {
			a.note("%s: %s", e, note)
		}
	}
	c.notes = a.notes
	return c, nil
}

// enter opens the way to one hop and logs in. Keys beyond the first few have their turn on connections of
// their own.
func (a *attempt) enter(ctx context.Context, e *endpoint, via *ssh.Client) (client *ssh.Client, m *meter, err error) {
	var tried, notes []string
	for batch := range maxBatches {
		raw, derr := a.open(ctx, e, via)
		if derr != nil {
			return nil, nil, derr
		}
		m = newMeter(raw)
		var left bool
		if client, left, err = a.handshake(ctx, e, m, batch); err == nil {
			return client, m, nil
		}
		_ = m.Close()
		refused, ok := errors.AsType[*AuthError](err)
		if !ok {
			return nil, nil, err
		}
		tried, notes = append(tried, refused.Tried...), append(notes, refused.Notes...)
		refused.Tried, refused.Notes = slices.Compact(tried), slices.Compact(notes)
		if !left {
			return nil, nil, err
		}
	}
	return nil, nil, err
}

// open opens the way to a hop: through the one before it, a ProxyCommand, or TCP.
func (a *attempt) open(ctx context.Context, e *endpoint, via *ssh.Client) (net.Conn, error) {
	if e.proxyCommand != "" {
		return startProxyCommand(ctx, e.proxyCommand)
	}
	const standard = 8 * time.Second // SYNs go out at 0, 1, 3 and 7 s
	patience := cmp.Or(a.h.timeouts.Connect, e.connectTimeout, standard)
	if via != nil { // the jump host does the connecting
		patience = max(patience, a.h.timeouts.Handshake)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var conn net.Conn
	var err error
	if via != nil {
		conn, err = via.DialContext(ctx, "tcp", e.addr())
	} else {
		var d net.Dialer
		conn, err = d.DialContext(ctx, e.network, e.addr())
	}
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", e.addr(), err)
	}
	return conn, nil
}

// handshake checks the host key and logs in. left tells that more keys could be tried.
func (a *attempt) handshake(ctx context.Context, e *endpoint, m *meter, batch int) (_ *ssh.Client, left bool, err error) {
	known, err := readKnownKeys(append(slices.Clone(e.userKnown), e.globalKnown...))
	if err != nil {
		return nil, false, &ConfigError{Host: a.h.cfg.Name, Err: err}
	}
	for _, note := range known.ignored {
		a.note("%s", note)
	}
	// What a person is asked is worthless once the server has hung up.
	ctx, hungUp := context.WithCancelCause(ctx)
	defer hungUp(nil)
	m.onEnd(hungUp)
	stopClose := context.AfterFunc(ctx, func() { _ = m.Close() })
	defer stopClose()
	a.clock = newPatience(a.h.timeouts.Handshake, func() { _ = m.Close() })

	u := &authenticator{a: a, e: e, ctx: ctx, batch: batch}
	defer u.close()
	conn, channels, requests, err := ssh.NewClientConn(m, e.addr(), &ssh.ClientConfig{
		User:              e.user,
		AuthCallback:      u.method,
		HostKeyCallback:   a.hostKeyCheck(ctx, e, known),
		HostKeyAlgorithms: a.algorithms(e, known),
		BannerCallback:    u.keepBanner,
	})
	expired := a.clock.stop()
	switch {
	case err == nil:
		if u.signedBy != nil {
			a.h.keys.setWorked(e.String(), u.signedBy)
		}
		return ssh.NewClient(conn, channels, requests), false, nil
	case expired:
		return nil, false, fmt.Errorf("%s took the connection and then did not answer for %v", e.addr(), a.h.timeouts.Handshake)
	}
	if problem, ok := errors.AsType[*HostKeyError](err); ok {
		return nil, false, problem
	}
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("%s hung up during the handshake: %w", e.addr(), err)
	}
	return nil, u.left, u.refusal(err)
}

// algorithms returns the host key algorithms to offer. A key that was taken in this session and stands in no
// file counts as known.
func (a *attempt) algorithms(e *endpoint, known *knownKeys) []string {
	name := e.lookupName()
	if before := a.h.trust.get(name); before != nil && len(known.db.HostKeys(name)) == 0 {
		if before.Type() == ssh.KeyAlgoRSA {
			return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
		}
		return []string{before.Type()}
	}
	return known.algorithms(name)
}
