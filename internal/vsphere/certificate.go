package vsphere

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// CertificateProblem says why a certificate is not taken.
type CertificateProblem string

// The problems of a certificate.
const (
	CertificateUnknown CertificateProblem = "unknown" // no authority vouches for it, and no person has yet
	CertificateRefused CertificateProblem = "refused" // a person said that it is not the right one
	CertificateChanged CertificateProblem = "changed" // another one is known for this server
)

// CertificateError is a certificate that is not taken.
type CertificateError struct {
	Problem     CertificateProblem
	Server      string // host:port
	Certificate CertificateQuestion
	Known       []string // the fingerprints that are right, of a changed one
	Where       string   // where they are written down
	Why         string   // why nobody vouches for it; or why nobody was asked
}

// CertificateQuestion is an unknown certificate, as it is shown to a person.
type CertificateQuestion struct {
	Server      string // host:port
	Subject     string
	Issuer      string
	From, Until time.Time
	Fingerprint string // SHA-256: AB:CD:…, as openssl and vSphere show it
	Why         string // why this machine does not trust it
	File        string // the file that it will be written to; empty: it will not be remembered
}

// Error says what is wrong with the certificate, and shows it.
func (e *CertificateError) Error() string {
	switch e.Problem {
	case CertificateChanged:
		return fmt.Sprintf("%s shows another certificate than is known: SHA-256 %s, known is %s (%s)",
			e.Server, e.Certificate.Fingerprint, strings.Join(e.Known, " or "), e.Where)
	case CertificateRefused:
		return fmt.Sprintf("the certificate of %s was not confirmed: SHA-256 %s", e.Server, e.Certificate.Fingerprint)
	case CertificateUnknown:
	}
	return fmt.Sprintf("the certificate of %s is not trusted here: %s; SHA-256 %s", e.Server, e.Why, e.Certificate.Fingerprint)
}

// server is the host and port under which its certificate is known.
func (w *Watch) server() string {
	u, err := url.Parse(w.cfg.URL)
	if err != nil {
		return w.host
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// check returns the check of one connection's certificate: the plan's fingerprint alone if there is one, or else the
// authorities that this machine trusts, or else what a person has confirmed. It is called by the connection's own
// goroutine, so it shares nothing.
func (w *Watch) check() (func(tls.ConnectionState) error, error) {
	pinned, server, roots, file := w.cfg.Fingerprint, w.server(), w.roots, w.cfg.Known
	host, _, err := net.SplitHostPort(server)
	if err != nil {
		return nil, errConfig
	}
	known, err := knownFingerprints(file, server)
	if err != nil {
		return nil, err
	}
	known = append(known, w.confirmed...)
	return func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) == 0 {
			return errors.New("the server shows no certificate")
		}
		leaf := s.PeerCertificates[0]
		sum := sha256.Sum256(leaf.Raw)
		shown := hex.EncodeToString(sum[:])
		e := &CertificateError{Server: server, Certificate: CertificateQuestion{
			Server: server, Subject: leaf.Subject.String(), Issuer: leaf.Issuer.String(),
			From: leaf.NotBefore, Until: leaf.NotAfter, Fingerprint: colons(shown), File: file,
		}}
		if pinned != "" {
			if pinned == shown {
				return nil
			}
			e.Problem, e.Known, e.Where = CertificateChanged, []string{colons(pinned)}, "fingerprint in the plan"
			return e
		}
		why := vouched(s.PeerCertificates, host, roots)
		if why == nil {
			return nil
		}
		e.Why = certificateWords(why)
		e.Certificate.Why = e.Why
		e.Problem = CertificateUnknown
		for _, k := range known {
			if k == shown {
				return nil
			}
			e.Problem, e.Known, e.Where = CertificateChanged, append(e.Known, colons(k)), file
		}
		return e
	}, nil
}

// vouched is why no authority vouches for the first of the certificates as that of host; nil when one does. The host is
// the URL's: the connection's state does not name one that is an address.
func vouched(shown []*x509.Certificate, host string, roots *x509.CertPool) error {
	between := x509.NewCertPool()
	for _, c := range shown[1:] {
		between.AddCert(c)
	}
	_, err := shown[0].Verify(x509.VerifyOptions{DNSName: host, Intermediates: between, Roots: roots})
	return err
}

// confirm asks a person about an unknown certificate, and remembers a yes. A person is asked at the first connection
// only: later on an unknown certificate is a changed one.
func (w *Watch) confirm(ctx context.Context, e *CertificateError) error {
	if e.Problem != CertificateUnknown || w.turnedAway {
		return e
	}
	if w.reached || w.cfg.Ask == nil {
		return e
	}
	ok, err := w.cfg.Ask.ConfirmCertificate(ctx, e.Certificate)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		w.turnedAway = true
		return e
	case !ok:
		w.turnedAway = true
		e.Problem = CertificateRefused
		return e
	}
	w.confirmed = append(w.confirmed, plain(e.Certificate.Fingerprint))
	if w.cfg.Known != "" {
		if err := remember(w.cfg.Known, e.Server, plain(e.Certificate.Fingerprint), e.Certificate.Subject); err != nil {
			w.remark = err.Error() // no reason not to connect
		}
	}
	return nil
}

// certificateWords says why no authority vouches for a certificate.
func certificateWords(err error) string {
	var (
		invalid x509.CertificateInvalidError
		name    x509.HostnameError
		unknown x509.UnknownAuthorityError
		roots   x509.SystemRootsError
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "it is out of date, or not valid yet"
	case errors.As(err, &name):
		return "it is for another name"
	case errors.As(err, &unknown):
		return "no authority that this machine trusts has signed it"
	case errors.As(err, &roots):
		return "this machine has no list of certificate authorities"
	}
	return strings.TrimPrefix(err.Error(), "x509: ")
}

// colons writes a fingerprint as openssl does.
func colons(digits string) string {
	var b strings.Builder
	for i := 0; i+2 <= len(digits); i += 2 {
		if i > 0 {
			b.WriteByte(':')
		}
		b.WriteString(strings.ToUpper(digits[i : i+2]))
	}
	return b.String()
}

// plain is a fingerprint's digits alone.
func plain(fingerprint string) string {
	return strings.ToLower(strings.ReplaceAll(fingerprint, ":", ""))
}
