package judge

import (
	"testing"
	"time"
)

// What is said of a habit is true of the pauses that were: 19 of 20 were up to 10 s, the longest 70 s.
func TestHabit(t *testing.T) {
	var h habit
	for range 1000 {
		h.add(300 * time.Millisecond) // a flood is no pause
	}
	if _, _, n, ok := h.usual(); ok || n != 0 {
		t.Errorf("a habit of %d pauses is known after a flood", n)
	}
	for i := range 40 {
		pause := time.Duration(1+i%10) * time.Second
		if i == 20 || i == 30 {
			pause = 70 * time.Second
		}
		h.add(pause)
	}
	if most, longest, n, ok := h.usual(); !ok || n != 40 || most != 10*time.Second || longest != 70*time.Second {
		t.Errorf("95 %% of %d up to %v, the longest %v", n, most, longest)
	}
	for range 2 * habitMemory {
		h.add(3 * time.Second)
	}
	if most, longest, n, _ := h.usual(); n != habitMemory || most != 3*time.Second || longest != 3*time.Second {
		t.Errorf("an old habit stays: 95 %% of %d up to %v, the longest %v", n, most, longest)
	}
}
