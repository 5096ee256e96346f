package probes

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"
)

// certificateWords says what is wrong with a certificate, if that is what err is about.
func certificateWords(err error) string {
	var (
		invalid x509.CertificateInvalidError
		name    x509.HostnameError
		unknown x509.UnknownAuthorityError
		roots   x509.SystemRootsError
	)
	switch {
	case errors.As(err, &invalid):
		return invalidWords(invalid)
	case errors.As(err, &name):
		return "the certificate is for " + namesOf(name.Certificate) + ", not for " + name.Host
	case errors.As(err, &unknown):
		return unknownWords(shown(err))
	case errors.As(err, &roots):
		return "this machine has no list of certificate authorities"
	}
	return ""
}

func invalidWords(e x509.CertificateInvalidError) string {
	switch {
	case e.Reason == x509.Expired && e.Cert != nil && time.Now().Before(e.Cert.NotBefore):
		return "the certificate is only valid from " + day(e.Cert.NotBefore)
	case e.Reason == x509.Expired && e.Cert != nil:
		return "the certificate expired on " + day(e.Cert.NotAfter)
	}
	return "the certificate is not valid: " + strings.TrimPrefix(e.Error(), "x509: ")
}

func unknownWords(c *x509.Certificate) string {
	switch {
	case c == nil:
		return "the certificate is signed by an unknown authority"
	case selfSigned(c):
		return "the certificate is self-signed"
	}
	return "the certificate is signed by an unknown authority: " + cmp.Or(c.Issuer.CommonName, c.Issuer.String())
}

func namesOf(c *x509.Certificate) string {
	if c == nil {
		return "another name"
	}
	var names []string
	names = append(names, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	switch {
	case len(names) == 0:
		return "no name"
	case len(names) > 3:
		return strings.Join(names[:3], ", ") + fmt.Sprintf(" and %d more", len(names)-3)
	}
	return strings.Join(names, ", ")
}

func selfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawIssuer, c.RawSubject) && c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// shown returns the certificate that the server showed and that was refused; nil when there is none.
func shown(err error) *x509.Certificate {
	var refused *tls.CertificateVerificationError
	if errors.As(err, &refused) && len(refused.UnverifiedCertificates) > 0 {
		return refused.UnverifiedCertificates[0]
	}
	return nil
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// expiry is the moment at which the last of the verified chains breaks.
func expiry(chains [][]*x509.Certificate) time.Time {
	var last time.Time
	for _, chain := range chains {
		var first time.Time
		for _, c := range chain {
			if first.IsZero() || c.NotAfter.Before(first) {
				first = c.NotAfter
			}
		}
		if first.After(last) {
			last = first
		}
	}
	return last
}

// shownExpiry is when the certificate runs out that was shown and refused; zero when none was.
func shownExpiry(err error) time.Time {
	if c := shown(err); c != nil {
		return c.NotAfter
	}
	return time.Time{}
}

// tooSoon says that a certificate does not hold for the days wanted; empty when it does.
func tooSoon(expires time.Time, days int, now time.Time) string {
	left := expires.Sub(now)
	if expires.IsZero() || left >= time.Duration(days)*24*time.Hour {
		return ""
	}
	return fmt.Sprintf("the certificate expires on %s, in %d days; %d are wanted", day(expires), int(left.Hours()/24), days)
}
