package probes

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// watch measures one question.
type watch struct {
	start   time.Time
	timeout time.Duration // 0: ctx has no deadline
	open    bool          // there is a connection; what is waited for is an answer
}

// newWatch starts a watch. The timeout is ctx's, so that a refusal can say how long was waited.
func newWatch(ctx context.Context) watch {
	w := watch{start: time.Now()}
	if deadline, ok := ctx.Deadline(); ok {
		w.timeout = deadline.Sub(w.start)
	}
	return w
}

// opened returns the watch of a question that has its connection: a server that is silent is another thing
// than none.
func (w watch) opened() watch {
	w.open = true
	return w
}

// silence says that nothing came for as long as was waited.
func (w watch) silence() string {
	d := w.timeout
	if d <= 0 {
		d = time.Since(w.start)
	}
	if w.open {
		return "connected, but no answer within " + seconds(d)
	}
	return "no answer within " + seconds(d)
}

// seconds says a timeout: "5 s", "0.3 s".
func seconds(d time.Duration) string {
	s := d.Seconds()
	if s >= 0.1 {
		s = math.Round(s*10) / 10
	}
	return strconv.FormatFloat(s, 'g', 3, 64) + " s"
}

// refusal says in words why there was no answer, or no good one. A cause that is known by itself (refused,
// no such host, a bad certificate) comes before the timeout that may have been reached meanwhile.
func (w watch) refusal(ctx context.Context, err error) string {
	if words := certificateWords(err); words != "" {
		return words
	}
	if words := networkWords(err); words != "" {
		return words
	}
	var timeout net.Error
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return w.silence()
	case ctx.Err() != nil:
		return "the question was broken off"
	case errors.As(err, &timeout) && timeout.Timeout():
		return w.silence()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "the connection was closed before the answer"
	}
	return innermost(err)
}

// networkWords says what the network or the other side answered, if it did.
func networkWords(err error) string {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		switch {
		case dns.IsNotFound:
			return "no such host: " + dns.Name
		case dns.IsTimeout:
			return "no answer from the name server for " + dns.Name
		}
		return "the name " + dns.Name + " cannot be resolved: " + dns.Err
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return "no TLS there: the server answers in plain HTTP"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "no TLS there: the server answers in something else"
	}
	// Over SSH the reason is only known as text ("ssh: rejected: connect failed (Connection refused)"), and
	// Windows has error numbers of its own, so that text is what they all have in common.
	text := innermost(err)
	if i := strings.Index(text, noLink); i >= 0 {
		host, _, _ := strings.Cut(text[i:], ":")
		return "not asked: " + host
	}
	text = strings.ToLower(text)
	for _, known := range knownRefusals {
		if strings.Contains(text, known.text) {
			return known.words
		}
	}
	return ""
}

// noLink is what a host says that cannot be reached itself: nothing is known of the service then.
const noLink = "no link to "

const noForwarding = "the SSH server lets no connections through: ask by a command instead"

var knownRefusals = []struct{ text, words string }{
	{"connection refused", "connection refused"},
	{"actively refused", "connection refused"},
	{"connection reset", "connection reset by the server"},
	{"forcibly closed", "connection reset by the server"},
	{"broken pipe", "connection reset by the server"},
	{"no route to host", "no route to the host"},
	{"host is unreachable", "no route to the host"},
	{"unreachable host", "no route to the host"},
	{"network is unreachable", "the network cannot be reached"},
	{"unreachable network", "the network cannot be reached"},
	{"name or service not known", "no such host"},
	{"no address associated with hostname", "no such host"},
	{"temporary failure in name resolution", "no answer from the name server"},
	{"administratively prohibited", noForwarding},
	{"allowtcpforwarding", noForwarding},
	{"unexpected packet in response to channel open", "not asked: the link to the host was lost"},
	{"connection timed out", "no answer: the network gave up"},
	{"malformed http", "the answer is not HTTP"},
	{"location header", "a redirect without a usable address"},
	{"response headers exceeded", "the answer's headers are too long"},
	{"protocol version not supported", "the server speaks no TLS 1.2 or newer"},
	{"unsupported protocol version", "the server speaks no TLS 1.2 or newer"},
	{"remote error: tls: bad certificate", "the server wants a client certificate"},
	{"remote error: tls: certificate required", "the server wants a client certificate"},
	{"remote error: tls: handshake failure", "the server refuses the TLS handshake"},
	{"remote error: tls: unrecognized name", "the server has no certificate for this name"},
}

// innermost is err's own text without the URL and the addresses that net and net/http put before it: the
// URL may hold a secret.
func innermost(err error) string {
	for {
		var request *url.Error
		var op *net.OpError
		switch {
		case errors.As(err, &request):
			err = request.Err
		case errors.As(err, &op) && op.Err != nil:
			err = op.Err
		default:
			return err.Error()
		}
	}
}
