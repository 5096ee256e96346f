package plan

import (
	"regexp"
	"strings"

	"ronda/internal/observe"
)

// check adds the service that a --check names.
func (t *targets) check(c string) {
	s := observe.Service{}
	kind, rest, _ := strings.Cut(c, ":")
	address := strings.TrimPrefix(rest, "//")
	switch kind {
	case "http", "https":
		s.HTTP, s.Name = c, strings.TrimSuffix(address, "/")
		if msg, hint := badURL(c); msg != "" {
			t.fail("--check %s: %s: write it like %s", cutSecret(c), msg, hint)
		}
	case "tcp", "tls":
		s.Name = address
		if kind == "tcp" {
			s.TCP = address
		} else {
			s.TLS = address
		}
		if msg := badHostPort(address); msg != "" {
			t.fail("--check %s: %s: write it like %s://mail1.example.com:25", c, msg, kind)
		}
	case "cmd":
		s.Command, s.Name = rest, shorten(strings.Join(strings.Fields(rest), " "))
	case "unit":
		s.Unit, s.Name = rest, rest
	default:
		t.fail("--check %q is not known: write http://…, https://…, tcp://host:port, tls://host:port, cmd:COMMAND or unit:UNIT", c)
		return
	}
	if strings.TrimSpace(rest) == "" {
		t.fail("--check %s: nothing stands after the colon", c)
	}
	if holdsSecret(c) {
		t.fail("--check %s:… seems to hold a password or token, and the session is recorded: let a command read it from a file that only you can read", kind)
	}
	s.Name = unique(t.services, s.Name)
	t.plan.Services = append(t.plan.Services, s)
}

var userinfo = regexp.MustCompile(`://[^/\s]*@|[?].*|:[^/@]*@`)

// cutSecret takes what may be a password out of an argument before it is quoted in a message.
func cutSecret(s string) string {
	return userinfo.ReplaceAllStringFunc(s, func(m string) string {
		switch {
		case m[0] == '?':
			return "?…"
		case strings.HasPrefix(m, "://"):
			return "://…@"
		}
		return ":…@"
	})
}
