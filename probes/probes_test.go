package probes

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"ronda/internal/observe"
)

func TestPlanErrors(t *testing.T) {
	tests := []struct {
		service observe.Service
		want    string
	}{
		{observe.Service{}, "exactly one of http, tcp, tls, command and unit"},
		{observe.Service{TCP: "a:1", TLS: "a:1"}, "exactly one of http, tcp, tls, command and unit"},
		{observe.Service{HTTP: "ftp://a/"}, "not a URL"},
		{observe.Service{HTTP: "mail1.example.com"}, "not a URL"},
		{observe.Service{HTTP: "https://"}, "not a URL"},
		{observe.Service{HTTP: "http://me:s3cret@host:s3cret/"}, "not a URL"},
		{observe.Service{HTTP: "http://a/", Expect: observe.Expect{Body: "("}}, "pattern for body: error parsing regexp"},
		{observe.Service{TCP: "mail1"}, "host:port"},
		{observe.Service{TCP: ":25"}, "host:port"},
		{observe.Service{TCP: "a:25", Expect: observe.Expect{Banner: "["}}, "pattern for banner: error parsing regexp"},
		{observe.Service{TLS: "::1:443"}, "host:port"},
		{observe.Service{TLS: "mail1:"}, "host:port"},
		{observe.Service{Command: "true", Expect: observe.Expect{Output: "*"}}, "pattern for output: error parsing regexp"},
		{observe.Service{Unit: "a'; rm -rf /; '"}, "not a unit's name"},
		{observe.Service{Unit: "a b"}, "not a unit's name"},
	}
	for _, tt := range tests {
		tt.service.Name = "webmail"
		_, err := ForService(tt.service, &host{})
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "webmail") {
			t.Errorf("%+v: error %v, want one with %q and the service's name", tt.service, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("a secret in %v", err)
		}
	}
	for _, task := range []observe.Task{{Name: "copy"}, {Name: "copy", Progress: &observe.ProgressRef{}}} {
		if _, err := ForProgress(task, &host{}); err == nil || !strings.Contains(err.Error(), "copy") {
			t.Errorf("%+v: error %v, want one with the task's name", task, err)
		}
	}
}

// The kinds are the keys of the plan, and the map is the caller's.
func TestAll(t *testing.T) {
	want := []string{"command", "http", "tcp", "tls", "unit"}
	all := All()
	if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, want) {
		t.Errorf("kinds %v, want %v", got, want)
	}
	clear(all)
	if len(All()) != len(want) {
		t.Error("the map is shared")
	}
}

// Every sentence with which an answer can be refused, by the error that it stands for. Those that servers
// on the loopback can cause are caused in the tests of the kinds.
func TestRefusals(t *testing.T) {
	live := t.Context()
	late, cancel := context.WithTimeout(live, 0)
	defer cancel()
	ended, end := context.WithCancel(live)
	end()
	op := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 25}, Err: err}
	}
	tests := []struct {
		ctx  context.Context
		err  error
		want string
	}{
		{live, op(os.NewSyscallError("connect", syscall.ECONNREFUSED)), "connection refused"},
		{late, op(os.NewSyscallError("connect", syscall.ECONNREFUSED)), "connection refused"},
		{live, errors.New("connectex: No connection could be made because the target machine actively refused it."), "connection refused"},
		{live, errors.New("ssh: rejected: connect failed (Connection refused)"), "connection refused"},
		{live, errors.New("ssh: rejected: connect failed (No route to host)"), "no route to the host"},
		{live, errors.New("ssh: rejected: connect failed (Name or service not known)"), "no such host"},
		{live, errors.New("ssh: rejected: connect failed (Temporary failure in name resolution)"), "no answer from the name server"},
		{live, errors.New("ssh: rejected: administratively prohibited (open failed)"), noForwarding},
		{live, errors.New("connect from mail1 to a:25: the SSH server forbids it (AllowTcpForwarding, PermitOpen): open failed"), noForwarding},
		{late, fmt.Errorf("no link to mail1: %w", context.DeadlineExceeded), "not asked: no link to mail1"},
		{live, errors.New("connect from mail1 to a:25: ssh: unexpected packet in response to channel open: <nil>"), "not asked: the link to the host was lost"},
		{live, &url.Error{Op: "Get", URL: "http://u:s3cret@İ/connection refused", Err: errors.New("something else")}, "something else"},
		{live, op(net.ErrClosed), "the connection was closed before the answer"},
		{live, op(syscall.EHOSTUNREACH), "no route to the host"},
		{live, op(syscall.ENETUNREACH), "the network cannot be reached"},
		{live, op(syscall.ECONNRESET), "connection reset by the server"},
		{live, op(syscall.EPIPE), "connection reset by the server"},
		{live, op(syscall.ETIMEDOUT), "no answer: the network gave up"},
		{live, op(&net.DNSError{Name: "mail9", Err: "no such host", IsNotFound: true}), "no such host: mail9"},
		{late, op(&net.DNSError{Name: "mail9", Err: "i/o timeout", IsTimeout: true}), "no answer from the name server for mail9"},
		{live, op(&net.DNSError{Name: "mail9", Err: "server misbehaving"}), "the name mail9 cannot be resolved: server misbehaving"},
		{late, net.ErrClosed, "no answer within 5 s"},
		{live, op(os.ErrDeadlineExceeded), "no answer within 5 s"},
		{live, fmt.Errorf("run: %w", context.DeadlineExceeded), "no answer within 5 s"},
		{ended, net.ErrClosed, "the question was broken off"},
		{live, io.ErrUnexpectedEOF, "the connection was closed before the answer"},
		{live, x509.SystemRootsError{}, "this machine has no list of certificate authorities"},
		{live, x509.UnknownAuthorityError{}, "the certificate is signed by an unknown authority"},
		{live, x509.CertificateInvalidError{Reason: x509.TooManyIntermediates}, "the certificate is not valid: too many intermediates for path length constraint"},
		{live, x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"a", "b", "c", "d", "e"}}, Host: "x"}, "the certificate is for a, b, c and 2 more, not for x"},
		{live, x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}, "the certificate is for no name, not for x"},
		{live, errors.New("remote error: tls: handshake failure"), "the server refuses the TLS handshake"},
		{live, errors.New("remote error: tls: certificate required"), "the server wants a client certificate"},
		{live, errors.New("remote error: tls: unrecognized name"), "the server has no certificate for this name"},
		{live, op(errors.New("something else")), "something else"},
	}
	for _, tt := range tests {
		w := watch{start: time.Now(), timeout: 5 * time.Second}
		if got := w.refusal(tt.ctx, tt.err); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestDetail(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"plain", "plain"},
		{"a\tb\r\n  c\x00d\x7fe\u0085f", "a b c d e f"},
		{"\x1b[31mred\x1b[0m \x1b]0;title\ax", "red x"},
		{"\x1bc\x1b]52;c;open", "c ]52;c;open"},
		{"see https://u:s3cr:e@t@host/p?token=s3cret&x=1#f.", "see https://…@host/p?…"},
		{"https://host/p?a=b and more", "https://host/p?… and more"},
		{"mysql --password=s3cret -u root", "mysql --password=… -u root"},
		{"PGPASSWORD=s3cret psql", "PGPASSWORD=… psql"},
		{`{"api_key": "s3cret", "n": 3}`, `{"api_key": "…", "n": 3}`},
		{"Authorization: Bearer s3cret", "Authorization: Bearer …"},
		{"authorization: s3cret", "authorization: …"},
		{"tokens=3 keys=4 12:30 a=b", "tokens=3 keys=4 12:30 a=b"},
		{strings.Repeat("é", 150), strings.Repeat("é", 98) + "…"},
		{strings.Repeat("x", 200), strings.Repeat("x", 200)},
	}
	for _, tt := range tests {
		if got := detail(tt.in); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzDetail(f *testing.F) {
	f.Add("plain\x1b[1mtext")
	f.Add("http://a:b@c/?d")
	f.Fuzz(func(t *testing.T, text string) {
		got := detail(text)
		if len(got) > detailLimit || !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) {
			t.Errorf("%q → %q", text, got)
		}
	})
}
