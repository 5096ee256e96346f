package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// DialContext opens a connection from the host to address, as seen from there: network is tcp, tcp4, tcp6 or
// unix. It needs a server that allows forwarding. A deadline on the connection works, but a connection whose
// deadline has passed is closed and of no more use.
func (h *SSH) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := h.link(ctx)
	if err != nil {
		return nil, err
	}
	far, err := await(ctx, conn, func() (net.Conn, error) { return conn.client().Dial(network, address) })
	if err != nil {
		return nil, fmt.Errorf("connect from %s to %s: %w", h.cfg.Name, address, forwardError(err))
	}
	return &forwarded{Conn: far}, nil
}

// forwardError says in words what a server means that opens no connection.
func forwardError(err error) error {
	var refused *ssh.OpenChannelError
	if !errors.As(err, &refused) {
		return err
	}
	said := clean(refused.Message, maxMessage)
	switch refused.Reason {
	case ssh.Prohibited:
		return fmt.Errorf("the SSH server forbids it (AllowTcpForwarding, PermitOpen): %s", said)
	case ssh.UnknownChannelType:
		return fmt.Errorf("the SSH server cannot do it: %s", said)
	case ssh.ConnectionFailed, ssh.ResourceShortage:
	}
	return errors.New(said)
}

// forwarded gives a channel the deadlines that it lacks, with a timer that closes it.
type forwarded struct {
	net.Conn
	mu      sync.Mutex
	timer   *time.Timer
	expired bool
}

var _ net.Conn = (*forwarded)(nil)

// Read reports os.ErrDeadlineExceeded once the deadline has passed.
func (f *forwarded) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	return n, f.explain(err)
}

// Write reports os.ErrDeadlineExceeded once the deadline has passed.
func (f *forwarded) Write(p []byte) (int, error) {
	n, err := f.Conn.Write(p)
	return n, f.explain(err)
}

func (f *forwarded) explain(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil && f.expired {
		return os.ErrDeadlineExceeded
	}
	return err
}

// Close closes the connection.
func (f *forwarded) Close() error {
	_ = f.SetDeadline(time.Time{})
	return f.Conn.Close()
}

// SetDeadline closes the connection at t; a zero t takes that back.
func (f *forwarded) SetDeadline(t time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.timer != nil {
		f.timer.Stop()
		f.timer = nil
	}
	if t.IsZero() || f.expired {
		return nil
	}
	f.timer = time.AfterFunc(time.Until(t), func() {
		f.mu.Lock()
		f.expired = true
		f.mu.Unlock()
		_ = f.Conn.Close()
	})
	return nil
}

// SetReadDeadline is SetDeadline: a channel has one deadline for both ways.
func (f *forwarded) SetReadDeadline(t time.Time) error { return f.SetDeadline(t) }

// SetWriteDeadline is SetDeadline: a channel has one deadline for both ways.
func (f *forwarded) SetWriteDeadline(t time.Time) error { return f.SetDeadline(t) }
