package watchers

import (
	"slices"
	"strings"

	"ronda/internal/observe"
)

// amounts returns all ways of telling how far the copy is, the most trusted first. files are those that its processes
// hold open now, io is what the busiest of them moved, so that what one hands to the next is not counted twice; nil: not
// ours to see. sizes are
// those of looks, and of folders there is a second entry, see isDir. Of many files, the one that is open says nothing
// of the whole: it is left out.
func (m move) amounts(files []observe.OpenFile, io *observe.ProcessIO, sizes map[string]observe.FileInfo) []observe.Amount {
	l := glance{move: m, files: files, sizes: sizes}
	if io != nil {
		l.read, l.wrote, l.stored = io.ReadChars, io.WriteChars, io.Read
	}
	var all []observe.Amount
	switch {
	case m.way == wayImage:
		all = l.image()
	case m.way == wayGrow:
		all = l.growth()
	case m.way == wayRead && l.single():
		all = append(l.reading(), l.growth()...)
	case m.way == wayRead:
		all = append(l.readingMany(), l.growth()...)
	case l.single():
		all = l.writing()
		if _, _, ok := l.holed(); !ok { // the position runs over holes at once
			all = append(all, l.reading()...)
		}
	default:
		all = l.writingMany()
	}
	if io != nil && !slices.ContainsFunc(all, func(a observe.Amount) bool { return a.Of == observe.AmountIO }) {
		all = append(all, observe.Amount{Of: observe.AmountIO, What: "what " + m.tool + " read or wrote", Done: float64(max(l.read, l.wrote)), Unit: "bytes"})
	}
	return all[:min(len(all), observe.MaxAmounts)]
}

// glance is a copy at one moment.
type glance struct {
	move
	files               []observe.OpenFile
	sizes               map[string]observe.FileInfo
	read, wrote, stored int64 // bytes that the busiest of its processes read and wrote, and that reached the disk
}

// single tells whether one file becomes one other thing: then its size is the whole.
func (l glance) single() bool {
	if len(l.sources) != 1 || l.packs && len(l.files) == 0 {
		return false
	}
	src := strings.TrimSuffix(l.sources[0], "/")
	if remote(src) {
		return !isDir(l.sizes, l.target)
	}
	if strings.HasPrefix(src, "/dev/") {
		return true
	}
	if isDir(l.sizes, src) || strings.HasSuffix(l.sources[0], "/") {
		return false
	}
	_, ok := l.sizes[src]
	return ok || slices.ContainsFunc(l.files, func(f observe.OpenFile) bool { return f.Path == src })
}

// sourceFile is the open file that is read: the source itself, or the largest.
func (l glance) sourceFile() (observe.OpenFile, bool) {
	for _, f := range l.files {
		if !f.Write && (slices.Contains(l.sources, f.Path) || len(l.sources) == 1 && f.Path == l.node(l.sources[0])) {
			return f, true
		}
	}
	return largest(l.files, false)
}

// targetFile is the open file that is written: the target itself or what will bear its name, or the largest.
func (l glance) targetFile() (observe.OpenFile, bool) {
	for _, f := range l.files {
		if name := rsyncName(f.Path); f.Write && (f.Path == l.node(l.target) || f.Path == l.inside() || name == l.target || name == l.inside()) {
			return f, true
		}
	}
	return largest(l.files, true)
}

// whole returns how much a copy of one file has to move, and where that comes from.
func (l glance) whole() (total int64, by string, estimate bool) {
	if len(l.sources) == 1 {
		src := strings.TrimSuffix(l.sources[0], "/")
		total = l.sizes[src].Size
		if total == 0 || blockDevice(src) {
			total = l.openSize(src, false)
		}
		by = "size of " + src
	}
	if total > 0 {
		total = max(total-l.skip, 0)
	}
	if l.total > 0 && (total == 0 || l.total < total) {
		return l.total, l.totalBy, l.estimate
	}
	if total == 0 && len(l.sources) == 1 && !storageName(l.sources[0]) { // dd if=/dev/zero of=/dev/sdb
		if size := l.openSize(l.target, true); size > 0 && blockDevice(l.target) {
			return max(size-l.seek, 0), "size of " + l.target, false
		}
	}
	if total == 0 {
		by = ""
	}
	return total, by, false
}

// openSize returns the size of an open file or device; 0: it is not open, or not known.
func (l glance) openSize(p string, write bool) int64 {
	for _, f := range l.files {
		if f.Path == l.node(p) && f.Write == write {
			return max(f.Size, 0)
		}
	}
	return 0
}

// writing tells how far the target of a copy of one file is.
func (l glance) writing() []observe.Amount {
	total, by, estimate := l.whole()
	a := observe.Amount{Of: observe.AmountTarget, Total: float64(total), By: by, Estimate: estimate, Unit: "bytes"}
	if done, all, ok := l.holed(); ok {
		a.What, a.Done, a.Total, a.Estimate = l.written(), float64(done), float64(all), true
		a.By = "what " + l.sources[0] + " takes on its disk"
		return []observe.Amount{a}
	}
	f, ok := l.targetFile()
	switch {
	case ok && (l.tool == "cp" || l.tool == "mv" || f.Pos == 0): // copied within the kernel: the position stands still
		a.What, a.Done = f.Path, float64(f.Size)
	case ok: // its size says nothing where the room was taken beforehand
		a.What, a.Done = f.Path, float64(max(f.Pos-l.seek, 0))
	default:
		p := l.written()
		info, there := l.sizes[p]
		if !there || isDir(l.sizes, p) {
			return nil
		}
		a.What, a.Done = p, float64(info.Size)
	}
	return []observe.Amount{a}
}

// written is the path that a copy of one file writes, when it is not seen open.
func (l glance) written() string {
	if in := l.inside(); in != "" && isDir(l.sizes, l.target) {
		return in
	}
	return l.target
}

// holed tells how far a copy is that leaves holes where its source has them: the target's size runs ahead of what was
// moved then.
func (l glance) holed() (done, all int64, ok bool) {
	if !l.holes || len(l.sources) != 1 {
		return 0, 0, false
	}
	src, there := l.sizes[l.sources[0]]
	if !there || src.Allocated == 0 || src.Allocated > src.Size-src.Size/16 {
		return 0, 0, false
	}
	p := l.written()
	if f, ok := l.targetFile(); ok && f.Path != p { // rsync's temporary file is not looked at
		return 0, 0, false
	}
	dst, there := l.sizes[p]
	return min(dst.Allocated, src.Allocated), src.Allocated, there
}

// reading tells how much of one source was read.
func (l glance) reading() []observe.Amount {
	f, ok := l.sourceFile()
	if !ok || f.Pos == 0 || f.Size < 0 && !blockDevice(f.Path) {
		return nil
	}
	total, by, estimate := l.whole()
	if total == 0 && f.Size > 0 {
		total, by = f.Size, "size of "+f.Path
	}
	a := observe.Amount{Of: observe.AmountSource, What: f.Path, Done: float64(max(f.Pos-l.skip, 0)), Total: float64(total), By: by, Estimate: estimate, Unit: "bytes"}
	if l.ahead != "" {
		a.Estimate, a.By = true, by+"; "+l.ahead
	}
	return []observe.Amount{a}
}
