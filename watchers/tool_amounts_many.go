package watchers

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"ronda/internal/observe"
)

// readingMany tells how much of several files, or of a tree of them, was read.
func (l glance) readingMany() []observe.Amount {
	if !l.packs {
		if files := l.oneAfterTheOther(); files != nil {
			return files
		}
	}
	done := l.read
	if l.tool == "restic" { // what it has packed it writes to a file, reads twice, and writes to its repository
		done = max(l.read-l.wrote, 0)
	}
	if done == 0 {
		return nil
	}
	a := observe.Amount{Of: observe.AmountSource, What: "what " + l.tool + " read", Done: float64(done), Unit: "bytes"}
	l.added(&a)
	return []observe.Amount{a}
}

// added takes the sum of all sources for the total.
func (l glance) added(a *observe.Amount) {
	switch {
	case l.total > 0:
		a.Total, a.By, a.Estimate = float64(l.total), l.totalBy, l.estimate
	case l.sum.known:
		a.Total, a.By, a.Estimate = float64(l.sum.bytes), l.sum.by(l.move), true
		if l.holes { // many small files take more on a disk than they hold
			a.Total = float64(min(l.sum.bytes, l.sum.allocated))
		}
	}
}

// oneAfterTheOther tells how far a tool is that was given several files and works on one after the other.
func (l glance) oneAfterTheOther() []observe.Amount {
	f, ok := l.sourceFile()
	at := slices.Index(l.sources, f.Path)
	if !ok || at < 0 {
		return nil
	}
	count := observe.Amount{Of: observe.AmountFiles, What: "files begun before " + path.Base(f.Path), Done: float64(at), Total: float64(len(l.sources)), Unit: "files", By: "its command line"}
	done, total := f.Pos, int64(0)
	for i, s := range l.sources {
		info, there := l.sizes[s]
		if !there {
			return []observe.Amount{count} // it removes what it is done with
		}
		total += info.Size
		if i < at {
			done += info.Size
		}
	}
	all := observe.Amount{Of: observe.AmountSource, What: f.Path, Done: float64(done), Total: float64(total), Unit: "bytes", By: fmt.Sprintf("sizes of its %d files", len(l.sources))}
	return []observe.Amount{all, count}
}

// writingMany tells how much of several files, or of a tree of them, was written.
func (l glance) writingMany() []observe.Amount {
	done := l.wrote
	for _, f := range l.files { // what the kernel copies is counted when a call returns, up to 2 GiB later
		if (l.tool == "cp" || l.tool == "mv") && f.Write && f.Size > f.Pos {
			done += f.Size - f.Pos
		}
	}
	if l.tool == "cat" || l.tool == "pv" {
		if files := l.oneAfterTheOther(); files != nil {
			return files
		}
	}
	a := observe.Amount{Of: observe.AmountTarget, What: "what " + l.tool + " wrote", Unit: "bytes"}
	if l.reads() { // the one that sends reads each file once
		done = l.read
		a.Of, a.What = observe.AmountSource, "what "+l.tool+" read"
	}
	if done == 0 {
		return nil
	}
	a.Done = float64(done)
	l.added(&a)
	return []observe.Amount{a}
}

// reads tells whether what was read is the measure, not what was written: a tool that speaks with a far side, or with
// another process of its own, writes more than the files.
func (l glance) reads() bool {
	return (l.tool == "rsync" || l.tool == "scp" || l.tool == "rclone") && len(l.sources) > 0 && localPath(l.sources[0])
}

// image tells how far the copy of a disk image is. Neither position nor size tells: it is read and written in any
// order, and the target may have its full size at once.
func (l glance) image() []observe.Amount {
	var all []observe.Amount
	total, by, _ := l.whole()
	if src, ok := l.sizes[strings.Join(l.sources, "")]; ok && src.Allocated > 0 {
		total, by = src.Allocated, "what "+l.sources[0]+" takes on its disk"
	}
	read := l.read
	if read < l.stored/2 { // past the page cache
		read = l.stored
	}
	if read > 0 {
		all = append(all, observe.Amount{Of: observe.AmountSource, What: "what qemu-img read", Done: float64(atMost(read, total)), Total: float64(total), Unit: "bytes", Estimate: true, By: by})
	}
	if dst, ok := l.sizes[l.target]; ok && dst.Allocated > 0 {
		all = append(all, observe.Amount{Of: observe.AmountTarget, What: l.target, Done: float64(dst.Allocated), Unit: "bytes"})
	}
	return all
}

// atMost leaves out what a program reads for itself.
func atMost(done, total int64) int64 {
	if total > 0 {
		return min(done, total)
	}
	return done
}

// growth tells how much was written where nothing says how much it will be.
func (l glance) growth() []observe.Amount {
	f, ok := l.targetFile()
	info, there := l.sizes[l.target]
	a := observe.Amount{Of: observe.AmountTarget, Unit: "bytes"}
	switch {
	case ok && f.Path == l.target:
		a.What, a.Done = f.Path, float64(max(f.Pos, f.Size))
	case there && !isDir(l.sizes, l.target):
		a.What, a.Done = l.target, float64(info.Size)
	case ok && l.target == "":
		a.What, a.Done = f.Path, float64(max(f.Pos, f.Size))
	case l.wrote > 0 && l.way == wayGrow:
		a.What, a.Done = "what "+l.tool+" wrote", float64(l.wrote)
	default:
		return nil
	}
	if l.way == wayGrow && l.total > 0 {
		a.What, a.Done, a.Total, a.By, a.Estimate = "what "+l.tool+" wrote", float64(l.wrote), float64(l.total), l.totalBy, true
	}
	return []observe.Amount{a}
}

// largest returns the largest open file that is read, or written.
func largest(files []observe.OpenFile, write bool) (observe.OpenFile, bool) {
	var found observe.OpenFile
	ok := false
	for _, f := range files {
		if f.Write == write && (!ok || f.Size > found.Size || f.Size == found.Size && f.Path < found.Path) {
			found, ok = f, true
		}
	}
	return found, ok
}
