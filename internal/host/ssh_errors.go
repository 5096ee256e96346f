package host

import (
	"fmt"
	"strings"
	"unicode"
)

// ConfigError is a mistake in the address or the ssh_config.
type ConfigError struct {
	Host string // the host's name
	Err  error
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("host %s: %v", clean(e.Host, maxMessage), e.Err)
}
func (e *ConfigError) Unwrap() error { return e.Err }

// Hint says what to try.
func (e *ConfigError) Hint() string {
	return "see what ssh makes of it: ssh -G " + clean(e.Host, maxMessage)
}

// AuthError is a server that does not let us in.
type AuthError struct {
	Host  string   // the host's name
	Who   string   // user@server that refused: the host or a jump host before it
	Tried []string // in words, without secrets: "key ~/.ssh/id_ed25519", "password"
	Notes []string // what could not be tried, and why
	Err   error
}

func (e *AuthError) Error() string {
	tried := "nothing could be tried"
	if len(e.Tried) > 0 {
		tried = "tried " + strings.Join(e.Tried, ", ")
	}
	text := fmt.Sprintf("%s: %s was not let in: %s", clean(e.Host, maxMessage), e.Who, tried)
	if len(e.Notes) > 0 {
		text += "; " + strings.Join(e.Notes, "; ")
	}
	return text
}
func (e *AuthError) Unwrap() error { return e.Err }

// Hint says what to try.
func (e *AuthError) Hint() string {
	return "check that this works without a question: ssh " + e.Who + " true; an encrypted or hardware key must be in the agent (ssh-add)"
}

// HostKeyProblem says why a host key is not taken.
type HostKeyProblem int //nolint:revive // "host key" is the term

// The problems with a host key.
const (
	HostKeyUnknown HostKeyProblem = iota // not in the known_hosts files, and nobody could be asked
	HostKeyRefused                       // not in the known_hosts files, and the person said no
	HostKeyChanged                       // the known_hosts files hold another key
	HostKeyRevoked                       // marked @revoked
)

// KnownKey is a host key that a known_hosts file holds.
type KnownKey struct {
	Type        string
	Fingerprint string // "SHA256:…"
	File        string
	Line        int // from 1
}

// HostKeyError is a server that is not, or may not be, the one it should be. It is never passed over.
type HostKeyError struct { //nolint:revive // "host key" is the term
	Host        string // the host's name
	Server      string // name under which the key is looked up
	Problem     HostKeyProblem
	Type        string // of the key that the server showed
	Fingerprint string // "SHA256:…"
	Known       []KnownKey
}

func (e *HostKeyError) Error() string {
	shown := fmt.Sprintf("%s: %s shows the %s key %s", clean(e.Host, maxMessage), e.Server, e.Type, e.Fingerprint)
	switch e.Problem {
	case HostKeyUnknown:
		return shown + ", which is not known"
	case HostKeyRefused:
		return shown + ", which was not accepted"
	case HostKeyRevoked:
		return shown + ", which is revoked in " + e.places()
	case HostKeyChanged:
	}
	return shown + ", but known is " + e.places() + ": the host key has changed, or this is another machine"
}

// Hint says what to try.
func (e *HostKeyError) Hint() string {
	switch e.Problem {
	case HostKeyUnknown:
		return "connect once with ssh and compare the fingerprint, then start again"
	case HostKeyRefused:
		return "compare the fingerprint with the one on the server's console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"
	case HostKeyRevoked:
		return "ask who revoked it; do not connect"
	case HostKeyChanged:
	}
	return "a Wi-Fi log-in page may answer in the server's place; if the server was really installed anew, compare the fingerprint on its console, then remove the old line from the file"
}

func (e *HostKeyError) places() string {
	places := make([]string, 0, len(e.Known))
	for _, k := range e.Known {
		places = append(places, fmt.Sprintf("%s %s (%s:%d)", k.Type, k.Fingerprint, k.File, k.Line))
	}
	return strings.Join(places, ", ")
}

// Bounds of texts that come from a server, in bytes.
const (
	maxMessage = 512
	maxPrompt  = 1 << 10
	maxBanner  = 8 << 10
)

// clean makes text of another machine fit to be shown: no control, format or bidirectional characters, at
// most limit bytes, line ends as spaces.
func clean(s string, limit int) string { return cleanLines(s, limit, " ") }

// cleanLines is clean with another text for line ends.
func cleanLines(s string, limit int, lineEnd string) string {
	if len(s) > limit {
		s = s[:limit]
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(lineEnd)
		case r == '\t':
			b.WriteByte(' ')
		case r == '\r', unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
		default:
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}
