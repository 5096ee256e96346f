package fold

import (
	"cmp"
	"slices"

	"ronda/internal/observe"
)

// Rehearsal returns the plan of this session with how each of its tasks went as the task's Baseline: what the
// next night is measured against. from is the session file's name, without its folder. Tasks that never began
// have none. Of what finders found those that ended are with their finder.
func (s *State) Rehearsal(from string) observe.Plan {
	p := s.plan
	p.Tasks, p.Finders = nil, slices.Clone(p.Finders)
	for i := range p.Finders {
		p.Finders[i].Earlier = nil
	}
	for _, t := range s.tasks {
		task := t.plan
		task.Baseline = t.rehearsal(from)
		if t.finder == nil {
			p.Tasks = append(p.Tasks, task)
			continue
		}
		i := slices.IndexFunc(p.Finders, func(f observe.Finder) bool { return f.Name == t.finder.plan.Name })
		if i < 0 || task.Baseline == nil || task.Baseline.Verdict == "" {
			continue
		}
		f := &p.Finders[i]
		f.Earlier = append(f.Earlier[max(len(f.Earlier)-maxEarlier+1, 0):], observe.Task{Name: task.Name, Baseline: task.Baseline})
	}
	return p
}

// maxEarlier bounds the copies of an earlier run that a finder remembers, the newest of them.
const maxEarlier = 100

func (t *task) rehearsal(from string) *observe.Baseline {
	r, clock := &t.run, t.judge.Clock()
	if !r.begun {
		return nil
	}
	b := &observe.Baseline{
		From: from, Partial: r.partial, Duration: observe.Duration(r.length(clock)),
		Silence: observe.Duration(r.pauses.silence), Rest: observe.Duration(r.pauses.rest),
	}
	if r.over {
		b.Verdict = t.judge.Standing().Verdict
	}
	for i := range r.phases {
		p := &r.phases[i]
		if !r.ran(i) || p.unseen && p.silence == 0 && p.rest == 0 && len(p.course.points) == 0 {
			continue // it is of another run, or nothing is known of it but that it was
		}
		out := observe.BaselinePhase{
			Name: observe.Redact(p.name), After: observe.Duration(p.first), Times: p.times,
			Silence: observe.Duration(p.silence), Rest: observe.Duration(p.rest), Course: p.course.baseline(),
		}
		cut := i == r.current && !cameToEnd(b.Verdict) // it did not come to its own end
		if !p.unseen && !cut && (!r.partial || p.first > 0) {
			out.Duration = observe.Duration(r.took(i, clock))
		}
		if p.times == 1 {
			out.Times = 0
		}
		b.Phases = append(b.Phases, out)
	}
	slices.SortStableFunc(b.Phases, func(x, y observe.BaselinePhase) int { return cmp.Compare(x.After, y.After) })
	for _, q := range r.pauses.list {
		q.Phase, q.What = observe.Redact(q.Phase), observe.Redact(q.What)
		b.Silences = append(b.Silences, q)
	}
	whole := longer(r.course, r.now)
	if b.Course = whole.baseline(); b.Course == nil && !r.partial && !r.joined { // what it told before is not known
		b.Told = r.told.baseline()
	}
	return b
}
