// Package fold turns observations into state: what every view shows, live, replayed or judged again. It is
// pure: the same observations give the same snapshots, byte for byte. Time comes only from the
// observations and from Advance.
package fold

import (
	"fmt"
	"slices"
	"time"

	"ronda/internal/observe"
	"ronda/internal/words"
)

// longest is the time without any observation that is stepped through second by second. A longer one in a
// file without a gap is not ours, and is taken as a gap.
const longest = 24 * time.Hour

// Options change how a session is folded.
type Options struct {
	// Plan is used in place of the recorded one where it is set: an old night under another plan.
	Plan *observe.Plan
	// Adjust changes each task of the plan before it is used, to try other thresholds; nil changes nothing. It
	// must be a function of the task alone.
	Adjust func(*observe.Task)
}

// State is the accumulated state of one session. It is for one goroutine; its snapshots are for any.
type State struct {
	opts    Options
	at      time.Time // of the last thing that happened; never falls
	second  time.Time // the last whole second stepped through
	seq     uint64
	started time.Time
	plan    observe.Plan

	hosts    []*host
	tasks    []*task          // the plan's, then those that finders made, as they were first seen
	byName   map[string]*task // the same
	finders  []*finder
	services []*service
	groups   []*group
	notes    []NoteView
	rulings  []Change
	taken    []Scene
	volumes  []*volume
	pools    []*pool
	joined   bool // the volumes are joined to the tasks that write there
	whole    remaining
	sees     map[string]observe.Source // how well the volumes of a host are seen

	passedOver map[string]bool  // found, and not watched for want of room; nil: none was
	claims     map[string]claim // by the name that a finder gave it: copies that the plan watches too
	unknown    int
	ended      bool
	why        string
	passed     time.Time // until when it was looked for moments that pass
}

// Change is a verdict that became another.
type Change struct {
	observe.Origin
	observe.Ruling
}

// New returns the state before the first observation.
func New(opts Options) *State { return &State{opts: opts} }

// Apply folds one observation in. Whole seconds between the one before and this one are stepped through
// first. An observation that is older than the one before is taken as of the same moment.
func (s *State) Apply(o observe.Observation) {
	if g, ok := o.Payload.(observe.Gap); ok {
		s.gap(o, g)
		return
	}
	s.Advance(o.At)
	if o.At.After(s.at) {
		s.at = o.At
	}
	s.seq = o.Seq
	switch p := o.Payload.(type) {
	case observe.Session:
		s.session(o, p)
	case observe.Link:
		s.link(o, p)
	case observe.Check:
		s.check(o, p)
	case observe.Volume:
		s.volume(o, p)
	case observe.Mark:
		s.note(o.At, observe.KindMark, p.Text)
	case observe.End:
		s.ended, s.why = true, p.Why
	case observe.Unknown:
		s.unknown++
	case observe.Ruling, observe.Alert, observe.Snapshot: // written for readers of the file
	default:
		if report, ok := p.(observe.Source); ok && o.Task == "" {
			s.volumesSee(o, report)
			s.finderSees(o, report)
			return
		}
		t := s.task(o.Task)
		if sample, ok := p.(observe.Transfer); ok {
			t = s.transferOf(o, sample)
		}
		if t != nil {
			t.apply(s.at, o)
			s.recognize(t)
			switch p.Kind() {
			case observe.KindProcess, observe.KindSource, observe.KindTransfer: // they change what can be seen
				t.look(s.at, s.hostOf(t.plan.Host))
			default:
			}
			s.decide(t)
		}
	}
}

// Advance lets time pass until t: every whole second up to it is stepped through.
func (s *State) Advance(t time.Time) {
	if s.second.IsZero() {
		s.second = t.Truncate(time.Second)
		s.at = t
		return
	}
	if t.Sub(s.second) > longest {
		s.jump(t)
		return
	}
	for next := s.second.Add(time.Second); !next.After(t); next = next.Add(time.Second) {
		s.second = next
		if next.After(s.at) {
			s.at = next
		}
		s.step()
	}
}

// step is one whole second.
func (s *State) step() {
	for _, t := range s.tasks {
		if t.settled(s.at) {
			continue
		}
		t.tick(s.at, s.hostOf(t.plan.Host), s.holds(t))
		s.decide(t)
	}
	s.stepGroups()
	s.stepVolumes()
	s.reckonWhole()
	s.passing()
}

// gap passes over time in which nobody looked. Until it began somebody did, though nothing changed.
func (s *State) gap(o observe.Observation, g observe.Gap) {
	if g.From.Before(o.At) && g.From.After(s.at) {
		s.Advance(g.From)
	}
	s.jump(o.At)
	s.seq = o.Seq
	s.note(o.At, observe.KindGap, fmt.Sprintf("not looking for %s: %s", words.Duration(g.To.Sub(g.From)), g.Why))
}

func (s *State) jump(t time.Time) {
	if !t.After(s.at) {
		return
	}
	s.at, s.second = t, t.Truncate(time.Second)
	for _, task := range s.tasks {
		task.jump(t)
		s.decide(task)
	}
	for _, g := range s.groups {
		g.hole()
	}
	s.stepVolumes()
	s.passing()
}

// session opens the session, or goes on with it after a resume: then tasks keep what is known of them.
func (s *State) session(o observe.Observation, p observe.Session) {
	if s.started.IsZero() {
		s.started = o.At
	}
	if p.Resumed {
		s.note(o.At, observe.KindSession, "resumed")
	}
	s.ended, s.why = false, ""
	s.plan = p.Plan
	if s.opts.Plan != nil {
		s.plan = *s.opts.Plan
	}
	if s.opts.Adjust != nil {
		s.plan.Tasks = slices.Clone(s.plan.Tasks) // the recorded plan stays as it is
		for i := range s.plan.Tasks {
			s.opts.Adjust(&s.plan.Tasks[i])
		}
	}
	if s.plan.Title == "" {
		s.plan.Title = p.Title
	}
	s.dropped(o.At)
	s.hosts = keep(s.hosts, s.plan.Hosts, func(h *host) string { return h.name }, func(h observe.Host) string { return h.Name },
		func(h observe.Host, old *host) *host { return newHost(h, old) })
	s.finders = keep(s.finders, s.plan.Finders, func(f *finder) string { return f.plan.Name }, func(f observe.Finder) string { return f.Name }, newFinder)
	before := s.tasks
	s.tasks = keep(before, s.plan.Tasks, func(t *task) string { return t.plan.Name }, func(t observe.Task) string { return t.Name },
		func(p observe.Task, old *task) *task { return newTask(p, s.plan, old, s.at) })
	s.byName = map[string]*task{}
	for _, t := range s.tasks {
		t.finder = nil
		s.know(t)
	}
	for _, t := range s.keepFound(before) {
		s.tasks = append(s.tasks, t)
		s.know(t)
	}
	s.services = keep(s.services, s.plan.Services, func(v *service) string { return v.plan.Name }, func(v observe.Service) string { return v.Name },
		func(p observe.Service, old *service) *service { return newService(p, old) })
	s.chain()
	s.regroup()
	s.joined = false
	for _, t := range s.tasks {
		if t.trouble != "" {
			s.note(o.At, observe.KindSource, t.plan.Name+": "+t.trouble)
		}
	}
}

// dropped notes the tasks that a resumed session no longer watches.
func (s *State) dropped(at time.Time) {
	for _, t := range s.tasks {
		if t.finder == nil && !slices.ContainsFunc(s.plan.Tasks, func(p observe.Task) bool { return p.Name == t.plan.Name }) {
			s.note(at, observe.KindSession, "no longer watched: "+t.plan.Name)
		}
	}
}

// keep makes the state for what the plan lists, from what is there under the same name.
func keep[S, P any](old []*S, plan []P, oldName func(*S) string, name func(P) string, build func(P, *S) *S) []*S {
	fresh := make([]*S, 0, len(plan))
	for _, p := range plan {
		i := slices.IndexFunc(old, func(s *S) bool { return oldName(s) == name(p) })
		var was *S
		if i >= 0 {
			was = old[i]
		}
		fresh = append(fresh, build(p, was))
	}
	return fresh
}

// task is the task of that name; nil: there is none.
func (s *State) task(name string) *task { return s.byName[name] }

// holds says why a task has not begun; empty when it may have.
func (s *State) holds(t *task) string {
	if t.plan.After == "" {
		return ""
	}
	before := s.task(t.plan.After)
	if before == nil {
		return ""
	}
	if _, over := before.judge.Ended(); over {
		return ""
	}
	return "starts when " + t.plan.After + " has ended"
}

// decide asks for the verdict and keeps a change.
func (s *State) decide(t *task) {
	if !t.due {
		return
	}
	t.due = false
	t.blame(s.at)
	if was := t.run.over; t.conclude(s.at) != was {
		s.chain()
	}
	for _, text := range t.notices {
		s.note(s.at, observe.KindVerdict, t.plan.Name+": "+text)
	}
	t.notices = t.notices[:0]
	_, changed := t.judge.Decide()
	if changed {
		s.rulings = append(s.rulings, Change{observe.Origin{Task: t.plan.Name, Host: t.plan.Host}, t.ruling(s.at)})
	}
	s.stage(t, changed)
}

// TakeChanges returns the verdicts that changed since it was last called, oldest first. Who never calls it keeps
// them all for as long as the state lives: who folds without end must call it.
func (s *State) TakeChanges() []Change {
	taken := s.rulings
	s.rulings = nil
	return taken
}

func (s *State) note(at time.Time, kind observe.Kind, text string) {
	if len(s.notes) >= MaxNotes {
		s.notes = slices.Clone(s.notes[1:])
	}
	s.notes = append(s.notes, NoteView{at, kind, text})
}

// Seq is the number of the last observation folded in.
func (s *State) Seq() uint64 { return s.seq }

// At is the moment that the state speaks of.
func (s *State) At() time.Time { return s.at }

// Plan is the plan in force.
func (s *State) Plan() observe.Plan { return s.plan }
