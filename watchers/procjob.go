package watchers

import (
	"context"
	"fmt"
	"slices"

	"ronda/internal/observe"
)

// job is the work that is watched: a tree of processes from when its root was found until the root ends.
type job struct {
	cfg    ProcessConfig
	procs  Procs
	host   procHost
	root   ident
	found  string
	group  string
	beside string // what to say of a job that ran beside the one that has ended
	given  bool   // whoever made the job tells it its members, and looks at their files himself

	tree    *tree
	meters  meters
	tick    int
	still   int // samples in a row in which nothing in the tree moved
	churn   bool
	scanAt  int // tick of the next look at all processes
	scanGap int
	readers map[int][]int // who reads the pipes that members write into
	files   fileWatch
	full    fullWatch
	peers   []peer
	partly  bool // there were processes that we may not look into

	uptime    int64
	alive     int64 // uptime when the root was seen to live last
	cpu       int64
	io        *observe.ProcessIO
	oomAt     int
	oom       *int64
	lost      map[int]int64 // start ticks of members that ended, by pid
	throttled throttle
	hungry    bool // a member wants a processor
	end       *ending
	sent      sent
}

func newJob(cfg ProcessConfig, h procHost, f finding) *job {
	return &job{
		cfg: cfg, procs: cfg.Procs, host: h, root: f.root, found: f.found, group: f.group,
		tree: newTree(f.root, cfg.Self), readers: map[int][]int{}, scanGap: scanLeast,
	}
}

// How often all processes of the host are looked at, in samples: that is dear (a line for each process of
// the host), so it is done more and more rarely while it finds nothing. The number of out-of-memory kills is
// asked rarely too.
const (
	scanLeast = 10
	scanMost  = 60
	oomEvery  = 30
	oomRarely = 120
)

// look takes one sample. When the root has ended, j.end says how.
func (j *job) look(ctx context.Context) error {
	j.tick++
	if j.tick == 1 && !j.given {
		if err := j.begin(ctx); err != nil || j.end != nil {
			return err
		}
	}
	moving := j.still == 0 || j.hungry
	files := j.tree.request(j.tick, moving, j.given)
	files = append(files, cgroupFile(j.group)...)
	if moving {
		files = append(files, j.throttled.files...)
	}
	for _, p := range j.peers {
		files = append(files, p.request()...)
	}
	texts, err := j.procs.ReadFiles(ctx, files...)
	if err != nil {
		return fmt.Errorf("read /proc: %w", err)
	}
	moved, rootSeen := j.take(texts)
	if j.given {
		if rootSeen = j.handOver(rootSeen); rootSeen {
			return j.conclude(ctx, texts, moved)
		}
	}
	if !rootSeen {
		return j.gone(ctx)
	}
	fresh := j.tree.children(texts)
	j.host.childFiles = j.host.childFiles || len(fresh) > 0
	for _, file := range cgroupFile(j.group) {
		for _, pid := range parsePIDs(texts[file]) {
			if j.tree.members[pid] == nil && !j.tree.off[pid] {
				fresh = append(fresh, pid)
			}
		}
	}
	known := len(j.tree.order)
	if err := j.tree.grow(ctx, j.procs, fresh); err != nil {
		return err
	}
	if err := j.scan(ctx); err != nil {
		return err
	}
	moved = moved || len(j.tree.order) != known
	return j.conclude(ctx, texts, moved)
}

// conclude finishes a sample: totals, the time they belong to, and what those that do not move wait for.
func (j *job) conclude(ctx context.Context, texts map[string]string, moved bool) error {
	j.cpu, j.io = j.meters.set(j.tree.order)
	wasStill := j.still > 0
	if moved {
		j.still = 0
	} else {
		j.still++
	}
	if up := parseUptime(texts[procUptime]); up > 0 {
		j.uptime = up
	} else if moved && wasStill {
		if err := j.clock(ctx); err != nil {
			return err
		}
	}
	if (wasStill || j.still > 0) && !j.hungry {
		j.throttled.share, j.throttled.at = 0, 0
	} else {
		j.throttled.set(texts, j.uptime)
	}
	// One that is kept from the processor nearly always does not move either.
	j.hungry = slices.ContainsFunc(j.tree.order, func(m *member) bool { return m.stat.state == 'R' })
	if err := j.reasons(ctx, texts); err != nil {
		return err
	}
	if err := j.full.look(ctx, j); err != nil {
		return err
	}
	j.takePeers(texts)
	if err := j.followPeers(ctx); err != nil { // whom it finds is read with the next sample
		return err
	}
	if err := j.busyThreads(ctx); err != nil {
		return err
	}
	if err := j.throttled.readGroups(ctx, j); err != nil {
		return err
	}
	if err := j.recount(ctx); err != nil {
		return err
	}
	if root := j.tree.members[j.root.pid]; root != nil && root.stat.ended() {
		return j.gone(ctx)
	}
	j.alive = j.uptime
	if j.given {
		return nil
	}
	return j.files.look(ctx, j)
}

// clock asks for the time of the host. It is left out of the request while nothing moves, so that the
// answer stays the same.
func (j *job) clock(ctx context.Context) error {
	texts, err := j.procs.ReadFiles(ctx, procUptime)
	if err != nil {
		return fmt.Errorf("read /proc/uptime: %w", err)
	}
	if up := parseUptime(texts[procUptime]); up > 0 {
		j.uptime = up
	}
	return nil
}

// begin reads the root and the tree as it stands.
func (j *job) begin(ctx context.Context) error {
	if err := j.tree.grow(ctx, j.procs, []int{j.root.pid}); err != nil {
		return err
	}
	root := j.tree.members[j.root.pid]
	if root == nil || root.id() != j.root {
		j.end = &ending{never: true}
		return nil
	}
	for _, m := range j.tree.order {
		m.seen = false // the first sample follows at once: too soon to tell who stands still
	}
	j.churn, j.scanAt = true, 0
	return j.throttled.readGroups(ctx, j)
}

// take puts the texts into the members. Those that are gone are dropped.
func (j *job) take(texts map[string]string) (moved, rootSeen bool) {
	for _, m := range append([]*member(nil), j.tree.order...) {
		if !j.partial(m, texts) {
			if m.stat.pid != j.root.pid {
				j.lose(m)
				j.tree.drop(m.stat.pid)
				j.churn = true
			}
			moved = true
			continue
		}
		if m.stat.pid == j.root.pid {
			rootSeen = true
		}
		j.tree.lead(m.stat)
		if m.idle == 0 {
			moved = true
		}
	}
	return moved, rootSeen
}

// partial takes in a member of which, in a large tree, perhaps only the stat was asked for.
func (j *job) partial(m *member, texts map[string]string) bool {
	reaped := m.stat.reaped
	file := procFile(m.stat.pid, "io")
	if _, ok := texts[file]; !ok && len(j.tree.order) > smallTree && m.idle > restAfter && m.hasIO {
		noIO := m.noIO
		alive := m.take(texts)
		m.noIO, m.hasIO = noIO, true
		return alive
	}
	alive := m.take(texts)
	if m.stat.reaped != reaped {
		j.churn = true // a child came and went: it may have left another one behind
	}
	return alive
}

// scan looks at all processes of the host for those that belong to the tree without being named as a
// child: left behind by a member, or all of them on a kernel without lists of children.
func (j *job) scan(ctx context.Context) error {
	if j.tick < j.scanAt || j.host.childFiles && !j.churn {
		return nil
	}
	all, err := readStats(ctx, j.procs, "/proc/[0-9]*/stat")
	if err != nil {
		return err
	}
	added := j.tree.adopt(all)
	j.scanGap = min(j.scanGap*2, scanMost)
	if len(added) > 0 || j.tick == 1 {
		j.scanGap = scanLeast
	}
	if !j.host.childFiles {
		j.scanGap = scanLeast
	}
	j.scanAt, j.churn = j.tick+j.scanGap, false
	if len(added) == 0 {
		return nil
	}
	var files []string
	for _, m := range added {
		files = append(files, procFile(m.stat.pid, "cmdline"))
	}
	texts, err := j.procs.ReadFiles(ctx, files...)
	if err != nil {
		return fmt.Errorf("read command lines: %w", err)
	}
	for _, m := range added {
		m.setCommand(texts)
	}
	return nil
}

// recount asks for what is asked rarely: the number of out-of-memory kills, and the command lines of those
// that have become another program, or say in it what they do.
func (j *job) recount(ctx context.Context) error {
	var files []string
	if j.oom == nil || j.tick-j.oomAt >= oomEvery && j.still == 0 || j.tick-j.oomAt >= oomRarely {
		j.oomAt = j.tick
		files = append(files, "/proc/vmstat")
	}
	for _, m := range j.tree.order {
		// To read a command line takes the process's memory lock, which hangs while a thread that holds it
		// waits for a dead disk: never ask one that may.
		// One that was just forked may become another program under the same name.
		again := m.named != m.stat.name || m.age == 4 || m.idle == 3 && m.stat.threads == 1
		if again && m.stat.state != 'D' && !m.stat.ended() {
			m.named = m.stat.name
			files = append(files, procFile(m.stat.pid, "cmdline"))
		}
	}
	if len(files) == 0 {
		return nil
	}
	texts, err := j.procs.ReadFiles(ctx, files...)
	if err != nil {
		return fmt.Errorf("read /proc: %w", err)
	}
	for _, m := range j.tree.order {
		m.setCommand(texts)
	}
	if n, ok := oomKills(texts["/proc/vmstat"]); ok {
		j.oom = &n
	}
	return nil
}

// handOver lets another member stand for the root that has ended: a job whose members are given lives as long as one
// of them. It reports whether any does.
func (j *job) handOver(rootSeen bool) bool {
	root := j.tree.members[j.root.pid]
	if rootSeen && !root.stat.ended() {
		return true
	}
	for _, m := range j.tree.order {
		if m.id() == j.root || m.stat.ended() {
			continue
		}
		if !rootSeen {
			j.lose(root)
			j.tree.drop(root.stat.pid)
		}
		j.root, j.tree.root = m.id(), m.id()
		return true
	}
	return rootSeen
}
