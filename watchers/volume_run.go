package watchers

import (
	"context"
	"errors"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"ronda/internal/observe"
)

// volumeRun is one Run of Volumes. All but the probes belongs to one goroutine.
type volumeRun struct {
	*Volumes
	emit    Emit
	every   time.Duration
	table   string           // the text of mountinfo as it was last read
	seen    map[string]mount // what is mounted, by mount point
	paths   map[string]*placed
	mounts  map[string]*reading
	order   []string // of mounts, as they were first seen
	mute    map[string]*muteMount
	source  observe.Source
	still   int    // samples in a row in which nothing moved
	trouble string // why the host could not be asked; empty: it could
	misses  int    // questions in a row that the host did not get to

	probes sync.WaitGroup
	heard  chan probe
}

// placed is a path and the file system it lies on.
type placed struct {
	mount string    // empty: not known
	there bool      // it exists itself
	at    time.Time // when it was looked at
	why   string    // why its file system is not known
}

// muteMount is a file system, or a path, that does not answer.
type muteMount struct {
	path   string // what is asked
	pid    int    // of the df that waits there; 0: none
	since  time.Time
	tries  int
	asking bool
	next   time.Time
}

// probe is what came of asking one that did not answer.
type probe struct {
	name string
	pid  int // of the df that waits there; 0: none
	hung bool
	err  error
}

func newVolumeRun(v *Volumes, emit Emit) *volumeRun {
	return &volumeRun{
		Volumes: v, emit: emit, every: v.cfg.Every, paths: map[string]*placed{}, mounts: map[string]*reading{},
		mute: map[string]*muteMount{}, heard: make(chan probe),
	}
}

// step looks once at all that is to be looked at, and returns how long to wait then.
func (r *volumeRun) step(ctx context.Context) time.Duration {
	r.place(ctx)
	r.sample(ctx)
	r.probe(ctx)
	if ctx.Err() == nil {
		r.tell()
	}
	return r.pace()
}

// readTable reads what is mounted. It asks no file system. When that has changed, every path may lie elsewhere.
func (r *volumeRun) readTable(ctx context.Context) {
	if r.cfg.Procs == nil {
		return
	}
	const file = "/proc/self/mountinfo"
	texts, err := r.cfg.Procs.ReadFiles(ctx, file)
	if err != nil || texts[file] == "" || texts[file] == r.table {
		return // without it types stay unknown
	}
	again := r.table != ""
	r.table, r.seen = texts[file], mountTable(texts[file])
	if again {
		for _, p := range r.paths {
			p.at = time.Time{}
		}
	}
}

// mountTable reads mountinfo by mount point. What is mounted later at the same point hides the earlier.
func mountTable(text string) map[string]mount {
	table := map[string]mount{}
	for line := range strings.Lines(text) {
		for _, m := range parseMounts(line) {
			if f := strings.Fields(line); slices.Contains(strings.Split(f[5], ","), "ro") {
				m.readOnly = true
			}
			table[m.point] = m
		}
	}
	return table
}

// sample asks the file systems that answered before.
func (r *volumeRun) sample(ctx context.Context) {
	var names, questions []string
	for _, remote := range []bool{false, true} { // those that may hang come last
		for _, name := range r.order {
			if r.mute[name] == nil && r.seen[name].remote() == remote {
				names = append(names, name)
				questions = append(questions, dfQuestion(r.mounts[name].ask))
			}
		}
	}
	if len(questions) == 0 {
		return
	}
	out, err := askAll(ctx, r.cfg.Runner, r.patience, "", questions)
	moved := false
	for i, answer := range out.answers {
		moved = r.read(names[i], answer) || moved
	}
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		r.failed(err)
		return
	case out.hung:
		r.suspect(names[len(out.answers)], r.mounts[names[len(out.answers)]].ask)
	}
	r.failed(nil)
	if r.still++; moved {
		r.still = 0
	}
	r.say()
}

// failed notes that the host could not be asked, or that it could. A link that is down is told by its own source.
func (r *volumeRun) failed(err error) {
	switch {
	case err == nil:
		r.trouble, r.misses = "", 0
	case errors.Is(err, errNoWord):
		if r.misses++; r.misses >= 3 {
			r.trouble = err.Error()
		}
	default:
		r.trouble = err.Error()
	}
}

const dfBetween = "@ronda inodes@"

func dfQuestion(path string) string {
	q := quoteShell(path)
	return "df -Pk -- " + q + "; echo " + quoteShell(dfBetween) + "; df -Pi -- " + q + " 2>/dev/null"
}

// read takes an answer of df for a file system, and tells whether it moved.
func (r *volumeRun) read(name, answer string) (moved bool) {
	m := r.mounts[name]
	blocks, inodes, _ := strings.Cut(answer, dfBetween)
	v, ok := parseDF(blocks, inodes)
	if !ok || v.Mount != name { // it was unmounted, or cannot be read any more: what lay on it lies elsewhere now
		for _, p := range r.paths {
			if p.mount == name {
				p.at, p.why = time.Time{}, complaint(blocks)
			}
		}
		r.drop(name)
		return true
	}
	moved = distance(m.Used, v.Used) > 64<<10 || m.InodesFree != v.InodesFree || m.Size == 0
	v.Type, v.ReadOnly, v.Paths = r.seen[name].kind, r.seen[name].readOnly, m.Paths
	m.Volume, m.moved = v, moved
	return moved
}

func (r *volumeRun) drop(name string) {
	delete(r.mounts, name)
	delete(r.mute, name)
	r.order = slices.DeleteFunc(r.order, func(n string) bool { return n == name })
}

// say emits what is due.
func (r *volumeRun) say() {
	var news []observe.Payload
	now := time.Now()
	for _, name := range r.order {
		m := r.mounts[name]
		if m.Size == 0 && m.Used == 0 || r.mute[name] != nil || !m.due(now) {
			continue
		}
		v := m.Volume
		if !m.told.IsZero() && slices.Equal(m.said.Paths, m.Paths) {
			v.Paths = nil
		}
		m.said, m.told = m.Volume, now
		news = append(news, v)
	}
	if len(news) > 0 {
		r.emit(news...)
	}
}

// tell emits how well the host's file systems are seen, when that is news.
func (r *volumeRun) tell() {
	var why []string
	for _, m := range sortedMute(r.mute) {
		if m.tries > 1 { // once may have been a busy moment
			why = append(why, printable(m.path, 256)+" does not answer")
		}
	}
	unknown := map[string]bool{}
	for _, name := range sortedPaths(r.paths) {
		if p := r.paths[name]; p.mount == "" && p.why != "" && !unknown[p.why] {
			unknown[p.why] = true
			why = append(why, "the room at "+printable(name, 256)+" is not known: "+p.why)
		}
	}
	s := observe.Source{State: observe.SourceUp}
	switch {
	case r.trouble != "":
		s = observe.Source{State: observe.SourceFailed, Why: r.trouble}
	case len(r.paths) == 0:
		return
	case len(why) > 0:
		s = observe.Source{State: observe.SourceLimited, Why: strings.Join(why, "; ")}
	}
	if s != r.source {
		r.source = s
		r.emit(s)
	}
}

func sortedMute(all map[string]*muteMount) []*muteMount {
	list := make([]*muteMount, 0, len(all))
	for _, m := range all {
		list = append(list, m)
	}
	sort.Slice(list, func(a, b int) bool { return list[a].path < list[b].path })
	return list
}

func sortedPaths(all map[string]*placed) []string {
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
