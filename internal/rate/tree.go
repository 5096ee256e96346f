package rate

import "math"

// tree is what is known of a copy of a tree of files, which takes time for each file and time for each byte.
// Bytes alone foresee its end badly when small files follow large ones: on real trees they were wrong by 70 to
// 90 percent where both counters together were wrong by 5 to 28.
type tree struct {
	known       bool
	done, total float64 // files
	bin         treeBin // what came since the last full bin
	last        treeBin // the last reading
	recent      treeBin // sums that fade
	ff, fb, bb  float64 // sums of products over the bins
	ft, bt      float64
	bins        int
}

type treeBin struct{ t, files, bytes float64 }

// Bins are so many seconds long; so many are needed before the two costs are believed to be told apart.
const (
	treeBinTime = 5
	treeBins    = 12
	treePace    = 300 // seconds in which the present pace is forgotten
	treeApart   = 0.2 // how far files and bytes must have come in different proportions: 1 less their squared cosine
)

// Files tells, after Add, how many files were done of how many when the counter, in bytes, was read. It makes
// the ends of copies of many files truer, and may be left out. A total of 0 is not known.
func (s *Series) Files(done, total float64) {
	f := &s.tree
	if !(done >= 0 && done <= largest && total >= 0 && total <= largest) || !s.begun {
		return
	}
	now := treeBin{s.last.t, done, s.top}
	if !f.known || done < f.last.files || now.t < f.last.t || now.bytes < f.last.bytes {
		*f = tree{known: true, done: done, total: total, last: now}
		return
	}
	f.bin.t += now.t - f.last.t
	f.bin.files += done - f.last.files
	f.bin.bytes += now.bytes - f.last.bytes
	f.last, f.done, f.total = now, done, total
	if f.bin.t < treeBinTime {
		return
	}
	b := f.bin
	f.bin = treeBin{}
	k := math.Exp(-b.t / treePace)
	f.recent = treeBin{k*f.recent.t + b.t, k*f.recent.files + b.files, k*f.recent.bytes + b.bytes}
	f.ff, f.fb, f.bb = f.ff+b.files*b.files, f.fb+b.files*b.bytes, f.bb+b.bytes*b.bytes
	f.ft, f.bt = f.ft+b.files*b.t, f.bt+b.bytes*b.t
	f.bins++
}

// left returns how many seconds the rest takes; ok is false when the two costs are not known well enough. The
// costs are those of the whole copy, at the pace of the last minutes.
func (f *tree) left(bytesLeft float64) (s float64, ok bool) {
	filesLeft := f.total - f.done
	if f.bins < treeBins || f.total <= 0 || filesLeft < 0 || f.ff*f.bb-f.fb*f.fb < treeApart*f.ff*f.bb {
		return 0, false
	}
	a, b := f.costs()
	fitted := a*f.recent.files + b*f.recent.bytes
	if fitted <= 0 {
		return 0, false
	}
	return (a*filesLeft + b*bytesLeft) * f.recent.t / fitted, true
}

// costs are the seconds that a file and that a byte take: least squares over the bins that are not negative,
// with a ridge of a thousandth.
func (f *tree) costs() (file, byt float64) {
	ff, bb := f.ff*1.001, f.bb*1.001
	if det := ff*bb - f.fb*f.fb; det > 0 {
		file, byt = (f.ft*bb-f.bt*f.fb)/det, (f.bt*ff-f.ft*f.fb)/det
	}
	switch {
	case file >= 0 && byt > 0:
		return file, byt
	case f.bt*ff > f.ft*f.fb || ff <= 0: // bytes explain more
		return 0, f.bt / max(bb, 1e-300)
	default:
		return f.ft / ff, 0
	}
}
