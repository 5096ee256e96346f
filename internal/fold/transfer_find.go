package fold

import (
	"fmt"
	"slices"
	"time"

	"ronda/internal/observe"
)

// maxFound bounds the tasks that finders have made and that are kept. Of more, those that ended first are let go;
// while none has ended, what is found on top is counted and not watched.
const maxFound = 500

// maxPassedOver bounds the names that are known of those on top.
const maxPassedOver = 10 * maxFound

// finder is what is known of one of the plan's finders.
type finder struct {
	plan  observe.Finder
	state observe.SourceState // empty: has not looked yet
	why   string
	since time.Time
	found int // all it found in this session
}

func newFinder(p observe.Finder, old *finder) *finder {
	if old != nil {
		old.plan = p
		return old
	}
	return &finder{plan: p}
}

// task is the plan of a task that the finder made.
func (f *finder) task(name string) observe.Task {
	p := observe.Task{Name: name, Host: f.plan.Host, Deadline: f.plan.Deadline, Group: f.plan.Group}
	if i := slices.IndexFunc(f.plan.Earlier, func(t observe.Task) bool { return t.Name == name }); i >= 0 {
		p.Baseline = f.plan.Earlier[i].Baseline
	}
	return p
}

func (s *State) finder(name string) *finder {
	i := slices.IndexFunc(s.finders, func(f *finder) bool { return f.plan.Name == name })
	if i < 0 {
		return nil
	}
	return s.finders[i]
}

// finderSees takes in how well a finder sees: its word is a source's that belongs to no task.
func (s *State) finderSees(o observe.Observation, p observe.Source) {
	f := s.finder(o.Source)
	if f == nil {
		return
	}
	if f.state != p.State {
		f.since = s.at
	}
	f.state, f.why = p.State, p.Why
	for _, t := range s.tasks {
		if t.finder == f {
			t.look(s.at, s.hostOf(t.plan.Host))
			s.decide(t)
		}
	}
}

// transferOf is the task that a sample of a transfer belongs to, begun anew where the sample is of another run of it.
// The first sample of a finder makes the task. nil: there is none, and none can be made.
func (s *State) transferOf(o observe.Observation, p observe.Transfer) *task {
	t := s.task(o.Task)
	switch {
	case t != nil && t.again(p):
		return s.anew(t)
	case t != nil:
		return t
	case p.Finder == "" || o.Task == "":
		return nil
	}
	f := s.finder(p.Finder)
	if f == nil {
		return nil
	}
	if t, taken := s.foundFor(o, p, f); taken {
		if t != nil && t.again(p) {
			return s.anew(t)
		}
		return t
	}
	known := s.passedOver[o.Task]
	if !s.room() {
		if !known && len(s.passedOver) < maxPassedOver { // what cannot be remembered would be counted with each sample
			s.passedOver[o.Task] = true
			f.found++
		}
		return nil
	}
	if !known {
		f.found++
	}
	delete(s.passedOver, o.Task)
	t = s.foundTask(f, o.Task, nil)
	s.tasks = append(s.tasks, t)
	s.know(t)
	s.regroup()
	return t
}

// again tells that a sample is of another run: it has another identity, or the manager that said how the one before
// ended says that it runs.
func (t *task) again(p observe.Transfer) bool {
	m := &t.moving
	if p.ID != "" && m.ID != "" && p.ID != m.ID {
		return true
	}
	return t.managed() && overState(m.State) && m.State != observe.TransferGone && p.State != "" && !overState(p.State)
}

// foundTask is the task that f made, or the one that it made before, as the plan in force wants it.
func (s *State) foundTask(f *finder, name string, old *task) *task {
	p := f.task(name)
	if s.opts.Adjust != nil {
		s.opts.Adjust(&p)
	}
	t := newTask(p, s.plan, old, s.at)
	t.finder = f
	return t
}

// room makes room for one more found task, and tells whether there is any.
func (s *State) room() bool {
	found := len(s.tasks) - len(s.plan.Tasks)
	if found < maxFound {
		return true
	}
	oldest := -1
	for i := len(s.plan.Tasks); i < len(s.tasks); i++ {
		ended, over := s.tasks[i].judge.Ended()
		if !over {
			continue
		}
		if oldest >= 0 {
			if first, _ := s.tasks[oldest].judge.Ended(); !ended.Before(first) {
				continue
			}
		}
		oldest = i
	}
	if oldest < 0 {
		if s.passedOver == nil {
			s.passedOver = map[string]bool{}
			s.note(s.at, observe.KindTransfer, fmt.Sprintf("%d transfers that were found run: what comes on top is not watched", maxFound))
		}
		return false
	}
	s.letGo(oldest)
	return true
}

// letGo forgets a found task.
func (s *State) letGo(i int) {
	delete(s.byName, s.tasks[i].plan.Name)
	s.tasks = slices.Delete(s.tasks, i, i+1)
	s.joined = false // volumes hold the tasks that write there
	s.regroup()
}

// anew is the task in its new run: what belonged to the one before is forgotten. Of a task whose log or process goes
// on only what was moved begins anew: they are its run.
func (s *State) anew(t *task) *task {
	if t.finder == nil && (t.work.alive() || !t.last.IsZero()) {
		t.moving = moving{}
		t.counting.forgetOutside()
		return t
	}
	fresh := newTask(t.plan, s.plan, nil, s.at)
	fresh.finder, fresh.sources, fresh.lines, fresh.scenes = t.finder, t.sources, t.lines, t.scenes
	s.tasks[slices.Index(s.tasks, t)] = fresh
	s.know(fresh)
	s.joined = false
	s.chain()
	s.regroup()
	return fresh
}

// keepFound is what finders have made so far, for a session that goes on: of finders that still stand, and under names
// that the plan does not give itself.
func (s *State) keepFound(old []*task) []*task {
	var kept []*task
	lost := 0
	for _, t := range old {
		if t.finder == nil || s.task(t.plan.Name) != nil {
			continue
		}
		if f := s.finder(t.finder.plan.Name); f != nil {
			kept = append(kept, s.foundTask(f, t.plan.Name, t))
		} else {
			lost++
		}
	}
	if lost > 0 {
		s.note(s.at, observe.KindSession, fmt.Sprintf("no longer watched: %d transfers that a finder had found", lost))
	}
	return kept
}

// know enters a task under its name.
func (s *State) know(t *task) {
	if s.byName == nil {
		s.byName = map[string]*task{}
	}
	s.byName[t.plan.Name] = t
}

// finderViews are the finders as they stand.
func (s *State) finderViews() []FinderView {
	views := make([]FinderView, 0, len(s.finders))
	for _, f := range s.finders {
		v := FinderView{Name: f.plan.Name, Host: f.plan.Host, State: f.state, Why: f.why, Found: f.found}
		for _, t := range s.tasks {
			if _, over := t.judge.Ended(); t.finder == f && !over {
				v.Running++
			}
		}
		views = append(views, v)
	}
	return views
}

// settledAfter is the time after the end of a copy in which its last words may still come.
const settledAfter = time.Minute

// settled tells that a copy that was found has ended for good: a night may find hundreds, and each second would be
// spent on all of them.
func (t *task) settled(now time.Time) bool {
	if t.finder == nil || !t.run.over {
		return false
	}
	ended, over := t.judge.Ended()
	return over && now.Sub(ended) > settledAfter
}
