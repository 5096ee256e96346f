package score

import (
	"testing"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

func TestDbg(t *testing.T) {
	for _, kind := range []string{"upgrade", "schema-served", "heartbeats", "index"} {
		for i := range 6 {
			earlier := Simulate(Scenario{Kind: kind, Seed: ReportingSeed + uint64(1000+i)})
			night := Rehearsed(Again(earlier, 1, 0.3, "", uint64(i)), earlier)
			b := night.Night[0].Payload.(observe.Session).Plan.Tasks[0].Baseline
			s := fold.New(fold.Options{})
			why := map[string]int{}
			next := night.Night[0].At
			for _, o := range night.Night {
				for ; !next.After(o.At); next = next.Add(30 * time.Second) {
					s.Advance(next)
					if len(s.Snapshot().Tasks) == 0 {
						continue
					}
					v := s.Snapshot().Tasks[0]
					why[string(v.ETA.State)+" "+v.ETA.Why]++
				}
				s.Apply(o)
			}
			t.Log(kind, i, b.Verdict, b.Partial, time.Duration(b.Duration), len(b.Phases), why)
			if i == 0 {
				for _, p := range b.Phases {
					t.Log("   ", p.Name, time.Duration(p.After), time.Duration(p.Duration), p.Times)
				}
			}
		}
	}
}
