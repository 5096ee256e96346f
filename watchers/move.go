package watchers

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"ronda/internal/observe"
)

// move is what can be said of a copy from one process's command line and the files that it holds open.
type move struct {
	tool    string   // what it is known by: rsync, cp, zstd
	sources []string // what is read: absolute paths or HOST:path; none: not known, or it comes through a pipe
	target  string   // what is written, likewise
	// leader: a copy of its own. One that only passes on what it is given, a compressor between two pipes, the client
	// of ssh, the second process of rsync, is a part of a copy where it is joined to one, and nothing by itself.
	leader bool

	// through are the tools that the bytes go through besides, over pipes: a compressor, ssh. The finder sets it.
	through []string

	total    int64  // bytes of the whole, where command line or files tell it; 0: not known
	totalBy  string // where it comes from, as observe.Amount.By
	estimate bool   // total is not exact
	unknown  string // what cannot be known and why, as observe.Transfer.Unknown
}

// procFacts are what is known of a process when it is asked what it moves.
type procFacts struct {
	pid     int
	name    string // the kernel's, cut to 15 bytes
	exe     string // base name of its program's file; empty: not known
	command string // words parted by blanks, as Procs gives it; a blank within a word is one too
	cwd     string // empty: not known
	// links are what its descriptors are: "/srv/a.img", "pipe:[4711]", "/dev/sdb"; nil: not ours to see.
	links map[int]string
	files []observe.OpenFile // those that hold data: regular files and block devices
}

// moveEnd is what was seen of a copy whose processes are gone.
type moveEnd struct {
	amounts []observe.Amount // of the last look while it ran
	files   []observe.OpenFile
	sizes   map[string]observe.FileInfo // now, as in amounts
	exit    observe.Exit
}

// join takes in what is known of another process of the same copy, in the order of its processes.
func (m *move) join(other move) {
	m.through = append(m.through, other.tool)
	if len(m.sources) == 0 {
		m.sources = other.sources
	}
	if m.target == "" {
		m.target = other.target
	}
	if m.total == 0 {
		m.total, m.totalBy, m.estimate = other.total, other.totalBy, other.estimate
	}
	if m.unknown == "" {
		m.unknown = other.unknown
	}
}

// suspicious tells whether a process may be a copy, by its name and its command line alone: recognize is asked only of
// such ones. command is empty where it cannot be read.
func suspicious(name, command string) bool {
	for _, word := range append([]string{name}, strings.Fields(command)[:min(2, len(strings.Fields(command)))]...) {
		switch path.Base(word) {
		case "cp", "dd", "mv", "rsync", "tar", "scp", "sftp", "rclone", "restic", "borg", "mysqldump", "mariadb-dump", "mydumper",
			"xtrabackup", "mariabackup", "pg_dump", "pg_restore", "pg_basebackup", "qemu-img", "cat", "gzip", "zstd", "xz", "pigz", "pv", "ssh", "zfs":
			return true
		}
	}
	return false
}

// looks returns the paths whose sizes tell something of the copy, in its order. Only those on local file systems are
// looked at.
func (m move) looks() []string {
	var paths []string
	for _, p := range append([]string{m.target}, m.sources[:min(len(m.sources), 16)]...) {
		if path.IsAbs(p) && dataFile(p) {
			paths = append(paths, p)
		}
	}
	return paths
}

// isDir tells whether a path is that of a folder: sizes holds it with "/." behind it then.
func isDir(sizes map[string]observe.FileInfo, p string) bool {
	_, ok := sizes[strings.TrimSuffix(p, "/")+"/."]
	return ok
}

// recognize tells what a process moves. It reports false for one that moves nothing: a daemon, a shell, a tool that
// only lists.
func recognize(p procFacts) (move, bool) {
	tool := p.exe
	if tool == "" {
		tool = p.name
	}
	switch tool {
	case "cp", "dd", "mv", "rsync", "tar", "scp", "sftp", "rclone", "restic", "borg", "mysqldump", "mariadb-dump", "mydumper",
		"xtrabackup", "mariabackup", "pg_dump", "pg_restore", "pg_basebackup", "qemu-img", "cat":
		m := move{tool: tool, leader: true}
		m.fromFiles(p.files)
		return m, true
	case "gzip", "zstd", "xz", "pigz", "pv":
		m := move{tool: tool}
		m.fromFiles(p.files)
		m.leader = (len(m.sources) > 0 || m.target != "") && !strings.HasPrefix(p.links[1], "pipe:")
		return m, true
	default:
		return move{}, false
	}
}

// fromFiles takes the largest file that is read and the largest that is written for source and target.
func (m *move) fromFiles(files []observe.OpenFile) {
	if f, ok := largest(files, false); ok {
		m.sources = []string{f.Path}
	}
	if f, ok := largest(files, true); ok {
		m.target = f.Path
	}
}

func largest(files []observe.OpenFile, write bool) (observe.OpenFile, bool) {
	var found observe.OpenFile
	ok := false
	for _, f := range files {
		if f.Write == write && (!ok || f.Size > found.Size) {
			found, ok = f, true
		}
	}
	return found, ok
}

// amounts returns all ways of telling how far the copy is, the most trusted first. files are those that its processes
// hold open now, io is what they moved together, without what one hands to the next; nil: not ours to see. sizes are
// those of looks, and of folders there is a second entry, see isDir.
func (m move) amounts(files []observe.OpenFile, io *observe.ProcessIO, sizes map[string]observe.FileInfo) []observe.Amount {
	var all []observe.Amount
	if f, ok := largest(files, false); ok && f.Pos > 0 {
		all = append(all, observe.Amount{Of: observe.AmountSource, What: f.Path, Done: float64(f.Pos), Total: float64(max(f.Size, 0)), Unit: "bytes", By: "size of " + f.Path})
	}
	if f, ok := largest(files, true); ok && f.Size >= 0 {
		a := observe.Amount{Of: observe.AmountTarget, What: f.Path, Done: float64(f.Size), Unit: "bytes"}
		if m.tool == "cp" || m.tool == "mv" || m.tool == "dd" {
			if src, ok := largest(files, false); ok && src.Size > 0 {
				a.Total, a.By = float64(src.Size), "size of "+src.Path
			}
		}
		all = append(all, a)
	}
	if info, ok := sizes[m.target]; ok && !isDir(sizes, m.target) && !slices.ContainsFunc(all, func(a observe.Amount) bool { return a.Of == observe.AmountTarget }) {
		all = append(all, observe.Amount{Of: observe.AmountTarget, What: m.target, Done: float64(info.Size), Unit: "bytes"})
	}
	if m.total > 0 {
		for i := range all {
			if all[i].Of == observe.AmountTarget && all[i].Total == 0 {
				all[i].Total, all[i].By, all[i].Estimate = float64(m.total), m.totalBy, m.estimate
			}
		}
	}
	if io != nil {
		all = append(all, observe.Amount{Of: observe.AmountIO, What: "what its processes read or wrote", Done: float64(max(io.ReadChars, io.WriteChars)), Unit: "bytes"})
	}
	return all
}

// complete tells whether what the copy wrote is whole, now that it is gone, in words with the numbers. It reports
// observe.TransferGone where nobody can tell.
func (m move) complete(e moveEnd) (observe.TransferState, string) {
	switch {
	case !e.exit.Known:
		return observe.TransferGone, m.unknown
	case e.exit.Signal != "":
		return observe.TransferFailed, m.tool + " was ended by " + e.exit.Signal
	case e.exit.Code != 0:
		return observe.TransferFailed, fmt.Sprintf("%s ended with exit code %d", m.tool, e.exit.Code)
	default:
		return observe.TransferDone, m.tool + " ended with exit code 0"
	}
}

// kernelMove is a copy that the kernel makes: an array that is built again, blocks that are moved to another disk.
type kernelMove struct {
	move
	id      string // as observe.Transfer.ID: "md0"
	name    string // of its task: "md0 recovery"
	state   observe.TransferState
	detail  string
	amounts []observe.Amount
}

// kernelFiles are what must be read to know the kernel's copies.
func kernelFiles() []string { return nil }

// kernelMoves finds the kernel's copies in the texts of kernelFiles.
func kernelMoves(texts map[string]string) []kernelMove { return nil }
