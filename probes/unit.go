package probes

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"ronda/internal/observe"
)

// unitProbe asks systemd for the state of a unit. It is well when the unit is active: running, or a oneshot
// that has ended well. The properties are those of org.freedesktop.systemd1(5).
type unitProbe struct {
	name    string
	command string
	host    Runner
}

var _ Probe = (*unitProbe)(nil)

// unitName is what systemd allows in the name of a unit: systemd.unit(5). It holds no quote, so that the
// name can stand in quotes in a shell.
var unitName = regexp.MustCompile(`^[A-Za-z0-9:_.\\@-]{1,255}$`)

func newUnit(s observe.Service, h Host) (Probe, error) {
	if !unitName.MatchString(s.Unit) {
		return nil, errors.New("not a unit's name: letters, digits and :_.@-\\ only, as in postgresql.service")
	}
	// -p stands once for every property, and LoadState comes along: as far back as systemd 219.
	return &unitProbe{
		name: s.Name,
		command: "LC_ALL=C systemctl show --no-pager -p LoadState -p ActiveState -p SubState -p Result " +
			"-p StateChangeTimestamp -- '" + s.Unit + "'",
		host: h,
	}, nil
}

// Probe asks once.
func (p *unitProbe) Probe(ctx context.Context) observe.Payload {
	w := newWatch(ctx)
	stdout, stderr, code, err := p.host.Run(ctx, p.command)
	took := time.Since(w.start)
	if err != nil {
		return answer{detail: w.refusal(ctx, err)}.check(p.name, took)
	}
	return unitAnswer(stdout, stderr, code).check(p.name, took)
}

func unitAnswer(stdout, stderr []byte, code int) answer {
	properties := map[string]string{}
	for line := range strings.Lines(string(stdout)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			properties[key] = value
		}
	}
	active := properties["ActiveState"]
	switch {
	case code == 127:
		return answer{detail: "there is no systemctl on this host"}
	case active == "":
		return answer{detail: "systemctl: " + exitWords(code, stdout, stderr)}
	case properties["LoadState"] == "not-found":
		return answer{detail: "no such unit"}
	}
	words := active
	if sub := properties["SubState"]; sub != "" && sub != active {
		words += " (" + sub + ")"
	}
	if result := properties["Result"]; result != "" && result != "success" {
		words += ", result " + result
	}
	if since := properties["StateChangeTimestamp"]; since != "" && since != "n/a" {
		words += " since " + since
	}
	return answer{ok: active == "active" || active == "reloading" || active == "refreshing", detail: words}
}
