package extract

import (
	"math"
	"strings"
)

// Bounds and patience of the election.
const (
	maxFamilies = 1024
	better      = 1.5 // a challenger must be that much better
	silent      = 200 // lines without a word from the elected one, after which anyone may follow it
	dead        = 20  // the same for a counter that began after the elected one's last word
)

// election chooses the one counter that tells how far the task is. Every place that might hold one is a
// candidate, and so is every family of places that count to the same total.
type election struct {
	families map[family]*candidate
	elected  *candidate
	lines    int
	epoch    int // of the phase that runs
}

func newElection() election { return election{families: map[family]*candidate{}} }

// family is what makes counters in different templates one counter.
type family struct {
	form  form
	total float64
	word  string
}

// candidate is what is known of a possible counter.
type candidate struct {
	form              form
	name, unit        string
	percent           bool
	n                 int // readings
	ups, downs        int
	resets            int
	totals            int // how often the total changed
	shrinks           int // how often it fell
	born, seen        int // lines
	epoch             int // of the last reading
	last, high        float64
	total             float64
	done              float64    // as shown last
	files, filesTotal float64    // the second counter of a copy
	via               *candidate // of a family: the member of its last reading
	peculiar          float64    // a factor for its kind: a family is a little better than its members
	derived           bool       // the total follows from size and percent
	sure              bool       // a percentage beside it said the same
	bound, upper      float64    // its limits
	why               string     // why there is no total
}

// ref ties a shape to a candidate.
type ref struct {
	found
	own *candidate
}

// ref returns the shape's tie to the counter that f found in it.
func (e *election) ref(sh *shape, f found) ref {
	k := sh.slots[f.a]
	if k < 0 {
		return ref{found: f, own: newCandidate(f, e.lines)}
	}
	o := &sh.template.slots[k]
	if o.own == nil || o.own.form != f.form {
		o.own = newCandidate(f, e.lines)
	}
	return ref{found: f, own: o.own}
}

func newCandidate(f found, line int) *candidate {
	return &candidate{form: f.form, name: f.name, unit: f.unit, percent: f.percent, born: line, peculiar: 1}
}

// family returns the candidate of f's family; nil when f has none.
func (e *election) family(f *found, total float64, word string) *candidate {
	var key family
	switch {
	case f.form == formPair && !f.percent && total >= 3:
		key = family{form: f.form, total: total, word: word}
	case f.form == formPercent:
		key = family{form: f.form, word: f.name}
	case f.form >= formRsync:
		key = family{form: f.form, word: word}
	default:
		return nil
	}
	c := e.families[key]
	if c == nil {
		if len(e.families) >= maxFamilies {
			clear(e.families)
		}
		c = newCandidate(*f, e.lines)
		c.peculiar = 1.02
		e.families[key] = c
	}
	return c
}

// take gives c a reading: v as it stands in the line, total 0 when not known. In a phase that is like none
// before it may begin anew.
func (c *candidate) take(v, total float64, e *election) {
	switch {
	case c.n == 0:
		c.born = e.lines
	case c.epoch == e.epoch || c.form != formLeft && v > c.last && total == c.total:
		c.compare(v, total)
	}
	c.n++
	c.epoch, c.seen = e.epoch, e.lines
	c.last, c.total, c.done = v, total, v
	c.high = max(c.high, v)
	if c.form == formLeft {
		if total == 0 {
			c.total = c.high
		}
		c.done = c.total - v
	}
}

// compare counts how a reading differs from the one before.
func (c *candidate) compare(v, total float64) {
	switch {
	case c.form == formLeft && v < c.last, c.form != formLeft && v > c.last:
		c.ups++
		if v > c.high && (c.form == formPercent || c.form >= formRsync) {
			c.resets = 0 // it was begun anew before it had come so far, and has now passed that
		}
	case c.form == formLeft && v > c.last:
		c.downs++
		if c.last < v/2 {
			c.resets++
		}
	case c.form != formLeft && v < c.last:
		c.downs++
		if v < c.last/2 {
			c.resets++
		}
	}
	if total != c.total {
		c.totals++
		if total < c.total {
			c.shrinks++
		}
	}
}

// score is how good a task's counter c is; 0 when it is none.
func (c *candidate) score(line int) float64 {
	if c.ups < c.form.needs() && !c.sure || c.resets >= 2 || c.n == 0 || c.ofItems() || c.via != nil && c.via.ofItems() {
		return 0
	}
	mono := c.monotone()
	if mono < 0.9 && (c.downs > 1 || c.form.weight() < 2) {
		return 0
	}
	share := float64(c.n) / float64(max(line-c.born+1, c.n))
	v := mono * (0.3 + 0.7*min(1, float64(c.ups)/8)) * (0.5 + 0.5*share) * c.form.weight() * c.peculiar
	if c.form == formPair {
		v *= 1 + 0.2*min(1, math.Log10(max(c.total, 1))/7)
		if c.totals*2 > c.n {
			v *= 0.4
		}
	}
	return v
}

// monotone is the share of its moves that went the right way.
func (c *candidate) monotone() float64 {
	if c.ups+c.downs == 0 {
		return 1
	}
	return float64(c.ups) / float64(c.ups+c.downs)
}

// ofItems tells whether a place in the log counts one item after the other, or several in turn: no total that
// it counts to is the task's.
func (c *candidate) ofItems() bool {
	return c.form == formPair && (c.resets >= 3 || c.shrinks >= 3 || c.n >= 10 && c.monotone() < 0.8)
}

// over tells whether c has counted to its end.
func (c *candidate) over() bool { return c.total > 0 && c.done >= c.total }

// consider lets c stand against the elected one.
func (e *election) consider(c *candidate) {
	if c == nil || c == e.elected {
		return
	}
	s := c.score(e.lines)
	if old := e.elected; old != nil && s > 0 && c.sure && old.sure && c.form == old.form && c.unit == old.unit &&
		math.Abs(c.total-old.total) < old.total/10 {
		// The total was an estimate, and is a little more or less now: it is the same counter, with its merits.
		c.ups, c.n, c.born = c.ups+old.ups, c.n+old.n, min(c.born, old.born)
		e.elected = c
		return
	}
	if s == 0 || c.over() && e.elected != nil && c.ups == 0 {
		return
	}
	old := e.elected
	if old == nil {
		e.elected = c
		return
	}
	o := old.score(e.lines)
	switch {
	case o == 0,
		s > better*o,
		old.over() && !c.over() && c.ups > 0 && e.lines-old.seen >= 3,
		old.via != nil && old.via == c.via && c.n >= 2, // the same line of the log counts to another total now
		e.lines-old.seen > dead && c.n >= 3 && c.born > old.seen,
		e.lines-old.seen > silent && c.n >= 3:
		e.elected = c
	}
}

// count reads the line's counters, lets them stand for election and returns the reading of the elected one.
func (l *Log) count(sh *shape, body string) *Count {
	e := &l.election
	e.lines, e.epoch = l.lines, l.epoch
	if sh.form != formNone {
		if c := l.tool(sh.form, body); c != nil {
			e.consider(c)
			if e.elected == c {
				return c.reading()
			}
		}
	}
	var fits *candidate
	for i := range sh.refs {
		f := &sh.refs[i]
		v, total := f.value(&l.line)
		if !f.sound(v, total) {
			continue
		}
		f.own.sure = f.own.sure || f.sure
		f.own.take(v, total, e)
		word := familyWord(f.name)
		if f.keyed {
			word = f.name
		}
		fam := e.family(&f.found, total, word)
		if fam != nil {
			if fam.n == 0 && f.own.n > 1 && f.form == formPair {
				sh.renew(f.a, v) // it counts to another total now, from its own beginning
			}
			fam.sure = fam.sure || f.sure
			fam.take(v, total, e)
			fam.via = f.own
			e.consider(fam)
		}
		e.consider(f.own)
		if e.elected != nil && (e.elected == f.own || e.elected == fam) {
			fits = e.elected
		}
	}
	if e.elected != nil && e.elected.score(e.lines) == 0 {
		e.elected = nil
		return nil
	}
	if fits == nil || fits != e.elected {
		return nil
	}
	return fits.reading()
}

// familyWord keeps the words that tell counters with the same total apart.
func familyWord(name string) string {
	switch w := strings.ToLower(name[strings.LastIndexByte(name, ' ')+1:]); w {
	case "phase", "step", "stage", "part", "pass", "task":
		return w
	}
	return ""
}

// value reads a counter's numbers from the line: a part without a unit has its total's.
func (f *found) value(s *scan) (v, total float64) {
	a := &s.nums[f.a]
	v = a.value
	if f.b >= 0 {
		b := &s.nums[f.b]
		total = b.value
		if a.kind == plain && b.kind == size {
			v *= b.scale
		}
	} else if f.percent {
		total = 100
	}
	return v, total
}

// sound tells whether numbers can be a part and its total. An estimated total may be passed by a little.
func (f *found) sound(v, total float64) bool {
	if f.b >= 0 && total < 2 {
		return false
	}
	return total == 0 || v <= total || total >= 100 && !f.percent && v <= 1.2*total
}

func (c *candidate) reading() *Count {
	r := &Count{Name: c.name, Done: c.done, Total: c.total, Unit: c.unit, Percent: c.percent, Derived: c.derived, Files: c.files, FilesTotal: c.filesTotal}
	if r.Percent {
		r.Unit = "percent"
	}
	if r.Total == 0 {
		r.Why = c.why
	}
	return r
}
