package watchers

import (
	"fmt"
	"path"
	"strings"

	"ronda/internal/observe"
)

// names gives what is found its names: unique within the session, and the same for a copy as long as it runs, also
// to a ronda that is started again on the same session.
type names struct {
	suffix string
	byID   map[string]string // name by ID
	owner  map[string]string // ID by name; of a name that somebody else has: "-"
}

func newNames(cfg FinderConfig) names {
	n := names{suffix: cfg.Suffix, byID: map[string]string{}, owner: map[string]string{}}
	for _, name := range cfg.Taken {
		n.owner[name] = "-"
	}
	for id, name := range cfg.Names {
		n.byID[id], n.owner[name] = name, id
	}
	return n
}

// of returns the name of a copy: its plain one, or that with mark behind it where it is another's already.
func (n *names) of(id, plain, mark string) string {
	if name, ok := n.byID[id]; ok {
		return name
	}
	name := plain + n.suffix
	if n.owner[name] != "" {
		name = fmt.Sprintf("%s (%s)%s", plain, mark, n.suffix)
	}
	for i := 2; n.owner[name] != ""; i++ { // a pid that was used again
		name = fmt.Sprintf("%s (%s, %d)%s", plain, mark, i, n.suffix)
	}
	n.byID[id], n.owner[name] = name, id
	return name
}

// nameLimit bounds what a name says of a copy, in characters.
const nameLimit = 32

// plainName names a copy after its tool and what it reads, or writes where that is not known: "cp disk.img".
func plainName(m move) string {
	what := ""
	if len(m.sources) > 0 {
		what = lastOf(m.sources[0])
	}
	if what == "" {
		what = lastOf(m.target)
	}
	if r := []rune(what); len(r) > nameLimit {
		what = string(r[:nameLimit-1]) + "…"
	}
	return observe.Redact(printable(strings.TrimSpace(m.tool+" "+what), 128))
}

// lastOf is the last part of a path, or the host where the path has none: "backup:/" is backup.
func lastOf(p string) string {
	host, rest, remote := strings.Cut(p, ":")
	if remote && !strings.Contains(host, "/") {
		p = rest
	} else {
		host = ""
	}
	if base := path.Base(p); base != "." && base != "/" {
		return base
	}
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	if host == "" && p == "/" {
		return p
	}
	return host
}
