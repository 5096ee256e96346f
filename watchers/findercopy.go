package watchers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ronda/internal/observe"
)

// found is a copy that runs: a group of processes.
type found struct {
	id    string
	name  string
	root  ident      // who stood for it when it was found
	led   ident      // whose command line its move was taken from
	parts []*suspect // those of its processes that are copies and live, the leader first
	past  []*suspect // those that were and have ended, the last pastMost of them: what they had open tells how it ended
	job   *job
	move  move
	sizes map[string]observe.FileInfo
	// looked are the paths whose sizes were asked for in the scan sized; 0: not yet.
	looked []string
	sized  int
	before time.Time         // as moveEnd.before
	shared bool              // as moveEnd.shared
	io     observe.ProcessIO // how much the busiest of its processes read and wrote
	hasIO  bool

	shown  bool // it moves something for certain
	moved  bool // its files moved at the newest look
	stood  int64
	last   observe.Transfer // the one said last
	born   int              // the tick in which it was found
	said   int              // the tick of that
	newest observe.Transfer
	told   int             // the tick in which its processes were told of last
	summed observe.Process // what was
	owed   bool            // their totals have moved since
	source observe.Source

	asked, answered bool   // the question of its size
	answer          string // to that, or when it is gone to the last one
	remains         map[string]observe.FileInfo
	seen            map[string]observe.FileInfo // which file was open under a path
	searched        bool                        // what it wrote was looked for under another name
	renamed         string                      // the name it had, when that was found
}

// certainIO is how many bytes must be read or written by what may be a copy, of which no file is known, to be one.
const certainIO = 64 << 10

func (f *found) foreign() bool {
	return len(f.parts) > 0 && !slices.ContainsFunc(f.parts, func(s *suspect) bool { return !s.foreign() })
}

// apart tells whether its paths are of another mount namespace than ours: a container's.
func (f *found) apart() bool {
	return slices.ContainsFunc(append(slices.Clone(f.past), f.parts...), func(s *suspect) bool { return s.apart })
}

// resting tells whether a copy that has not moved for long may be left out of a tick.
func (f *found) resting(tick int) bool {
	switch still := f.job.still; {
	case still >= veryRestful:
		return tick%4 != 0
	case still >= restful:
		return tick%2 != 0
	default:
		return false
	}
}

// pastMost bounds found.past.
const pastMost = 8

// files returns what its processes hold open.
func (f *found) files() []observe.OpenFile { return filesOf(f.parts) }

func filesOf(parts []*suspect) []observe.OpenFile {
	var files []observe.OpenFile
	for _, s := range parts {
		files = append(files, s.files()...)
	}
	return files
}

// everHeld returns what its processes had open when that was seen last, those that have ended first.
func (f *found) everHeld() []observe.OpenFile {
	return filesOf(append(slices.Clone(f.past), f.parts...))
}

// regroup finds out which processes make a copy together. A process stays with the copy that it was first seen in.
func (r *finderRun) regroup(ctx context.Context) error {
	var copies []*suspect
	for _, s := range r.scanner.list() {
		if s.copies {
			copies = append(copies, s)
		}
	}
	neighbours, err := r.neighbours(ctx, copies)
	if err != nil {
		return err
	}
	r.others = 0
	owner := map[ident]*found{}
	for _, f := range r.found {
		for id := range f.job.ids() {
			owner[id] = f
		}
		f.past, f.parts = append(f.past, f.parts...), nil
	}
	for _, group := range join(copies, neighbours, r.scanner.all) {
		f := r.claim(group, owner)
		if f == nil {
			continue
		}
		for _, n := range group {
			other := owner[ident{n.stat.pid, n.stat.start}]
			if other == nil {
				other = f
			}
			other.admit(n)
		}
	}
	for _, f := range r.found {
		f.settle(r.scanner.all)
	}
	slices.SortStableFunc(r.found, func(a, b *found) int {
		return older(procStat{pid: a.root.pid, start: a.root.start}, procStat{pid: b.root.pid, start: b.root.start})
	})
	return nil
}

// claim returns the copy that a group belongs to, a new one where it is none yet; nil where it is no copy.
func (r *finderRun) claim(group []*node, owner map[ident]*found) *found {
	var f *found
	for _, n := range group {
		if o := owner[ident{n.stat.pid, n.stat.start}]; o != nil && (f == nil || o.root.start < f.root.start) {
			f = o
		}
	}
	if f != nil {
		return f
	}
	leader := leaderOf(group, r.scanner.all)
	if leader == nil {
		return nil
	}
	if r.match != nil && !slices.ContainsFunc(group, func(n *node) bool { return n.copy != nil && r.match.MatchString(n.copy.command) }) {
		r.others++
		return nil
	}
	f = &found{id: fmt.Sprintf("%d@%d", leader.stat.pid, leader.stat.start), root: leader.id(), sizes: map[string]observe.FileInfo{}, born: r.tick}
	f.job = newJob(ProcessConfig{Self: r.cfg.Self}, r.host, finding{root: f.root, found: fmt.Sprintf("pid %d", f.root.pid)})
	f.job.given = true
	r.found = append(r.found, f)
	return f
}

// admit makes a process a part of the copy.
func (f *found) admit(n *node) {
	if n.copy != nil {
		f.parts = append(f.parts, n.copy)
	}
	if f.job.tree.members[n.stat.pid] == nil {
		m := f.job.tree.add(n.stat)
		if n.copy != nil && n.copy.command != "" {
			m.command, m.named = n.copy.command, n.stat.name
		}
	}
}

// settle brings the parts into order, adds what they started, and says in one what they move.
func (f *found) settle(all map[int]procStat) {
	slices.SortStableFunc(f.parts, func(a, b *suspect) int {
		switch {
		case a.move.passes() && !b.move.passes(): // pv may have been found before the tar that it reads from
			return 1
		case b.move.passes() && !a.move.passes():
			return -1
		case a.id() == f.root:
			return -1
		case b.id() == f.root:
			return 1
		case a.move.leader != b.move.leader && a.move.leader:
			return -1
		case a.move.leader != b.move.leader:
			return 1
		default:
			return older(a.stat, b.stat)
		}
	})
	f.past = slices.DeleteFunc(f.past, func(s *suspect) bool { return slices.Contains(f.parts, s) })
	f.past = f.past[max(0, len(f.past)-pastMost):]
	if len(f.parts) == 0 {
		return
	}
	among := map[int]bool{}
	for _, s := range f.parts {
		among[s.stat.pid] = true
	}
	for _, pid := range keys(all) {
		if st := all[pid]; f.job.tree.members[pid] == nil && !st.ended() && hasAncestor(st, all, among) {
			f.job.tree.add(st)
		}
	}
	if f.move.tool != "" && !slices.ContainsFunc(f.parts, func(s *suspect) bool { return s.id() == f.led }) {
		return // who stood for it has ended before the others: what was known of it still holds
	}
	m := f.parts[0].move
	m.sources = slices.Clone(m.sources)
	m.through = nil
	for _, s := range f.parts[1:] {
		m.join(s.move)
	}
	if f.answered {
		m.answer(f.answer)
	}
	f.move, f.led = m, f.parts[0].id()
}

// ids are the identities of the members of a job.
func (j *job) ids() map[ident]bool {
	ids := map[ident]bool{}
	for _, m := range j.tree.order {
		ids[m.id()] = true
	}
	return ids
}

// looks looks in full at those copies for which that is due, all of them together.
func (r *finderRun) looks(ctx context.Context) error {
	var due []*found
	for _, f := range r.found {
		if f.due(r.tick) {
			due = append(due, f)
		}
	}
	errs := make([]error, len(due))
	r.gather.run(ctx, len(due), func(i int) {
		j, host := due[i].job, seat{r.gather, i}
		j.procs, j.cfg.Procs = host, host
		if r.cfg.Runner != nil {
			j.cfg.Runner = host
		}
		errs[i] = j.look(ctx)
	})
	for i, f := range due {
		if errs[i] != nil {
			return errs[i]
		}
		f.count()
	}
	return nil
}

func (f *found) due(tick int) bool {
	return !f.resting(tick) && (f.job.tick < 2 || tick%fullLook == fullLook-1 || !f.moved || f.closed())
}

// count takes the I/O of the busiest process: what one hands to the next is not counted twice.
func (f *found) count() {
	for _, m := range f.job.tree.order {
		if !m.hasIO {
			continue
		}
		f.reach(m.io)
	}
}

// reach takes in what one of its processes read and wrote.
func (f *found) reach(io procIO) {
	f.hasIO = true
	f.io.Read, f.io.Write = max(f.io.Read, io.read), max(f.io.Write, io.write)
	f.io.ReadChars, f.io.WriteChars = max(f.io.ReadChars, io.readChars), max(f.io.WriteChars, io.writeChars)
	f.io.Calls = max(f.io.Calls, io.calls)
}

// byIO tells that what its processes read and write is the best that tells how far it is, so that it is worth a look
// at every tick.
func (f *found) byIO() bool {
	all := f.newest.Amounts
	return slices.ContainsFunc(all, func(a observe.Amount) bool { return a.Of == observe.AmountIO && a.Done == all[0].Done })
}
