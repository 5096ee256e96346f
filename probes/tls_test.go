package probes

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ronda/internal/observe"
)

// trusting builds the probe of a service, which trusts one authority instead of this machine's.
func trusting(t *testing.T, s observe.Service, h Host, a *authority) Probe {
	t.Helper()
	p, err := ForService(s, h)
	if err != nil {
		t.Fatal(err)
	}
	switch p := p.(type) {
	case *httpProbe:
		p.roots = a.pool()
	case *tlsProbe:
		p.roots = a.pool()
	}
	return p
}

// quiet drops what a test server says of the handshakes that were to go wrong.
func quiet(t *testing.T) *log.Logger {
	t.Helper()
	return log.New(io.Discard, "", 0)
}

func TestTLSStrangeServers(t *testing.T) {
	old := &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	tests := []struct {
		name   string
		handle func(*net.TCPConn)
		tls    string
		https  string
	}{
		{"plain http", says("HTTP/1.1 400 Bad Request\r\n\r\n"), "no TLS there: the server answers in something else", "no TLS there: the server answers in plain HTTP"},
		{"smtp", says("220 mail1 ESMTP\r\n"), "no TLS there: the server answers in something else", ""},
		{"silent", hold, "connected, but no answer within 1 s", ""},
		{"closed", hangUp, "the connection was closed before the answer", ""},
		{"reset", reset, "connection reset by the server", ""},
		{"old", func(c *net.TCPConn) { _ = tls.Server(c, old).HandshakeContext(t.Context()) }, "the server speaks no TLS 1.2 or newer", ""},
	}
	cert := newAuthority(t, "Our CA").issue(t, "127.0.0.1", -time.Hour, time.Hour)
	old.Certificates = []tls.Certificate{cert}
	for _, tt := range tests {
		for _, kind := range []string{"tls", "https"} {
			t.Run(tt.name+" "+kind, func(t *testing.T) {
				h := newHost(t)
				h.deadlines = false
				address := serve(t, func(c *net.TCPConn) {
					if tt.name != "old" && tt.name != "silent" {
						_, _ = c.Read(make([]byte, 4096)) // the greeting, so that the end is no reset
					}
					tt.handle(c)
				})
				service, want := observe.Service{TLS: address}, tt.tls
				if kind == "https" {
					service = observe.Service{HTTP: "https://" + address}
					if tt.https != "" {
						want = tt.https
					}
				}
				timeout := patience
				if tt.name == "silent" {
					timeout = short
				}
				wantCheck(t, askWithin(t, service, h, timeout), false, want)
			})
		}
	}
}

// What this machine trusts is asked for when no test says otherwise.
func TestTLSSystemRoots(t *testing.T) {
	h := newHost(t)
	s := httptest.NewUnstartedServer(nil)
	s.Config.ErrorLog = quiet(t)
	s.StartTLS()
	t.Cleanup(s.Close)
	c := ask(t, observe.Service{TLS: strings.TrimPrefix(s.URL, "https://")}, h)
	if c.OK || !strings.HasPrefix(c.Detail, "the certificate is ") || c.Expires.IsZero() {
		t.Errorf("got %+v", c)
	}
}
