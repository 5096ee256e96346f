package watchers

import (
	"context"
	"fmt"
	"maps"
	"path"
	"strings"
	"time"
)

// How the root is found from the log.
//
// The writer is a process that holds the log open for writing. A filter that only passes on what it reads
// (tee, cat, ts …) is not the worker: its pipe is followed to those who write into it. From the writer it
// goes up to the ancestor that still belongs to the same job. A parent belongs to it when it is in the
// child's session, or when it has a terminal, is a script of the shell, or is known to start its work in a
// session of its own (apt over dpkg, sudo, script). The way up ends before what holds jobs but is none: an
// interactive shell at its prompt, a login, sshd, tmux, cron, init, whoever started ronda, and a script that
// runs several jobs side by side.

const nameIt = "name its process with --match or --pid"

// byLog finds the root from the log's writer.
func (f *finder) byLog(ctx context.Context, h procHost) (finding, error) {
	log := f.cfg.Log
	if kernelFile(log) || device(log) {
		none := waiting("the log is no regular file: who holds it open need not be the job")
		none.hint = nameIt
		return none, nil
	}
	if same, err := f.unchanged(ctx); err != nil || same {
		return f.looked.nothing, err
	}
	found, err := f.writerOf(ctx, h, log)
	if err == nil && found.root.pid == 0 {
		f.looked.at, f.looked.nothing = time.Now(), found
	}
	return found, err
}

// writerOf looks through all processes for who writes the log.
func (f *finder) writerOf(ctx context.Context, h procHost, log string) (finding, error) {
	none := waiting("nobody holds the log open")
	none.hint = nameIt
	if !h.root {
		none.why = "nobody whom we may look into holds the log open"
		none.hint = "run as root or " + nameIt
	}
	pids, err := f.cfg.Procs.Holders(ctx, log)
	if err != nil {
		return finding{}, fmt.Errorf("look who writes %s: %w", log, err)
	}
	writers, err := f.writers(ctx, log, pids)
	if err != nil || len(writers) == 0 {
		return none, err
	}
	writers, via, err := f.behindFilter(ctx, writers)
	if err != nil {
		return finding{}, err
	}
	roots, why, err := f.jobs(ctx, writers)
	if err != nil {
		return finding{}, err
	}
	if len(roots) == 0 {
		none.why = orElse(why, none.why)
		return none, nil
	}
	root := roots[len(roots)-1]
	return finding{root: ident{root.pid, root.start}, found: "writes " + log + via}, nil
}

// jobs returns the roots of the jobs that writers of the log belong to, oldest first. why says in words what
// else holds it open.
func (f *finder) jobs(ctx context.Context, writers []int) (roots []procStat, why string, err error) {
	stats, err := f.lineage(ctx, writers...)
	if err != nil {
		return nil, "", err
	}
	commands, err := f.commands(ctx, keys(stats))
	if err != nil {
		return nil, "", err
	}
	off := f.taboo(stats)
	conductors, err := f.conductors(ctx, stats, writers)
	if err != nil {
		return nil, "", err
	}
	maps.Copy(off, conductors)
	for _, pid := range writers {
		st, ok := stats[pid]
		if !ok || off[pid] || st.ended() {
			continue
		}
		if collector(st.name) {
			why = fmt.Sprintf("%s (pid %d) writes the log for others", st.name, pid)
			continue
		}
		if boundary(st.name) {
			continue // tmux and screen write what they were told to log
		}
		root := stats[climb(pid, stats, commands, off)]
		old, left := f.leftBy(root, stats)
		if !left {
			old, left = f.daemonOf(root, stats)
		}
		if left {
			why = fmt.Sprintf("only %s (pid %d), which process %d left behind, holds the log open", root.name, root.pid, old)
			continue
		}
		roots = append(roots, root)
	}
	return topmost(roots, stats), why, nil
}

// writers returns those of pids that hold the file open for writing.
func (f *finder) writers(ctx context.Context, file string, pids []int) ([]int, error) {
	if len(pids) == 0 {
		return nil, nil
	}
	dirs := []string{path.Dir(file)}
	for _, pid := range pids {
		dirs = append(dirs, procFile(pid, "fd"))
	}
	links, err := f.cfg.Procs.ReadLinks(ctx, dirs...)
	if err != nil {
		return nil, fmt.Errorf("look who writes %s: %w", file, err)
	}
	target := file
	if to, ok := links[file]; ok { // the log's name is a link
		target = to
	}
	var infos []string
	for link, to := range links {
		// The directory may be a link too: then the names agree. A holder is one anyway, by its identity.
		if pidOf(link) > 0 && !kernelFile(to) && !device(to) && (to == file || to == target || path.Base(strings.TrimSuffix(to, " (deleted)")) == path.Base(target)) {
			infos = append(infos, strings.Replace(link, "/fd/", "/fdinfo/", 1))
		}
	}
	return f.opened(ctx, infos, true)
}

// opened returns the processes of those descriptors that are open for writing, or for reading.
func (f *finder) opened(ctx context.Context, infos []string, write bool) ([]int, error) {
	return openedFor(ctx, f.cfg.Procs, infos, write)
}

func openedFor(ctx context.Context, procs Procs, infos []string, write bool) ([]int, error) {
	if len(infos) == 0 {
		return nil, nil
	}
	texts, err := procs.ReadFiles(ctx, infos...)
	if err != nil {
		return nil, fmt.Errorf("read /proc/PID/fdinfo: %w", err)
	}
	in := map[int]bool{}
	for file, text := range texts {
		if fi, ok := parseFDInfo(text); ok && fi.writes() == write {
			in[pidOf(file)] = true
		}
	}
	return keys(in), nil
}

// behindFilter replaces filters among the writers by those who write into their pipe, once over for each
// filter of a chain, and says through which it went.
func (f *finder) behindFilter(ctx context.Context, writers []int) ([]int, string, error) {
	via := ""
	for range 4 {
		stats, err := f.stats(ctx, writers...)
		if err != nil {
			return nil, "", err
		}
		var next []int
		followed := false
		for _, pid := range writers {
			st := stats[pid]
			if !filter(st.name) {
				next = append(next, pid)
				continue
			}
			links, err := f.cfg.Procs.ReadLinks(ctx, procFile(pid, "fd"))
			if err != nil {
				return nil, "", fmt.Errorf("follow the pipe of %s: %w", st.name, err)
			}
			pipe := links[procFile(pid, "fd/0")]
			if !strings.HasPrefix(pipe, "pipe:") {
				next = append(next, pid)
				continue
			}
			ends, err := pipeEnds(ctx, f.cfg.Procs, pipe, true, st)
			if err != nil {
				return nil, "", err
			}
			if len(ends) == 0 {
				next = append(next, pid)
				continue
			}
			followed = true
			via = " through " + st.name
			next = append(next, ends...)
		}
		writers = next
		if !followed {
			break
		}
	}
	return writers, via, nil
}

// pipeEnds returns the processes that hold a pipe's writing or reading end, near ones (of near's session)
// first: only when there are none is the whole host looked through.
func pipeEnds(ctx context.Context, procs Procs, pipe string, write bool, near procStat) ([]int, error) {
	stats, err := readStats(ctx, procs, "/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	for _, all := range []bool{false, true} {
		var dirs []string
		for pid, st := range stats {
			if pid != near.pid && (st.session == near.session) != all {
				dirs = append(dirs, procFile(pid, "fd"))
			}
		}
		if len(dirs) == 0 {
			continue
		}
		links, err := procs.ReadLinks(ctx, dirs...)
		if err != nil {
			return nil, fmt.Errorf("follow %s: %w", pipe, err)
		}
		var infos []string
		for link, target := range links {
			if target == pipe {
				infos = append(infos, strings.Replace(link, "/fd/", "/fdinfo/", 1))
			}
		}
		ends, err := openedFor(ctx, procs, infos, write)
		if err != nil || len(ends) > 0 {
			return ends, err
		}
	}
	return nil, nil
}

// commands reads the command lines of pids.
func (f *finder) commands(ctx context.Context, pids []int) (map[int]string, error) {
	files := make([]string, 0, len(pids))
	for _, pid := range pids {
		files = append(files, procFile(pid, "cmdline"))
	}
	texts, err := f.cfg.Procs.ReadFiles(ctx, files...)
	if err != nil {
		return nil, fmt.Errorf("read command lines: %w", err)
	}
	commands := map[int]string{}
	for file, text := range texts {
		commands[pidOf(file)] = strings.TrimSpace(text)
	}
	return commands, nil
}

// climb goes from a process up to the topmost ancestor of the same job.
func climb(from int, stats map[int]procStat, commands map[int]string, off map[int]bool) int {
	at := from
	for range 100 {
		child := stats[at]
		parent, ok := stats[child.parent]
		if !ok || off[parent.pid] || !partOfJob(child, parent, commands[parent.pid]) {
			return at
		}
		at = parent.pid
	}
	return at
}

// partOfJob tells whether a parent does the same job as its child.
func partOfJob(child, parent procStat, command string) bool {
	switch {
	case parent.pid <= 1 || parent.ended() || boundary(parent.name) || atPrompt(parent, child, command):
		return false
	case parent.session == child.session:
		return true
	default:
		return parent.tty != 0 || wrapper(parent.name) || shellName(parent.name) && !bareShell(parent.name, command)
	}
}

// atPrompt tells whether a parent is a shell that a person types into. Such a shell has a terminal, got no
// script, and leads its session or puts each job into a group of its own.
func atPrompt(shell, child procStat, command string) bool {
	if !shellName(shell.name) || shell.tty == 0 {
		return false
	}
	return strings.HasPrefix(command, "-") ||
		bareShell(shell.name, command) && (shell.session == shell.pid || shell.group != child.group)
}
