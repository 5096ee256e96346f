package fold

import (
	"slices"
	"time"
	"unicode/utf8"

	"ronda/internal/observe"
)

// Scene is all that was known of a task at the moment when its verdict became alarming.
type Scene struct {
	At time.Time
	observe.Origin
	*observe.Snapshot
}

// Bounds of the scenes: how many a task keeps for showing, how many wait to be recorded, how far apart two of a
// task are at least, and how long a line in one may be, in bytes.
const (
	MaxScenes  = 16
	maxTaken   = 256
	sceneApart = 30 * time.Second
	sceneLater = 10 * time.Minute
	sceneLine  = 1000
	maxOthers  = 60 // a host may run hundreds of copies
)

// scenes are those of one task.
type scenes struct {
	due   bool // the verdict has become alarming, or another alarming one, and no scene was taken since
	last  observe.Verdict
	count int
	taken []Scene // the newest, oldest first; only ever replaced, so that a view may keep it
}

// stage takes a scene where one is due. A verdict that flaps leaves one in half a minute, and none of what was
// over before; one that flaps all night, one in ten minutes. How a task failed is always kept.
func (s *State) stage(t *task, changed bool) {
	r := &t.scenes
	verdict := t.judge.Verdict()
	if !verdict.Alarming() {
		r.due = false
		return
	}
	r.due = r.due || changed
	if !r.due {
		return
	}
	apart := sceneApart
	if r.count >= MaxScenes {
		apart = sceneLater
	}
	if n := len(r.taken); n > 0 && s.at.Sub(r.taken[n-1].At) < apart && (verdict != observe.Failed || r.last == observe.Failed) {
		return
	}
	r.due, r.last = false, verdict
	r.count++
	scene := Scene{s.at, observe.Origin{Task: t.plan.Name, Host: t.plan.Host}, s.scene(t)}
	r.taken = append(slices.Clone(r.taken[max(len(r.taken)-MaxScenes+1, 0):]), scene)
	if len(s.taken) < maxTaken { // whoever only shows a night never takes them
		s.taken = append(s.taken, scene)
	}
}

// TakeScenes returns the scenes that became due since it was last called.
func (s *State) TakeScenes() []Scene {
	taken := s.taken
	s.taken = nil
	return taken
}

// scene puts together what is known of a task.
func (s *State) scene(t *task) *observe.Snapshot {
	v := &observe.Snapshot{
		Ruling: t.ruling(s.at), Phase: t.phase, Counter: t.counting.reading(t.phase), Process: t.work.whole(&t.tree),
		Lines: newestLines(t.lines.view(nil)),
	}
	for i, n := range t.tree.usesAt(s.at, t.work.at) {
		if n >= 0 && v.Process != nil && i < len(v.Process.Procs) {
			v.Uses = append(v.Uses, observe.Use{PID: t.tree.procs[i].PID, Processors: n})
		}
	}
	if t.partial != nil {
		v.Prompt = cut(t.partial.Text, sceneLine)
	}
	for _, src := range t.sources {
		v.Sees = append(v.Sees, observe.Seen{Source: src.name, State: src.state, Why: src.why})
	}
	if h := s.hostOf(t.plan.Host); h != nil {
		v.Link = &observe.Link{
			Up: h.state == LinkUp || h.state == LinkLate, Late: h.state == LinkLate,
			RTTMS: float64(h.rtt) / float64(time.Millisecond), Detail: h.detail,
		}
	}
	v.Others = s.others(t)
	return v
}

// others is how the other tasks and the services are.
func (s *State) others(but *task) []observe.Other {
	var all []observe.Other
	for _, t := range s.tasks {
		if t != but && len(all) < maxOthers && !t.settled(s.at) {
			all = append(all, observe.Other{Name: t.plan.Name, State: t.judge.Verdict(), Detail: cut(t.judge.Reason(), sceneLine)})
		}
	}
	for _, v := range s.services {
		if v.asked {
			ok := v.last.OK
			all = append(all, observe.Other{Name: v.plan.Name, OK: &ok, Detail: cut(v.last.Detail, sceneLine)})
		}
	}
	return all
}

// reading is the newest reading of the counter; nil when nothing is counted, or only an earlier phase was.
func (k *counting) reading(phase string) *observe.Counter {
	if !k.progress.Known || k.outlived {
		return nil
	}
	done := k.progress.Done
	c := &observe.Counter{Name: k.progress.Name, Done: &done, Unit: k.progress.Unit, Phase: phase}
	if total := k.progress.Total; total > 0 {
		c.Total = &total
	}
	return c
}

// whole is the newest sample, with the processes and files of the last look that saw any.
func (w *working) whole(r *tree) *observe.Process {
	if w.sample == nil {
		return nil
	}
	p := *w.sample
	if len(p.Procs) == 0 {
		p.Procs = r.procs
	}
	if len(p.Files) == 0 {
		p.Files = r.files
	}
	return &p
}

// newestLines are the last lines of a log, oldest first.
func newestLines(v LogView) []string {
	var lines []string
	for n := v.End() - 1; n >= v.First() && len(lines) < observe.MaxSnapshotLines; n-- {
		if l := v.Line(n); !l.Gap {
			lines = append(lines, cut(l.Text, sceneLine))
		}
	}
	slices.Reverse(lines)
	return lines
}

// cut shortens a text to so many bytes.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit] + "…"
}
