package watchers

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"ronda/internal/observe"
)

// finding is the result of one look for a root. root.pid is 0 when there is none, and state and why say
// what to tell then.
type finding struct {
	root  ident
	found string // how, in words
	group string // the control group of a unit, whose processes belong to the tree
	state observe.SourceState
	why   string
	hint  string // what to try where no root was found at all
	of    int    // so many roots match a pattern
}

func waiting(why string, args ...any) finding {
	return finding{state: observe.SourceWaiting, why: fmt.Sprintf(why, args...)}
}

// finder looks for the root of the tree: by pid, by a pid file, by a pattern over command lines, by a
// systemd unit, or by who writes the log.
type finder struct {
	cfg    ProcessConfig
	match  *regexp.Regexp
	newest string    // the newest pid of the host at the last look by pattern
	skips  int       // looks left out because no process had started since
	none   finding   // what the last look by pattern said
	ended  []remains // of the jobs that were found and have ended, newest last
	looked logLook   // the newest look for the log's writer that found nobody
}

// logLook is a look at all processes for the writer of a log, which costs much on a busy host.
type logLook struct {
	at      time.Time
	log     observe.FileInfo // as it was then
	nothing finding
}

// lookAnyway is how often the processes are looked through although the log has not changed: somebody may
// have opened it who has not written yet.
const lookAnyway = 30 * time.Second

// unchanged tells that nobody can have begun to write the log since the newest look: it is as it was, or it
// does not exist.
func (f *finder) unchanged(ctx context.Context) (bool, error) {
	infos, err := f.cfg.Procs.StatFiles(ctx, f.cfg.Log)
	if err != nil {
		return false, fmt.Errorf("look at %s: %w", f.cfg.Log, err)
	}
	log, there := infos[f.cfg.Log]
	same := there && log == f.looked.log && time.Since(f.looked.at) < lookAnyway
	f.looked.log = log
	if !there {
		f.looked.nothing = waiting("there is no log yet to find it by")
	}
	return same || !there, nil
}

func newFinder(cfg ProcessConfig) (*finder, error) {
	f := &finder{cfg: cfg}
	if cfg.Ref.Match != "" {
		re, err := regexp.Compile(cfg.Ref.Match)
		if err != nil {
			return nil, fmt.Errorf("process pattern %q: %w", cfg.Ref.Match, err)
		}
		f.match = re
	}
	return f, nil
}

// patience is how many looks may fail before it is said.
func (f *finder) patience() int {
	if f.cfg.Ref == (observe.ProcessRef{}) {
		return 5
	}
	return 1
}

// pause is how long to wait after so many looks in vain: five looks within 2 s, then more and more rarely,
// to 10 s.
func (f *finder) pause(tries int, every time.Duration) time.Duration {
	if tries < 5 {
		return min(400*time.Millisecond, every)
	}
	return min(every<<min(tries-5, 10), 10*every)
}

func (f *finder) find(ctx context.Context, h procHost) (finding, error) {
	switch ref := f.cfg.Ref; {
	case ref.PID != 0:
		return f.byPID(ctx, h, ref.PID, fmt.Sprintf("pid %d", ref.PID))
	case ref.PIDFile != "":
		return f.byPIDFile(ctx, h, ref.PIDFile)
	case ref.Unit != "":
		return f.byUnit(ctx, ref.Unit)
	case f.match != nil:
		return f.byPattern(ctx)
	case f.cfg.Log != "":
		return f.byLog(ctx, h)
	default:
		return finding{state: observe.SourceFailed, why: "no process was named and there is no log to find it from"}, nil
	}
}

func (f *finder) byPID(ctx context.Context, h procHost, pid int, how string) (finding, error) {
	stats, err := f.stats(ctx, pid)
	if err != nil {
		return finding{}, err
	}
	if st, ok := stats[pid]; ok {
		return finding{root: ident{pid, st.start}, found: how}, nil
	}
	if h.hidden {
		return finding{state: observe.SourceFailed, why: fmt.Sprintf("process %d cannot be seen: /proc shows only one's own processes here (hidepid); run as root", pid)}, nil
	}
	if file, ok := strings.CutPrefix(how, "pid file "); ok {
		return waiting("no process with pid %d, which stands in %s: it has ended, or the file is left over", pid, file), nil
	}
	return waiting("no process with pid %d: it has ended already, or it runs on another host or in a container", pid), nil
}

// byPIDFile takes the pid of a file, unless that process is younger than the file: then the file is left
// over, and its pid was given to somebody else.
func (f *finder) byPIDFile(ctx context.Context, h procHost, file string) (finding, error) {
	const kernel = "/proc/stat"
	texts, err := f.cfg.Procs.ReadFiles(ctx, file, kernel)
	if err != nil {
		return finding{}, fmt.Errorf("read pid file %s: %w", file, err)
	}
	pids := parsePIDs(texts[file])
	if len(pids) == 0 {
		return waiting("no pid stands in %s, or it may not be read", file), nil
	}
	found, err := f.byPID(ctx, h, pids[0], "pid file "+file)
	if err != nil || found.root.pid == 0 {
		return found, err
	}
	infos, err := f.cfg.Procs.StatFiles(ctx, file)
	if err != nil {
		return finding{}, fmt.Errorf("look at pid file %s: %w", file, err)
	}
	boot, _ := field(texts[kernel], "btime")
	seconds, err := strconv.ParseInt(boot, 10, 64)
	if info, ok := infos[file]; ok && err == nil {
		began := time.Unix(seconds, 0).Add(time.Duration(found.root.start) * tickMS * time.Millisecond)
		if began.After(info.Modified.Add(time.Minute)) { // the clock may have been set meanwhile
			return waiting("%s is left over: process %d began after it was written", file, pids[0]), nil
		}
	}
	return found, nil
}

// byPattern takes the topmost process whose command line matches, the newest where there are several. Those
// who only look (grep, tail, an editor) are left out unless the pattern names them, and so are every ronda,
// who started it, all that it started, and the servers that hold whole sessions (tmux, screen, sshd).
func (f *finder) byPattern(ctx context.Context) (finding, error) {
	const loads = "/proc/loadavg"
	texts, err := f.cfg.Procs.ReadFiles(ctx, loads)
	if err != nil {
		return finding{}, fmt.Errorf("read /proc: %w", err)
	}
	newest := lastWord(texts[loads])
	if newest != "" && newest == f.newest && f.skips < 6 {
		f.skips++ // an exec alone changes a command line too: look all the same now and then
		return f.none, nil
	}
	none := waiting("no process matches %q yet", f.cfg.Ref.Match)
	f.newest, f.skips, f.none = newest, 0, none
	texts, err = f.cfg.Procs.ReadFiles(ctx, "/proc/[0-9]*/cmdline")
	if err != nil {
		return finding{}, fmt.Errorf("read command lines: %w", err)
	}
	hits := map[int]string{}
	for file, text := range texts {
		if pid := pidOf(file); pid > 0 && f.match.MatchString(strings.TrimSpace(text)) {
			hits[pid] = text
		}
	}
	stats, err := f.lineage(ctx, keys(hits)...)
	if err != nil {
		return finding{}, err
	}
	off := f.notTheJob(hits, stats)
	var tops []procStat
	for _, pid := range keys(hits) {
		st, ok := stats[pid]
		if !ok || st.ended() || off[pid] || f.onlyLooks(st, hits[pid]) {
			continue
		}
		if root, left := f.leftBy(st, stats); left {
			none.why = fmt.Sprintf("only %s (pid %d) matches %q, and process %d left it behind", st.name, pid, f.cfg.Ref.Match, root)
			continue
		}
		tops = append(tops, st)
	}
	tops = topmost(tops, stats)
	f.none = none
	if len(tops) == 0 {
		return none, nil
	}
	how := fmt.Sprintf("matches %q", f.cfg.Ref.Match)
	if len(tops) > 1 {
		how += fmt.Sprintf(", the newest of %d", len(tops))
	}
	top := tops[len(tops)-1]
	return finding{root: ident{top.pid, top.start}, found: how, of: len(tops)}, nil
}

// others finds out who else matches the pattern and still runs, when the job has ended.
func (f *finder) others(ctx context.Context) (finding, error) {
	if f.match == nil || f.cfg.Ref.PID != 0 || f.cfg.Ref.PIDFile != "" || f.cfg.Ref.Unit != "" {
		return finding{}, nil
	}
	found, err := f.byPattern(ctx)
	f.newest = "" // nobody has started since, but the next look is to find them too
	return found, err
}

// onlyLooks tells whether a process that matches does not do the work but looks at it or holds it.
func (f *finder) onlyLooks(st procStat, command string) bool {
	if boundary(st.name) {
		return true
	}
	switch st.name {
	case "grep", "egrep", "pgrep", "pkill", "rg", "tail", "less", "more", "vi", "vim", "nvim", "nano", "emacs", "view", "watch", "ronda", "journalctl", "man", "top", "htop":
		argv0 := firstWord(command)
		return !f.match.MatchString(argv0) && !f.match.MatchString(path.Base(argv0))
	default:
		return false
	}
}
