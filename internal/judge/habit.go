package judge

import (
	"math"
	"slices"
	"time"
)

// habit keeps the newest pauses between two news of a task, so that a silence can be told against them in plain
// numbers. It is shown, and decides nothing: the rules judge by gaps.
type habit struct {
	pauses [habitMemory]float32 // seconds
	n      int                  // how many there were
}

const (
	habitMemory = 128
	habitFrom   = 8 // with fewer nothing is said of a habit
)

// add learns a pause that ended by itself. News that come within a second make none: a flood would leave nothing
// else to be known.
func (h *habit) add(pause time.Duration) {
	if pause < time.Second {
		return
	}
	h.pauses[h.n%habitMemory] = float32(pause.Seconds())
	h.n++
}

// usual is the pause below which 95 % of the newest were, the longest of them, and how many were kept; ok is
// false while there are too few.
func (h *habit) usual() (most, longest time.Duration, count int, ok bool) {
	count = min(h.n, habitMemory)
	if count < habitFrom {
		return 0, 0, count, false
	}
	var sorted [habitMemory]float32
	copy(sorted[:], h.pauses[:count])
	slices.Sort(sorted[:count])
	at := func(i int) time.Duration { return time.Duration(float64(sorted[i]) * float64(time.Second)) }
	return at(int(math.Ceil(0.95*float64(count))) - 1), at(count - 1), count, true
}
