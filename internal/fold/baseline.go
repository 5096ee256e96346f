package fold

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ronda/internal/judge"
	"ronda/internal/observe"
	"ronda/internal/words"
)

// past is an earlier run of the task, made ready to be compared with.
type past struct {
	base  *observe.Baseline
	names map[string][]int // phases of the earlier run by masked name, in its order
	of    []place          // of each phase of tonight, as long as run.phases
	scale float64          // tonight's size over the earlier one's; 0: not known

	news    int                      // silence was looked for after so many news
	silence *observe.BaselineSilence // how long it was silent then after the same news; nil: not known
	same    bool                     // the news was the same to the digit

	judged observe.Evidence // of the whole, once it has ended
	size   observe.Evidence // that there is much more or much less to do than then
	sized  float64          // of how much that was said
}

// place is where a phase of tonight stands in the earlier run.
type place struct {
	phase int  // -1: it was not there
	exact bool // it has the same name, digits and all
	// The longest silence and rest then; of all phases whose names differ by digits only, where the name is another.
	silence, rest time.Duration
}

// newPast makes an earlier run ready; one that is nil gives a past that knows nothing.
func newPast(b *observe.Baseline) past {
	p := past{base: b}
	if b == nil {
		return p
	}
	p.names = map[string][]int{}
	for i, phase := range b.Phases {
		m := masked(phase.Name)
		p.names[m] = append(p.names[m], i)
	}
	return p
}

// masked is a name with each number in it made the same.
func masked(s string) string {
	if !strings.ContainsAny(s, "0123456789") {
		return s
	}
	var out strings.Builder
	in := false
	for _, r := range s {
		digit := r >= '0' && r <= '9'
		switch {
		case !digit:
			out.WriteRune(r)
		case !in:
			out.WriteByte('#')
		}
		in = digit
	}
	return out.String()
}

// find tells which phase of the earlier run one of tonight is: that of the same name, or else the first of
// those whose names differ by digits only that none of tonight stands for yet.
func (p *past) find(name string) place {
	alike := p.names[masked(name)]
	if len(alike) == 0 {
		return place{phase: -1}
	}
	out, free := place{phase: -1}, -1
	for _, i := range alike {
		b := &p.base.Phases[i]
		if b.Name == name {
			return place{i, true, time.Duration(b.Silence), time.Duration(b.Rest)}
		}
		if free < 0 && !slices.ContainsFunc(p.of, func(o place) bool { return o.phase == i }) {
			free = i
		}
		out.silence, out.rest = max(out.silence, time.Duration(b.Silence)), max(out.rest, time.Duration(b.Rest))
	}
	if free < 0 {
		free = alike[len(alike)-1]
	}
	out.phase = free
	return out
}

// place is where phase i of tonight stands in the earlier run.
func (t *task) place(i int) place {
	r, p := &t.run, &t.past
	for len(p.of) < len(r.phases) {
		p.of = append(p.of, p.find(r.phases[len(p.of)].name))
	}
	if i < 0 || i >= len(p.of) || !r.ran(i) {
		return place{phase: -1}
	}
	return p.of[i]
}

// seek looks for the silence that followed the same news, within the same phase if it can be.
func (p *past) seek(what, phase string) {
	p.silence, p.same = nil, false
	m, rank := masked(what), 0
	for i := range p.base.Silences {
		s := &p.base.Silences[i]
		var n int
		switch {
		case s.What == what:
			n = 3
		case masked(s.What) == m:
			n = 1
		default:
			continue
		}
		if masked(s.Phase) == masked(phase) {
			n++
		}
		if n > rank { // of equal ones the first is the longest
			p.silence, p.same, rank = s, n >= 3, n
		}
	}
}

// whole tells that the earlier run was seen from its beginning to its end.
func (p *past) whole() bool {
	return p.base != nil && cameToEnd(p.base.Verdict) && !p.base.Partial
}

// cameToEnd tells that a run came to its end, as far as anybody could see: it was done, or its process was gone and
// nothing said how. Who takes such a run for a rehearsal knows that it was well.
func cameToEnd(v observe.Verdict) bool { return v == observe.Done || v == observe.Blind }

// entered is the turn of a phase. The one before it is measured: one that was over far sooner than in the earlier
// run may not have been done at all.
func (t *task) entered(name string, now time.Time) {
	seen, clock := !now.IsZero(), t.judge.Clock()
	if seen {
		clock = t.clock(now)
	}
	left := t.run.current
	t.run.enter(name, clock, seen)
	t.followCourse()
	t.counting.reckoned = time.Time{} // what is left is another now
	if t.past.base == nil || !seen || !t.run.begun {
		return
	}
	p := t.run.phase(left)
	if p == nil || p.unseen || p.times > 1 || t.run.partial && p.first == 0 {
		return
	}
	at := t.place(left)
	if at.phase < 0 || !at.exact || t.past.base.Phases[at.phase].Times > 1 {
		return
	}
	t.phaseSize(p, t.past.base.Phases[at.phase].Course)
	if then := t.then(at.phase); then > 0 && judge.Shorter(p.spent, then) {
		t.suspect(fmt.Sprintf("%s took %s; in the rehearsal %s: suspiciously short", quoted(p.name), words.Exact(p.spent), t.scaled(then)))
	}
}

// maxDoubts bounds the doubts that are shown with a task; all of them are noted.
const maxDoubts = 3

// suspect keeps a doubt: with the task, and among the notes.
func (t *task) suspect(text string) {
	if len(t.doubts) < maxDoubts {
		t.doubts = append(t.doubts, text)
	}
	t.notices = append(t.notices, text)
}

// then is how long a phase of the earlier run would have taken with work of tonight's size; 0: not known.
func (t *task) then(phase int) time.Duration {
	b := &t.past.base.Phases[phase]
	scale := t.past.scale
	if scale == 0 && b.Course != nil {
		scale = sizes(b.Course, t.counting.progress)
	}
	if scale == 0 {
		scale = 1
	}
	return time.Duration(float64(b.Duration) * scale)
}

// sizes is the size of tonight's work over that of a course; 0 where it cannot be known.
func sizes(c *observe.Course, p Progress) float64 {
	if c == nil || !p.Known || p.Total <= 0 || c.Total <= 0 || p.Unit == "percent" || !sameCounter(c, p) {
		return 0
	}
	return min(max(p.Total/c.Total, 1.0/100), 100)
}

func sameCounter(c *observe.Course, p Progress) bool {
	return c.Unit == p.Unit && masked(c.Name) == masked(p.Name)
}

// recall compares the task with its earlier run, once a second.
func (t *task) recall() {
	s := t.judge.Standing()
	t.run.second(s, t)
	p := &t.past
	if p.base == nil || !t.run.begun || t.run.over {
		return
	}
	if p.scale == 0 && p.counted() {
		p.scale = sizes(p.base.Course, t.counting.progress)
	}
	t.size()
	at := t.place(t.run.current)
	known := judge.Past{Silence: at.silence, Rest: at.rest}
	if s.Silent >= leastPause {
		if s.News != p.news {
			p.news = s.News
			p.seek(s.What, t.phase)
		}
		if p.silence != nil {
			known.Silence = time.Duration(p.silence.Took)
		}
	} else {
		p.silence, p.news = nil, 0
	}
	t.judge.Remember(known)
}

// counted tells that one counter told how far the earlier run was, for most of it.
func (p *past) counted() bool {
	return p.base.Course != nil && 2*courseSpan(p.base.Course) >= time.Duration(p.base.Duration)
}

func courseSpan(c *observe.Course) time.Duration {
	if len(c.Points) == 0 {
		return 0
	}
	return time.Duration(c.Points[len(c.Points)-1].At - c.Points[0].At)
}

// conclude measures the whole when the task has ended, and takes that back when it turns out to go on. It returns
// whether the run is over.
func (t *task) conclude(now time.Time) bool {
	ended, over := t.judge.Ended()
	if over == t.run.over {
		return over
	}
	s := t.judge.Standing()
	if !over {
		t.run.resume(s)
		t.past.judged, t.tooFast = observe.Evidence{}, ""
		t.judge.Doubt("")
		return false
	}
	s.Clock = max(t.clock(now)-min(max(now.Sub(ended), 0), 2*lastLinesWriter), t.run.start)
	t.run.second(s, t)
	done := cameToEnd(s.Verdict)
	t.run.finish(s, done)
	defer t.doubt()
	if !done || !t.past.whole() || t.run.partial {
		return t.run.over
	}
	if t.countsWhole() && t.counting.progress.Total <= 0 {
		t.past.compareSize(t.counting.progress.Done, t.past.base.Course.Total, t.counting.progress.Unit)
	}
	t.past.judged = t.wholeEvidence()
	took, then := t.run.length(s.Clock), t.whole()
	if judge.Shorter(took, then) {
		t.tooFast = "suspiciously fast: it took " + words.Exact(took) + ", in the rehearsal " + t.scaled(then)
	}
	return t.run.over
}

// doubt tells the judge what speaks against the success of a run that is over, and notes what is new of it.
func (t *task) doubt() {
	all := ""
	if cameToEnd(t.judge.Standing().Verdict) {
		for _, d := range []string{t.shortfall(), t.stats.short(), t.tooLittle(), t.tooFast} {
			if d == "" {
				continue
			}
			all = strings.TrimPrefix(all+"; "+d, "; ")
			if !slices.Contains(t.noted, d) {
				t.noted = append(t.noted, d)
				t.notices = append(t.notices, d)
			}
		}
	}
	t.judge.Doubt(all)
}

// whole is how long the earlier run would have taken with work of tonight's size.
func (t *task) whole() time.Duration {
	d := time.Duration(t.past.base.Duration)
	if t.past.scale > 0 {
		d = time.Duration(float64(d) * t.past.scale)
	}
	return d
}
