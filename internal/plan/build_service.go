package plan

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"ronda/internal/observe"
)

func (b *builder) service(s *service) observe.Service {
	if !s.Name.isSet() && !s.broken {
		b.problem(s.place, "name: what it is called on the screen", "a service has no name")
	}
	b.one("service", s.section, choice{"http", s.HTTP.place}, choice{"tcp", s.TCP.place}, choice{"tls", s.TLS.place},
		choice{"command", s.Command.place}, choice{"unit", s.Unit.place})
	out := observe.Service{
		Name: b.name(s.Name, "name"), Host: b.host(s.From),
		HTTP: s.HTTP.text, TCP: s.TCP.text, TLS: s.TLS.text, Command: s.Command.text, Unit: b.name(s.Unit, "unit"),
		Every: b.every(s.Every), Timeout: observe.Duration(s.Timeout.d), After: b.reference(s.After, ""),
	}
	if msg, hint := badURL(s.HTTP.text); msg != "" && s.HTTP.text != "" {
		b.problem(s.HTTP.place, hint, "http: %s", msg)
	}
	b.secret(s.HTTP, "http")
	b.secret(s.Command, "command")
	for _, a := range []struct {
		key string
		t   text
	}{{"tcp", s.TCP}, {"tls", s.TLS}} {
		if msg := badHostPort(a.t.text); msg != "" && a.t.text != "" {
			b.problem(a.t.place, "host:port, such as mail1.example.com:25", "%s: %s", a.key, msg)
		}
	}
	if s.Expect != nil {
		out.Expect = b.expect(s)
	}
	return out
}

// expect checks that what is expected can be in an answer of this kind of service.
func (b *builder) expect(s *service) observe.Expect {
	e := s.Expect
	for _, c := range []struct {
		key   string
		at    place
		fits  bool
		where string
	}{
		{"status", e.Status.place, s.HTTP.isSet(), "http"},
		{"body", e.Body.place, s.HTTP.isSet(), "http"},
		{"banner", e.Banner.place, s.TCP.isSet(), "tcp"},
		{"exit", e.Exit.place, s.Command.isSet(), "command"},
		{"output", e.Output.place, s.Command.isSet(), "command"},
		{"days", e.Days.place, s.TLS.isSet() || strings.HasPrefix(s.HTTP.text, "https:"), "tls or https"},
	} {
		if c.at.isSet() && !c.fits {
			b.problem(c.at, "", "only an answer of %s has %s", c.where, c.key)
		}
	}
	if e.Status.ok && (e.Status.n < 100 || e.Status.n > 599) {
		b.problem(e.Status.place, "status: 200", "%d is not an HTTP status", e.Status.n)
	}
	if e.Exit.ok && (e.Exit.n < 0 || e.Exit.n > 255) {
		b.problem(e.Exit.place, "0 to 255", "%d is not an exit code", e.Exit.n)
	}
	if e.Days.ok && (e.Days.n < 1 || e.Days.n > 3650) {
		b.problem(e.Days.place, "days: 14", "days: %d is out of range", e.Days.n)
	}
	return observe.Expect{
		Status: e.Status.n, Body: e.Body.text.text, Banner: e.Banner.text.text,
		Exit: e.Exit.n, Output: e.Output.text.text, Days: e.Days.n,
	}
}

// badURL says what is wrong with the URL of a service; the message does not quote it.
func badURL(s string) (message, hint string) {
	const example = "https://mail1.example.com/"
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "this is not a URL", example
	case u.Scheme != "http" && u.Scheme != "https":
		return "a URL begins with http:// or https://", example
	case u.Hostname() == "":
		return "the URL names no host", example
	}
	return "", ""
}

// badHostPort says what is wrong with host:port; empty when nothing is.
func badHostPort(s string) string {
	host, port, err := net.SplitHostPort(s)
	switch n, portErr := strconv.Atoi(port); {
	case strings.Contains(s, "://"):
		return fmt.Sprintf("%q is a URL", s)
	case err != nil || host == "" || strings.ContainsAny(host, " /"):
		return fmt.Sprintf("%q is not host:port", s)
	case portErr != nil || n < 1 || n > 65535:
		return fmt.Sprintf("%q is not a port", port)
	}
	return ""
}

func (b *builder) database(t *task) {
	d := t.Database
	if d == nil {
		return
	}
	b.one("database", d.section, choice{"mysql", d.MySQL.place}, choice{"postgres", d.Postgres.place})
	if d.PasswordEnv.isSet() && d.PasswordCommand.isSet() {
		b.problem(d.PasswordCommand.place, "keep one of them", "database has both password_env and password_command")
	}
	out := Database{
		Kind: "mysql", User: d.User.text, Name: d.Name.text,
		PasswordEnv: d.PasswordEnv.text, PasswordCommand: d.PasswordCommand.text,
	}
	at := d.MySQL
	if d.Postgres.isSet() {
		out.Kind, at = "postgres", d.Postgres
	}
	if socket, ok := strings.CutPrefix(at.text, "unix:"); ok {
		out.Socket = socket
		if !strings.HasPrefix(socket, "/") {
			b.problem(at.place, "unix:/path", "%q is not an absolute path", socket)
		}
	} else if at.text != "" {
		out.Address = at.text
		if msg := badHostPort(at.text); msg != "" {
			b.problem(at.place, "unix:/path or host:port", "%s: %s", out.Kind, msg)
		}
	}
	b.conn.Databases[t.Name.text] = out
	b.later(t, d.place, "database", "asked", databaseInstead)
}

func (b *builder) alerts() {
	a := b.doc.Alerts
	if a == nil {
		return
	}
	b.conn.Alerts = Alerts{Bell: a.Bell.on, Desktop: a.Desktop.on, On: a.On.list}
	for _, t := range a.To {
		u, err := url.Parse(t.text)
		if t.text != "" && (err != nil || u.Scheme == "" || u.Host == "" && u.Opaque == "") {
			b.problem(t.place, `"ntfy://ntfy.sh/topic", "https://…", "mailto:ops@example.com"`, "an entry of to is not a URL")
		}
		b.conn.Alerts.To = append(b.conn.Alerts.To, t.text)
	}
	b.notice(a.place, "a script that reads ronda watch --headless: a line for each change", "alerts are known but not sent yet")
}
