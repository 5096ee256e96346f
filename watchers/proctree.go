package watchers

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// member is a process of the tree.
type member struct {
	stat    procStat
	io      procIO
	hasIO   bool
	noIO    int // samples in a row in which its I/O could not be read
	command string
	named   string // the name that command was read under
	age     int    // samples since it is a member
	seen    bool   // it was in the sample before: its movement can be told
	cpu     int64  // ticks used since the sample before
	bytes   int64  // read and written since the sample before, in characters
	idle    int    // samples in a row in which nothing of it moved
	epoch   int    // counts its movements: what was found out in an epoch holds for it
	cgroup  string // its /proc/PID/cgroup, once read
	wait    wait
	busy    byte   // the state of the thread that works while the main thread waits; 0: none
	shown   string // the command line that clean was made of
	clean   string // as it may be recorded
}

func (m *member) id() ident { return ident{m.stat.pid, m.stat.start} }

// take puts in what was read of the process. It reports false when the process is gone, or is another one.
func (m *member) take(texts map[string]string) bool {
	pid := m.stat.pid
	st, ok := parseStat(texts[procFile(pid, "stat")])
	if !ok || st.pid != pid || st.start != m.stat.start {
		return false
	}
	old, oldIO := m.stat, m.io
	m.stat = st
	m.age++
	m.cpu = st.cpu - old.cpu
	m.bytes = 0
	moved := m.cpu != 0 || st.faults != old.faults || st.reaped != old.reaped
	if io, ok := parseIO(texts[procFile(pid, "io")]); ok {
		m.io, m.noIO = io, 0
		if m.hasIO {
			m.bytes = max(0, io.readChars-oldIO.readChars) + max(0, io.writeChars-oldIO.writeChars) + max(0, io.read-oldIO.read) + max(0, io.write-oldIO.write)
			moved = moved || io != oldIO
		}
		m.hasIO = true
	} else if !st.ended() {
		m.noIO++
		m.hasIO = m.hasIO && m.noIO < 2 // a process that changed its user is not ours to read any more
	}
	switch {
	case !m.seen:
		m.seen = true
	case moved:
		m.idle = 0
		m.epoch++
	default:
		m.idle++
	}
	return true
}

// tree holds the processes of a job.
type tree struct {
	root    ident
	off     map[int]bool // never to be members
	members map[int]*member
	order   []*member    // oldest first: a parent stands before its children
	leaders map[int]bool // pids of members, living or not, that lead a session or a process group
}

func newTree(root ident, self []int) *tree {
	t := &tree{root: root, off: map[int]bool{}, members: map[int]*member{}, leaders: map[int]bool{}}
	for _, pid := range self {
		t.off[pid] = true
	}
	return t
}

// add makes a process a member.
func (t *tree) add(st procStat) *member {
	m := &member{stat: st}
	t.members[st.pid] = m
	t.order = append(t.order, m)
	sort.SliceStable(t.order, func(i, j int) bool {
		a, b := t.order[i].stat, t.order[j].stat
		return a.start < b.start || a.start == b.start && a.pid < b.pid
	})
	t.lead(st)
	return m
}

// lead notes that a member leads a session or a process group.
func (t *tree) lead(st procStat) {
	if st.session == st.pid || st.group == st.pid {
		t.leaders[st.pid] = true
	}
}

// drop removes a member that is gone.
func (t *tree) drop(pid int) {
	delete(t.members, pid)
	for i, m := range t.order {
		if m.stat.pid == pid {
			t.order = append(t.order[:i:i], t.order[i+1:]...)
			return
		}
	}
}

// adopt takes in the processes of a whole list that belong to the tree: the children of members, and those
// that a member left behind: they lost their parent, but are in a session or a process group that a member
// leads or led. It returns the new ones.
func (t *tree) adopt(all map[int]procStat) []*member {
	root, ok := t.members[t.root.pid]
	if !ok {
		return nil
	}
	var added []*member
	for again := true; again; {
		again = false
		for _, pid := range keys(all) {
			st := all[pid]
			if t.members[pid] != nil || t.off[pid] || st.start < root.stat.start || pid == root.stat.pid {
				continue
			}
			if t.members[st.parent] != nil || t.leftBehind(st, all) {
				added = append(added, t.add(st))
				again = true
			}
		}
	}
	return added
}

// leftBehind tells whether a process that lost its parent was started by a member.
func (t *tree) leftBehind(st procStat, all map[int]procStat) bool {
	if !t.leaders[st.group] && !t.leaders[st.session] {
		return false
	}
	parent, ok := all[st.parent]
	return st.parent == 1 || ok && parent.session != st.session
}

// Asking for every process all there is to know would be dear for large trees: beyond smallTree members,
// those that have not moved for restAfter samples are asked only for their stat, and for the rest in turns.
const (
	smallTree = 12
	restAfter = 3
	restTurns = 10
)

// request returns the files to read for a sample, parents before their children: what a child used is then
// never counted in its parent as well. The list stays the same while nothing happens. Where the members are given,
// nobody looks for children, and what one waits for is asked only of those that do not move.
func (t *tree) request(tick int, uptime, given bool) []string {
	files := make([]string, 0, 5*len(t.order)+1)
	if uptime {
		files = append(files, procUptime)
	}
	for _, m := range t.order {
		base := "/proc/" + strconv.Itoa(m.stat.pid)
		files = append(files, base+"/stat")
		if len(t.order) > smallTree && m.idle > restAfter && (tick+m.stat.pid)%restTurns != 0 {
			continue
		}
		files = append(files, base+"/io")
		if !given {
			files = append(files, base+"/task/"+base[6:]+"/children")
		}
		if len(t.order) <= smallTree && !given || m.idle > 0 {
			files = append(files, base+"/syscall", base+"/wchan")
		}
	}
	return files
}

// children returns the pids that texts name as children of members and that are not members yet.
func (t *tree) children(texts map[string]string) []int {
	fresh := map[int]bool{}
	for file, text := range texts {
		if !strings.HasSuffix(file, "/children") {
			continue
		}
		if t.members[pidOf(file)] == nil {
			continue
		}
		for _, pid := range parsePIDs(text) {
			if t.members[pid] == nil && !t.off[pid] {
				fresh[pid] = true
			}
		}
	}
	return keys(fresh)
}

// grow reads new processes, and their children in turn.
func (t *tree) grow(ctx context.Context, procs Procs, pids []int) error {
	for range 8 {
		if len(pids) == 0 {
			return nil
		}
		var files []string
		for _, pid := range pids {
			files = append(files, procFile(pid, "stat"), procFile(pid, "io"), procFile(pid, "task/*/children"), procFile(pid, "cmdline"))
		}
		texts, err := procs.ReadFiles(ctx, files...)
		if err != nil {
			return fmt.Errorf("read new processes: %w", err)
		}
		for _, pid := range pids {
			st, ok := parseStat(texts[procFile(pid, "stat")])
			if !ok || st.pid != pid || t.members[pid] != nil {
				continue
			}
			m := t.add(st)
			m.take(texts)
			m.setCommand(texts)
		}
		pids = t.children(texts)
	}
	return nil
}

// setCommand puts in the command line, where it was read. Kernel threads and zombies have none.
func (m *member) setCommand(texts map[string]string) {
	if text, ok := texts[procFile(m.stat.pid, "cmdline")]; ok {
		m.command, m.named = text, m.stat.name
	}
}
