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
	mu       sync.Mutex
	open     int           // with those that are asked for
	commands int           // that were given
	readers  int           // agents that were given one
	several  bool          // the server gave a command one beside an agent
	peak     int           // the most that were given at once
	limit    int           // what the server seems to give, learned when it refused; 0: not known
	learned  time.Time     // when that was
	waiting  int           // agents that wait for a session; commands let them go first
	freed    chan struct{} // holds a token after a session has ended
}

// enter takes a place, if there is one.
func (s *sessionTable) enter(reader bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	free := maxSessions - s.open
	if !reader {
		free -= s.waiting
	}
	full := s.limit > 0 && time.Since(s.learned) < relearn && s.open >= s.limit
	if free <= 0 || full && s.readers < s.limit { // full of agents: ask, to be able to say so
		return false
	}
	s.open++
	return true
}

// relearn is how long a learned limit holds. It may have been too low: a server that has not seen the end of
// a session yet refuses too.
const relearn = 30 * time.Second

// opened notes that the server gave a session.
func (s *sessionTable) opened(reader bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if reader {
		s.readers++
	} else {
		s.commands++
		s.several = s.several || s.readers > 0
	}
	s.peak = max(s.peak, s.readers+s.commands)
}

// refused gives the place back of a session that the server did not give. It returns whether another one may
// become free, since commands end and agents do not.
func (s *sessionTable) refused() (mayComeFree bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	mayComeFree = s.commands > 0 || s.several
	if mayComeFree {
		s.limit, s.learned = s.peak, time.Now()
	}
	return mayComeFree
}

// leave gives the place of a session back.
func (s *sessionTable) leave(reader bool) {
	s.mu.Lock()
	s.open--
	if reader {
		s.readers--
	} else {
		s.commands--
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

// why says what a server means that gives no session while no command runs.
func (s *sessionTable) why() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readers > 0 {
		return &noSessionError{"the server gives one session only (MaxSessions 1), and that one reads the files: commands cannot run there"}
	}
	return &noSessionError{"the server gives no session"}
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
	tries, refusals := 0, 0
	for {
		if c.sessions.enter(reader) {
			s, err := c.openSession(ctx)
			if err == nil {
				c.sessions.opened(reader)
				return s, sync.OnceFunc(func() { c.sessions.leave(reader) }), nil
			}
			if c.sessions.refused() {
				refusals = 0
			}
			if !isRefusal(err) {
				return nil, nil, fmt.Errorf("open a session: %w", err)
			}
			// The server needs a moment to see that a session has ended: a few refusals say nothing.
			const enough = 5
			if refusals++; refusals >= enough {
				return nil, nil, c.sessions.why()
			}
			tries++
		}
		if err := c.sessions.pause(ctx, c.gone, min(100*time.Millisecond<<min(tries, 5), 2*time.Second)); err != nil {
			return nil, nil, fmt.Errorf("open a session: %w", err)
		}
	}
}

// pause waits until a session may have become free.
func (s *sessionTable) pause(ctx context.Context, gone <-chan struct{}, longest time.Duration) error {
	timer := time.NewTimer(longest)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.freed:
	case <-gone:
		return io.ErrUnexpectedEOF
	case <-ctx.Done():
		return context.Cause(ctx)
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
