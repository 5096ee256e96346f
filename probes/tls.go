package probes

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"time"

	"ronda/internal/observe"
)

// tlsProbe connects, shakes hands and looks at the certificate. It is well when the certificate is good for
// the host's name, by the authorities that this machine trusts, and for Expect.Days more.
type tlsProbe struct {
	name    string
	address string
	server  string // the name that the certificate must be for
	days    int
	host    Dialer
	roots   *x509.CertPool // nil: the authorities that this machine trusts
}

var _ Probe = (*tlsProbe)(nil)

func newTLS(s observe.Service, h Host) (Probe, error) {
	server, port, err := net.SplitHostPort(s.TLS)
	if err != nil || server == "" || port == "" {
		return nil, errHostPort
	}
	return &tlsProbe{name: s.Name, address: s.TLS, server: server, days: s.Expect.Days, host: h}, nil
}

// Probe asks once.
func (p *tlsProbe) Probe(ctx context.Context) observe.Payload {
	w := newWatch(ctx)
	a := p.ask(ctx, w)
	return a.check(p.name, time.Since(w.start))
}

func (p *tlsProbe) ask(ctx context.Context, w watch) answer {
	raw, err := p.host.DialContext(ctx, "tcp", p.address)
	if err != nil {
		return answer{detail: w.refusal(ctx, err)}
	}
	// The raw connection is closed, not the TLS one: a farewell would have to be waited for.
	defer func() { _ = raw.Close() }()
	conn := tls.Client(raw, &tls.Config{ServerName: p.server, RootCAs: p.roots})
	if err := conn.HandshakeContext(ctx); err != nil {
		return answer{detail: w.opened().refusal(ctx, err), expires: shownExpiry(err)}
	}
	state := conn.ConnectionState()
	a := answer{ok: true, expires: expiry(state.VerifiedChains)}
	if a.detail = tooSoon(a.expires, p.days, time.Now()); a.detail != "" {
		a.ok = false
		return a
	}
	a.detail = tls.VersionName(state.Version) + ", certificate until " + day(a.expires)
	return a
}
