package vsphere

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestVouched: a certificate that an authority vouches for is taken for the names and the addresses in it, and for no
// other.
func TestVouched(t *testing.T) {
	s := httptest.NewTLSServer(http.NotFoundHandler()) // its certificate is for example.com and 127.0.0.1
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
	}
	for host, right := range map[string]bool{"example.com": true, "127.0.0.1": true, "127.0.0.1:8443": true, "vc.invalid": false, "192.0.2.7": false, "[2001:db8::7]:8443": false} {
		w, err := New(Config{URL: "https://" + host, Dial: dial})
		if err != nil {
			t.Fatal(err)
		}
		w.roots = roots
		_, err = w.reach(t.Context())
		e, refused := errors.AsType[*CertificateError](err)
		switch {
		case err == nil:
			t.Errorf("%s: taken for a vCenter", host)
		case refused == right, refused && (e.Problem != CertificateUnknown || e.Why != "it is for another name"):
			t.Errorf("%s: %v", host, err)
		}
	}
}
