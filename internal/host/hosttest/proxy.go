package hosttest

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Proxy passes TCP connections on to a target and plays a bad network. All methods are safe for concurrent
// use.
type Proxy struct {
	Addr string // where it listens

	target   string
	listener net.Listener
	done     chan struct{}
	work     sync.WaitGroup
	accepted atomic.Int64
	up, down atomic.Int64

	mu      sync.Mutex
	closed  bool
	delay   time.Duration
	refuse  bool
	thawed  chan struct{} // closed while bytes may pass
	conns   map[net.Conn]struct{}
	clients map[net.Conn]*way // client sides
}

// StartProxy starts a proxy to target on a free loopback port; it ends with the test.
func StartProxy(tb testing.TB, target string) *Proxy {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // loopback, at once
	if err != nil {
		tb.Fatalf("start proxy: %v", err)
	}
	p := &Proxy{
		Addr: l.Addr().String(), target: target, listener: l, done: make(chan struct{}),
		thawed: make(chan struct{}), conns: map[net.Conn]struct{}{}, clients: map[net.Conn]*way{},
	}
	close(p.thawed)
	p.work.Go(p.accept)
	tb.Cleanup(p.stop)
	return p
}

// SetDelay delays every byte by d in each direction: the round trip grows by 2d.
func (p *Proxy) SetDelay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// SetTarget sends new connections to another target.
func (p *Proxy) SetTarget(addr string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = addr
}

// Freeze makes the proxy a black hole: it takes bytes and connections, and passes nothing on.
func (p *Proxy) Freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.thawed:
		p.thawed = make(chan struct{})
	default:
	}
}

// Thaw ends Freeze: what was held back is passed on.
func (p *Proxy) Thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.thawed:
	default:
		close(p.thawed)
	}
}

// Strand makes a black hole of every connection there is, for good; new ones pass. So a firewall forgets, or
// a machine comes into another network.
func (p *Proxy) Strand() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.clients {
		w.stranded.Store(true)
	}
}

// Cut resets every connection there is.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		reset(c)
	}
}

// RefuseNew makes the proxy reset each new connection at once, or stop doing so.
func (p *Proxy) RefuseNew(refuse bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = refuse
}

// Accepted returns how many connections came in, refused ones included.
func (p *Proxy) Accepted() int { return int(p.accepted.Load()) }

// Open returns how many connections are open now.
func (p *Proxy) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.clients)
}

// Bytes returns how many bytes came from clients and how many from the target.
func (p *Proxy) Bytes() (fromClients, fromTarget int64) { return p.up.Load(), p.down.Load() }

func (p *Proxy) stop() {
	p.mu.Lock()
	p.closed = true
	close(p.done)
	_ = p.listener.Close()
	for c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.work.Wait()
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.accepted.Add(1)
		p.mu.Lock()
		refuse := p.refuse
		p.mu.Unlock()
		if refuse || !p.register(client) {
			reset(client)
			continue
		}
		p.work.Go(func() { p.serve(client) })
	}
}

func (p *Proxy) register(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.conns[c] = struct{}{}
	}
	return !p.closed
}

// serve passes bytes both ways until one side ends, and ends the other with it.
func (p *Proxy) serve(client net.Conn) {
	var d net.Dialer
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	p.mu.Lock()
	addr := p.target
	p.mu.Unlock()
	target, err := d.DialContext(ctx, "tcp", addr)
	cancel()
	if err != nil || !p.register(target) {
		p.drop(client)
		return
	}
	p.mu.Lock()
	w := &way{}
	p.clients[client] = w
	p.mu.Unlock()
	end := func() { p.drop(client); p.drop(target) }
	p.work.Go(func() { p.pass(client, target, w, &p.up); end() })
	p.pass(target, client, w, &p.down)
	end()
}

func (p *Proxy) drop(c net.Conn) {
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
	delete(p.clients, c)
}

// way is one connection through the proxy.
type way struct{ stranded atomic.Bool }

type delayed struct {
	due  time.Time
	data []byte
}

// pass copies from one side to the other, each piece when it is due and the way is not frozen.
func (p *Proxy) pass(from, to net.Conn, w *way, count *atomic.Int64) {
	queue := make(chan delayed, 1024)
	p.work.Go(func() {
		defer close(queue)
		for {
			buf := make([]byte, 32<<10)
			n, err := from.Read(buf)
			if n > 0 {
				count.Add(int64(n))
				p.mu.Lock()
				due := time.Now().Add(p.delay)
				p.mu.Unlock()
				queue <- delayed{due, buf[:n]}
			}
			if err != nil {
				return
			}
		}
	})
	defer func() {
		_ = from.Close()  // ends the reader
		for range queue { // lets the reader end
		}
	}()
	for piece := range queue {
		if !p.wait(piece.due) {
			return
		}
		if w.stranded.Load() {
			continue
		}
		if _, err := to.Write(piece.data); err != nil {
			return
		}
	}
	p.wait(time.Now()) // in a black hole, the end of a connection is not seen either
}

// wait waits until due and thawed; false when the proxy ends.
func (p *Proxy) wait(due time.Time) bool {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.done:
		return false
	}
	p.mu.Lock()
	thawed := p.thawed
	p.mu.Unlock()
	select {
	case <-thawed:
		return true
	case <-p.done:
		return false
	}
}

// reset ends a connection with a RST instead of an orderly end.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}
