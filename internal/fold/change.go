package fold

import (
	"time"

	"ronda/internal/observe"
	"ronda/internal/words"
)

// changeFresh is for how long the last change of a rate is told among the evidence. Later the course still shows it.
const changeFresh = 2 * time.Hour

// remarkChange tells the judge when the task's rate changed last, and by how much.
func (t *task) remarkChange(now time.Time) {
	var e observe.Evidence
	shown, unit, byIO := t.speedOf()
	if c, ok := shown.levels.Change(); ok && now.Sub(c.At) <= changeFresh {
		what, verb := "its rate", "fell"
		if byIO {
			what = "what it reads and writes"
		}
		if c.After > c.Before {
			verb, e.For = "rose", true
		}
		e.Text = what + " " + verb + " from " + words.Rate(c.Before, unit) + " to " + words.Rate(c.After, unit) + t.beside(c.At, e.For)
		e.At = c.At
	}
	switch v := t.judge.Verdict(); {
	case v == observe.Progressing, v == observe.Slowing, v == observe.Quiet && byIO:
	default:
		e = observe.Evidence{}
	}
	t.judge.Note("change", e)
}

// atOnce is how far apart a change and what a neighbour did may be to be told in one breath.
const atOnce = 90 * time.Second

// beside says which neighbour joined, or ended, when the task's rate changed; empty when none did. It is told as what
// happened at the same time, and not as a cause.
func (t *task) beside(at time.Time, ended bool) string {
	if t.group == nil {
		return ""
	}
	for _, s := range t.group.streams {
		moment, verb := s.began(), "joined"
		if ended {
			moment, verb = s.ended()
		}
		// What runs since ronda looks did not begin then.
		if s.t != t && moment.After(t.started.Add(atOnce)) && moment.Sub(at).Abs() <= atOnce {
			return " when " + s.t.plan.Name + " " + verb
		}
	}
	return ""
}
