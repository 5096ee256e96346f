package probes

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"ronda/internal/observe"
)

// patience is how long a test waits for what must come; only a broken program uses it up.
const patience = 30 * time.Second

// short is the timeout of a question that is not answered; enough to get as far as the silence.
const short = time.Second

// host is this machine, with names of its own and an eye on its connections.
type host struct {
	names map[string]string // an address as the plan writes it → the address of a test server
	open  atomic.Int64      // connections that are not closed yet
	dials atomic.Int64
	// deadlines: connections know them, as a local one does; one through SSH does not.
	deadlines bool
	shell
}

func (h *host) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	h.dials.Add(1)
	if to, ok := h.names[address]; ok {
		address = to
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	h.open.Add(1)
	return &counted{Conn: conn, host: h}, nil
}

type counted struct {
	net.Conn
	host   *host
	closed atomic.Bool
}

func (c *counted) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.host.open.Add(-1)
	}
	return c.Conn.Close()
}

// Read ends, after our own Close, as it does through SSH: with io.EOF.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, net.ErrClosed) && !c.host.deadlines {
		err = io.EOF
	}
	return n, err
}

var errNoDeadline = errors.New("ssh: tcpChan: deadline not supported")

func (c *counted) SetDeadline(t time.Time) error {
	if !c.host.deadlines {
		return errNoDeadline
	}
	return c.Conn.SetDeadline(t)
}

func (c *counted) SetReadDeadline(t time.Time) error {
	if !c.host.deadlines {
		return errNoDeadline
	}
	return c.Conn.SetReadDeadline(t)
}

func (c *counted) SetWriteDeadline(t time.Time) error {
	if !c.host.deadlines {
		return errNoDeadline
	}
	return c.Conn.SetWriteDeadline(t)
}

// newHost returns a host that must be left without a connection and without a goroutine more than before.
// Call it before anything else that is started.
func newHost(t *testing.T) *host {
	t.Helper()
	h := &host{names: map[string]string{}, deadlines: true}
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		eventually(t, "all connections are closed", func() bool { return h.open.Load() == 0 })
		eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before })
	})
	return h
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			buf := make([]byte, 64<<10)
			t.Fatalf("not so after %v: %s\n%s", patience, what, buf[:runtime.Stack(buf, true)])
		}
	}
}

// ask asks a service once, with a timeout that only a broken program reaches.
func ask(t *testing.T, s observe.Service, h Host) observe.Check {
	t.Helper()
	return askWithin(t, s, h, patience)
}

func askWithin(t *testing.T, s observe.Service, h Host, timeout time.Duration) observe.Check {
	t.Helper()
	s.Name = "svc"
	p, err := ForService(s, h)
	if err != nil {
		t.Fatal(err)
	}
	return question(t, p, timeout)
}

func question(t *testing.T, p Probe, timeout time.Duration) observe.Check {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	start := time.Now()
	c, ok := p.Probe(ctx).(observe.Check)
	if took := time.Since(start); took > timeout+patience/2 {
		t.Errorf("took %v with a timeout of %v", took, timeout)
	}
	if !ok {
		t.Fatal("the answer is not a check")
	}
	if len(c.Detail) > detailLimit || c.Detail == "" {
		t.Errorf("detail of %d bytes: %q", len(c.Detail), c.Detail)
	}
	return c
}

func wantCheck(t *testing.T, c observe.Check, ok bool, detail string) {
	t.Helper()
	if c.OK != ok || c.Detail != detail {
		t.Errorf("got ok=%v %q\nwant ok=%v %q", c.OK, c.Detail, ok, detail)
	}
}
