package fold

import (
	"slices"
	"strings"
	"time"

	"ronda/internal/observe"
)

// leastInput is the size of a file that is worth following through the reader that has it open.
const leastInput = 64 << 20

// movedByFiles counts a task of which nothing is watched but its process by the file that this reads: a compressor, a
// dd, a client that is fed a dump. Of a task with a log, or whose children read, a file would be only a part.
func (t *task) movedByFiles(now time.Time, p observe.Process) {
	m := &t.moving
	if p.Files == nil || t.plan.Log != "" || t.counting.asked || m.known && !m.derived || t.ownCounts() {
		return
	}
	in := t.input(p)
	if in == nil {
		return
	}
	dt := m.pass(now)
	m.derived, m.State = true, observe.TransferRunning
	m.Tool, m.Source = t.toolName(p), in.Path
	a := observe.Amount{Of: observe.AmountSource, What: in.Path, Done: float64(in.Pos), Total: float64(in.Size), Unit: bytesUnit, By: "size of " + in.Path}
	news := m.see(now, t.clock(now), []observe.Amount{a}, dt)
	t.countMoved(now, news)
}

// ownCounts tells that the task counts itself.
func (t *task) ownCounts() bool { return t.counting.progress.Known && !t.counting.outside }

// input is the largest file that the root of the task's processes reads, and goes on with where one was chosen; nil:
// there is none that tells how far it is.
func (t *task) input(p observe.Process) *observe.OpenFile {
	var best *observe.OpenFile
	for i := range p.Files {
		f := &p.Files[i]
		if f.Write || f.PID != p.Root || f.Size < leastInput || f.Pos > f.Size || f.Pos < 0 {
			continue
		}
		if t.moving.derived && f.Path == t.moving.Source {
			return f
		}
		if best == nil || f.Size > best.Size {
			best = f
		}
	}
	if best == nil || !t.reads(best.Path, p) {
		return nil
	}
	return best
}

// reads tells that a file is what the task's process is there to read: its command line names it, or it is one that
// reads what it is given.
func (t *task) reads(path string, p observe.Process) bool {
	root := t.root(p)
	if root == nil {
		return false
	}
	if base := path[strings.LastIndexByte(path, '/')+1:]; base != "" && strings.Contains(root.Command, base) {
		return true
	}
	readers := [...]string{
		"bzip2", "cat", "dd", "gunzip", "gzip", "lz4", "lzop", "mariadb", "mysql", "pbzip2", "pg_restore", "pigz", "psql", "pv", "pxz",
		"sqlite3", "unxz", "unzstd", "xz", "xzcat", "zcat", "zstd", "zstdcat",
	}
	return slices.Contains(readers[:], root.Name)
}

// root is the root of the task's processes, as the newest sample that tells of them shows it; nil: not known.
func (t *task) root(p observe.Process) *observe.Proc {
	procs := p.Procs
	if len(procs) == 0 {
		procs = t.tree.procs
	}
	if i := slices.IndexFunc(procs, func(x observe.Proc) bool { return x.PID == p.Root }); i >= 0 {
		return &procs[i]
	}
	return nil
}

func (t *task) toolName(p observe.Process) string {
	if root := t.root(p); root != nil {
		return root.Name
	}
	return ""
}
