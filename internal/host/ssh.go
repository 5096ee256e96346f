// Package host is where a source runs: this machine, or another one over SSH. It reads files and /proc, runs
// commands and opens connections there, and it only looks: it writes nothing on the machine it watches and
// leaves no process behind.
//
// SSH keeps one connection to a host for a whole night. Local needs none. Both have the methods that
// watchers and probes ask for, and both are safe for concurrent use.
package host

import (
	"context"
	"errors"
	"sync"
	"time"

	"ronda/internal/observe"
)

// Config says how to reach a host. The zero value of a field means its default; only Address is needed.
type Config struct {
	Name    string // what people call the host, for messages; empty: Address
	Address string // as typed after ssh: [user@]host[:port], or a Host alias of the ssh_config
	Jump    string // as typed after ssh -J: a comma chain; empty: what the ssh_config says; "none": no jump

	ConfigFile string   // ssh_config; empty: the user's and the system's own
	KnownHosts []string // host key files, the first takes new keys; empty: what the ssh_config says

	Ask Asker // the person who answers; nil: nobody is asked, what needs an answer fails
	// Report is told each change of the link's state, from one goroutine. It must not wait for the host's
	// own methods. Nil: nobody is told.
	Report func(observe.Link)

	Timeouts Timeouts
}

// Timeouts bound the waiting. Zero values mean the defaults, which suit a bad mobile link.
type Timeouts struct {
	Connect   time.Duration // TCP connection to the first hop; 0: ConnectTimeout of the ssh_config, or 8 s
	Handshake time.Duration // one hop's whole handshake, the time a person takes left out; 0: 20 s
	Probe     time.Duration // silence after which the server is asked for a sign of life; 0: 2 s
	Late      time.Duration // silence after which the link is called late; 0: 3 s
	Hedge     time.Duration // silence after which a second connection is tried beside the first; 0: 4 s
	Dead      time.Duration // silence after which the link is given up; 0: 10 s
	Retry     time.Duration // the longest pause between two tries; 0: 30 s
	Refused   time.Duration // pause after a refusal by a server that has let us in before; 0: 60 s
}

func (t Timeouts) withDefaults() Timeouts {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&t.Handshake, 20*time.Second)
	set(&t.Probe, 2*time.Second)
	set(&t.Late, 3*time.Second)
	set(&t.Hedge, 4*time.Second)
	set(&t.Dead, 10*time.Second)
	set(&t.Retry, 30*time.Second)
	set(&t.Refused, time.Minute)
	return t
}

// Asker is the person in front of the screen. Its methods are called one at a time for each host, wait for
// the answer, and return early when ctx ends. Every text they are given is free of control characters.
type Asker interface {
	// Secret asks for a password, a passphrase or a one-time code, which is never echoed. An error means
	// that the person will not answer.
	Secret(ctx context.Context, prompt string) (string, error)
	// Confirm shows the key of an unknown host and returns whether the person takes it for the right one.
	Confirm(ctx context.Context, question HostKeyQuestion) (bool, error)
}

// HostKeyQuestion is an unknown host's key, as it is shown to a person.
type HostKeyQuestion struct { //nolint:revive // "host key" is the term
	Host        string // name under which the key will be known
	KeyType     string // "ssh-ed25519"
	Fingerprint string // "SHA256:…", as ssh and ssh-keygen show it
	File        string // known_hosts file that the key will be written to; empty: it will not be remembered
}

// SSH is a host that is reached over SSH. Keep holds the connection; the other methods wait while there is
// none, until their context ends. Once Keep gave up for good, they return an error that wraps its error and
// leaves the words to it.
type SSH struct {
	cfg      Config
	timeouts Timeouts
	route    []endpoint // the hops in the order they are dialled; the last is the host
	keys     keyring    // unlocked keys and the session's password
	trust    trust      // host keys accepted in this session

	retry     chan struct{} // a person wants a try now
	closing   chan struct{}
	closeOnce sync.Once
	asking    chan struct{} // holds one token while a person is asked

	mu      sync.Mutex
	conn    *connection // nil while the link is down
	lastGen uint64
	changed chan struct{} // closed and renewed when conn or fatal changes
	fatal   error         // why Keep gave up
	kept    chan struct{} // closed when Keep has returned; nil when it never ran

	files fileTable // handles of files that are open over the agent
}

// New resolves where the host is and how to get in, from cfg and the ssh_config, for which it may run ssh -G
// until ctx ends. It connects to nothing; Keep does. An error is a *ConfigError.
func New(ctx context.Context, cfg Config) (*SSH, error) {
	if cfg.Name == "" {
		cfg.Name = cfg.Address
	}
	route, err := resolveRoute(ctx, cfg)
	if err != nil {
		return nil, err
	}
	h := &SSH{
		cfg: cfg, timeouts: cfg.Timeouts.withDefaults(), route: route,
		retry: make(chan struct{}, 1), closing: make(chan struct{}), asking: make(chan struct{}, 1),
		changed: make(chan struct{}),
	}
	return h, nil
}

// Retry asks for a connection now, as when a person presses a key: a pause between tries ends, and a link
// that does not answer gets a second connection beside it.
func (h *SSH) Retry() {
	select {
	case h.retry <- struct{}{}:
	default: // one wish is waiting already
	}
}

// Close ends the connection and everything that runs over it, makes Keep return, and waits for both. It must
// not be called from Report.
func (h *SSH) Close() {
	h.closeOnce.Do(func() { close(h.closing) })
	h.mu.Lock()
	kept := h.kept
	h.mu.Unlock()
	if kept != nil {
		<-kept
	}
	h.keys.forget()
}

// errClosed is what the methods of a closed host return.
var errClosed = errors.New("the host was closed")

// link waits for a connection that is up. It returns early when ctx ends or the host cannot be reached for
// good.
func (h *SSH) link(ctx context.Context) (*connection, error) {
	for {
		h.mu.Lock()
		conn, fatal, changed := h.conn, h.fatal, h.changed
		h.mu.Unlock()
		switch {
		case fatal != nil:
			return nil, &gaveUpError{h.cfg.Name, fatal}
		case conn != nil:
			return conn, nil
		}
		select {
		case <-changed:
		case <-h.closing:
			return nil, errClosed
		case <-ctx.Done():
			return nil, h.notConnected(ctx)
		}
	}
}

func (h *SSH) notConnected(ctx context.Context) error {
	return &linkError{host: h.cfg.Name, err: context.Cause(ctx)}
}

// linkError is the end of the patience of a caller who waited for the link.
type linkError struct {
	host string
	err  error
}

func (e *linkError) Error() string { return "no link to " + e.host + ": " + e.err.Error() }
func (e *linkError) Unwrap() error { return e.err }

// gaveUpError is what the methods return once Keep gave up. Why it did is said once, by Report.
type gaveUpError struct {
	host string
	err  error
}

func (e *gaveUpError) Error() string { return "no link to " + e.host }
func (e *gaveUpError) Unwrap() error { return e.err }

// install makes conn the link; nil takes the link down. Waiting methods see it at once.
func (h *SSH) install(conn *connection, fatal error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conn, h.fatal = conn, fatal
	close(h.changed)
	h.changed = make(chan struct{})
}

// nextGeneration numbers the connections of a host from 1.
func (h *SSH) nextGeneration() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lastGen++
	return h.lastGen
}

// connected tells whether the host was reached once.
func (h *SSH) connected() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lastGen > 0
}
