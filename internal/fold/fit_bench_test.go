package fold

import (
	"fmt"
	"testing"
	"time"

	"ronda/internal/observe"
)

// crowd is a state in which so many copies go to one volume; it steps a second each time it is called, with news of all
// of them where moving is set. What is left of the volume may be changed.
func crowd(copies int) (s *State, volume *observe.Volume, second func(moving bool)) {
	s = New(Options{})
	var plan observe.Plan
	paths := make([]string, copies)
	for i := range copies {
		paths[i] = fmt.Sprintf("/mnt/backup/%d", i)
		plan.Tasks = append(plan.Tasks, observe.Task{Name: fmt.Sprint("copy ", i), Transfer: &observe.TransferRef{Path: paths[i]}})
	}
	s.Apply(observe.Observation{At: epoch, Payload: observe.Session{Format: 1, Plan: plan}})
	at, done := epoch, 0.0
	volume = &observe.Volume{Mount: "/mnt/backup", Size: 1e15, Avail: 5e14, Inodes: 1e9, InodesFree: 1e9, Paths: paths}
	s.Apply(observe.Observation{At: at, Origin: observe.Origin{Source: volumesSource}, Payload: *volume})
	volume.Paths = nil
	return s, volume, func(moving bool) {
		at = at.Add(time.Second)
		if moving {
			done += 1e6
			volume.Avail -= int64(copies) * 1e6
			s.Apply(observe.Observation{At: at, Origin: observe.Origin{Source: volumesSource}, Payload: *volume})
			for _, t := range plan.Tasks {
				s.Apply(observe.Observation{At: at, Origin: observe.Origin{Task: t.Name, Source: transferSource}, Payload: observe.Transfer{
					Tool: "cp", Target: t.Transfer.Path, State: observe.TransferRunning,
					Amounts: []observe.Amount{{Of: observe.AmountTarget, Done: done, Total: 1e13, Unit: bytesUnit}},
				}})
			}
		}
		s.Advance(at)
	}
}

// BenchmarkRooms is what a second of volumes costs, a copy: with 3 and with 200 that all move.
func BenchmarkRooms(b *testing.B) {
	for _, copies := range []int{3, 200} {
		b.Run(fmt.Sprint(copies), func(b *testing.B) {
			s, _, second := crowd(copies)
			for range 120 {
				second(true)
			}
			b.ReportAllocs()
			for b.Loop() {
				for _, p := range s.pools {
					p.due = true
				}
				s.stepVolumes()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(copies), "ns/copy-second")
		})
	}
}

// TestRoomsAreCheap: a second in which nothing moves, and one in which all is reckoned, allocate nothing.
func TestRoomsAreCheap(t *testing.T) {
	s, _, second := crowd(5)
	for range 90 {
		second(true)
	}
	for name, due := range map[string]bool{"quiet": false, "reckoned": true} {
		if n := testing.AllocsPerRun(100, func() {
			for _, p := range s.pools {
				p.due = due
			}
			s.stepVolumes()
		}); n > 0 {
			t.Errorf("%s: %.1f allocations a second", name, n)
		}
	}
}
