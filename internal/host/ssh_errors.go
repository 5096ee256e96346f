package host

import (
	"errors"
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
	Who     string   // user@server that was refused: at the host or at a jump host before it
	Tried   []string // in words, without secrets: "key ~/.ssh/id_ed25519", "password"
	Takes   []string // the methods that the server would take, as ssh shows them; empty: it did not say
	Notes   []string // what could not be tried, and why
	Command string   // ssh command line to the same server
	Err     error
}

func (e *AuthError) Error() string {
	text := e.Who + " was not let in"
	if len(e.Tried) > 0 {
		text += ": tried " + strings.Join(e.Tried, ", ")
	}
	if len(e.Takes) > 0 {
		text += "; the server takes " + clean(strings.Join(e.Takes, ", "), maxMessage)
	}
	if len(e.Notes) > 0 {
		text += "; " + strings.Join(e.Notes, "; ")
	}
	return text
}
func (e *AuthError) Unwrap() error { return e.Err }

// Hint says what to try.
func (e *AuthError) Hint() string {
	return "make this work without a question: " + e.Command + " true (an encrypted key must be in the agent: ssh-add)"
}

// HostKeyProblem says why a host key is not taken.
type HostKeyProblem int //nolint:revive // "host key" is the term

// The problems with a host key.
const (
	HostKeyUnknown HostKeyProblem = iota // not in the known_hosts files, and nobody could be asked
	HostKeyRefused                       // not in the known_hosts files, and the person said no
	HostKeyChanged                       // the known_hosts files hold another key
	HostKeyRevoked                       // marked @revoked
	HostKeyInvalid                       // a certificate that does not hold
)

const nobodyThere = "nobody was there to ask"

// KnownKey is a host key that is known already.
type KnownKey struct {
	Type        string
	Fingerprint string // "SHA256:…"
	File        string // known_hosts file, or in words where it is known from
	Line        int    // from 1; 0 when it stands in no file
}

// HostKeyError is a server that is not, or may not be, the one it should be. It is never passed over.
type HostKeyError struct { //nolint:revive // "host key" is the term
	Host        string // name of the host, or of the jump host before it
	Server      string // name under which the key is looked up
	Problem     HostKeyProblem
	Why         string // of an unknown key: why nobody was asked; of a certificate: what is wrong with it
	Type        string // of the key that the server showed
	Fingerprint string // "SHA256:…"
	Known       []KnownKey
	Command     string // ssh command line to the same server
}

// Error begins with what is the matter, since the end may be cut off on a small screen.
func (e *HostKeyError) Error() string {
	name := clean(e.Host, maxMessage)
	shown := fmt.Sprintf("; %s shows %s %s", e.Server, e.Type, e.Fingerprint)
	switch e.Problem {
	case HostKeyUnknown:
		return "the host key of " + name + " is not known, and " + e.Why + ": refused" + shown
	case HostKeyRefused:
		return "the host key of " + name + " was not accepted" + shown
	case HostKeyRevoked:
		return "the host key of " + name + " is REVOKED: refused" + shown + ", revoked in " + e.places()
	case HostKeyInvalid:
		return "the host certificate of " + name + " does not hold: " + e.Why + shown
	case HostKeyChanged:
	}
	return "the host key of " + name + " has CHANGED: refused; another machine answers, or it was installed anew" +
		shown + ", known is " + e.places()
}

// Hint says what to try.
func (e *HostKeyError) Hint() string {
	switch e.Problem {
	case HostKeyUnknown:
		hint := "compare it once by hand: " + e.Command
		if e.Why == nobodyThere {
			hint += ", or start ronda on a terminal"
		}
		return hint
	case HostKeyRefused:
		return "compare it on the server's console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"
	case HostKeyRevoked:
		return "ask who revoked it; do not connect"
	case HostKeyInvalid:
		return "ask who signs the host keys"
	case HostKeyChanged:
	}
	return "if its console shows the new key, remove that line"
}

func (e *HostKeyError) places() string {
	places := make([]string, 0, len(e.Known))
	for _, k := range e.Known {
		where := k.File
		if k.Line > 0 {
			where = fmt.Sprintf("%s:%d", k.File, k.Line)
		}
		key := k.Fingerprint
		if k.Type != e.Type {
			key = k.Type + " " + key
		}
		places = append(places, key+" ("+where+")")
	}
	return strings.Join(places, ", ")
}

// withHint is an error as it is shown, with what to try at its end.
func withHint(err error) string {
	text := err.Error()
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		text += "; " + hinted.Hint()
	}
	return text
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
