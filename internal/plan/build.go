package plan

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"ronda/internal/observe"
)

// builder makes a plan of a document and checks what holds between its parts.
type builder struct {
	*walker
	doc   *document
	opts  Options
	clock clock
	plan  observe.Plan
	conn  Connections
	tasks map[string]place // declared names

	logins []login // to vCenters
}

func (b *builder) build() {
	b.conn = Connections{Databases: map[string]Database{}}
	b.plan.Title = b.name(b.doc.Title, "title")
	b.window()
	b.hosts()
	b.tasks = b.unique("task", len(b.doc.Tasks), func(i int) text { return b.doc.Tasks[i].Name })
	b.unique("service", len(b.doc.Services), func(i int) text { return b.doc.Services[i].Name })
	for i := range b.doc.Tasks {
		if t := &b.doc.Tasks[i]; t.isSet() {
			b.plan.Tasks = append(b.plan.Tasks, b.task(t))
		}
	}
	b.cycles()
	for i := range b.doc.Services {
		if s := &b.doc.Services[i]; s.isSet() {
			b.plan.Services = append(b.plan.Services, b.service(s))
		}
	}
	b.finders()
	b.logIn()
	b.alerts()
	if t := b.doc.Baseline; t.isSet() {
		b.conn.Baseline = t.text
	}
	b.baselines()
	if b.doc.empty() && len(b.problems) == 0 {
		b.problem(b.doc.place, "tasks: [{name: upgrade, log: /var/log/upgrade.log}]", "the plan has neither tasks nor services nor transfers")
	}
}

// empty tells whether the document names nothing to watch.
func (d *document) empty() bool { return len(d.Tasks)+len(d.Services)+len(d.Transfers) == 0 }

func (b *builder) window() {
	w := b.doc.Window
	if w == nil {
		return
	}
	startErr, endErr := b.clock.setWindow(w.Start.text.text, w.End.text.text)
	for _, e := range []struct {
		at  place
		key string
		err error
	}{{w.Start.place, "start", startErr}, {w.End.place, "end", endErr}} {
		if e.err != nil {
			b.problem(e.at, momentHint, "%s: %v", e.key, e.err)
		}
	}
	start, end, back := b.clock.window.start, b.clock.window.end, w.Rollback.d
	b.plan.Window = &observe.Window{Start: utc(start), End: utc(end), Rollback: observe.Duration(back)}
	switch {
	case startErr != nil || endErr != nil || start.IsZero() || end.IsZero():
	case !end.After(start):
		b.problem(w.End.place, "an end after "+start.Format(time.RFC3339), "the window ends before it starts")
	case back >= end.Sub(start):
		b.problem(w.Rollback.place, "a longer window, or a faster way back",
			"the way back takes %s, the whole window is %s", words(back), words(end.Sub(start)))
	}
	if !end.IsZero() && end.Before(b.opts.Now) {
		b.notice(w.End.place, "", "the window is over since %s", end.In(b.opts.Location).Format("2006-01-02 15:04"))
	}
}

// words writes a duration without its zero parts: 30m, 1h30m.
func words(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// utc makes instants comparable in a record, whatever zone they were written in.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}

var hostName = regexp.MustCompile(`^[^\s:/\\@,\[\]*?-][^\s:/\\@,\[\]*?]{0,63}$`)

func (b *builder) hosts() {
	names := slices.Collect(maps.Keys(b.doc.Hosts))
	slices.SortFunc(names, func(x, y string) int {
		p, q := b.doc.Hosts[x].place, b.doc.Hosts[y].place
		return cmp.Or(cmp.Compare(p.line, q.line), cmp.Compare(p.column, q.column), cmp.Compare(x, y))
	})
	for _, name := range names {
		h := b.doc.Hosts[name]
		switch {
		case name == local:
			b.problem(h.place, "another name; local always means this machine", "a host cannot be called %q", name)
		case !hostName.MatchString(name) || isDrive(name+`:\`):
			b.problem(h.place, "a short name of two letters or more, such as mail1; the address goes into ssh:", "%q cannot be the name of a host", name)
		}
		if h.SSH.isSet() {
			b.address(h.SSH, "ssh")
		}
		if h.Jump.isSet() {
			b.address(h.Jump, "jump")
		}
		b.plan.Hosts = append(b.plan.Hosts, observe.Host{Name: name, Address: cmp.Or(h.SSH.text, name), Jump: h.Jump.text})
	}
}

// address checks one or, for a jump, several addresses as they stand after ssh.
func (b *builder) address(t text, key string) {
	list := []string{t.text}
	if key == "jump" {
		list = strings.Split(t.text, ",")
	}
	for _, a := range list {
		if msg := badAddress(strings.TrimSpace(a)); msg != "" && t.text != "" {
			b.problem(t.place, "[user@]host[:port], or a Host alias of ~/.ssh/config", "%s: %s", key, msg)
			if strings.Contains(msg, "password") {
				b.problems[len(b.problems)-1].Excerpt = ""
			}
			return
		}
	}
}

// badAddress says what is wrong with an address; empty when nothing is.
func badAddress(a string) string {
	user, host, found := strings.Cut(a, "@")
	if !found {
		user, host = "", a
	}
	switch {
	case strings.ContainsAny(a, " \t\n"):
		return "an address holds no blanks"
	case host == "" || found && user == "":
		return fmt.Sprintf("%q is not an address", a)
	case strings.Contains(user, ":"):
		return "a password does not belong into an address; ronda asks for it when it is needed"
	case strings.HasPrefix(host, "-") || strings.HasPrefix(user, "-"):
		return fmt.Sprintf("%q would be taken for an option", a)
	case strings.ContainsAny(host, "/@"):
		return fmt.Sprintf("%q is not an address", a)
	}
	return ""
}

// secret notes a text that will be recorded and seems to hold a secret.
func (b *builder) secret(t text, key string) {
	if holdsSecret(t.text) {
		b.problem(t.place, "let a command read it from a file that only you can read, or from $VARIABLE",
			"%s seems to hold a password or token, and the plan is recorded", key)
	}
}

// name returns a text that is shown as one line.
func (b *builder) name(t text, key string) string {
	switch {
	case strings.ContainsAny(t.text, "\n\t"):
		b.problem(t.place, "", "%s must be one line", key)
	case len([]rune(t.text)) > 100:
		b.problem(t.place, "", "%s is longer than 100 characters", key)
	}
	return t.text
}

// unique checks that each entry of a list has a name of its own, and returns the names.
func (b *builder) unique(what string, n int, name func(int) text) map[string]place {
	names := map[string]place{}
	for i := range n {
		t := name(i)
		if t.text == "" {
			continue
		}
		if first, twice := names[t.text]; twice {
			b.problem(t.place, fmt.Sprintf("another name; the first is on line %d", first.line), "two %ss are called %q", what, t.text)
			continue
		}
		names[t.text] = t.place
	}
	return names
}
