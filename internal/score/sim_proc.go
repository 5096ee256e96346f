package score

import (
	"math/rand/v2"
	"slices"

	"ronda/internal/observe"
)

// sampler makes of what a job does the samples that the watcher of processes makes: once a second while something
// moves, more rarely while nothing does, in full only when a person must know or now and then.
type sampler struct {
	name           string
	pid            int
	start          int64
	boot           int64 // uptime of the host in seconds at the beginning
	cpu, server    float64
	io, size       float64
	children       int
	hidden         bool // not root: its I/O cannot be seen
	serving        bool
	waits          observe.Blocker // what the job itself waits for, for a while
	waitsFor       int             // seconds for which it does
	throttled      float64
	still, tick    int
	next           int // the second of the next look
	peers          bool
	lastCPU        int64
	lastIO, lastSz int64
	lastServer     int64
	lastProcs      []observe.Proc
	lastFull       int
	lastThrottled  float64
	any            bool
}

func newSampler(r *rand.Rand, name string) sampler {
	p := sampler{name: name, pid: 1000 + r.IntN(30000), boot: 3600 + int64(r.IntN(1e6))}
	p.start = 100*p.boot - int64(r.IntN(3600))/10 // up to some seconds before anybody looks
	p.children, p.hidden = r.IntN(3), r.IntN(8) == 0
	return p
}

// did adds what the job did in one second.
func (p *sampler) did(t tick) {
	p.cpu += t.cpu * 1000
	p.io += t.io
	p.server += t.server * 1000
	p.size += t.grow
	p.serving = t.server > 0
	if t.wakes {
		p.wake()
	}
	if t.blocker == p.waits && t.blocker != "" {
		p.waitsFor++
	} else {
		p.waits, p.waitsFor = t.blocker, 0
	}
}

// wake is what it takes to look whether something has changed.
func (p *sampler) wake() {
	p.cpu += 0.8
	p.io += 240
}

// The watcher's own bounds, as it documents them.
const (
	stillSlow, stillSlower = 10, 30
	fullEvery, fullRarely  = 5, 30
)

// look takes a sample in second s, and tells whether it is news.
func (p *sampler) look(s int, m *trouble) (observe.Process, bool) {
	if s < p.next {
		return observe.Process{}, false
	}
	p.tick++
	cpu, io, server, size := int64(p.cpu)/10*10, int64(p.io), int64(p.server)/10*10, int64(p.size)
	moved := cpu != p.lastCPU || io != p.lastIO
	p.still++
	if moved {
		p.still, p.peers = 0, false
	}
	if (p.still == 3 || p.still == stillSlower || p.still > 0 && p.still%300 == 0) && p.serving {
		p.peers = true
	}
	p.pace(s)
	procs := p.list(s, m, cpu, server)
	due := p.tick-p.lastFull >= fullEvery
	full := !p.any || blocks(procs) != blocks(p.lastProcs) || due && (len(procs) != len(p.lastProcs) || p.peers && server != p.lastServer)
	if !full && !moved && p.throttled == p.lastThrottled {
		return observe.Process{}, false
	}
	full = full || p.tick-p.lastFull >= fullRarely
	out := observe.Process{Root: p.pid, Count: 1 + p.children, Uptime: (p.boot + int64(s)) * 1000, CPU: cpu, Throttled: p.throttled}
	if !p.hidden {
		out.IO = &observe.ProcessIO{ReadChars: io / 2, WriteChars: io - io/2, Calls: io / 4096}
	}
	if full {
		out.Found, out.Procs = "matches "+p.name, procs
		p.lastProcs, p.lastFull = procs, p.tick
	}
	if size > 0 && (full || size != p.lastSz && p.tick%fullEvery == 0) {
		out.Files = []observe.OpenFile{{PID: p.pid, Path: "/srv/" + p.name + ".out", Pos: size, Size: size, Write: true}}
		p.lastSz = size
	}
	p.any, p.lastCPU, p.lastIO, p.lastServer, p.lastThrottled = true, cpu, io, server, p.throttled
	return out, true
}

// pace sets the second of the next look: what stands still is looked at less often.
func (p *sampler) pace(s int) {
	switch {
	case p.still >= stillSlower:
		p.next = s + 4
	case p.still >= stillSlow:
		p.next = s + 2
	default:
		p.next = s + 1
	}
}

// list are the processes as the watcher shows them.
func (p *sampler) list(s int, m *trouble, cpu, server int64) []observe.Proc {
	root := observe.Proc{PID: p.pid, Parent: 1, Start: p.start, Name: p.name, Command: p.name + " --all", State: "S", CPU: cpu, Call: "wait4"}
	if p.still == 0 {
		root.State, root.Call = "R", ""
	}
	procs := []observe.Proc{root}
	for i := range p.children {
		procs = append(procs, observe.Proc{PID: p.pid + 1 + i, Parent: p.pid, Start: p.start + 10, Name: "sh", State: "S", Call: "wait4"})
	}
	worker := &procs[len(procs)-1]
	if class, words, state := m.hinders(s); class != "" && p.still > 0 {
		worker.Blocker, worker.Waits, worker.State = class, words, state
	} else if p.waits != "" && p.waitsFor >= 2 && p.still > 0 {
		worker.Blocker, worker.Waits = p.waits, "waits for a lock on /var/lib/app/lock held by cron (pid 812)"
	}
	if p.peers {
		procs = append(procs, observe.Proc{PID: 812, Start: 5000, Name: "mysqld", Command: "peer of " + p.name, State: "S", CPU: server})
	}
	return procs
}

// last is the sample that tells the end.
func (p *sampler) last(exit observe.Exit) observe.Process {
	return observe.Process{Found: "matches " + p.name, CPU: int64(p.cpu) / 10 * 10, Exit: &exit}
}

// blocks is what a person must know of processes, in one comparable word.
func blocks(procs []observe.Proc) string {
	i := slices.IndexFunc(procs, func(p observe.Proc) bool { return p.Blocker != "" })
	if i < 0 {
		return ""
	}
	return string(procs[i].Blocker) + procs[i].Waits
}
