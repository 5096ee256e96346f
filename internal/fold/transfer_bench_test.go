package fold

import (
	"fmt"
	"testing"
	"time"

	"ronda/internal/observe"
)

// foundNight is a state with n copies that a finder found, each sampled for some minutes.
func foundNight(n int) (*State, time.Time) {
	s := New(Options{})
	plan := observe.Plan{Hosts: []observe.Host{{Name: "h"}}, Finders: []observe.Finder{{Name: "f", Host: "h"}}}
	s.Apply(observe.Observation{Seq: 1, At: epoch, Payload: observe.Session{Format: 1, Plan: plan}})
	s.Apply(observe.Observation{Seq: 2, At: epoch, Origin: observe.Origin{Host: "h"}, Payload: observe.Link{Up: true}})
	at := epoch
	for second := range 120 {
		at = epoch.Add(time.Duration(second) * time.Second)
		for i := range n {
			s.Apply(sampleOf(at, i, float64(second)))
		}
	}
	return s, at
}

func sampleOf(at time.Time, i int, second float64) observe.Observation {
	return observe.Observation{At: at, Origin: observe.Origin{Task: fmt.Sprint("cp ", i), Host: "h", Source: transferSource}, Payload: observe.Transfer{
		Finder: "f", ID: "1@2", Tool: "cp", Source: "/a", Target: "/b", State: observe.TransferRunning,
		Amounts: []observe.Amount{
			{Of: observe.AmountSource, What: "/a", Done: second * 30e6, Total: 900e9, Unit: bytesUnit, By: "size of /a"},
			{Of: observe.AmountTarget, What: "/b", Done: second * 30e6, Total: 900e9, Unit: bytesUnit, By: "size of /a"},
			{Of: observe.AmountIO, What: "its processes' I/O", Done: second * 60e6, Unit: bytesUnit},
		},
	}}
}

// BenchmarkTransfer is one sample of a copy, without the second behind it.
func BenchmarkTransfer(b *testing.B) {
	s, at := foundNight(1)
	o, second := sampleOf(at, 0, 120), 120.0
	sample := o.Payload.(observe.Transfer)
	b.ReportAllocs()
	for b.Loop() {
		second += 0.001
		at = at.Add(time.Millisecond)
		sample.Amounts[0].Done, sample.Amounts[1].Done = second*30e6, second*30e6
		o.At, o.Payload = at, sample
		s.Apply(o)
	}
}

// BenchmarkFound is one second of 200 copies: their samples, and the second behind them.
func BenchmarkFound(b *testing.B) {
	s, at := foundNight(200)
	all := make([]observe.Observation, 200)
	second := 120.0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		second++
		at = at.Add(time.Second)
		for i := range all {
			all[i] = sampleOf(at, i, second)
		}
		b.StartTimer()
		for _, o := range all {
			s.Apply(o)
		}
	}
}

// BenchmarkFoundSnapshot is a snapshot of 200 copies.
func BenchmarkFoundSnapshot(b *testing.B) {
	s, _ := foundNight(200)
	b.ReportAllocs()
	for b.Loop() {
		s.Snapshot()
	}
}
