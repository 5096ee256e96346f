package judge

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
)

// TestNotes: a noted fact stands in its place until it is taken away, and agrees with the verdicts of a task that
// is well, or against them.
func TestNotes(t *testing.T) {
	now := time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC)
	c := New(For(observe.Task{}), now)
	c.Tick(now, Sight{Seen: true, Since: now}, true)
	c.News(now, "step 1")
	c.Decide()
	c.Note("rehearsal", observe.Evidence{For: true, Text: "silent for 28 min in the rehearsal"})
	c.Note("step", observe.Evidence{Text: "a step is open"})
	c.Note("rehearsal", observe.Evidence{For: true, Text: "silent for 29 min in the rehearsal"})

	noted := func() (got []observe.Evidence) {
		for _, e := range c.Ruling().Evidence {
			if e.Text != "step 1" {
				got = append(got, e)
			}
		}
		return got
	}
	want := []observe.Evidence{{For: true, Text: "silent for 29 min in the rehearsal"}, {Text: "a step is open"}}
	if diff := cmp.Diff(want, noted()); diff != "" {
		t.Error(diff)
	}
	c.Broke(now, "ended with exit code 1", true)
	c.Note("step", observe.Evidence{})
	c.Decide()
	want = []observe.Evidence{{Text: "silent for 29 min in the rehearsal"}}
	if diff := cmp.Diff(want, noted()); diff != "" {
		t.Error(diff)
	}
}
