package fold

import (
	"fmt"
	"math"

	"ronda/internal/judge"
	"ronda/internal/observe"
)

// quota is how much of the time the task's control group keeps it from running, and what processor it gets in
// spite of that: both averaged over some seconds, for a group is throttled in bursts.
type quota struct {
	share, cpu float64
	tight      bool
}

// A quota that takes more than tightAbove of the time leaves nearly nothing; below looseBelow it does no more. A
// quota of a tenth of a processor takes 0.9 of the time of a single thread at most, so that is not asked for.
const (
	tightAbove = 0.85
	looseBelow = 0.6

	quotaSeconds = 8.0 // memory of the averages
)

// second takes in one second: the share of it in which the quota kept the task from running, and the processors
// that it used.
func (q *quota) second(share, cpu float64) {
	q.share += (share - q.share) / quotaSeconds
	q.cpu += (cpu - q.cpu) / quotaSeconds
	q.tight = q.share >= tightAbove || q.tight && q.share >= looseBelow
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
