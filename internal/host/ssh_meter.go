package host

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// meter is a connection that knows when it last brought something. That, and not the answer to a question,
// tells a dead link from a busy one: an answer may stand in a long queue.
type meter struct {
	net.Conn
	born   time.Time
	heard  atomic.Int64 // nanoseconds after born
	mu     sync.Mutex
	ended  context.CancelCauseFunc // told of an error of Read or Write
	closed sync.Once
}

func newMeter(c net.Conn) *meter { return &meter{Conn: c, born: time.Now()} }

func (m *meter) onEnd(f context.CancelCauseFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended = f
}

// Read notes when something comes.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	if n > 0 {
		m.heard.Store(int64(time.Since(m.born)))
	}
	m.end(err)
	return n, err
}

// Write notes when nothing can be sent any more.
func (m *meter) Write(p []byte) (int, error) {
	n, err := m.Conn.Write(p)
	m.end(err)
	return n, err
}

func (m *meter) end(err error) {
	m.mu.Lock()
	ended := m.ended
	m.mu.Unlock()
	if err != nil && ended != nil {
		ended(err)
	}
}

// Close closes the connection once, from whatever side.
func (m *meter) Close() (err error) {
	m.closed.Do(func() { err = m.Conn.Close() })
	return err
}

// silence is for how long nothing came.
func (m *meter) silence() time.Duration {
	return time.Since(m.born) - time.Duration(m.heard.Load())
}
