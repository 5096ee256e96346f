package judge

import (
	"math"
	"testing"
	"time"

	"ronda/internal/observe"
)

// A task's pauses are learned: regular ones make a short budget, with few seen it is long.
func TestGaps(t *testing.T) {
	young := newGaps(8*time.Second, 1.2, 4)
	if young.unusual() < 10*time.Minute {
		t.Errorf("with nothing seen the budget is %v", young.unusual())
	}
	regular := young
	for range 100 {
		regular.add(10 * time.Second)
	}
	if got := regular.unusual(); got < 10*time.Second || got > 60*time.Second {
		t.Errorf("after a hundred pauses of 10 s the budget is %v", got)
	}
	coarse := regular
	for range 200 {
		coarse.add(5 * time.Minute)
	}
	if got := coarse.unusual(); got < 5*time.Minute {
		t.Errorf("a task that changed its habits has a budget of %v", got)
	}
}

// A young average is the mean of what it has seen, not a climb from nothing.
func TestAverage(t *testing.T) {
	var a average
	if a.mean() != 0 {
		t.Error("not 0 before the first sample")
	}
	for i := range 5 {
		a.add(0.4, 30)
		if math.Abs(a.mean()-0.4) > 1e-9 {
			t.Errorf("after %d samples of 0.4: %v", i+1, a.mean())
		}
	}
	for range 300 {
		a.add(0, 30)
	}
	if a.mean() > 0.001 {
		t.Errorf("it remembers %v after ten times its memory", a.mean())
	}
}

// What the plan says of a stall is kept, and makes silence be told of earlier too.
func TestFor(t *testing.T) {
	plain, early := For(observe.Task{}), For(observe.Task{Stall: observe.Duration(30 * time.Second)})
	if plain.Declared || plain.StallMax != 145*time.Second {
		t.Errorf("%+v", plain)
	}
	if !early.Declared || early.Stall != 30*time.Second || early.Fresh != 10*time.Second || early.FreshMax != 15*time.Second {
		t.Errorf("%+v", early)
	}
}

func BenchmarkSecond(b *testing.B) {
	now := time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC)
	c := New(For(observe.Task{}), now)
	c.News(now, "begun")
	for b.Loop() {
		now = now.Add(time.Second)
		c.Tick(now, Sight{Seen: true, Since: now, Work: true, IO: true}, true)
		c.Did(Work{CPU: 0.5})
		c.Decide()
	}
}
