package fold

import "ronda/internal/extract"

// restarting follows a counter that begins anew again and again: a copy that fails at a third and is started
// anew.
type restarting struct {
	n    int     // how often, and never came farther than base
	base float64 // in the counter's unit
}

// farther is how much farther a new pass must come than those before to count as progress: readings are taken
// now and then, so that the same pass is seen to end here and there.
const farther = 1.1

// sees tells whether the reading c says that what is counted began anew, without having come to its end. What
// counts one item after the other comes to the end of each, counts to another total, or, where totals are not
// known, hardly ever ends where the ones before did.
func (r *restarting) sees(k *counting, c extract.Count) bool {
	p := k.progress
	if !p.Known || !alike(c, p.Total) || c.Done >= p.Done/2 || (p.Total > 0 && p.Done >= 0.97*p.Total) {
		return false
	}
	if r.n == 0 || k.best > farther*r.base || p.Done < r.least(p.Total)*r.base {
		r.n, r.base = 0, k.best
	}
	r.n++
	return p.Total > 0 || r.n > unknownPasses
}

// unknownPasses are not told of where the total is not known: tables of about the same size would look the same.
const unknownPasses = 4

// least is the share of the farthest pass that a pass must come to at least to be one more of the same.
func (r *restarting) least(total float64) float64 {
	if total > 0 {
		return 0
	}
	return 0.8
}

// idle tells whether a reading beyond the best so far is still no progress.
func (r *restarting) idle(done float64) bool {
	if r.n > 1 && done <= farther*r.base {
		return true
	}
	if done > farther*r.base {
		*r = restarting{}
	}
	return false
}

// alike tells whether c counts to the same total. One that is reckoned from a percentage wobbles, most at the
// beginning.
func alike(c extract.Count, total float64) bool {
	if c.Derived || c.Total == 0 || total == 0 {
		return c.Total == 0 || total == 0 || c.Total < 3*total && total < 3*c.Total
	}
	return c.Total == total
}
