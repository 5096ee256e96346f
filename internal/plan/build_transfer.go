package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ronda/internal/observe"
)

// transfer makes what a task moves out of its transfer key.
func (b *builder) transfer(t *task, task observe.Task) *observe.TransferRef {
	c := t.Transfer
	if c == nil {
		return nil
	}
	ref := &observe.TransferRef{Host: task.Host, TotalHost: task.Host, Volume: c.Volume.on, Ratio: c.Ratio.n, Every: b.every(c.Every)}
	switch {
	case c.Path.isSet():
		ref.Host, ref.Path, _ = b.location(c.Path, task.Host)
	case c.Volume.on:
		b.problem(c.Volume.place, "path: any path on the file system", "transfer: volume needs a path")
	case !c.broken && c.isSet():
		b.problem(c.place, "path: HOST:/what/grows; the copies that run on a host, wherever they write, are found by transfers: [{host: HOST}]", "transfer has no path")
	}
	b.total(t, c, ref)
	if ref.TotalPath == "" && ref.TotalCommand == "" && ref.TotalDatabase == "" {
		ref.TotalHost = ""
	}
	return ref
}

// total takes over where the total comes from.
func (b *builder) total(t *task, c *transfer, ref *observe.TransferRef) {
	from := []choice{
		{"total", c.Total.place},
		{"total_from", c.TotalFrom.place},
		{"total_command", c.TotalCommand.place},
		{"total_database", c.TotalDatabase.place},
	}
	from = slices.DeleteFunc(from, func(x choice) bool { return !x.at.isSet() })
	if len(from) > 1 {
		b.problem(from[1].at, "keep one of them", "transfer has both %s and %s", from[0].key, from[1].key)
	}
	if len(from) == 0 && c.Ratio.n > 0 {
		b.problem(c.Ratio.place, "total: 120GB, or total_from: the path that is copied", "transfer has a ratio but no total")
	}
	ref.Total, ref.TotalCommand = c.Total.bytes, c.TotalCommand.text
	if c.TotalFrom.isSet() {
		ref.TotalHost, ref.TotalPath, _ = b.location(c.TotalFrom, ref.TotalHost)
	}
	b.secret(c.TotalCommand, "total_command")
	switch d := t.Database; {
	case !c.TotalDatabase.on:
	case d == nil && !t.broken:
		b.problem(c.TotalDatabase.place, "database: {postgres: unix:/run/postgresql, name: shop}", "total_database: the task has no database")
	case d != nil && !d.broken:
		ref.TotalDatabase = sizeCommand(b.conn.Databases[t.Name.text])
	}
}

// volumes are the file systems whose room a task needs.
func (b *builder) volumes(t *task, base string) []observe.VolumeRef {
	var list []observe.VolumeRef
	for _, v := range t.Volumes {
		switch {
		case v.Path.isSet():
			host, path, _ := b.location(v.Path, base)
			list = append(list, observe.VolumeRef{Host: host, Path: path, Use: b.name(v.Use, "use"), Need: v.Need.bytes})
		case v.isSet() && !v.broken:
			b.problem(v.place, "path: any path on the file system", "a volume has no path")
		}
	}
	return list
}

// isSet tells whether the entry stands in the document at all.
func (v *volume) isSet() bool { return v.place.isSet() }

// finders are those that look for transfers. One without a name gets one that tells where it looks.
func (b *builder) finders() {
	names := b.finderNames()
	for i := range b.doc.Transfers {
		f := &b.doc.Transfers[i]
		if !f.isSet() {
			continue
		}
		out := observe.Finder{
			Name: b.name(f.Name, "name"), Host: b.host(f.Host), Match: f.Match.text.text,
			Deadline: b.moment(f.Deadline, "deadline"), Group: b.name(f.Group, "group"),
		}
		if holdsSecret(out.Match) {
			b.problem(f.Match.place, matchInstead, "match seems to hold a password or token, and the plan is recorded")
		}
		if out.Name == "" {
			out.Name = freeName(names, f.where(out.Host))
			names[out.Name] = f.place
		}
		out.VSphere = b.vSphere(f.VSphere, out.Name, out.Host)
		b.plan.Finders = append(b.plan.Finders, out)
	}
}

// where tells where a finder without a name of its own looks.
func (f *finder) where(host string) string {
	if f.VSphere != nil {
		if address, wrong := vSphereURL(f.VSphere.URL.text); wrong == "" {
			return "tasks of " + address[strings.Index(address, "://")+len("://"):]
		}
	}
	return "transfers on " + machine(host)
}

// finderNames checks that no finder has the name of another entry of the plan, and returns all names.
func (b *builder) finderNames() map[string]place {
	names := maps.Clone(b.tasks)
	for i := range b.doc.Services {
		if s := b.doc.Services[i].Name; s.text != "" {
			names[s.text] = s.place
		}
	}
	for i := range b.doc.Transfers {
		name := b.doc.Transfers[i].Name
		if name.text == "" {
			continue
		}
		if first, twice := names[name.text]; twice {
			b.problem(name.place, fmt.Sprintf("another name; the first is on line %d", first.line), "two entries of the plan are called %q", name.text)
		}
		names[name.text] = name.place
	}
	return names
}

// freeName is a name that nothing in the plan has yet.
func freeName(taken map[string]place, name string) string {
	for n := 1; ; n++ {
		free := name
		if n > 1 {
			free = fmt.Sprintf("%s (%d)", name, n)
		}
		if _, is := taken[free]; !is {
			return free
		}
	}
}
