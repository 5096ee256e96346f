package rate

import "math"

// A step of the rate is looked for in so many equal bins of the past, at least so many; it must be certain
// (in standard errors) and large (as a ratio), and so many are looked for, each behind the one before.
const (
	stepBins  = 40
	stepLeast = 8
	stepSure  = 10
	stepRatio = 1.6
	stepMost  = 3
)

// regime returns since when the rate has been what it is, as far as that is certain: the start of the view when
// there was no step. What was before says little of the rest. bin is the shortest time in seconds that the
// counter can be judged by.
func (v view) regime(bin, fine float64) float64 {
	from := v.start()
	for range stepMost {
		at, ok := v.step(from, bin)
		if !ok {
			break
		}
		from = at
	}
	if at, ok := v.fresh(from, fine); ok {
		return at
	}
	return from
}

// bins are the rates over equal stretches of time, without those in which nothing was counted: a pause is no
// step.
type bins struct {
	sum [stepBins + 1]float64 // of the rates of the first bins
	end [stepBins + 1]float64 // when each ended
	n   int
}

// step finds the most certain step of the rate after from.
func (v view) step(from, bin float64) (at float64, ok bool) {
	n := min(stepBins, int((v.end-from)/max(bin, 1e-9)))
	if n < stepLeast {
		return 0, false
	}
	var b bins
	width, last := (v.end-from)/float64(n), v.at(from)
	b.end[0] = from
	for i := 1; i <= n; i++ {
		t := from + float64(i)*width
		if done := v.at(t); done > last {
			b.n++
			b.sum[b.n], b.end[b.n] = b.sum[b.n-1]+(done-last)/width, t
			last = done
		}
	}
	best, k := 0.0, 0
	for i := 2; i <= b.n-2; i++ {
		if z := b.certainty(i); z > best {
			best, k = z, i
		}
	}
	if best < stepSure {
		return 0, false
	}
	before, after := b.means(k)
	if max(before, after) < stepRatio*min(before, after) {
		return 0, false
	}
	return v.knee(max(from, b.end[k]-stepKnee*width), min(v.end, b.end[k]+stepKnee*width)), true
}

// stepKnee is how many bins before and behind the bound of one the very moment of a step is looked for.
const stepKnee = 2

// knee is the reading between lo and hi at which the rate changed most: the one furthest from the straight line
// between both ends.
func (v view) knee(lo, hi float64) float64 {
	from, slope := v.at(lo), (v.at(hi)-v.at(lo))/(hi-lo)
	best, at := -1.0, lo
	for _, p := range v.points {
		if p.t <= lo || p.t >= hi {
			continue
		}
		if off := math.Abs(p.v - from - slope*(p.t-lo)); off > best {
			best, at = off, p.t
		}
	}
	return at
}

// means are the mean rates of the first k bins and of the others.
func (b *bins) means(k int) (before, after float64) {
	return b.sum[k] / float64(k), (b.sum[b.n] - b.sum[k]) / float64(b.n-k)
}

// certainty is the difference of the means before and after bin k, in standard errors. The scatter is that of
// single bins, or of groups of two or four where it is larger: neighbouring bins are alike.
func (b *bins) certainty(k int) float64 {
	before, after := b.means(k)
	scatter := 0.0
	for g := 1; g <= 4; g *= 2 {
		sum, m := 0.0, 0
		for i := k; i-g >= 0; i -= g {
			d := (b.sum[i]-b.sum[i-g])/float64(g) - before
			sum, m = sum+d*d, m+1
		}
		for i := k; i+g <= b.n; i += g {
			d := (b.sum[i+g]-b.sum[i])/float64(g) - after
			sum, m = sum+d*d, m+1
		}
		if m > 3 {
			scatter = max(scatter, float64(g)*sum/float64(m-2))
		}
	}
	err := math.Sqrt(scatter * (1/float64(k) + 1/float64(b.n-k)))
	return math.Abs(after-before) / max(err, 1e-9*(before+after))
}

// since forgets what was before from, which lies within the view. The points are those of buf afterwards.
func (v view) since(from float64, buf *[historyMax]point) view {
	p := v.points
	i := 0
	for i < len(p) && p[i].t <= from {
		i++
	}
	first := point{t: from, v: v.at(from)}
	n := copy(buf[1:], p[i:]) // i > 0: it moves to the front, or stays
	buf[0] = first
	return view{points: buf[:n+1], end: v.end}
}
