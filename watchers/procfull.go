package watchers

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"ronda/internal/observe"
)

// A program that cannot write because its disk is full does not always say so: it sleeps, or tries again
// and again. The kernel shows it: nothing is written, and a file that is open for writing lies on a file
// system without a free block, or on one that has become read-only.

// What is written is looked at over so many samples; when it was hardly anything, the file systems are asked,
// and again after so many samples, sooner while one was found full. A few lines of complaint into a log are
// hardly anything.
const (
	fullPatience = 5
	fullHardly   = 4 << 10 // bytes a sample
	againFull    = 30
	againFound   = 5
	fullMembers  = 8 // of so many processes
	maxWritables = 64

	fullPatient = 5 * time.Second // a file system that does not answer is not waited for longer
)

// fullWatch keeps what is known of the file systems that the tree writes to.
type fullWatch struct {
	wrote int64 // characters written by the tree until tick
	tick  int
	asked int
	pid   int    // who has a file open on a full one; 0: nobody
	words string // why it cannot write
}

// look finds out whether the tree can write at all, when it hardly does.
func (w *fullWatch) look(ctx context.Context, j *job) error {
	switch passed := j.tick - w.tick; {
	case j.io == nil:
		return nil
	case w.tick == 0:
		w.wrote, w.tick = j.io.WriteChars, j.tick
	case passed >= fullPatience:
		hardly := j.io.WriteChars-w.wrote <= int64(passed)*fullHardly
		w.wrote, w.tick = j.io.WriteChars, j.tick
		if err := w.recheck(ctx, j, hardly); err != nil {
			return err
		}
	}
	m := j.tree.members[w.pid]
	if w.pid != 0 && (m == nil || m.stat.ended()) {
		m = j.tree.members[j.root.pid] // it was a passing one; its parents hold the file too, or gave it to it
	}
	if m != nil && m.wait.blocker == "" {
		m.wait.blocker, m.wait.words = observe.BlockerFull, w.words
	}
	return nil
}

func (w *fullWatch) recheck(ctx context.Context, j *job, hardly bool) error {
	again := againFull
	if w.pid != 0 {
		again = againFound
	}
	switch {
	case !hardly:
		w.pid, w.words, w.asked = 0, "", 0
	case w.pid != 0 && j.deep(w.pid):
		// A refused write waits for the disk's journal at times. It may not be asked then, and what is known stands.
	case w.asked == 0 || j.tick-w.asked >= again:
		w.asked = j.tick
		return w.ask(ctx, j)
	}
	return nil
}

// writable is a file that a member has open for writing.
type writable struct {
	pid    int
	link   string // /proc/PID/fd/N
	target string
	on     mount
}

// deep tells whether a member is in uninterruptible wait.
func (j *job) deep(pid int) bool {
	m := j.tree.members[pid]
	return m != nil && m.stat.state == 'D'
}

// ask looks for a file that cannot be written. Without an answer what was known stands.
func (w *fullWatch) ask(ctx context.Context, j *job) error {
	files, err := j.writables(ctx)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.on.readOnly {
			w.pid, w.words = f.pid, fmt.Sprintf("cannot write to %s: its file system has become read-only (%s)", f.target, f.on)
			return nil
		}
	}
	files = slices.DeleteFunc(files, func(f writable) bool { return !f.on.local() })
	if len(files) == 0 || j.cfg.Runner == nil {
		w.pid, w.words = 0, ""
		return nil
	}
	spaces, err := j.spaces(ctx, files)
	if err != nil || spaces == nil {
		return err
	}
	w.pid, w.words = 0, ""
	for _, f := range files {
		if s, ok := spaces[f.link]; ok && s.full {
			w.pid, w.words = f.pid, fmt.Sprintf("cannot write to %s: its file system is full (%s)", f.target, f.on)
			return nil
		}
	}
	return nil
}

// writables lists the regular files that members have open for writing, the log of the task last.
func (j *job) writables(ctx context.Context) ([]writable, error) {
	var dirs []string
	for _, m := range slices.Backward(j.tree.order) { // the youngest do the work
		if m.hasIO && !m.stat.ended() && m.stat.state != 'D' && len(dirs) < fullMembers {
			dirs = append(dirs, procFile(m.stat.pid, "fd"))
		}
	}
	if len(dirs) == 0 {
		return nil, nil
	}
	links, err := j.procs.ReadLinks(ctx, dirs...)
	if err != nil {
		return nil, fmt.Errorf("read open files: %w", err)
	}
	regular := regularFiles(links)
	if len(regular) == 0 {
		return nil, nil
	}
	infos, err := j.files.positions(ctx, j, regular)
	if err != nil {
		return nil, err
	}
	mounts, err := j.readMounts(ctx, j.root.pid)
	if err != nil {
		return nil, err
	}
	var files []writable
	for _, link := range sortedKeys(regular) {
		fi, ok := infos[link]
		if on, known := mounts[fi.mount]; ok && known && fi.writes() {
			files = append(files, writable{pidOf(link), link, regular[link], on})
		}
	}
	age := map[int]int{}
	for i, m := range j.tree.order {
		age[m.stat.pid] = i
	}
	// The oldest tells: a child that comes and goes has got its files from it.
	slices.SortStableFunc(files, func(a, b writable) int {
		return cmp.Or(rankLog(a.target, j.cfg.Log)-rankLog(b.target, j.cfg.Log), age[a.pid]-age[b.pid])
	})
	files = slices.CompactFunc(files, func(a, b writable) bool { return a.pid == b.pid && a.target == b.target })
	return files[:min(len(files), maxWritables)], nil
}

func rankLog(target, log string) int {
	if target == log {
		return 1
	}
	return 0
}

// space is what a file system says of itself to a certain process.
type space struct{ full bool }

// What asks the file systems of open files for their room.
const (
	spaceCommand = "stat -L -f -c '%a %f %b %S %n' -- "
	spaceQuietly = " 2>/dev/null"
)

// spaces asks the file systems of open files how much is left. It asks through the processes' descriptors, so
// that it is the very file system, whatever is mounted over it or seen from elsewhere.
func (j *job) spaces(ctx context.Context, files []writable) (map[string]space, error) {
	links, status := make([]string, 0, len(files)), make([]string, 0, len(files))
	for _, f := range files {
		links = append(links, f.link)
		status = append(status, procFile(f.pid, "status"))
	}
	texts, err := j.procs.ReadFiles(ctx, status...)
	if err != nil {
		return nil, fmt.Errorf("read /proc: %w", err)
	}
	short, cancel := context.WithTimeout(ctx, fullPatient)
	defer cancel()
	out, _, _, err := j.cfg.Runner.Run(short, spaceCommand+strings.Join(links, " ")+spaceQuietly)
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // without an answer nothing is known of the space, and that is no trouble
	}
	found := map[string]space{}
	for line := range strings.Lines(string(out)) {
		if link, s, ok := parseSpace(line, func(pid int) bool { return effectiveRoot(texts[procFile(pid, "status")]) }); ok {
			found[link] = s
		}
	}
	return found, nil
}

// parseSpace reads "AVAILABLE FREE BLOCKS BLOCKSIZE LINK". Root may use what is reserved, but for what ext4
// keeps for itself: 2 % of the blocks, at most 4096 (ext4_calculate_resv_clusters). Of a small file system that is
// more of the blocks that it admits to have, for it leaves out its own.
func parseSpace(line string, isRoot func(pid int) bool) (link string, s space, ok bool) {
	f := strings.Fields(line)
	if len(f) != 5 || pidOf(f[4]) == 0 || path.Base(path.Dir(f[4])) != "fd" {
		return "", space{}, false
	}
	var n [4]int64
	for i := range n {
		v, err := strconv.ParseInt(f[i], 10, 64)
		if err != nil || v < 0 {
			return "", space{}, false
		}
		n[i] = v
	}
	available, free, blocks := n[0], n[1], n[2]
	s.full = blocks > 0 && available == 0
	if isRoot(pidOf(f[4])) {
		s.full = s.full && free <= min(blocks/32, 4096)
	}
	return f[4], s, true
}
