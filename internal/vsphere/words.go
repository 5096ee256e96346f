package vsphere

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// explain says why a vCenter's tasks are not seen, and what to try. wait is when it is tried again.
func (w *Watch) explain(err error, wait time.Duration) string {
	var certificate *CertificateError
	switch {
	case errors.As(err, &certificate):
		return certificate.Error() + ": " + w.certificateHint(certificate)
	case errors.Is(err, errRefused):
		return fmt.Sprintf("%s refuses the login of %s (%s); so that the account is not locked it is not tried again for %s",
			w.host, w.cfg.User, strings.TrimPrefix(err.Error(), errRefused.Error()+": "), minutes(wait))
	case errors.Is(err, errNoPassword):
		why := strings.TrimPrefix(strings.TrimPrefix(err.Error(), errNoPassword.Error()), ": ")
		if why != "" {
			why = " (" + why + ")"
		}
		return fmt.Sprintf("there is no password for %s at %s%s: give password_command or password_env in the plan", w.cfg.User, w.host, why)
	case errors.Is(err, errClosed), isFault[*types.NoPermission](err):
		return fmt.Sprintf("%s may not read the tasks of %s: give it the role Read-only there, for the objects below too", w.cfg.User, w.host)
	case errors.Is(err, errNoCenter):
		return w.host + " answers, but is no vCenter or ESXi host"
	}
	return w.host + ": " + w.wrong(err)
}

func (w *Watch) certificateHint(e *CertificateError) string {
	switch {
	case e.Problem == CertificateChanged && w.cfg.Fingerprint != "":
		return "if it was renewed, mend the fingerprint in the plan; if nobody knows of that, do not log in there"
	case e.Problem == CertificateChanged:
		return "if it was renewed, remove its line from " + w.cfg.Known + "; if nobody knows of that, do not log in there"
	case e.Problem == CertificateRefused:
		return "start again to be asked again"
	}
	return "compare it with what the vCenter's keeper told you, and write it as fingerprint: into the plan"
}

// wrong says what went wrong with a question, without the address that the libraries put before it.
func (w *Watch) wrong(err error) string {
	if f := faultOf(err); f != nil {
		return "the answer was an error: " + faultWords(err)
	}
	var timeout net.Error
	dns, isDNS := errors.AsType[*net.DNSError](err)
	_, plainHTTP := errors.AsType[tls.RecordHeaderError](err)
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	_, other := errors.AsType[xml.UnmarshalError](err)
	_, noXML := errors.AsType[*xml.SyntaxError](err)
	switch {
	case isDNS && dns.IsNotFound:
		return "no such host"
	case isDNS:
		return "the name server does not know or does not answer"
	case plainHTTP, errors.Is(err, http.ErrSchemeMismatch):
		return "no TLS there: the server answers in something else"
	case other, noXML:
		return "what answers there is no vCenter or ESXi host"
	case tooLarge:
		return "the answer is too large to be read"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("no answer within %s", w.cfg.Limit)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "the connection was closed before the answer"
	}
	text := innermost(err)
	for _, known := range []string{"connection refused", "connection reset", "no route to host", "network is unreachable"} {
		if strings.Contains(text, known) {
			return known
		}
	}
	return text
}

// innermost is an error's own text without the URL and addresses before it.
func innermost(err error) string {
	for {
		request, isURL := errors.AsType[*url.Error](err)
		op, isOp := errors.AsType[*net.OpError](err)
		switch {
		case isURL && request.Err != nil:
			err = request.Err
		case isOp && op.Err != nil:
			err = op.Err
		default:
			return err.Error()
		}
	}
}

// faultOf is the fault that a vCenter answered with; nil when it is something else.
func faultOf(err error) types.BaseMethodFault {
	var f interface{ Fault() types.BaseMethodFault }
	if err == nil || !errors.As(err, &f) {
		return nil
	}
	return f.Fault()
}

func isFault[T types.BaseMethodFault](err error) bool {
	_, ok := faultOf(err).(T)
	return ok
}

func notAuthenticated(err error) bool { return isFault[*types.NotAuthenticated](err) }

// answered tells that the other side answered, if only with a fault.
func answered(err error) bool {
	return faultOf(err) != nil || errors.Is(err, errClosed)
}

// faultWords are what a vCenter says of a fault, or else its name.
func faultWords(err error) string {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if soap.IsSoapFault(e) {
			if s := strings.TrimSpace(soap.ToSoapFault(e).String); s != "" {
				return strings.TrimSuffix(s, ".")
			}
		}
	}
	return faultName(faultOf(err))
}

func faultName(f types.BaseMethodFault) string {
	if f == nil {
		return "an error without a name"
	}
	return reflect.Indirect(reflect.ValueOf(f)).Type().Name()
}

// minutes says a span as people do.
func minutes(d time.Duration) string {
	if d >= time.Hour {
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	if d >= time.Minute {
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}
