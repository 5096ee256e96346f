package fold

import (
	"testing"
	"time"

	"ronda/internal/observe"
)

// BenchmarkRehearsed is a second of a task in a silence that its rehearsal knew.
func BenchmarkRehearsed(b *testing.B) {
	for _, with := range []bool{false, true} {
		name := "without"
		if with {
			name = "with"
		}
		b.Run(name, func(b *testing.B) {
			s := New(Options{})
			night, _ := compile(b, "testdata/rehearsed_slower.txt")
			if !with {
				head := night[0].Payload.(observe.Session)
				head.Plan.Tasks[0].Baseline = nil
				night[0].Payload = head
			}
			for _, o := range night {
				if o.At.Sub(epoch) > 15*time.Minute {
					break
				}
				s.Apply(o)
			}
			at := s.At()
			b.ReportAllocs()
			for b.Loop() {
				at = at.Add(time.Second)
				s.Advance(at)
			}
		})
	}
}
