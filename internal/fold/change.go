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
	if c, ok := t.speed.levels.Change(); ok && now.Sub(c.At) <= changeFresh {
		unit := t.counting.progress.Unit
		verb := "fell"
		if c.After > c.Before {
			verb, e.For = "rose", true
		}
		e.Text = "its rate " + verb + " from " + words.Rate(c.Before, unit) + " to " + words.Rate(c.After, unit)
		e.At = c.At
	}
	if v := t.judge.Verdict(); v != observe.Progressing && v != observe.Slowing {
		e = observe.Evidence{}
	}
	t.judge.Note("change", e)
}
