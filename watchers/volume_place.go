package watchers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// volumeFind is a shell function that says on which file system a path lies: whether it exists, and what df says of
// it or of the nearest folder above it that exists. A link that leads nowhere yet stands for where it leads to.
const volumeFind = `ronda_where() { p=$1; there=1
if [ -L "$p" ] && [ ! -e "$p" ]; then q=$(readlink -f -- "$p" 2>/dev/null); [ -z "$q" ] || p=$q; fi
while [ ! -e "$p" ]; do there=0
case $p in */*) q=${p%/*} ;; *) q=. ;; esac
[ -n "$q" ] || q=/
[ "$q" != "$p" ] || break
p=$q; done
echo "$there $p"; df -Pk -- "$p"; }`

// maxPlaced bounds how many paths are asked for in one command.
const maxPlaced = 40

// place finds the file systems of paths that are new, were not there, or may have moved, and forgets those that
// nobody wants to know of any more. It returns how many file systems are new.
func (r *volumeRun) place(ctx context.Context) (fresh int) {
	r.readTable(ctx)
	wanted := r.all()
	for name := range r.paths {
		if _, is := slices.BinarySearch(wanted, name); !is {
			delete(r.paths, name)
			delete(r.mute, name)
		}
	}
	now := time.Now()
	var due []string
	for _, name := range wanted {
		p := r.paths[name]
		if p == nil {
			p = &placed{}
			r.paths[name] = p
		}
		age := now.Sub(p.at)
		if r.mute[name] == nil && r.mute[p.mount] == nil && (p.at.IsZero() || age >= volumesAll || !p.there && age >= volumesUnplaced) {
			due = append(due, name)
		}
	}
	before := len(r.order)
	for len(due) > 0 && ctx.Err() == nil {
		n := r.placeSome(ctx, due[:min(len(due), maxPlaced)])
		if n == 0 {
			break
		}
		due = due[n:]
	}
	r.regroup()
	return len(r.order) - before
}

// placeSome asks for some paths and returns of how many it is known now where they lie, or that they do not answer.
func (r *volumeRun) placeSome(ctx context.Context, names []string) int {
	var questions []string
	for i, name := range names {
		if m, mute := r.muteAbove(name); mute { // to ask for it would hang too
			r.paths[name].at, r.paths[name].mount = time.Now(), m
			if i == 0 {
				return 1
			}
			names = names[:i]
			break
		}
		questions = append(questions, "ronda_where "+quoteShell(name))
	}
	out, err := askAll(ctx, r.cfg.Runner, r.patience, volumeFind, questions)
	if ctx.Err() != nil {
		return 0
	}
	for i, answer := range out.answers {
		r.placed(names[i], answer)
	}
	n := len(out.answers)
	switch {
	case err != nil:
		r.failed(err)
	case out.hung:
		name := names[n]
		r.paths[name].at = time.Now()
		r.suspect(cmp.Or(r.lexical(name), name), name)
		n++
	default:
		r.failed(nil)
	}
	return n
}

// placed takes the answer for one path.
func (r *volumeRun) placed(name, answer string) {
	p := r.paths[name]
	first, rest, _ := strings.Cut(answer, "\n")
	there, at, _ := strings.Cut(first, " ")
	p.at, p.there = time.Now(), there == "1"
	v, ok := parseDF(rest, "")
	if !ok {
		p.mount, p.why = "", cmp.Or(complaint(rest), "df says nothing of it")
		return
	}
	p.mount, p.why = v.Mount, ""
	if r.mounts[v.Mount] != nil {
		return
	}
	ask := v.Mount
	if strings.ContainsRune(ask, '?') { // df hides signs that a terminal does not show
		ask = at
	}
	r.mounts[v.Mount] = &reading{ask: ask}
	r.order = append(r.order, v.Mount)
}

// regroup gives each file system its paths, and forgets those that have none.
func (r *volumeRun) regroup() {
	for _, name := range slices.Clone(r.order) {
		var paths []string
		for _, path := range sortedPaths(r.paths) {
			if r.paths[path].mount == name {
				paths = append(paths, path)
			}
		}
		if len(paths) == 0 {
			r.drop(name)
			continue
		}
		r.mounts[name].Paths = paths
	}
}

// lexical is the mount point that a path lies on by its name alone; empty: not known.
func (r *volumeRun) lexical(path string) string {
	best := ""
	for point := range r.seen {
		if len(point) > len(best) && (point == "/" || path == point || strings.HasPrefix(path, point+"/")) {
			best = point
		}
	}
	return best
}

// muteAbove returns the file system that a path lies on by its name, where that does not answer.
func (r *volumeRun) muteAbove(path string) (string, bool) {
	m := r.lexical(path)
	return m, m != "" && r.mute[m] != nil
}

// suspect notes that a file system did not answer in time. It is asked by itself from now on.
func (r *volumeRun) suspect(name, path string) {
	if r.mute[name] == nil {
		r.mute[name] = &muteMount{path: cmp.Or(name, path), since: time.Now(), tries: 1}
	}
}

// probe asks each that does not answer by itself, when it is time.
func (r *volumeRun) probe(ctx context.Context) {
	now := time.Now()
	for name, m := range r.mute {
		if m.asking || now.Before(m.next) {
			continue
		}
		m.asking = true
		r.probes.Go(func() {
			out, err := askAll(ctx, r.cfg.Runner, r.Volumes.probe, "", []string{probeQuestion(m.path, m.pid)})
			p := probe{name: name, hung: out.hung, err: err}
			if out.hung {
				p.pid, _ = strconv.Atoi(lastWord(out.partial)) // it has printed nothing else
			} else if err == nil && len(out.answers) > 0 && strings.Contains(out.answers[0], probeStill) {
				p.hung, p.pid = true, m.pid
			}
			select {
			case r.heard <- p:
			case <-ctx.Done():
			}
		})
	}
}

const probeStill = "@ronda waits@"

// probeQuestion asks one that does not answer. A df that waits there for ever, and cannot even be ended, is left
// alone: as long as it waits, no second one is sent after it.
func probeQuestion(path string, pid int) string {
	return fmt.Sprintf(`if [ %[1]d -gt 0 ] && if [ -d /proc/self ]; then grep -qx df /proc/%[1]d/comm; else kill -0 %[1]d; fi 2>/dev/null
then echo %[2]s; else df -Pk -- %[3]s >/dev/null 2>&1 & echo $!; wait $!; fi`, pid, quoteShell(probeStill), quoteShell(path))
}

// probed takes what came of it.
func (r *volumeRun) probed(p probe) {
	m := r.mute[p.name]
	if m == nil {
		return
	}
	m.asking = false
	switch {
	case p.err != nil: // the host does not answer, which says nothing of the file system
		m.next = time.Now().Add(r.every)
	case p.hung:
		m.tries, m.pid = m.tries+1, p.pid
		m.next = time.Now().Add(min(r.Volumes.probe<<min(m.tries, 10), volumesProbeMost))
	default:
		delete(r.mute, p.name)
		for name, path := range r.paths {
			if path.mount == p.name || name == p.name || r.lexical(name) == p.name {
				path.at = time.Time{}
			}
		}
		select { // look again soon
		case r.changed <- struct{}{}:
		default:
		}
	}
	r.tell()
}
