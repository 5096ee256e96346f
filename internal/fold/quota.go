package fold

import (
	"fmt"
	"math"

	"ronda/internal/judge"
	"ronda/internal/observe"
)

// quota is how much of the time the task's control group keeps it from running, and what processor it gets in
// spite of that: both over the last seconds, for a group is throttled in bursts.
type quota struct {
	shares, uses [quotaSeconds]float64
	n            int
	share, cpu   float64
	tight        bool
}

// A quota that takes more than tightAbove of the time leaves hardly anything: a quota of a tenth of a processor
// takes less than 0.9 of a single thread's time, for it is given out and used up in turns. Below looseBelow it
// does no more.
const (
	tightAbove = 0.8
	looseBelow = 0.6
	scarce     = 0.25 // processors; whoever gets more is slow, not hindered

	quotaSeconds = 6
)

// second takes in one second: the share of it in which the quota kept the task from running, and the processors
// that it used.
func (q *quota) second(share, cpu float64) {
	if share == 0 && q.share == 0 {
		q.n = 0
		return
	}
	q.shares[q.n%quotaSeconds], q.uses[q.n%quotaSeconds] = share, cpu
	q.n++
	seen := min(q.n, quotaSeconds)
	q.share, q.cpu = 0, 0
	for i := range seen {
		q.share += q.shares[i] / float64(seen)
		q.cpu += q.uses[i] / float64(seen)
	}
	enough := seen == quotaSeconds && q.cpu < scarce
	q.tight = enough && (q.share >= tightAbove || q.tight && q.share >= looseBelow)
}

// blocker is the quota as a hindrance; nil when it is none.
func (q *quota) blocker() *judge.Blocker {
	if !q.tight {
		return nil
	}
	gets := "less than 1 %"
	if n := math.Round(100 * q.cpu); n >= 1 {
		gets = fmt.Sprintf("only %.0f %%", n)
	}
	return &judge.Blocker{
		Class: observe.BlockerQuota,
		Text:  fmt.Sprintf("gets %s of a processor: its cgroup quota keeps it from running %.0f %% of the time", gets, 100*q.share),
	}
}
