package judge

import (
	"testing"
	"time"

	"ronda/internal/observe"
)

// TestNextBlocked: what is said to come next comes then. News that was still on its way when the task was stopped
// puts BLOCKED off, and what is announced with it.
func TestNextBlocked(t *testing.T) {
	now := time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC)
	c := New(For(observe.Task{}), now)
	second := func() {
		now = now.Add(time.Second)
		c.Tick(now, Sight{Seen: true, Since: now, Work: true, IO: true}, true)
		c.Blocks(now, &Blocker{Class: observe.BlockerStopped, Text: "stopped"})
	}
	for range 3 {
		second()
	}
	c.News(now, "a last line")
	c.Decide()
	next := c.Ruling().Next
	if next == nil || next.Verdict != observe.Blocked {
		t.Fatalf("next is %+v, want BLOCKED", next)
	}
	announced := next.At
	for range 20 {
		second()
		if verdict, _ := c.Decide(); verdict == observe.Blocked {
			if !now.Equal(announced) {
				t.Errorf("announced for %v, came at %v", announced, now)
			}
			return
		}
	}
	t.Errorf("announced for %v, and never came", announced)
}
