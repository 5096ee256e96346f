package watchers

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// scanner knows the processes of a host, and which of them may be copies.
type scanner struct {
	all      map[int]procStat
	judged   map[int]judgement
	suspects map[int]*suspect
	newcomers
}

// judgement is what was made of a process the last time that it was asked who it is.
type judgement struct {
	start int64
	name  string // one that has become another program is asked again
	deep  int    // looks at which it could not be asked, for it was in uninterruptible wait
}

// suspect is a process that may be a copy.
type suspect struct {
	stat    procStat
	command string
	exe     string
	cwd     string
	apart   bool           // it sees other mounts than we do: a path of its own is not ours
	links   map[int]string // nil: not ours to see
	held    map[int]*held  // its open files with data in them, by descriptor
	move    move
	copies  bool // recognize takes it for one
	looked  bool
	opened  int // the scan at which it was last asked what it has open
}

// openEvery is how many scans may pass until a copy is asked again what it has open, while nothing tells that this
// has changed.
const openEvery = 4

// due tells whether a suspect must be asked what it has open: it is new, no copy yet, another file has come under one
// of its descriptors, or none of its files moves.
func (s *suspect) due(scan int) bool {
	if !s.looked || !s.copies || s.opened == 0 || (scan+s.stat.pid)%openEvery == 0 {
		return true
	}
	moves := false
	for _, h := range s.held {
		if h.lost {
			return true
		}
		moves = moves || h.moving
	}
	return !moves && scan-s.opened > 1
}

func (s *suspect) id() ident { return ident{s.stat.pid, s.stat.start} }

func newScanner() scanner {
	return scanner{judged: map[int]judgement{}, suspects: map[int]*suspect{}}
}

// leastAge is how long a process must live to be taken for a copy, in clock ticks: what is over in a moment is not
// worth a task, and a pipeline has come together by then.
const leastAge = 100

// patientDeep is for how many looks a process in uninterruptible wait is not asked for its command line: that may
// hang as long as the wait does. After that its name must do.
const patientDeep = 3

// scan looks through all processes of the host.
func (r *finderRun) scan(ctx context.Context) error {
	texts, err := r.cfg.Procs.ReadFiles(ctx, append([]string{procUptime, "/proc/[0-9]*/stat"}, kernelFiles()...)...)
	if err != nil {
		return fmt.Errorf("read /proc: %w", err)
	}
	if up := parseUptime(texts[procUptime]); up > 0 {
		r.uptime = up
	}
	r.scanner.take(texts)
	r.missed()
	if err := r.judge(ctx); err != nil {
		return err
	}
	r.scans++
	var due []*suspect
	for _, s := range r.scanner.list() {
		if s.due(r.scans) {
			due = append(due, s)
		}
	}
	if err := r.openFiles(ctx, due); err != nil {
		return err
	}
	for _, s := range due {
		s.opened = r.scans
		s.recognize()
	}
	if err := r.regroup(ctx); err != nil {
		return err
	}
	if err := r.sizes(ctx); err != nil {
		return err
	}
	r.kernelCopies(texts)
	return nil
}

// take puts in the stat of every process. Those that are gone are forgotten.
func (c *scanner) take(texts map[string]string) {
	c.all = make(map[int]procStat, len(texts))
	for file, text := range texts {
		if pid := pidOf(file); pid > 0 && strings.HasSuffix(file, "/stat") {
			if st, ok := parseStat(text); ok && st.pid == pid {
				c.all[pid] = st
			}
		}
	}
	for pid, j := range c.judged {
		if c.all[pid].start != j.start {
			delete(c.judged, pid)
		}
	}
	for pid, s := range c.suspects {
		st, ok := c.all[pid]
		if !ok || st.start != s.stat.start || st.ended() || st.name != s.stat.name {
			delete(c.suspects, pid)
			continue
		}
		s.stat = st
	}
}

// list returns the suspects, oldest first.
func (c *scanner) list() []*suspect {
	list := make([]*suspect, 0, len(c.suspects))
	for _, s := range c.suspects {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *suspect) int { return older(a.stat, b.stat) })
	return list
}

// older orders processes by when they began.
func older(a, b procStat) int {
	switch {
	case a.start != b.start:
		return int(min(max(a.start-b.start, -1), 1))
	default:
		return a.pid - b.pid
	}
}

// judge asks those processes who they are that were not asked yet.
func (r *finderRun) judge(ctx context.Context) error {
	c := &r.scanner
	off := map[int]bool{}
	for _, pid := range r.cfg.Self {
		off[pid] = true
	}
	var fresh, deep []procStat
	var files []string
	for _, pid := range keys(c.all) {
		st := c.all[pid]
		was, known := c.judged[pid]
		if known && was.name == st.name || st.ended() || pid == 2 || st.parent == 2 || off[pid] ||
			r.uptime/tickMS-st.start < leastAge || hasAncestor(st, c.all, off) {
			continue
		}
		if st.state == 'D' {
			deep = append(deep, st)
			continue
		}
		fresh, files = append(fresh, st), append(files, procFile(pid, "cmdline"))
	}
	moving, err := r.moving(ctx, deep)
	if err != nil {
		return err
	}
	for _, st := range deep {
		was := c.judged[st.pid]
		switch {
		case moving[st.pid]:
			fresh, files = append(fresh, st), append(files, procFile(st.pid, "cmdline"))
		case was.deep < patientDeep:
			c.judged[st.pid] = judgement{start: st.start, deep: was.deep + 1}
		default:
			fresh = append(fresh, st)
		}
	}
	texts := map[string]string{}
	if len(files) > 0 {
		if texts, err = r.cfg.Procs.ReadFiles(ctx, files...); err != nil {
			return fmt.Errorf("read command lines: %w", err)
		}
	}
	for _, st := range fresh {
		c.judged[st.pid] = judgement{start: st.start, name: st.name}
		command := strings.TrimSpace(texts[procFile(st.pid, "cmdline")])
		if suspicious(st.name, command) && !agents(st, command) {
			c.suspects[st.pid] = &suspect{stat: st, command: command}
		}
	}
	return nil
}

// moving tells which of these processes in uninterruptible wait are there because they read or write: most copies are,
// most of the time. Their memory is not locked by that, so that their command lines can be read.
func (r *finderRun) moving(ctx context.Context, deep []procStat) (map[int]bool, error) {
	if len(deep) == 0 {
		return nil, nil //nolint:nilnil // of none nothing is to be told
	}
	files := make([]string, len(deep))
	for i, st := range deep {
		files[i] = procFile(st.pid, "syscall")
	}
	texts, err := r.cfg.Procs.ReadFiles(ctx, files...)
	if err != nil {
		return nil, fmt.Errorf("read system calls: %w", err)
	}
	moving := map[int]bool{}
	for i, st := range deep {
		switch parseSyscall(texts[files[i]], r.host.machine).name {
		case "read", "readv", "pread64", "preadv", "write", "writev", "pwrite64", "pwritev", "copy_file_range", "sendfile", "splice",
			"fsync", "fdatasync", "sync_file_range", "openat", "open", "newfstatat", "statx", "getdents64", "close":
			moving[st.pid] = true
		}
	}
	return moving, nil
}

// agents tells whether a process is one with which a ronda reads logs of this host: a dd that reads what its parent
// has open.
func agents(st procStat, command string) bool {
	return strings.HasPrefix(command, "dd if="+procFile(st.parent, "fd/"))
}

// recognize makes out what a suspect moves.
func (s *suspect) recognize() {
	s.move, s.copies = recognize(procFacts{
		pid: s.stat.pid, name: s.stat.name, exe: s.exe, command: s.command, cwd: s.cwd, links: s.links, files: s.files(),
	})
}

// identify takes in the links of a process's own folder.
func (s *suspect) identify(links map[string]string, ours string) {
	base := procFile(s.stat.pid, "")
	s.exe = path.Base(strings.TrimSuffix(links[base+"exe"], " (deleted)"))
	if links[base+"exe"] == "" {
		s.exe = ""
	}
	s.cwd = printable(links[base+"cwd"], 512)
	mnt := links[base+"ns/mnt"]
	s.apart = mnt != "" && ours != "" && mnt != ours
	s.looked = true
}

// byProcess sorts links by process and descriptor.
func byProcess(links map[string]string) map[int]map[int]string {
	all := map[int]map[int]string{}
	for link, target := range links {
		if path.Base(path.Dir(link)) != "fd" {
			continue
		}
		fd, err := strconv.Atoi(path.Base(link))
		if err != nil {
			continue
		}
		pid := pidOf(link)
		if all[pid] == nil {
			all[pid] = map[int]string{}
		}
		all[pid][fd] = printable(target, 512)
	}
	return all
}
