package fold

import (
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// claim is a copy that a finder found and that the plan watches already: counted twice it would need twice the room and
// move twice the bytes.
type claim struct {
	task string // the plan's
	id   string // of the copy
}

// claimed is the plan's task that is the same as what a finder found on host; nil: none is. It is so by its process, or
// by the path that it watches.
func (s *State) claimed(host string, p observe.Transfer) *task {
	for _, t := range s.tasks[:min(len(s.plan.Tasks), len(s.tasks))] {
		if t.is(host, p.ID, p.Target) {
			return t
		}
	}
	return nil
}

// is tells that a task of the plan is the copy of that identity on host.
func (t *task) is(host, id, target string) bool {
	if pid, ok := pidOf(id); ok && t.plan.Host == host && t.work.alive() && t.work.sample.Root == pid {
		return true
	}
	r := t.plan.Transfer
	return r != nil && r.Path != "" && r.Host == host && r.Path == target
}

// foundFor is whose a sample of a finder is: of a copy that the plan watches too it is that task's, if nothing tells
// better of it there. taken tells that it is nobody else's.
func (s *State) foundFor(o observe.Observation, p observe.Transfer, f *finder) (t *task, taken bool) {
	c, known := s.claims[o.Task]
	if !known || p.ID != "" && p.ID != c.id {
		delete(s.claims, o.Task)
		t = s.claimed(f.plan.Host, p)
		if t == nil {
			return nil, false
		}
		if s.take(o.Task, claim{t.plan.Name, p.ID}) {
			f.found++
		}
	} else if t = s.task(c.task); t == nil {
		delete(s.claims, o.Task)
		return nil, false
	}
	if t.plan.Transfer != nil {
		return nil, true
	}
	return t, true
}

// take notes that what was found under a name is the plan's, and tells whether there was room to note it.
func (s *State) take(name string, c claim) bool {
	if s.claims == nil {
		s.claims = map[string]claim{}
	}
	if len(s.claims) >= maxFound {
		return false
	}
	s.claims[name] = c
	return true
}

// recognize takes back the tasks of copies that were found before the plan's task t was seen to be the same.
func (s *State) recognize(t *task) {
	if t.finder != nil || len(s.tasks) == len(s.plan.Tasks) || t.work.sample == nil || t.work.sample.Root == t.recognized {
		return
	}
	t.recognized = t.work.sample.Root
	for i := len(s.plan.Tasks); i < len(s.tasks); i++ {
		found := s.tasks[i]
		if !t.is(found.plan.Host, found.moving.ID, found.moving.Target) {
			continue
		}
		if t.plan.Transfer == nil {
			t.adopt(&found.moving)
		}
		name := found.plan.Name
		s.take(name, claim{t.plan.Name, found.moving.ID})
		s.letGo(i)
		i--
		s.note(s.at, observe.KindTransfer, name+" was found and is "+t.plan.Name+" of the plan")
	}
}

// adopt takes over what was seen of the task as one that was found. Its clock was another.
func (t *task) adopt(m *moving) {
	if t.moving.known && t.moving.ID != m.ID {
		t.counting.forgetOutside()
	}
	t.moving = *m
	for i := range t.moving.ways {
		t.moving.ways[i].trail = trail{}
	}
}

// pidOf is the process that an identity names; false where it is no process's.
func pidOf(id string) (int, bool) {
	pid, start, ok := strings.Cut(id, "@")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(pid, 10, 31)
	if err != nil {
		return 0, false
	}
	_, err = strconv.ParseUint(start, 10, 64)
	return int(n), err == nil
}
