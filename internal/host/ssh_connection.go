package host

import (
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
)

// connection is one way to the host over all hops, from its handshake until it is closed.
type connection struct {
	gen     uint64
	clients []*ssh.Client // in the order of the hops; the last is the host's
	meters  []*meter
	notes   []string
	born    time.Time

	gone   chan struct{} // closed when the host's end is gone, or close was called
	mu     sync.Mutex
	closed bool
	work   sync.WaitGroup // begun by spawn only

	probing   atomic.Bool
	lastProbe atomic.Int64       // nanoseconds after born
	rtts      chan time.Duration // answers to probes, the newest counts

	sessions sessionTable
	reader   readerSlot // the agent that reads files
}

func newConnection() *connection {
	c := &connection{gone: make(chan struct{}), born: time.Now(), rtts: make(chan time.Duration, 1)}
	c.sessions.freed = make(chan struct{}, 1)
	c.reader.busy = make(chan struct{}, 1)
	return c
}

func (c *connection) add(client *ssh.Client, m *meter) {
	c.clients, c.meters = append(c.clients, client), append(c.meters, m)
}

// client is the host's own.
func (c *connection) client() *ssh.Client { return c.clients[len(c.clients)-1] }

// silence is for how long nothing came from the host itself.
func (c *connection) silence() time.Duration { return c.meters[len(c.meters)-1].silence() }

// start begins to watch for the end of the connection.
func (c *connection) start() {
	c.spawn(func() {
		_ = c.client().Wait() // what ended it does not matter: the next try tells
		close(c.gone)
	})
}

// close ends the connection at its outer end, so that nothing waits for an orderly farewell on a dead link,
// and waits for all that runs over it.
func (c *connection) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.abandon()
	c.work.Wait()
}

// spawn runs f as part of the connection, whose close waits for it. It returns false, and does not run f,
// once the connection is closed.
func (c *connection) spawn(f func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.work.Go(f)
	}
	return !c.closed
}

// abandon closes what there is of a connection.
func (c *connection) abandon() {
	for _, m := range c.meters {
		_ = m.Close()
	}
	for _, client := range slices.Backward(c.clients) {
		_ = client.Close()
		_ = client.Wait()
	}
}

// probe asks the server for a sign of life, unless one is awaited already. Any answer will do: servers that
// do not know the request refuse it.
func (c *connection) probe() {
	if !c.probing.CompareAndSwap(false, true) {
		return
	}
	c.lastProbe.Store(int64(time.Since(c.born)))
	c.spawn(func() {
		begin := time.Now()
		_, _, err := c.client().SendRequest("keepalive@openssh.com", true, nil)
		c.probing.Store(false)
		if err != nil {
			return
		}
		select { // the newest counts
		case <-c.rtts:
		default:
		}
		select {
		case c.rtts <- time.Since(begin):
		default:
		}
	})
}

// sinceProbe is how long ago the last probe went out.
func (c *connection) sinceProbe() time.Duration {
	return time.Since(c.born) - time.Duration(c.lastProbe.Load())
}

// lostAddress tells whether this machine no longer has the address that the connection starts from, and
// which that was: after a change of networks nothing will ever come over it.
func (c *connection) lostAddress() (string, bool) {
	local, ok := c.meters[0].LocalAddr().(*net.TCPAddr)
	if !ok || local.IP.IsLoopback() {
		return "", false
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil || len(addrs) == 0 {
		return "", false
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.Equal(local.IP) {
			return "", false
		}
	}
	return local.IP.String(), true
}
