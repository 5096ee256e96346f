package probes

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"ronda/internal/observe"
)

const (
	bodyLimit    = 64 << 10 // bytes of a body that an expectation is held against
	maxRedirects = 5
	headerLimit  = 64 << 10 // bytes
	noBody       = ", but the body did not come: "
)

// httpProbe asks for a page with GET. It is well when the status is as expected (below 400 where nothing
// is), the body matches, and with https the certificate is good by the authorities that this machine trusts;
// there is no way to look past a bad one. The time taken is the time to the first byte of the body.
//
// Every question is asked over a new connection, in HTTP/1.1, and without a proxy: HTTP_PROXY and its kin
// are ignored, as a proxy's answer would say nothing of the way to the server. Redirects are followed five
// times, and said, unless a redirect is the status that is expected.
type httpProbe struct {
	name   string
	url    string
	expect observe.Expect
	body   *regexp.Regexp // nil: any
	host   Dialer
	roots  *x509.CertPool // nil: the authorities that this machine trusts
}

var _ Probe = (*httpProbe)(nil)

func newHTTP(s observe.Service, h Host) (Probe, error) {
	// The error of url.Parse holds the URL, and with it the password that may stand in it.
	u, err := url.Parse(s.HTTP)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("not a URL: write http://host[:port]/path or https://host[:port]/path")
	}
	body, err := pattern("body", s.Expect.Body)
	if err != nil {
		return nil, err
	}
	return &httpProbe{name: s.Name, url: s.HTTP, expect: s.Expect, body: body, host: h}, nil
}

// Probe asks once.
func (p *httpProbe) Probe(ctx context.Context) observe.Payload {
	w := newWatch(ctx)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	seen := &sight{}
	a, first := p.ask(ctx, w, seen)
	if first.IsZero() {
		first = time.Now()
	}
	a.expires = earliest(a.expires, seen.expiry())
	return a.check(p.name, first.Sub(w.start))
}

// ask returns the answer and the moment of its first byte; zero when there was none.
func (p *httpProbe) ask(ctx context.Context, w watch, seen *sight) (a answer, first time.Time) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url, http.NoBody)
	if err != nil {
		return answer{detail: innermost(err)}, first
	}
	req.Header.Set("User-Agent", "ronda")
	hops := 0
	client := p.client(ctx, seen, &hops)
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		if seen.connected() {
			w = w.opened()
		}
		return answer{detail: w.refusal(ctx, err), expires: shownExpiry(err)}, first
	}
	defer func() { _ = resp.Body.Close() }()
	body := make([]byte, 1, 512)
	n, err := io.ReadFull(resp.Body, body)
	first = time.Now()
	if err != nil && !errors.Is(err, io.EOF) {
		return answer{detail: statusWords(resp) + noBody + w.refusal(ctx, err)}, first
	}
	if a = p.judge(resp, hops, seen.expiry()); !a.ok || p.body == nil {
		return a, first
	}
	rest, err := io.ReadAll(io.LimitReader(resp.Body, bodyLimit-1))
	if p.body.Match(append(body[:n], rest...)) {
		return a, first // enough was read, even if more would not have come
	}
	a.ok = false
	if err != nil {
		a.detail += noBody + w.refusal(ctx, err)
	} else {
		a.detail += fmt.Sprintf(", but the body does not match %q", limit(p.body.String(), 80))
	}
	return a, first
}

// client returns a client for one question. The transport dials with the question's own ctx: with the one
// that it makes itself, a dial would go on after the question has ended.
func (p *httpProbe) client(ctx context.Context, seen *sight, hops *int) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: func(_ context.Context, network, address string) (net.Conn, error) {
				conn, err := p.host.DialContext(ctx, network, address)
				if err == nil {
					seen.connection()
				}
				return conn, err
			},
			TLSClientConfig:        &tls.Config{RootCAs: p.roots, VerifyConnection: seen.certificate},
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: headerLimit,
		},
		CheckRedirect: func(next *http.Request, before []*http.Request) error {
			if p.expect.Status/100 == 3 {
				return http.ErrUseLastResponse
			}
			*hops = len(before)
			if *hops > maxRedirects {
				return http.ErrUseLastResponse
			}
			next.Header.Del("Referer") // it would show the first URL's query to another server
			return nil
		},
	}
}

// judge holds the status and the certificate against what is expected.
func (p *httpProbe) judge(resp *http.Response, hops int, expires time.Time) answer {
	words := statusWords(resp)
	switch {
	case hops > maxRedirects:
		return answer{detail: fmt.Sprintf("more than %d redirects, the last to %s", maxRedirects, target(resp))}
	case hops == 1:
		words += ", redirected to " + bare(resp.Request.URL)
	case hops > 1:
		words += fmt.Sprintf(", after %d redirects to %s", hops, bare(resp.Request.URL))
	case resp.StatusCode/100 == 3 && resp.Header.Get("Location") != "":
		words += ", redirect to " + target(resp)
	}
	switch want := p.expect.Status; {
	case want != 0 && resp.StatusCode != want:
		return answer{detail: fmt.Sprintf("%s, not %d", words, want)}
	case want == 0 && resp.StatusCode >= http.StatusBadRequest:
		return answer{detail: words}
	}
	if late := tooSoon(expires, p.expect.Days, time.Now()); late != "" {
		return answer{detail: words + ", but " + late}
	}
	return answer{ok: true, detail: words}
}

// statusWords says a status in the words of the standard, not in the server's.
func statusWords(resp *http.Response) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))
}

// target is where a redirect leads.
func target(resp *http.Response) string {
	u, err := resp.Location()
	if err != nil {
		return "nowhere"
	}
	return bare(u)
}

// bare is a URL without what may be secret in it: user, query, fragment and path parameters.
func bare(u *url.URL) string {
	path, _, _ := strings.Cut(u.EscapedPath(), ";")
	return u.Scheme + "://" + u.Host + limit(path, 100)
}

// sight is what is seen on the way to an answer. The transport's goroutines write it, and may still do so
// when the question has ended.
type sight struct {
	mu      sync.Mutex
	open    bool
	expires time.Time
}

func (s *sight) connection() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = true
}

// certificate is called after the certificate was found good, and never makes it less or more so.
func (s *sight) certificate(state tls.ConnectionState) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expires = earliest(s.expires, expiry(state.VerifiedChains))
	return nil
}

func (s *sight) connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// expiry is the earliest of all servers that the redirects led to.
func (s *sight) expiry() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.expires
}

// earliest returns the earlier of two moments; one that is zero does not count.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
