package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// maxSessions is how many sessions OpenSSH allows on one connection by default (MaxSessions).
const maxSessions = 10

// sessionTable counts the sessions of a connection, so that the server is not asked for more than it gives.
// Servers differ: what one refuses is waited for.
type sessionTable struct {
	mu      sync.Mutex
	open    int
	readers int           // of those, agents
	waiting int           // agents that wait for a session; commands let them go first
	freed   chan struct{} // holds a token after a session has ended
}

// enter takes a place, if there is one.
func (s *sessionTable) enter(reader bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	free := maxSessions - s.open
	if !reader {
		free -= s.waiting
	}
	if free <= 0 {
		return false
	}
	s.open++
	if reader {
		s.readers++
	}
	return true
}

// leave gives a place back.
func (s *sessionTable) leave(reader bool) {
	s.mu.Lock()
	s.open--
	if reader {
		s.readers--
	}
	s.mu.Unlock()
	select {
	case s.freed <- struct{}{}:
	default:
	}
}

func (s *sessionTable) wait(by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting += by
}

// others tells how many sessions are open, and whether all of them are agents, which do not end.
func (s *sessionTable) others() (open int, onlyReaders bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open, s.open == s.readers
}

// noSessionError says that the server gives no session, and why that will not change.
type noSessionError struct{ why string }

func (e *noSessionError) Error() string { return e.why }

// session opens a session on the connection and waits for a place. release must be called at its end.
func (c *connection) session(ctx context.Context, reader bool) (_ *ssh.Session, release func(), err error) {
	if reader {
		c.sessions.wait(1)
		defer c.sessions.wait(-1)
	}
	refusals := 0
	for {
		if c.sessions.enter(reader) {
			s, err := c.openSession(ctx)
			if err == nil {
				return s, sync.OnceFunc(func() { c.sessions.leave(reader) }), nil
			}
			c.sessions.leave(reader)
			if refusals++; !isRefusal(err) {
				return nil, nil, fmt.Errorf("open a session: %w", err)
			}
			if err := c.hopeless(refusals); err != nil {
				return nil, nil, err
			}
		}
		pause := time.NewTimer(min(100*time.Millisecond<<min(refusals, 5), 2*time.Second))
		select {
		case <-pause.C:
		case <-c.sessions.freed:
		case <-c.gone:
			err = io.ErrUnexpectedEOF
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		pause.Stop()
		if err != nil {
			return nil, nil, fmt.Errorf("open a session: %w", err)
		}
	}
}

// hopeless tells that no session will become free. The server needs a moment to see that one has ended, so
// a few refusals say nothing.
func (c *connection) hopeless(refusals int) error {
	const enough = 5
	open, onlyReaders := c.sessions.others()
	switch {
	case refusals < enough:
		return nil
	case open == 0:
		return &noSessionError{"the server gives no session"}
	case onlyReaders:
		return &noSessionError{"the server gives one session only (MaxSessions 1), and that one reads the files: commands cannot run there"}
	}
	return nil
}

func isRefusal(err error) bool {
	var refused *ssh.OpenChannelError
	return errors.As(err, &refused)
}

// openSession is NewSession that returns when ctx ends. What comes later is closed.
func (c *connection) openSession(ctx context.Context) (*ssh.Session, error) {
	return await(ctx, c, func() (*ssh.Session, error) { return c.client().NewSession() })
}

// await runs open, which takes no context, as part of the connection's work, and waits for it or for ctx.
func await[T io.Closer](ctx context.Context, c *connection, open func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	results := make(chan result)
	given := make(chan struct{})
	defer close(given)
	started := c.spawn(func() {
		value, err := open()
		select {
		case results <- result{value, err}:
		case <-given:
			if err == nil {
				_ = value.Close()
			}
		}
	})
	var none T
	if !started {
		return none, net.ErrClosed
	}
	select {
	case r := <-results:
		return r.value, r.err
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}
