package watchers

import (
	"path"
	"slices"
	"strings"
	"time"

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

	way      way
	skip     int64             // dd: bytes at the beginning of its source that are passed over
	seek     int64             // dd: likewise of its target
	holes    bool              // it leaves holes where its source has them: only what holds data is moved
	leaves   []string          // names of files that it does not take
	packs    bool              // all its sources are read into one thing
	chosen   bool              // not all that its sources hold is taken
	updates  bool              // what the target has already is not moved again
	roughly  bool              // its sources change while it runs
	replaces bool              // it removes its source in the end
	stamps   bool              // it gives its target the time of its source in the end
	closing  string            // the last words of what it writes
	signs    []string          // files in its target that are there once it is whole
	partial  []string          // files in its target that are there only as long as it is not
	saves    string            // a folder in its target that is given one more file in the very end
	ahead    string            // why the end of what it reads is not its end
	nodes    map[string]string // the kernel's names of devices that the command line calls otherwise
	sum      treeSize          // of all its sources together; not known: not added up
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
	amounts  []observe.Amount // of the last look while it ran
	files    []observe.OpenFile
	sizes    map[string]observe.FileInfo // now, as in amounts
	asked    []string                    // the paths that were looked at: of these, what sizes does not hold is not there
	followed int                         // ticks of the finder for which it was
	anew     []string                    // sources in whose place another file stands by now
	exit     observe.Exit
	answer   string // what question told at the end; empty: nothing was asked, or it told nothing
	// before is when the folder that is given a file in the end had last been given one, when the copy was found; zero: not
	// known.
	before time.Time
	shared bool // another copy has written to the same target meanwhile
}

// join takes in what is known of another process of the same copy, in the order of its processes.
func (m *move) join(other move) {
	m.through = append(m.through, other.tool)
	if m.way == wayFile && other.way != wayFile { // a compressor behind it, or one that unpacks
		m.way = wayRead
	}
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
	words := strings.Fields(command)
	for _, word := range append([]string{name}, words[:min(2, len(words))]...) {
		if readerOf(path.Base(word)) != nil {
			return true
		}
	}
	return false
}

// looks returns the paths, each once, whose sizes tell something of the copy, in its order. Only those on local file systems are
// looked at.
func (m move) looks() []string {
	var paths []string
	for _, p := range slices.Concat([]string{m.target, m.inside()}, m.sources[:min(len(m.sources), 16)], m.within(m.signs), m.within(m.partial), m.within(nonEmpty(m.saves))) {
		if path.IsAbs(p) && dataFile(p) && !slices.Contains(paths, p) {
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

// question is a command that tells of a copy what neither its command line nor its open files do. It is asked at most
// once when the copy was found and once when it is gone, and only where all its paths lie on local file systems: on a
// network file system whose server is gone it would never return.
type question struct {
	command string // for a POSIX shell, at the lowest priority
	paths   []string
}
