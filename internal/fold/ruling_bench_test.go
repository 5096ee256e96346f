package fold

import (
	"testing"
	"time"
)

// BenchmarkRuling is a ruling with all of its evidence, as each frame of the screen asks for it.
func BenchmarkRuling(b *testing.B) {
	for _, name := range []string{"evidence", "retry_loop", "rehearsal"} {
		b.Run(name, func(b *testing.B) {
			night, _ := compile(b, "testdata/"+name+".txt")
			s := New(Options{})
			for _, o := range night {
				if o.At.Sub(epoch) < 5*time.Minute {
					s.Apply(o)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				s.tasks[0].ruling(s.at)
			}
		})
	}
}
