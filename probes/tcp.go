package probes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"time"

	"ronda/internal/observe"
)

// bannerLimit bounds what is read of a banner, in bytes.
const bannerLimit = 1 << 10

// tcpProbe connects and, where a banner is expected, reads what the server says first. It writes nothing.
type tcpProbe struct {
	name    string
	address string
	banner  *regexp.Regexp // nil: a connection is enough
	host    Dialer
}

var _ Probe = (*tcpProbe)(nil)

func newTCP(s observe.Service, h Host) (Probe, error) {
	server, port, err := net.SplitHostPort(s.TCP)
	if err != nil || server == "" || port == "" {
		return nil, errHostPort
	}
	banner, err := pattern("banner", s.Expect.Banner)
	if err != nil {
		return nil, err
	}
	return &tcpProbe{name: s.Name, address: s.TCP, banner: banner, host: h}, nil
}

// Probe asks once.
func (p *tcpProbe) Probe(ctx context.Context) observe.Payload {
	w := newWatch(ctx)
	a := p.ask(ctx, w)
	return a.check(p.name, time.Since(w.start))
}

func (p *tcpProbe) ask(ctx context.Context, w watch) answer {
	conn, err := p.host.DialContext(ctx, "tcp", p.address)
	if err != nil {
		return answer{detail: w.refusal(ctx, err)}
	}
	// A connection through SSH knows no deadlines: closing it is what ends a read in every case.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer func() {
		stop()
		_ = conn.Close()
	}()
	if p.banner == nil {
		return answer{ok: true, detail: "connected"}
	}
	return p.listen(ctx, w, conn)
}

// listen reads until the banner is what is expected, or can no longer be.
func (p *tcpProbe) listen(ctx context.Context, w watch, conn io.Reader) answer {
	buf := make([]byte, 0, bannerLimit)
	for len(buf) < cap(buf) {
		n, err := conn.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if p.banner.Match(buf) {
			return answer{ok: true, detail: firstLine(buf)}
		}
		if err == nil {
			continue
		}
		if line := firstLine(buf); line != "" {
			return p.mismatch(line)
		}
		if errors.Is(err, io.EOF) && ctx.Err() == nil { // through SSH our own close reads as an end, too
			return answer{detail: "the server closed the connection without a banner"}
		}
		return answer{detail: w.opened().refusal(ctx, err)}
	}
	return p.mismatch(firstLine(buf))
}

func (p *tcpProbe) mismatch(line string) answer {
	return answer{detail: fmt.Sprintf("banner %q does not match %q", limit(line, 80), limit(p.banner.String(), 60))}
}
