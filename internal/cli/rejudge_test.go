package cli

import (
	"slices"
	"testing"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/report"
)

// TestRejudgeFound: a night whose tasks were all found is judged again, and what was said then is not left out.
func TestRejudgeFound(t *testing.T) {
	start := time.Date(2026, 11, 28, 1, 0, 0, 0, time.UTC)
	plan := observe.Plan{Finders: []observe.Finder{{Name: "copies"}}}
	night := []observe.Observation{{Seq: 1, At: start, Payload: observe.Session{Format: 1, Plan: plan}}}
	for i := range 30 {
		night = append(night, observe.Observation{
			Seq: uint64(i + 2), At: start.Add(time.Duration(i) * time.Second), Origin: observe.Origin{Task: "cp a", Source: "transfer"},
			Payload: observe.Transfer{Finder: "copies", ID: "7@9", Tool: "cp", State: observe.TransferRunning, Amounts: []observe.Amount{
				{Of: observe.AmountTarget, What: "/b", Done: float64(i) * 1e6, Total: 1e9, Unit: "bytes"},
			}},
		})
	}
	then := []report.Said{{At: start, Task: "cp a", Ruling: observe.Ruling{Verdict: observe.Progressing}}}
	for name, other := range map[string]*observe.Plan{"as that night": nil, "without a finder": {}} {
		now := saidNow(night, fold.Options{Plan: other})
		found := foundIn(night, now, tasksOf(night, nil))
		was, is, apart := matching(slices.Clone(then), now, found, found)
		if want := other == nil; slices.Contains(found, "cp a") != want || (len(was) == 1) != want || (len(is) > 0) != want || len(apart) != 0 {
			t.Errorf("%s: found %v, said then %v and now %v, apart %v", name, found, was, is, apart)
		}
	}
}
