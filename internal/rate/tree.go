package rate

import "math"

// tree is what is known of a copy of a tree of files, which takes time for each file and time for each byte.
// Bytes alone foresee its end badly when small files follow large ones: on real trees they were wrong by 70 to
// 90 percent where both counters together were wrong by 5 to 28.
type tree struct {
	known       bool
	done, total float64 // files
	first       treeBin // the first reading
	bin         treeBin // what came since the last full bin
	last        treeBin // the last reading
	ff, fb, bb  float64 // sums of products over the bins
	ft, bt, tt  float64
	bins        float64
}

type treeBin struct{ t, files, bytes float64 }

// Bins are so many seconds long; what is usual weighs as much as treePrior of them.
const (
	treeBinTime = 5
	treePrior   = 3
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
		*f = tree{known: true, done: done, total: total, first: now, last: now}
		for i := range s.hist.n {
			s.hist.points[i].f = done // what was before is not known; so many were done by then
		}
		s.last.f = done
		return
	}
	s.last.f, s.hist.points[s.hist.n-1].f = done, done
	f.bin.t += now.t - f.last.t
	f.bin.files += done - f.last.files
	f.bin.bytes += now.bytes - f.last.bytes
	f.last, f.done, f.total = now, done, total
	if f.bin.t < treeBinTime {
		return
	}
	b := f.bin
	f.bin = treeBin{}
	f.ff, f.fb, f.bb = f.ff+b.files*b.files, f.fb+b.files*b.bytes, f.bb+b.bytes*b.bytes
	f.ft, f.bt, f.tt = f.ft+b.files*b.t, f.bt+b.bytes*b.t, f.tt+b.t*b.t
	f.bins++
}

// usable tells whether both counters together tell more than the bytes.
func (f *tree) usable() bool {
	return f.known && f.total > 0 && f.total >= f.done && f.done > f.first.files && f.last.bytes > f.first.bytes
}

// costs are the seconds that a file and that a byte take: least squares over the bins, drawn towards what is
// usual as far as they fit badly, and not negative.
func (f *tree) costs() (file, byt float64) {
	files, bytes := f.done-f.first.files, f.last.bytes-f.first.bytes
	file, byt = usualCosts(f.last.t-f.first.t, files, bytes)
	if f.bins == 0 || f.ff <= 0 || f.bb <= 0 {
		return file, byt
	}
	a, b := f.fit(0, 0, 1e-3)
	misfit := math.Sqrt(max(0, f.tt-a*f.ft-b*f.bt) / f.tt)
	return f.fit(file, byt, treePrior/f.bins*min(1, 4*misfit)+1e-3)
}

// usualCosts splits the seconds that so many files and bytes took before anything tells the two costs apart. On a
// disk a file costs as much as some 32 kB; over a slow line about a millisecond, however slow its bytes are. The
// middle of both is taken.
func usualCosts(took, files, bytes float64) (file, byt float64) {
	const asBytes, asTime = 64e3, 5e-3
	as := math.Sqrt(asBytes * asTime * bytes / max(took, 1))
	byt = took / (as*files + bytes)
	return as * byt, byt
}

// fit is the least squares fit of the bins, with a ridge around the given costs that weighs so many times as much
// as the bins.
func (f *tree) fit(file, byt, ridge float64) (a, b float64) {
	ff, bb := f.ff*(1+ridge), f.bb*(1+ridge)
	ft, bt := f.ft+ridge*f.ff*file, f.bt+ridge*f.bb*byt
	if det := ff*bb - f.fb*f.fb; det > 0 {
		a, b = (ft*bb-bt*f.fb)/det, (bt*ff-ft*f.fb)/det
	}
	switch {
	case a >= 0 && b > 0:
		return a, b
	case a < 0 || ff <= 0:
		return 0, bt / bb
	default:
		return ft / ff, 0
	}
}

// doubt is how far the logarithm of what is left may be wrong because the costs are: a quarter of what separates the
// ends that bytes alone and files alone foresee, until there are bins enough in which they came in different
// proportions.
func (f *tree) doubt(bytesLeft float64) float64 {
	byBytes := bytesLeft / (f.last.bytes - f.first.bytes)
	byFiles := (f.total - f.done) / (f.done - f.first.files)
	if !(byBytes > 0) || !(byFiles > 0) || f.ff <= 0 || f.bb <= 0 {
		return 0
	}
	apart := f.bins * max(0, 1-f.fb*f.fb/(f.ff*f.bb)) // 1 less their squared cosine
	return 0.25 * math.Abs(math.Log(byFiles/byBytes)) * treePrior / (treePrior + 3*apart)
}

// work maps readings to the seconds that they are worth at these costs, in buf.
func work(points []point, buf *[historyMax]point, file, byt float64) []point {
	for i, p := range points {
		buf[i] = point{t: p.t, v: file*p.f + byt*p.v}
	}
	return buf[:len(points)]
}
