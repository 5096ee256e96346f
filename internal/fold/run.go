package fold

import (
	"time"

	"ronda/internal/judge"
	"ronda/internal/observe"
)

// run is how a task goes: its phases, its silences, the way of its counters. It is what the next night is measured
// against, and what this one is measured by. Times are of the observed clock. It is looked at once a second, so a
// rest is known to the second.
type run struct {
	begun   bool
	over    bool
	partial bool          // its beginning was not seen, and nothing tells when it was
	joined  bool          // its beginning was not seen, but its process tells when it was
	aged    bool          // its process told its age
	start   time.Duration // the clock at its first sign
	end     time.Duration // the clock at its end, once it is over

	phases  []phaseRun     // in order of their first beginning, at most MaxBaselinePhases
	index   map[string]int // by name
	current int            // index of the phase that runs; -1: one that there was no room for
	was     int            // and a second ago

	news  int           // of the judge, when it was last looked at
	what  string        // the newest of them
	spoke time.Duration // the clock at it
	idle  time.Duration // how long the rest was a second ago
	// A silence or rest in which something concrete stood in the way did not end by itself, and is not kept.
	hinderedSilence, hinderedRest bool

	pauses pauses
	course course // of the counter that told the longest
	now    course // of the one that tells now
	told   course // how many news there were
}

// phaseRun is one phase of a run.
type phaseRun struct {
	name          string
	first         time.Duration // since the start of the run
	entered       time.Duration // the clock when it last began
	spent         time.Duration // in its earlier times
	times         int
	unseen        bool // its beginning was not seen
	silence, rest time.Duration
	course        course
}

// enter begins a phase at the clock now. seen tells that it begins now, and not before ronda looked.
func (r *run) enter(name string, now time.Duration, seen bool) {
	r.leave(now)
	i, known := r.index[name]
	switch {
	case known:
		r.current = i
	case len(r.phases) >= observe.MaxBaselinePhases:
		r.current = -1
		return
	default:
		if r.index == nil {
			r.index = map[string]int{}
		}
		r.current = len(r.phases)
		r.index[name] = r.current
		r.phases = append(r.phases, phaseRun{name: name, first: max(now-r.start, 0)})
	}
	p := r.phase(r.current)
	if p.unseen && seen && p.spent < time.Second { // the log told of an earlier run of it
		*p = phaseRun{name: name, first: max(now-r.start, 0)}
	}
	p.entered, p.unseen = now, p.unseen || !seen
	p.times++
}

// leave adds the time of the phase that runs to it.
func (r *run) leave(now time.Duration) {
	if p := r.phase(r.current); p != nil {
		p.spent += max(now-p.entered, 0)
		p.entered = now
	}
}

// phase is phase i; nil for none.
func (r *run) phase(i int) *phaseRun {
	if i < 0 || i >= len(r.phases) {
		return nil
	}
	return &r.phases[i]
}

// ran tells that phase i belongs to this run. What the log told of before ronda looked may be of an earlier one,
// unless this one was joined on its way.
func (r *run) ran(i int) bool { return r.partial || r.joined || !r.phases[i].unseen }

// took is how long phase i has taken until the clock now.
func (r *run) took(i int, now time.Duration) time.Duration {
	p := &r.phases[i]
	if i == r.current && !r.over {
		return p.spent + max(now-p.entered, 0)
	}
	return p.spent
}

// length is how long the whole has taken until the clock now.
func (r *run) length(now time.Duration) time.Duration {
	switch {
	case r.over:
		return r.end - r.start
	case !r.begun:
		return 0
	}
	return max(now-r.start, 0)
}

// second looks at how the task stands.
func (r *run) second(s judge.Standing, t *task) {
	switch {
	case r.over || !r.begun && !s.Begun:
		return
	case !r.begun:
		r.begin(s)
	}
	if s.Clock-r.start < joinedWithin {
		r.join(s.Clock, t)
	}
	r.hinderedSilence, r.hinderedRest = r.hinderedSilence || s.Hindered, r.hinderedRest || s.Hindered
	if s.News != r.news {
		if r.news > 0 && !r.hinderedSilence {
			r.spokeUp(s.At - r.spoke)
		}
		r.news, r.what, r.spoke, r.hinderedSilence = s.News, s.What, s.At, s.Hindered
		r.tell(s.At)
	}
	if s.Rest < r.idle {
		r.wokeUp()
		r.hinderedRest = s.Hindered
	}
	r.idle, r.was = s.Rest, r.current
	r.count(s.Clock, t.counting.progress)
}

// begin is the first sign of the task: what was silent before was not it. Phases that the log told of before
// anything was seen to happen begin here as well, and their times are not known.
func (r *run) begin(s judge.Standing) {
	r.begun, r.start, r.news, r.what = true, s.Clock, s.News, s.What
	if s.News > 0 {
		r.start = s.At
	}
	r.spoke = r.start
	r.told.from = r.start
	r.tell(r.start)
	for i := range r.phases {
		p := &r.phases[i]
		p.first, p.entered, p.spent = 0, max(p.entered, r.start), 0
	}
	if len(r.phases) == 0 {
		r.enter("", r.start, true)
	}
	r.was = r.current
}

// tell follows how much the task has told.
func (r *run) tell(clock time.Duration) {
	r.told.add(clock, Progress{Name: "news", Done: float64(r.news)})
}

// spokeUp keeps a silence that ended by itself.
func (r *run) spokeUp(silence time.Duration) {
	p, name := r.phase(r.was), ""
	if p != nil {
		p.silence, name = max(p.silence, silence), p.name
	}
	r.pauses.silence = max(r.pauses.silence, silence)
	if silence >= leastPause {
		r.pauses.add(observe.BaselineSilence{
			Phase: name, What: r.what, After: observe.Duration(max(r.spoke-r.start, 0)), Took: observe.Duration(silence),
		})
	}
}

// wokeUp keeps a rest that ended by itself, and was more than a breath.
func (r *run) wokeUp() {
	if r.hinderedRest || r.idle < leastPause {
		return
	}
	if p := r.phase(r.was); p != nil {
		p.rest = max(p.rest, r.idle)
	}
	r.pauses.rest = max(r.pauses.rest, r.idle)
}

// count follows the counter within the whole and within the phase.
func (r *run) count(clock time.Duration, p Progress) {
	if !p.Known || p.At.IsZero() || p.At.Equal(r.now.read) {
		return
	}
	if !r.now.follows(p) {
		r.course = longer(r.course, r.now)
		r.now = course{from: r.start}
	}
	r.now.add(clock, p)
	if ph := r.phase(r.current); ph != nil {
		if !ph.course.follows(p) {
			ph.course = course{from: ph.entered}
		}
		ph.course.add(clock, p)
	}
}

// finish is the end of the run. The last silence and rest count where it ended well: they led to it.
func (r *run) finish(s judge.Standing, well bool) {
	if r.over || !r.begun {
		return
	}
	if well && !r.hinderedSilence && r.news > 0 {
		r.spokeUp(s.Silent)
	}
	if well {
		r.idle = max(r.idle, s.Rest)
		r.wokeUp()
	}
	r.leave(s.Clock)
	r.over, r.end = true, s.Clock
}

// resume takes an end back: it had not ended after all.
func (r *run) resume(s judge.Standing) {
	r.over = false
	if p := r.phase(r.current); p != nil {
		p.entered = r.end
	}
	r.news, r.what, r.spoke, r.idle = s.News, s.What, s.At, s.Rest
}

// Bounds of what a process's age tells. A task has been joined on its way when its process is older than its first
// sign by joinedWithin; one that is older than oldest is a service, and says nothing of when the work began.
const (
	joinedWithin = time.Minute
	oldest       = 24 * time.Hour
)

// join finds out whether the task had begun before ronda looked, as soon as its process is in sight. Where that was
// named and tells its age, the run began with it. Otherwise the lines that its log had already must tell, and then
// its beginning is not known. A log may hold the lines of an earlier run: a young process says that it does.
func (r *run) join(clock time.Duration, t *task) {
	if r.aged {
		return
	}
	backlog := len(t.lines.blocks) > 0 && t.lines.blocks[0][0].Backlog
	age, known := t.work.age()
	if !known {
		r.partial = backlog
		return
	}
	before := age - (clock - r.start) // how long it had run before its first sign
	r.aged, r.partial = true, false
	switch {
	case before <= joinedWithin:
	case !t.named() || age > oldest:
		r.partial = backlog || t.named()
	default:
		r.joined = true
		r.start -= before
		for _, c := range []*course{&r.course, &r.now} {
			c.shift(before)
		}
		for i := range r.pauses.list {
			r.pauses.list[i].After += observe.Duration(before)
		}
		for i := range r.phases {
			p := &r.phases[i]
			if p.first += before; i == 0 && !p.unseen {
				p.first, p.entered = 0, p.entered-before
				p.course.shift(before)
			}
		}
	}
}

// age is how long the root of the task's processes had lived at its newest sample, and whether that is known.
func (w *working) age() (time.Duration, bool) {
	s := w.sample
	if !w.alive() || len(s.Procs) == 0 || s.Procs[0].Start == 0 || s.Uptime == 0 {
		return 0, false
	}
	return time.Duration(s.Uptime-s.Procs[0].Start*1000/ticksPerSecond) * time.Millisecond, true
}
