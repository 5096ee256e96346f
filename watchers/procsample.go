package watchers

import (
	"slices"
	"sort"

	"ronda/internal/observe"
)

// sent is what was emitted last.
type sent struct {
	any   bool
	cpu   int64
	io    observe.ProcessIO
	count int
	oom   int64
	throt float64
	files []observe.OpenFile
	procs []observe.Proc
	tick  int // of the last full sample
}

// Lesser changes (a process came or went, another one runs now) wait for the next full sample: at most one
// in so many samples, more rarely for large trees, so that the record grows by news.
const (
	fullEvery      = 5
	fullEveryLarge = 15
	fullRarely     = 30 // where only the processes' own counters have moved
	largeTree      = 10
)

// news returns the sample to emit, and whether there is any.
func (j *job) news() (observe.Process, bool) {
	procs := j.list()
	s := j.totals()
	last := &j.sent
	gap := fullEvery
	if len(procs) > largeTree {
		gap = fullEveryLarge
	}
	due := j.tick-last.tick >= gap
	full := !last.any || pressing(last.procs, procs) || due && (changed(last.procs, procs) || j.peersMoved())
	moved := s.CPU != last.cpu || s.IO != nil && *s.IO != last.io || s.Count != last.count ||
		s.OOMKills != nil && *s.OOMKills != last.oom || s.Throttled != last.throt || !slices.Equal(j.files.open, last.files)
	if !full && !moved {
		return observe.Process{}, false
	}
	full = full || j.tick-last.tick >= fullRarely
	if full {
		s.Found, s.Procs = j.found, procs
		last.procs, last.tick = procs, j.tick
	}
	if full || !slices.Equal(j.files.open, last.files) {
		s.Files = j.files.open
		last.files = s.Files
	}
	last.any, last.cpu, last.count, last.throt = true, s.CPU, s.Count, s.Throttled
	if s.IO != nil {
		last.io = *s.IO
	}
	if s.OOMKills != nil {
		last.oom = *s.OOMKills
	}
	return s, true
}

func (j *job) totals() observe.Process {
	s := observe.Process{Root: j.root.pid, Uptime: j.uptime, CPU: j.cpu, IO: j.io, OOMKills: j.oom, Throttled: j.throttled.share}
	for _, m := range j.tree.order {
		if !m.stat.ended() {
			s.Count++
		}
	}
	return s
}

// last returns the sample that tells the end of the root. It has the tree's last totals.
func (j *job) last() observe.Process {
	s := j.totals()
	s.Root, s.Count, s.Found, s.Throttled = 0, 0, j.found, 0
	s.Exit = &j.end.exit
	return s
}

// pressing tells whether something changed that a person must know at once: who is blocked and by what.
func pressing(before, after []observe.Proc) bool {
	type block struct {
		pid   int
		class observe.Blocker
		words string
	}
	blocks := func(procs []observe.Proc) []block {
		var all []block
		for _, p := range procs {
			if p.Blocker != "" {
				all = append(all, block{p.PID, p.Blocker, p.Waits})
			}
		}
		return all
	}
	return !slices.Equal(blocks(before), blocks(after))
}

// changed tells whether the processes differ in more than their processor time.
func changed(before, after []observe.Proc) bool {
	return !slices.EqualFunc(before, after, func(a, b observe.Proc) bool {
		a.CPU, b.CPU = 0, 0
		return a == b
	})
}

// list returns the processes as they are recorded. Of a large tree those are kept that are blocked, then
// those that move most.
func (j *job) list() []observe.Proc {
	order := j.tree.order
	if len(order) > observe.MaxProcs {
		order = slices.Clone(order)
		sort.SliceStable(order, func(a, b int) bool { return j.rank(order[a]) > j.rank(order[b]) })
		order = order[:observe.MaxProcs]
		sort.SliceStable(order, func(a, b int) bool { return order[a].stat.start < order[b].stat.start })
	}
	procs := make([]observe.Proc, 0, len(order))
	for _, m := range order {
		p := j.proc(m)
		if m.stat.pid == j.root.pid {
			procs = append([]observe.Proc{p}, procs...)
			continue
		}
		procs = append(procs, p)
	}
	for _, p := range j.peers {
		if p.seen {
			procs = append(procs, j.proc(p.member))
		}
	}
	return procs[:min(len(procs), observe.MaxProcs)]
}

// peersMoved tells whether a process that the tree waits for works: that is in no total.
func (j *job) peersMoved() bool {
	return slices.ContainsFunc(j.peers, func(p peer) bool { return p.seen && p.idle == 0 })
}

func (j *job) rank(m *member) int64 {
	switch {
	case m.stat.pid == j.root.pid:
		return 1 << 62
	case m.wait.blocker != "":
		return 1 << 61
	default:
		return m.cpu*1_000_000 + min(m.bytes, 1<<50) - int64(min(m.idle, 1000))
	}
}

func (j *job) proc(m *member) observe.Proc {
	if m.shown != m.command {
		m.shown, m.clean = m.command, commandLine(m.command)
	}
	p := observe.Proc{
		PID: m.stat.pid, Parent: m.stat.parent, Start: m.stat.start, Name: m.stat.name,
		Command: m.clean, State: string(rune(m.stat.state)), CPU: m.stat.cpu * tickMS,
		Wchan: m.wait.wchan, Call: m.wait.call.name, Target: m.wait.target,
		TTY: ttyName(m.stat.tty), Foreground: m.stat.foreground(),
		Waits: m.wait.words, Blocker: m.wait.blocker,
	}
	if m.wait.state != 0 {
		p.State = string(rune(m.wait.state))
	}
	if m.stat.ended() {
		p.Wchan, p.Call, p.Target = "", "", ""
	}
	return p
}

// sight tells how well the tree is seen.
func (j *job) sight() (observe.SourceState, string) {
	blind := 0
	for _, m := range j.tree.order {
		if m.noIO >= 2 && !m.hasIO {
			blind++
		}
	}
	j.partly = j.partly || blind > 0 // they come and go: say it once
	switch {
	case !j.partly && j.host.machine == "":
		return observe.SourceLimited, "the machine's type is not known, so system calls cannot be named: prompts and locks are not seen"
	case !j.partly:
		return observe.SourceUp, j.beside
	case j.host.root:
		return observe.SourceLimited, "some I/O counters cannot be read although we are root: in a container, run on its host"
	default:
		return observe.SourceLimited, "not root: I/O counters, open files and prompts of another user's processes cannot be seen; run as root or as that user"
	}
}
