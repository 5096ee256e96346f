package vsphere_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vmware/govmomi/session"

	"ronda/internal/observe"
	"ronda/internal/vsphere"
)

// dropSessions ends all sessions but the administrator's, as a vCenter does with idle ones.
func (s *sim) dropSessions() {
	s.t.Helper()
	m := session.NewManager(s.admin.Client)
	own, err := m.UserSession(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	var keys []string
	for _, key := range s.sessions() {
		if key != own.Key {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		s.t.Fatal("there is no session")
	}
	if err := m.TerminateSession(s.t.Context(), keys); err != nil {
		s.t.Fatal(err)
	}
}

// TestSessionExpires: a session that the vCenter ended is opened again, once, without a gap in what is seen.
func TestSessionExpires(t *testing.T) {
	s := startSim(t, false)
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("copy", "clone", first)}})
	task := s.begin(clone, first)
	s.run(task)
	o.transfer("copy", "running", in(observe.TransferRunning))
	s.dropSessions()
	s.progress(task, 55)
	o.transfer("copy", "55 %", func(x observe.Transfer) bool { return percent(x) == 55 })
	if n := s.loginCount(); n != 2 {
		t.Errorf("%d logins", n)
	}
	if o.failedOnce() {
		t.Errorf("it was not seen for a while:\n%s", o.words())
	}
	s.refuseLogins(true) // the password was changed meanwhile
	s.dropSessions()
	why := o.source("copy", observe.SourceFailed)
	if !strings.Contains(why, "refuses the login") {
		t.Error(why)
	}
	if n := s.loginCount(); n != 3 {
		t.Errorf("%d logins", n)
	}
}

// TestSessionEnds: the session is closed with the watch; a vCenter only has so many.
func TestSessionEnds(t *testing.T) {
	s := startSim(t, false)
	before := len(s.sessions())
	w, err := vsphere.New(vsphere.Config{URL: s.url(), User: user, Password: secret(password), Every: 10 * time.Millisecond, Tasks: []vsphere.Wanted{wanted("a", "", "")}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	looked := make(chan struct{}, 1)
	go func() {
		ended <- w.Run(ctx, func(...observe.Payload) {
			select {
			case looked <- struct{}{}:
			default:
			}
		})
	}()
	<-looked
	if n := len(s.sessions()); n != before+1 {
		t.Errorf("%d sessions", n-before)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := len(s.sessions()); n != before {
		t.Errorf("%d sessions are left", n-before)
	}
}

// wire is the way to a vCenter, which can hang or be cut.
type wire struct {
	mu    sync.Mutex
	cut   bool
	hang  bool
	conns map[net.Conn]bool
}

type line struct {
	net.Conn
	w *wire
}

func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut {
		return nil, &net.OpError{Op: "dial", Err: io.EOF}
	}
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if w.conns == nil {
		w.conns = map[net.Conn]bool{}
	}
	w.conns[c] = true
	return &line{c, w}, nil
}

// Write loses what is written while the way hangs.
func (l *line) Write(p []byte) (int, error) {
	l.w.mu.Lock()
	hang := l.w.hang
	l.w.mu.Unlock()
	if hang {
		return len(p), nil
	}
	return l.Conn.Write(p)
}

func (w *wire) set(cut, hang bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut, w.hang = cut, hang
	if cut {
		for c := range w.conns {
			_ = c.Close()
		}
		w.conns = nil
	}
}

// TestServerGoesAway: a vCenter that hangs, or cannot be reached, is said to be so; when it is back, what is watched
// goes on where it was.
func TestServerGoesAway(t *testing.T) {
	s := startSim(t, false)
	w := &wire{}
	o := s.watch(vsphere.Config{
		Tasks: []vsphere.Wanted{wanted("copy", "clone", first)}, Finders: []vsphere.Wanted{wanted("all", "clone", second)},
		Dial: w.dial, Limit: 2 * time.Second,
	})
	o.source("all", observe.SourceUp)
	task, other := s.begin(clone, first), s.begin(clone, second)
	s.run(task)
	s.run(other)
	o.transfer("copy", "running", in(observe.TransferRunning))
	o.transfer("clone "+second, "running", in(observe.TransferRunning))

	w.set(false, true)
	if why := o.source("copy", observe.SourceFailed); why != s.server.URL.Host+": no answer within 2s" {
		t.Errorf("hangs: %s", why)
	}
	for _, name := range []string{"all", "clone " + second} {
		o.source(name, observe.SourceFailed)
	}
	w.set(true, false)
	await(o, "cut", func() (string, bool) {
		why := o.sources["copy"].Why
		return why, strings.Contains(why, "closed before the answer") || strings.Contains(why, "EOF")
	})
	s.progress(task, 61)
	w.set(false, false)
	o.transfer("copy", "61 %", func(x observe.Transfer) bool { return percent(x) == 61 })
	for _, name := range []string{"copy", "all", "clone " + second} {
		o.source(name, observe.SourceUp)
	}
	if n := s.loginCount(); n != 1 {
		t.Errorf("%d logins: each leaves a session behind", n)
	}
}

// TestNoCenter: what answers but is no vCenter is said to be none; a redirect is not followed, and an endless answer is
// not read to its end.
func TestNoCenter(t *testing.T) {
	s := startSim(t, false)
	var followed atomic.Bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Store(true) }))
	defer elsewhere.Close()
	for name, serve := range map[string]http.HandlerFunc{
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		},
		"page": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html><body>hello</body></html>"))
		},
		"absent": http.NotFound,
		"endless": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte(strings.Repeat("<a>", 10000))); err != nil {
					return
				}
			}
		},
	} {
		server := httptest.NewServer(serve)
		o := s.watch(vsphere.Config{URL: server.URL, Tasks: []vsphere.Wanted{wanted("copy", "", "")}})
		why := o.source("copy", observe.SourceFailed)
		if !strings.HasPrefix(why, strings.TrimPrefix(server.URL, "http://")) {
			t.Errorf("%s: %s", name, why)
		}
		if (name == "page" || name == "endless") && !strings.HasSuffix(why, ": what answers there is no vCenter or ESXi host") {
			t.Errorf("%s: %s", name, why)
		}
		server.CloseClientConnections()
		server.Close()
	}
	if followed.Load() {
		t.Error("the redirect was followed")
	}
	if n := s.loginCount(); n != 0 {
		t.Errorf("%d logins", n)
	}
}
