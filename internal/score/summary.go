package score

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Summary is a Judgement in the numbers that have targets.
type Summary struct {
	Hours       float64 // healthy, and seen
	FalsePerH   float64
	Blind       int
	Faults      int
	Missed      float64 // share of the faults
	Median      time.Duration
	P90         time.Duration
	FactMedian  time.Duration // of those that the system shows
	Right       float64       // share of the faults found whose first alarm was right
	Quiet       float64       // share of silent work that was called QUIET in time
	Bounds      float64       // share of the faults within the bounds of their kind
	Righted     float64       // share of lifted faults after which the verdict was right in time
	Credit      int
	Ends        float64 // share of the ends that were read right, in time
	RightedMost time.Duration
}

// Summary reduces a judgement to numbers. A share of nothing is 1.
func (j *Judgement) Summary() Summary {
	s := Summary{Hours: j.Healthy.Hours(), Blind: len(j.Blind), Credit: len(j.Credit)}
	if s.Hours > 0 {
		s.FalsePerH = float64(len(j.False)) / s.Hours
	}
	var all, facts []time.Duration
	missed, right, outside, bounded := 0, 0, 0, 0
	for _, name := range slices.Sorted(maps.Keys(j.Kinds)) {
		k, x := j.Kinds[name], Expected(name)
		s.Faults += k.Faults
		missed += len(k.Missed)
		right += k.Right
		all = append(all, k.Delays...)
		if x != nil && x.Fact {
			facts = append(facts, k.Delays...)
		}
		if x != nil && x.Within > 0 {
			bounded += len(k.Delays)
			outside += len(k.Bounds)
		}
	}
	s.Missed = 1 - share(s.Faults-missed, s.Faults)
	s.Median, s.P90, s.FactMedian = quantile(all, 0.5), quantile(all, 0.9), quantile(facts, 0.5)
	s.Right = share(right, len(all))
	s.Bounds = share(bounded-outside, bounded)
	late := 0
	for _, d := range j.Quiet {
		if d > quietWithin {
			late++
		}
	}
	never := len(j.Unquiet) - late
	s.Quiet = share(len(j.Quiet)-late, len(j.Quiet)+never)
	unrighted := len(j.Wrong)
	for _, d := range j.Righted {
		s.RightedMost = max(s.RightedMost, d)
		if d > rightWithin {
			unrighted--
		}
	}
	late = len(j.Wrong) - unrighted
	s.Righted = share(len(j.Righted)-late, len(j.Righted)+unrighted)
	s.Ends = share(j.Ends-len(j.Misread), j.Ends)
	return s
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// quantile returns the q-quantile of d, and 0 of nothing.
func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(d))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.0f s", d.Seconds()) }

func percent(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }
