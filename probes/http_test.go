package probes

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ronda/internal/observe"
)

// site is a web server with a page for every kind of answer.
func site(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<h1>all is well</h1>")) })
	mux.HandleFunc("/empty", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("/down", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	mux.HandleFunc("/odd", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(599) })
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(strings.Repeat("x", bodyLimit-5) + "inside" + "outside"))
	})
	mux.HandleFunc("/hop/", func(w http.ResponseWriter, r *http.Request) {
		var n int
		_, _ = fmt.Sscanf(r.URL.Path, "/hop/%d", &n)
		if r.Header.Get("Referer") != "" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		to := fmt.Sprintf("/hop/%d;jsessionid=s3cret?token=s3cret", n-1)
		if n == 1 {
			to = "/ok?token=s3cret#s3cret"
		}
		http.Redirect(w, r, to, http.StatusFound)
	})
	mux.HandleFunc("/bad-location", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://u:s3cret@[::1")
		w.WriteHeader(http.StatusFound)
	})
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "s3cret" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/drip", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("first"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/headers", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestHTTP(t *testing.T) {
	tests := []struct {
		path   string
		expect observe.Expect
		ok     bool
		detail string
	}{
		{"/ok", observe.Expect{}, true, "200 OK"},
		{"/ok", observe.Expect{Status: 200, Body: "all is w[a-z]+"}, true, "200 OK"},
		{"/ok", observe.Expect{Body: "unwell"}, false, `200 OK, but the body does not match "unwell"`},
		{"/ok", observe.Expect{Status: 204}, false, "200 OK, not 204"},
		{"/empty", observe.Expect{}, true, "204 No Content"},
		{"/empty", observe.Expect{Body: "x"}, false, `204 No Content, but the body does not match "x"`},
		{"/nowhere", observe.Expect{}, false, "404 Not Found"},
		{"/nowhere", observe.Expect{Status: 404}, true, "404 Not Found"},
		{"/down", observe.Expect{}, false, "503 Service Unavailable"},
		{"/odd", observe.Expect{}, false, "599"},
		{"/long", observe.Expect{Body: "xinsid$"}, true, "200 OK"},
		{"/long", observe.Expect{Body: "inside"}, false, `200 OK, but the body does not match "inside"`},
		{"/long", observe.Expect{Body: "outside"}, false, `200 OK, but the body does not match "outside"`},
		{"/hop/1", observe.Expect{}, true, "200 OK, redirected to SITE/ok"},
		{"/hop/5", observe.Expect{}, true, "200 OK, after 5 redirects to SITE/ok"},
		{"/hop/6", observe.Expect{}, false, "more than 5 redirects, the last to SITE/ok"},
		{"/hop/9", observe.Expect{}, false, "more than 5 redirects, the last to SITE/hop/3"},
		{"/hop/9", observe.Expect{Status: 302}, true, "302 Found, redirect to SITE/hop/8"},
		{"/hop/9", observe.Expect{Status: 301}, false, "302 Found, redirect to SITE/hop/8, not 301"},
		{"/bad-location", observe.Expect{}, false, "a redirect without a usable address"},
		{"/hang", observe.Expect{}, false, "connected, but no answer within 1 s"},
		{"/headers", observe.Expect{}, false, "200 OK, but the body did not come: no answer within 1 s"},
		{"/drip", observe.Expect{}, true, "200 OK"},
		{"/drip", observe.Expect{Body: "^first"}, true, "200 OK"},
		{"/drip", observe.Expect{Body: "second"}, false, "200 OK, but the body did not come: no answer within 1 s"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			h := newHost(t)
			h.deadlines = false
			s := site(t)
			timeout := patience
			if strings.Contains(tt.detail, "within") || tt.path == "/drip" {
				timeout = short
			}
			c := askWithin(t, observe.Service{HTTP: s.URL + tt.path, Expect: tt.expect}, h, timeout)
			wantCheck(t, c, tt.ok, strings.ReplaceAll(tt.detail, "SITE", s.URL))
			if strings.Contains(c.Detail, "s3cret") {
				t.Errorf("a secret in %q", c.Detail)
			}
			if c.MS <= 0 || !c.Expires.IsZero() {
				t.Errorf("MS %v, Expires %v", c.MS, c.Expires)
			}
		})
	}
}

func TestHTTPWithAPassword(t *testing.T) {
	h := newHost(t)
	s := site(t)
	address := strings.TrimPrefix(s.URL, "http://")
	wantCheck(t, ask(t, observe.Service{HTTP: "http://me:s3cret@" + address + "/login"}, h), true, "200 OK")
	wantCheck(t, ask(t, observe.Service{HTTP: "http://me:wrong@" + address + "/login"}, h), false, "401 Unauthorized")
	wantCheck(t, ask(t, observe.Service{HTTP: "http://me:s3cret@" + closedPort(t) + "/?token=s3cret"}, h), false, "connection refused")
}

// A server that answers anything but HTTP, or nothing.
func TestHTTPStrangeServers(t *testing.T) {
	tests := []struct {
		name   string
		handle func(*net.TCPConn)
		detail string
	}{
		{"ssh", says("SSH-2.0-OpenSSH_9.2\r\n"), "the answer is not HTTP"},
		{"closed", hangUp, "the connection was closed before the answer"},
		{"reset", reset, "connection reset by the server"},
		{"endless header", says("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2*headerLimit)), "the answer's headers are too long"},
		{"cut body", func(c *net.TCPConn) {
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"))
		}, "200 OK, but the body did not come: the connection was closed before the answer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHost(t)
			address := serve(t, func(c *net.TCPConn) {
				_, _ = c.Read(make([]byte, 1024)) // the request, so that the end is no reset
				tt.handle(c)
			})
			wantCheck(t, ask(t, observe.Service{HTTP: "http://" + address}, h), false, tt.detail)
		})
	}
}

// The time is taken to the first byte of the body, not to the headers, and not to its end.
func TestHTTPLatency(t *testing.T) {
	const before = 200 * time.Millisecond
	h := newHost(t)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		time.Sleep(before) // what is measured
		_, _ = w.Write([]byte("first"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	t.Cleanup(s.Close)
	const timeout = 3 * time.Second
	c := askWithin(t, observe.Service{HTTP: s.URL, Expect: observe.Expect{Body: "never"}}, h, timeout)
	if c.MS < float64(before.Milliseconds()) || c.MS >= float64(timeout.Milliseconds()) {
		t.Errorf("%v ms, want from %v on, and less than the %v that were waited for the body", c.MS, before, timeout)
	}
}

// Asking again and again leaves no connection behind, and goes past the proxy of the environment.
func TestHTTPConnections(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://"+closedPort(t))
	h := newHost(t)
	s := site(t)
	h.names["mail1.example.com:80"] = strings.TrimPrefix(s.URL, "http://")
	p, err := ForService(observe.Service{HTTP: "http://mail1.example.com/ok"}, h)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		wantCheck(t, question(t, p, patience), true, "200 OK")
	}
	if n := h.dials.Load(); n != 20 {
		t.Errorf("%d connections for 20 questions", n)
	}
	s.Close()
	wantCheck(t, question(t, p, patience), false, "connection refused")
}

func TestHTTPS(t *testing.T) {
	const week = 7 * 24 * time.Hour
	ours, theirs := newAuthority(t, "Our CA"), newAuthority(t, "Their CA")
	good := ours.issue(t, "mail1.example.com", -week, 10*week)
	soon := ours.issue(t, "mail1.example.com", -week, 5*24*time.Hour+time.Hour)
	expired := ours.issue(t, "mail1.example.com", -2*week, -week)
	future := ours.issue(t, "mail1.example.com", week, 2*week)
	other := ours.issue(t, "other.example.com", -week, week)
	unknown := theirs.issue(t, "mail1.example.com", -week, week)
	self := (*authority)(nil).issue(t, "mail1.example.com", -week, week)
	tests := []struct {
		name   string
		cert   tls.Certificate
		days   int
		ok     bool
		detail string // of https; of tls where it differs
		bare   string
	}{
		{"good", good, 14, true, "200 OK", "TLS 1.3, certificate until " + day(good.Leaf.NotAfter)},
		{"soon, and nobody minds", soon, 0, true, "200 OK", "TLS 1.3, certificate until " + day(soon.Leaf.NotAfter)},
		{
			"soon", soon, 14, false,
			"200 OK, but the certificate expires on " + day(soon.Leaf.NotAfter) + ", in 5 days; 14 are wanted",
			"the certificate expires on " + day(soon.Leaf.NotAfter) + ", in 5 days; 14 are wanted",
		},
		{"expired", expired, 0, false, "the certificate expired on " + day(expired.Leaf.NotAfter), ""},
		{"future", future, 0, false, "the certificate is only valid from " + day(future.Leaf.NotBefore), ""},
		{"other name", other, 0, false, "the certificate is for other.example.com, not for mail1.example.com", ""},
		{"unknown", unknown, 0, false, "the certificate is signed by an unknown authority: Their CA", ""},
		{"self-signed", self, 0, false, "the certificate is self-signed", ""},
	}
	for _, tt := range tests {
		for _, kind := range []string{"https", "tls"} {
			t.Run(tt.name+" "+kind, func(t *testing.T) {
				h := newHost(t)
				s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
				s.TLS = &tls.Config{Certificates: []tls.Certificate{tt.cert}}
				s.Config.ErrorLog = quiet(t)
				s.StartTLS()
				t.Cleanup(s.Close)
				h.names["mail1.example.com:443"] = s.Listener.Addr().String()
				service := observe.Service{Name: "svc", Expect: observe.Expect{Days: tt.days}}
				want := tt.detail
				if kind == "https" {
					service.HTTP = "https://mail1.example.com/"
				} else {
					service.TLS = "mail1.example.com:443"
					if tt.bare != "" {
						want = tt.bare
					}
				}
				c := question(t, trusting(t, service, h, ours), patience)
				wantCheck(t, c, tt.ok, want)
				if !c.Expires.Equal(tt.cert.Leaf.NotAfter) {
					t.Errorf("Expires %v, want %v", c.Expires, tt.cert.Leaf.NotAfter)
				}
				if c.MS <= 0 {
					t.Errorf("MS %v", c.MS)
				}
			})
		}
	}
}

// The certificate is known although the answer never comes.
func TestHTTPSSilent(t *testing.T) {
	h := newHost(t)
	ours := newAuthority(t, "Our CA")
	cert := ours.issue(t, "mail1.example.com", -time.Hour, time.Hour)
	// Silent to the end of the test: a handler that returned when the request ended would still say 200, and who closes
	// his end of a TLS connection may read that.
	over := make(chan struct{})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	s.StartTLS()
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(over) })
	h.names["mail1.example.com:443"] = s.Listener.Addr().String()
	p := trusting(t, observe.Service{Name: "svc", HTTP: "https://mail1.example.com/"}, h, ours)
	c := question(t, p, 2*time.Second)
	wantCheck(t, c, false, "connected, but no answer within 2 s")
	if !c.Expires.Equal(cert.Leaf.NotAfter) {
		t.Errorf("Expires %v, want %v", c.Expires, cert.Leaf.NotAfter)
	}
}
