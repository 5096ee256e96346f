package fold

import (
	"testing"
	"time"

	"ronda/internal/observe"
)

// The mean of what has ended is that of its end, however long ago that is.
func TestMeanStaysWhenATaskHasEnded(t *testing.T) {
	s := New(Options{Plan: &observe.Plan{Tasks: []observe.Task{{Name: "copy", Log: "/var/log/copy.log"}}}})
	seq := uint64(0)
	see := func(at time.Time, p observe.Payload) {
		seq++
		s.Advance(at)
		s.Apply(observe.Observation{Seq: seq, At: at, Origin: observe.Origin{Task: "copy", Source: "transfer"}, Payload: p})
	}
	at := epoch
	see(at, observe.Session{Format: 1})
	for i := range 31 {
		see(at, observe.Transfer{ID: "1", Tool: "cp", State: observe.TransferRunning, Amounts: []observe.Amount{{Of: observe.AmountSource, Done: float64(i) * 1e6, Total: 30e6, Unit: "bytes"}}})
		at = at.Add(time.Second)
	}
	see(at, observe.Transfer{ID: "1", State: observe.TransferDone})
	s.Advance(at.Add(time.Second))
	then := s.Snapshot().Tasks[0]
	s.Advance(at.Add(10 * time.Minute))
	if now := s.Snapshot().Tasks[0]; then.Ended.IsZero() || then.RateMean < 0.9e6 || now.RateMean != then.RateMean {
		t.Errorf("ended %v with a mean of %g a second; ten minutes later %g", then.Ended, then.RateMean, now.RateMean)
	}
}
