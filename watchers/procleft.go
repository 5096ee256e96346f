package watchers

import "strings"

// remains are what is known of a job that has ended, by which what it left behind is told from a new job: a
// child that outlives a killed root still holds the log open, and still matches the pattern.
type remains struct {
	root    procStat
	members map[ident]bool // of its tree, when its end was seen
	leaders map[int]bool   // pids that led a session or a process group of it, the root's own among them
	alive   int64          // clock tick at which the root was seen to live last
	ended   int64          // clock tick at which it was seen to have ended
}

// maxRemains bounds how many ended jobs are remembered. One that ends over and over leaves little behind.
const maxRemains = 8

// remains returns what is to be remembered of a job that has ended.
func (j *job) remains() remains {
	e := remains{members: map[ident]bool{}, leaders: j.tree.leaders, alive: j.alive / tickMS, ended: j.uptime/tickMS + 1}
	for _, m := range j.tree.order {
		e.members[m.id()] = true
		if m.id() == j.root {
			e.root = m.stat
		}
	}
	e.leaders[e.root.session], e.leaders[e.root.group] = true, true
	return e
}

// remember keeps what the job left behind from being taken for a new one.
func (f *finder) remember(e remains) {
	f.ended = append(f.ended, e)
	f.ended = f.ended[max(0, len(f.ended)-maxRemains):]
	f.newest = "" // what is still there is seen with other eyes: the next look is not left out
}

// leftBy returns the root of the ended job that left st behind. stats must hold the ancestors of st.
func (f *finder) leftBy(st procStat, stats map[int]procStat) (root int, left bool) {
	for _, e := range f.ended {
		if e.left(st, stats) {
			return e.root.pid, true
		}
	}
	return 0, false
}

// left tells whether the job left st behind: a member of its tree, or one that began before the job was seen
// to have ended and stands below a member, or has lost its parent within the job's session or process group.
// Another process of the same session that has its parent may be the next job of the same script.
func (e *remains) left(st procStat, stats map[int]procStat) bool {
	if e.members[ident{st.pid, st.start}] {
		return true
	}
	if st.start > e.ended {
		return false
	}
	if (e.leaders[st.session] || e.leaders[st.group]) && orphan(st, stats) {
		return true
	}
	for range 100 { // a loop of parents can only come from a torn reading
		parent, ok := stats[st.parent]
		if !ok {
			return false
		}
		if e.members[ident{parent.pid, parent.start}] {
			return true
		}
		st = parent
	}
	return false
}

// daemonOf returns the root of the ended job that started st, a process which holds the job's log open: it
// began while the job lived and belongs to nobody now. Such a one left the job's session, and may have done so
// between two samples.
func (f *finder) daemonOf(st procStat, stats map[int]procStat) (root int, left bool) {
	for _, e := range f.ended {
		adopted := st.parent == 1 || strings.HasPrefix(stats[st.parent].name, "systemd")
		if adopted && st.start >= e.root.start && st.start < e.alive {
			return e.root.pid, true
		}
	}
	return 0, false
}

// orphan tells whether a process has lost its parent, for init or for one that takes in orphans of others.
func orphan(st procStat, stats map[int]procStat) bool {
	parent, ok := stats[st.parent]
	return st.parent == 1 || ok && parent.session != st.session
}
