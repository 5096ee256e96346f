package tui

import (
	"fmt"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// thenScene is the scene of a task that the person looks back at: the one taken at that moment, or else the
// newest; nil, while he looks at the present.
func (m *model) thenScene() (s *fold.Scene, place int) {
	t := m.task()
	if t == nil || m.then.IsZero() || len(t.Scenes) == 0 {
		return nil, 0
	}
	for i := range t.Scenes {
		if t.Scenes[i].At.Equal(m.then) {
			return &t.Scenes[i], i
		}
	}
	last := len(t.Scenes) - 1
	return &t.Scenes[last], last
}

// lookBack turns to what was known when the verdict became alarming: from the present to the newest scene, then to
// older ones, and from the oldest to the present again. With a negative step it goes the other way.
func (m *model) lookBack(step int) {
	t := m.task()
	if t == nil || len(t.Scenes) == 0 {
		return
	}
	places := len(t.Scenes) + 1 // the present is the last
	at := places - 1
	if s, i := m.thenScene(); s != nil && m.page == pageEvidence {
		at = i
	}
	at = ((at-step)%places + places) % places
	m.page, m.offset, m.then = pageEvidence, 0, time.Time{}
	if at < places-1 {
		m.then = t.Scenes[at].At
	}
}

// thenView is the task as it stood in a scene.
func thenView(t *fold.TaskView, s *fold.Scene) *fold.TaskView {
	v := &fold.TaskView{Name: t.Name, Host: t.Host, Ruling: s.Ruling, Phase: s.Phase, Process: s.Process}
	if k := s.Counter; k != nil && k.Done != nil {
		v.Progress = fold.Progress{Known: true, Done: *k.Done, Unit: k.Unit, Name: k.Name}
		if k.Total != nil {
			v.Progress.Total = *k.Total
		}
	}
	for _, src := range s.Sees {
		v.Sources = append(v.Sources, fold.SourceView{Name: src.Source, State: src.State, Why: src.Why})
	}
	if s.Process != nil && len(s.Uses) > 0 {
		v.Uses = make([]float64, len(s.Process.Procs))
		for i, p := range s.Process.Procs {
			v.Uses[i] = -1
			for _, u := range s.Uses {
				if u.PID == p.PID {
					v.Uses[i] = u.Processors
				}
			}
		}
	}
	return v
}

// thenTitle says which scene is shown.
func thenTitle(c scene, t *fold.TaskView, s *fold.Scene, place, w int) string {
	look := c.st.verdict(s.Ruling.Verdict)
	title := []part{
		{c.st.bold, clip(clean(t.Name), max(w-36, 8)), 0},
		{look.ink, " " + clean(string(s.Ruling.Verdict)) + " ", 0},
		{c.st.bold, "known at " + c.seconds(s.At), 1},
	}
	return rule(c.st, w, title, part{c.st.dim, fmt.Sprintf("%d of %d · x before · X after", place+1, len(t.Scenes)), 0})
}

// thenRows is all that was known at the moment of a scene. Ages are those of that moment.
func thenRows(c scene, t *fold.TaskView, s *fold.Scene, w int) []string {
	then := *c.snap
	then.Hosts = hostsThen(t.Host, s.Link)
	at := c
	at.now, at.snap = s.At, &then
	rows := knownRows(at, thenView(t, s), w, 0)
	heading := func(text string) { rows = append(rows, "", rule(c.st, w, []part{{c.st.bold, text, 0}}, part{})) }
	if len(s.Lines) > 0 || s.Prompt != "" {
		heading("the last lines of its log")
		for _, line := range s.Lines {
			rows = append(rows, newRow(w, "").put("", "   ").put(c.st.text, clean(line)).line())
		}
		if s.Prompt != "" {
			rows = append(rows, newRow(w, "").put("", "   ").put(c.st.warn, clean(s.Prompt)).put(c.st.dim, "  (not ended)").line())
		}
	}
	if s.Link != nil {
		heading("the way to " + clean(t.Host))
		rows = append(rows, newRow(w, "").put("", "   ").put(c.st.text, linkThen(s.Link)).line())
	}
	if len(s.Others) > 0 {
		heading("what else ran")
		for _, o := range s.Others {
			rows = append(rows, otherRow(c, o, w))
		}
	}
	return rows
}

// hostsThen is the way to a task's host as it was: that it is lost now says nothing of what was seen.
func hostsThen(host string, l *observe.Link) []fold.HostView {
	switch {
	case l == nil:
		return nil
	case l.Up:
		return []fold.HostView{{Name: host, State: fold.LinkUp}}
	}
	return []fold.HostView{{Name: host, State: fold.LinkDown}}
}

func linkThen(l *observe.Link) string {
	text := "down"
	switch {
	case l.Up && l.Late:
		text = "up, but late"
	case l.Up:
		text = "up"
	}
	if l.RTTMS > 0 {
		text += fmt.Sprintf(", %.0f ms", l.RTTMS)
	}
	if l.Detail != "" {
		text += ": " + clean(l.Detail)
	}
	return text
}

func otherRow(c scene, o observe.Other, w int) string {
	r := newRow(w, "").put("", "   ").cell(c.st.text, clean(o.Name), min(max(w/4, 8), 24)).put("", "  ")
	switch {
	case o.OK != nil && *o.OK:
		r.cell(c.st.good, "up", 12)
	case o.OK != nil:
		r.cell(c.st.bad, "down", 12)
	default:
		r.cell(plainLook(c.st, o.State), clean(string(o.State)), 12)
	}
	return r.put(c.st.dim, clean(o.Detail)).line()
}

// scenesRow tells that there is something to look back at.
func scenesRow(c scene, t *fold.TaskView, w int) []string {
	n := len(t.Scenes)
	if n == 0 {
		return nil
	}
	last := t.Scenes[n-1]
	text := "x shows what was known at " + c.seconds(last.At) + ", when it became " + clean(string(last.Ruling.Verdict))
	if n > 1 {
		text += fmt.Sprintf("; and %d times before", n-1)
	}
	return []string{newRow(w, "").put("", "   ").put(c.st.dim, text).line()}
}
