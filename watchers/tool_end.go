package watchers

import (
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"ronda/internal/observe"
)

// Ends that are no failure, though not zero either.
const (
	rsyncVanished = 24 // files that were listed were gone when their turn came
	rsyncPartial  = 23
	tarDiffers    = 1 // files changed while they were read
	restic3       = 3 // some files could not be read; the snapshot was made
)

// complete tells whether what the copy wrote is whole, now that it is gone, in words with the numbers. It reports
// observe.TransferGone where nobody can tell. What is compressed or packed is never read to find out.
func (m move) complete(e moveEnd) (observe.TransferState, string) {
	said := m.tool + " ended with exit code 0"
	switch x := e.exit; {
	case x.OOM:
		return observe.TransferFailed, "the kernel killed " + m.tool + " for want of memory"
	case x.Signal != "":
		return observe.TransferFailed, m.tool + " was ended by " + x.Signal
	case x.Known && x.Code != 0:
		words, harmless := m.exitWords(x.Code)
		if !harmless {
			return observe.TransferFailed, words
		}
		said = words
	}
	state, found := m.verify(e)
	switch {
	case state == observe.TransferFailed:
		return state, found
	case !e.exit.Known:
		return state, found
	case state == observe.TransferDone:
		return state, said + "; " + found
	default:
		return observe.TransferDone, said
	}
}

// brokenOff is how much of its one source was read by a copy that was followed for long and came not even half way: it
// cannot have read the rest since it was last looked at. nil: that is not known.
func (e moveEnd) brokenOff() *observe.Amount {
	for _, a := range e.amounts {
		if a.Of == observe.AmountSource && a.Unit == "bytes" && !a.Estimate && a.Total > 0 {
			if e.followed >= brokenAfter && a.Done < a.Total/2 {
				return &a
			}
			return nil
		}
	}
	return nil
}

// brokenAfter is for how many ticks a copy must have been followed for that.
const brokenAfter = 8

// exitWords says what a tool's exit code other than 0 means, and whether the copy is whole nevertheless.
func (m move) exitWords(code int) (words string, harmless bool) {
	switch {
	case m.tool == "rsync" && code == rsyncVanished:
		return "rsync ended; some files had vanished before their turn came (exit code 24)", true
	case m.tool == "rsync" && code == rsyncPartial:
		return "rsync could not copy all files (exit code 23)", false
	case strings.HasSuffix(m.tool, "tar") && code == tarDiffers:
		return "tar ended; some files changed while it read them (exit code 1)", true
	case m.tool == "restic" && code == restic3:
		return "restic could not read all files (exit code 3)", false
	case m.tool == "borg" && code == 1:
		return "borg ended with warnings (exit code 1)", true
	default:
		return fmt.Sprintf("%s ended with exit code %d", m.tool, code), false
	}
}

// verify compares what is there now.
func (m move) verify(e moveEnd) (observe.TransferState, string) {
	l := glance{move: m, files: e.files, sizes: e.sizes}
	switch {
	case m.closing != "" && e.answer != "":
		return m.closed(e.answer)
	case len(m.signs) > 0 && localPath(m.target):
		return l.signed(e)
	case m.saves != "" && localPath(m.target):
		return m.another(e)
	case m.stamps:
		return l.packed(e)
	case m.tool == "mv":
		return l.renamed(e)
	case m.way == wayFile && l.single() && localPath(l.target):
		return l.compared(e)
	case m.way == wayFile && e.answer != "":
		return m.trees(e.answer)
	case remote(m.target) && l.single() && e.brokenOff() != nil:
		a := e.brokenOff()
		return observe.TransferFailed, fmt.Sprintf("%s is gone, and had read only %s of %s when it was last looked at", m.tool, bytesText(int64(a.Done)), bytesText(int64(a.Total)))
	case remote(m.target):
		return observe.TransferGone, m.tool + " is gone; what has arrived at " + m.target + " is known only there"
	case m.way == wayGrow || m.way == wayRead:
		return observe.TransferGone, m.tool + " is gone; whether what it wrote is whole can only be known by reading it"
	default:
		return observe.TransferGone, m.tool + " is gone, and how it ended is not known"
	}
}

// compared tells whether the one target is as large as the one source.
func (l glance) compared(e moveEnd) (observe.TransferState, string) {
	want, _, _ := l.whole()
	for _, a := range e.amounts { // mv and others remove it
		if want == 0 && a.Of == observe.AmountTarget && !a.Estimate && a.Total > 0 && a.Total < math.MaxInt64/2 {
			want = int64(a.Total)
		}
	}
	p := l.written()
	if blockDevice(p) {
		return l.lastSeen(e, want)
	}
	dst, there := l.sizes[p]
	switch {
	case want == 0:
		return observe.TransferGone, "how large " + p + " should be is not known"
	case !there && !slices.Contains(e.asked, p) && strings.Contains(p, "?"):
		return observe.TransferGone, "what became of " + p + " is not known: its name cannot be asked for"
	case !there && !slices.Contains(e.asked, p):
		return observe.TransferGone, "what became of " + p + " is not known"
	case !there:
		return l.away(p)
	case dst.Size == want+l.seek:
		return observe.TransferDone, p + " holds " + bytesText(dst.Size) + ", all that there was to copy"
	case dst.Size < want+l.seek:
		return observe.TransferFailed, fmt.Sprintf("%s holds %s of %s", p, bytesText(dst.Size), bytesText(want+l.seek))
	default:
		return l.lastSeen(e, want)
	}
}

// away is what is said of a file that is not where it was written: it may well have been renamed when it was whole.
func (l glance) away(p string) (observe.TransferState, string) {
	return observe.TransferGone, fmt.Sprintf("%s is gone, and so is %s: renamed or removed; whether it was whole is not known", l.tool, p)
}

// lastSeen judges by how far a copy was when it was last looked at: the size of its target says nothing.
func (l glance) lastSeen(e moveEnd, want int64) (observe.TransferState, string) {
	for _, a := range e.amounts {
		if a.Unit == "bytes" && a.Total > 0 && int64(a.Total) == want {
			if a.Done >= a.Total {
				return observe.TransferDone, "all " + bytesText(want) + " were moved when it was last looked at"
			}
			return observe.TransferGone, fmt.Sprintf("%s of %s were moved when it was last looked at; the size of %s says nothing", bytesText(int64(a.Done)), bytesText(want), l.written())
		}
	}
	return observe.TransferGone, "the size of " + l.written() + " says nothing of how far it came"
}

// renamed tells whether a move is whole: it removes its source in the end.
func (l glance) renamed(e moveEnd) (observe.TransferState, string) {
	for _, s := range l.sources {
		if now, still := l.sizes[s]; still {
			if dst, whole := l.arrived(e); whole && now.Size != dst.Size {
				return observe.TransferDone, fmt.Sprintf("%s holds %s, all that there was to move; what is at %s now is another file", l.written(), bytesText(dst.Size), s)
			}
			return observe.TransferFailed, s + " is still there: it was not moved"
		}
		if !slices.Contains(e.asked, s) {
			return observe.TransferGone, "mv is gone, and what became of " + s + " is not known"
		}
	}
	if len(l.sources) > 1 {
		return observe.TransferDone, "its sources are gone, as mv leaves them"
	}
	state, words := l.compared(e)
	switch {
	case state == observe.TransferFailed:
		return state, words
	case slices.Contains(e.anew, l.sources[0]):
		return state, words + "; what is at " + l.sources[0] + " now is another file"
	default:
		p := l.written()
		if !l.oneFile(e) && isDir(l.sizes, l.target) { // a folder that was not there has become the moved one itself
			if _, inside := l.sizes[p]; !inside {
				p = l.target
			}
		}
		if _, there := l.sizes[p]; !there {
			return state, words
		}
		return observe.TransferDone, l.sources[0] + " is gone, and " + p + " is there"
	}
}

// oneFile tells that what was moved was a file: its size was known.
func (l glance) oneFile(e moveEnd) bool {
	return slices.ContainsFunc(e.amounts, func(a observe.Amount) bool {
		return a.Of == observe.AmountTarget && !a.Estimate && a.Total > 0
	})
}

// arrived tells whether the target of one file is as large as its source was.
func (l glance) arrived(e moveEnd) (observe.FileInfo, bool) {
	dst, there := l.sizes[l.written()]
	return dst, there && len(l.sources) == 1 && slices.ContainsFunc(e.amounts, func(a observe.Amount) bool {
		return a.Of == observe.AmountTarget && !a.Estimate && a.Total > 0 && a.Total == float64(dst.Size)
	})
}

// signed tells whether the files are there that a tool writes last.
func (l glance) signed(e moveEnd) (observe.TransferState, string) {
	for _, p := range l.within(l.partial) {
		if _, there := l.sizes[p]; there {
			return observe.TransferFailed, p + " is there: " + l.tool + " did not come to its end"
		}
	}
	for _, p := range l.within(l.signs) {
		_, there := l.sizes[p]
		switch {
		case !slices.Contains(e.asked, p):
			return observe.TransferGone, l.tool + " is gone, and whether " + p + " is there is not known"
		case !there && !isDir(l.sizes, l.target):
			return l.away(l.target)
		case !there:
			return observe.TransferFailed, p + " is not there, which " + l.tool + " writes in the end"
		}
	}
	return observe.TransferDone, path.Join(l.target, l.signs[0]) + " is there, which " + l.tool + " writes in the end"
}

// packed tells whether a compressor that works in place came to its end: it removes its source then, or gives the
// target its time.
func (l glance) packed(e moveEnd) (observe.TransferState, string) {
	if len(l.sources) != 1 {
		return observe.TransferGone, l.tool + " is gone, and which of its files it finished is not known"
	}
	src, still := l.sizes[l.sources[0]]
	dst, there := l.sizes[l.target]
	switch {
	case !slices.Contains(e.asked, l.sources[0]) || !slices.Contains(e.asked, l.target):
		return observe.TransferGone, l.tool + " is gone, and how it ended is not known"
	case !there && l.replaces && still:
		return observe.TransferFailed, l.sources[0] + " is still there, and " + l.target + " is not: " + l.tool + " did not come to its end"
	case !there:
		return l.away(l.target)
	case !still && !l.replaces:
		return observe.TransferGone, l.tool + " is gone, and so is " + l.sources[0] + ": whether " + l.target + " is whole is not known"
	case !still:
		return observe.TransferDone, fmt.Sprintf("%s holds %s, and %s is gone, as %s leaves it", l.target, bytesText(dst.Size), path.Base(l.sources[0]), l.tool)
	case l.replaces:
		return observe.TransferFailed, l.sources[0] + " is still there: " + l.tool + " did not come to its end"
	case !src.Modified.IsZero() && src.Modified.Equal(dst.Modified):
		return observe.TransferDone, fmt.Sprintf("%s holds %s and has the time of its source, as %s leaves it", l.target, bytesText(dst.Size), l.tool)
	default:
		return observe.TransferFailed, l.target + " has not been given the time of its source: " + l.tool + " did not come to its end"
	}
}

// bytesText writes a number of bytes for people.
func bytesText(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	v, unit := float64(n), 0
	for v >= 999.5 && unit < 5 {
		v, unit = v/1000, unit+1
	}
	digits := 0
	if v < 99.95 {
		digits = 1
	}
	return fmt.Sprintf("%.*f %cB", digits, v, " kMGTP"[unit])
}
