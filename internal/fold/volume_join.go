package fold

import (
	"path"
	"slices"
	"strings"

	"ronda/internal/observe"
)

// writer is a task that takes room of a volume, or will.
type writer struct {
	t     *task
	v     *volume
	place spot
	wants [units]want
	fates [units]fate
	grown grown
	done  bool    // it had ended when it was last looked at
	took  float64 // what it had written there by its counter when that was last looked at; below 0: not yet
	rest  float64 // of what it takes on top of what it moves
	avail float64 // what was left when it joined; for what it takes on top
	ours  float64 // of room.ours then
}

// spot is where a task writes, and what.
type spot struct {
	host, path string
	use        string // target, temp, log, or in other words what for
	need       int64  // bytes that it takes there on top of what it moves
	moves      bool   // what it moves goes there
}

// The uses of a place that ronda knows by itself.
const (
	useTarget = "target"
	useLog    = "log"
)

// over tells that the writer writes no more.
func (w *writer) over() bool {
	_, over := w.t.judge.Ended()
	return over
}

// takes tells that it takes room that counts: a log's is next to nothing.
func (w *writer) takes() bool { return w.place.moves || w.place.need > 0 || w.place.use != useLog }

// places are where a task writes, as far as its plan and its transfer tell. What it moves goes to one of them.
func (t *task) places(hosts []observe.Host) []spot {
	var all []spot
	add := func(p spot) {
		if p.path == "" {
			return
		}
		p.path = path.Clean(p.path)
		i := slices.IndexFunc(all, func(q spot) bool { return q.host == p.host && q.path == p.path })
		if i < 0 {
			all = append(all, p)
			return
		}
		all[i].need += p.need
		all[i].moves = all[i].moves || p.moves
	}
	if f := t.plan.Transfer; f != nil && f.Path != "" {
		add(spot{host: f.Host, path: f.Path, use: useTarget, moves: true})
	} else if t.target = t.moving.target(); t.target != "" {
		if host, file, ok := located(t.target, t.plan.Host, hosts); ok {
			add(spot{host: host, path: file, use: useTarget, moves: true})
		}
	}
	moves := slices.ContainsFunc(all, func(p spot) bool { return p.moves })
	for _, v := range t.plan.Volumes {
		add(spot{host: v.Host, path: v.Path, use: v.Use, need: v.Need, moves: !moves && v.Use == useTarget})
	}
	if t.plan.Log != "-" {
		add(spot{host: t.plan.Host, path: t.plan.Log, use: useLog})
	}
	return all
}

// located takes a target apart that a person may have written: a path, or HOST:path of a host that is known by its
// name or its address. A path on a datastore, "[datastore1] web2", belongs to the host that its vCenter is asked from.
func located(target, host string, hosts []observe.Host) (on, file string, ok bool) {
	if strings.HasPrefix(target, "/") || strings.HasPrefix(target, "[") && strings.Contains(target, "] ") {
		return host, target, true
	}
	name, file, found := strings.Cut(target, ":")
	if !found || strings.Contains(name, "/") || strings.HasPrefix(file, ":") {
		return "", "", false
	}
	bare := name[strings.LastIndexByte(name, '@')+1:]
	for _, h := range hosts {
		address := h.Address[strings.LastIndexByte(h.Address, '@')+1:]
		address, _, _ = strings.Cut(address, ":")
		if bare == h.Name || bare == address {
			return h.Name, file, true
		}
	}
	return "", "", false
}

// join finds for each task the volumes that it writes to. What is known of those that stay is kept.
func (s *State) join() {
	s.joined = true
	for _, p := range s.pools {
		p.writers, p.due = p.writers[:0:0], true
	}
	for _, t := range s.tasks {
		old := t.writers
		t.writers = nil
		for _, at := range t.places(s.plan.Hosts) {
			v := s.volumeOf(at)
			if v == nil {
				continue
			}
			w := &writer{t: t, v: v, place: at, took: -1, avail: v.pool.room[inBytes].avail, ours: v.pool.room[inBytes].ours}
			if i := slices.IndexFunc(old, func(o *writer) bool { return o.v == v && o.place.use == at.use && o.place.path == at.path }); i >= 0 {
				w = old[i]
				w.place = at
			}
			t.writers = append(t.writers, w)
			v.pool.writers = append(v.pool.writers, w)
		}
	}
}

// volumeOf is the volume that a path lies on; nil: it is not known. The path itself, or a folder above it, was asked
// about; or else it lies below a mount that is known, but for the root: another that is not known may lie between.
func (s *State) volumeOf(at spot) *volume {
	var best *volume
	length := 0
	try := func(v *volume, above string, least int) {
		if n := len(above); n >= least && n > length && below(at.path, above) {
			best, length = v, n
		}
	}
	for _, v := range s.volumes {
		if v.host != at.host {
			continue
		}
		for _, p := range v.paths {
			try(v, path.Clean(p), 1)
		}
		try(v, path.Clean(v.Mount), 2)
	}
	return best
}

// below tells that a path is another, or lies in it.
func below(file, folder string) bool {
	if folder == "/" {
		return strings.HasPrefix(file, "/")
	}
	return strings.HasPrefix(file, folder) && (len(file) == len(folder) || file[len(folder)] == '/')
}
