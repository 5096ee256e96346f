package watchers

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// How often things are looked at again while nothing moves, in samples.
const (
	againLock    = 5
	againFrozen  = 5
	againPipe    = 15
	againPeer    = 10
	againThreads = 10
	pipePatience = 5 // samples before a pipe that no member reads counts as full and not read
	peerPatience = 10
	maxThreads   = 300 // a process with more is not asked thread by thread
)

// reasons finds out what those members wait for that did not move, from what was read for this sample and
// from a few more files where it is not plain.
func (j *job) reasons(ctx context.Context, texts map[string]string) error {
	var still []*member
	for _, m := range j.tree.order {
		j.hear(m, texts)
		if m.stat.ended() || m.idle == 0 {
			m.wait.blocker, m.wait.words, m.wait.asked, m.wait.server = "", "", 0, false
			m.wait.stay(false, "", false, 0)
			continue
		}
		still = append(still, m)
	}
	if err := j.threads(ctx, still); err != nil {
		return err
	}
	if err := j.readLinks(ctx, still); err != nil {
		return err
	}
	looks := map[look][]*member{}
	for _, m := range still {
		if m.wait.call.known && m.wait.epoch == m.epoch {
			m.wait.resolve()
		}
		h := hinder(m.stat, &m.wait)
		if h.class == observe.BlockerInput && j.tree.promptShell(m) {
			h = hindrance{words: "sits at its prompt"}
		}
		if h.look != m.wait.seeking { // what was found out of another hindrance is not true of this one
			m.wait.seeking, m.wait.asked, m.wait.blocker, m.wait.words, m.wait.server = h.look, 0, "", "", false
		}
		if h.look == lookNowhere {
			m.wait.blocker, m.wait.words = h.class, h.words
			continue
		}
		looks[h.look] = append(looks[h.look], m)
	}
	for _, more := range []func(context.Context, map[look][]*member) error{j.lookLocks, j.lookPipes, j.lookFrozen, j.lookPeers, j.lookStorage} {
		if err := more(ctx, looks); err != nil {
			return err
		}
	}
	return j.lookScreen(ctx, still)
}

// hear takes in the syscall and wchan of a member, where they were read.
func (j *job) hear(m *member, texts map[string]string) {
	w := &m.wait
	raw, asked := texts[procFile(m.stat.pid, "syscall")]
	wchan, ok := texts[procFile(m.stat.pid, "wchan")]
	if ok || asked {
		if w.state == 0 || m.idle <= 1 {
			w.wchan, w.state = waitPlace(wchan), 0
			w.call = parseSyscall(raw, j.host.machine)
		}
	} else if m.idle == 0 {
		w.wchan, w.call, w.target, w.state = "", sysCall{}, "", 0
	}
	if w.state == 0 {
		w.stay(m.idle > 0 && deep(m.stat.state, w.wchan), raw, asked, 1)
	}
	if w.epoch != m.epoch {
		w.epoch, w.links, w.target, w.asked, w.question = m.epoch, nil, "", 0, ""
	}
}

// waitPlace reads wchan; "0" stands for a thread that runs, and for one that is not ours to look into.
func waitPlace(wchan string) string {
	if wchan = printable(strings.TrimSpace(wchan), 64); wchan == "0" {
		return ""
	}
	return wchan
}

// readLinks reads the descriptors of those members that wait in a call that works on one.
func (j *job) readLinks(ctx context.Context, still []*member) error {
	var dirs []string
	for _, m := range still {
		if m.wait.links == nil && m.wait.needsLinks() {
			dirs = append(dirs, procFile(m.stat.pid, "fd"))
		}
	}
	if len(dirs) == 0 {
		return nil
	}
	links, err := j.procs.ReadLinks(ctx, dirs...)
	if err != nil {
		return fmt.Errorf("read open files: %w", err)
	}
	for link, target := range links {
		m := j.tree.members[pidOf(link)]
		fd, err := strconv.Atoi(path.Base(link))
		if m == nil || err != nil {
			continue
		}
		if m.wait.links == nil {
			m.wait.links = map[int]string{}
		}
		m.wait.links[fd] = target
	}
	for _, m := range still {
		if m.wait.links == nil && m.wait.needsLinks() {
			m.wait.links = map[int]string{} // not ours to read: do not ask again in this epoch
		}
	}
	return nil
}

// due tells whether a member that waits is to be looked at again, and notes that it is.
func (j *job) due(m *member, again int) bool {
	if m.wait.asked != 0 && j.tick-m.wait.asked < again {
		return false
	}
	m.wait.asked = j.tick
	return true
}

// lookLocks names who holds the locks that members wait for.
func (j *job) lookLocks(ctx context.Context, looks map[look][]*member) error {
	var due []*member
	for _, m := range looks[lookLock] {
		if j.due(m, againLock) {
			due = append(due, m)
		}
	}
	if len(due) == 0 {
		return nil
	}
	texts, err := j.procs.ReadFiles(ctx, "/proc/locks")
	if err != nil {
		return fmt.Errorf("read /proc/locks: %w", err)
	}
	locks := parseLocks(texts["/proc/locks"])
	for _, m := range due {
		m.wait.blocker = observe.BlockerLock
		m.wait.words = lockWords(m.wait.target)
		holder := 0
		if l, ok := lockOf(locks, m.stat.pid); ok {
			holder = l.holder
		}
		name, err := j.name(ctx, holder)
		if err != nil {
			return err
		}
		if name == "" && m.wait.target != "" {
			// A lock of flock belongs to the open file: who set it may have ended, and a child holds it on.
			if holder, name, err = j.otherHolder(ctx, m); err != nil {
				return err
			}
		}
		if name != "" {
			m.wait.words += fmt.Sprintf(" held by %s (pid %d)", name, holder)
		}
	}
	return nil
}

// otherHolder finds a process that holds open, without waiting itself, the file that a member wants locked.
func (j *job) otherHolder(ctx context.Context, waiter *member) (int, string, error) {
	pids, err := j.procs.Holders(ctx, waiter.wait.target)
	if err != nil {
		return 0, "", nil //nolint:nilerr // the lock is a fact all the same; its holder stays unnamed
	}
	slices.Sort(pids)
	for _, pid := range pids {
		if m := j.tree.members[pid]; m != nil && m.wait.call.setsLock() {
			continue
		}
		name, err := j.name(ctx, pid)
		if err != nil || name != "" {
			return pid, name, err
		}
	}
	return 0, "", nil
}

// name returns the name of a living process; "" when there is none.
func (j *job) name(ctx context.Context, pid int) (string, error) {
	if pid <= 0 {
		return "", nil
	}
	if m := j.tree.members[pid]; m != nil {
		return m.stat.name, nil
	}
	stats, err := readStats(ctx, j.procs, procFile(pid, "stat"))
	return stats[pid].name, err
}

// lookPipes names who is to read the full pipes that members write into. A reader that works is slow, not
// a hindrance; one that does not move, or that nobody sees, is one after some samples.
func (j *job) lookPipes(ctx context.Context, looks map[look][]*member) error {
	for _, m := range looks[lookPipe] {
		if m.idle < pipePatience {
			continue
		}
		if m.wait.words == "" || j.due(m, againPipe) {
			m.wait.asked = j.tick
			ends, err := pipeEnds(ctx, j.procs, m.wait.target, false, m.stat)
			if err != nil {
				return err
			}
			m.wait.words = "waits for a reader of its full pipe"
			j.readers[m.stat.pid] = ends
			if len(ends) > 0 {
				name, err := j.name(ctx, ends[0])
				if err != nil {
					return err
				}
				m.wait.words = fmt.Sprintf("waits for the reader of its full pipe: %s (pid %d)", name, ends[0])
			}
		}
		m.wait.blocker = observe.BlockerPipe
		for _, pid := range j.readers[m.stat.pid] {
			if reader := j.tree.members[pid]; reader != nil && reader.idle < pipePatience {
				m.wait.blocker = "" // it works
			}
		}
	}
	return nil
}

// lookFrozen asks the control groups of members that look frozen.
func (j *job) lookFrozen(ctx context.Context, looks map[look][]*member) error {
	for _, m := range looks[lookFrozen] {
		if !j.due(m, againFrozen) {
			continue
		}
		if err := j.readCgroup(ctx, m); err != nil {
			return err
		}
		var files []string
		if p := cgroupPath(m.cgroup, ""); p != "" {
			files = append(files, "/sys/fs/cgroup"+p+"/cgroup.events", "/sys/fs/cgroup/unified"+p+"/cgroup.events")
		}
		if p := cgroupPath(m.cgroup, "freezer"); p != "" {
			files = append(files, "/sys/fs/cgroup/freezer"+p+"/freezer.state")
		}
		m.wait.blocker, m.wait.words = "", ""
		if len(files) == 0 {
			continue
		}
		texts, err := j.procs.ReadFiles(ctx, files...)
		if err != nil {
			return fmt.Errorf("read control groups: %w", err)
		}
		for file, text := range texts {
			frozen, _ := field(text, "frozen")
			if frozen == "1" || strings.HasPrefix(text, "FROZEN") {
				m.wait.blocker = observe.BlockerFrozen
				m.wait.words = "is frozen with its control group " + printable(path.Dir(file), 256)
			}
		}
	}
	return nil
}

func (j *job) readCgroup(ctx context.Context, m *member) error {
	if m.cgroup != "" {
		return nil
	}
	file := procFile(m.stat.pid, "cgroup")
	texts, err := j.procs.ReadFiles(ctx, file)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	m.cgroup = texts[file]
	return nil
}

// lookPeers asks whether the TCP peers of members answer. The table of connections is dear to read, so it
// is read only when nothing in the tree has moved for a while, and then rarely.
func (j *job) lookPeers(ctx context.Context, looks map[look][]*member) error {
	for _, m := range looks[lookPeer] {
		if m.idle < peerPatience || j.still < peerPatience || !j.due(m, againPeer*(1+min(m.idle/60, 5))) {
			continue
		}
		tables := []string{procFile(m.stat.pid, "net/tcp"), procFile(m.stat.pid, "net/tcp6")}
		texts, err := j.procs.ReadFiles(ctx, tables...)
		if err != nil {
			return fmt.Errorf("read connections: %w", err)
		}
		m.wait.blocker, m.wait.words = "", ""
		for _, table := range tables {
			rows := parseTCP(texts[table])
			for _, target := range m.wait.links {
				row, ok := rows[strings.TrimSuffix(strings.TrimPrefix(target, "socket:["), "]")]
				if ok && row.unsent && row.retransmits >= 3 {
					m.wait.blocker = observe.BlockerPeer
					m.wait.words = fmt.Sprintf("waits for its peer %s, which does not answer: %d retransmissions", address(row.remote), row.retransmits)
				}
			}
		}
	}
	return nil
}
