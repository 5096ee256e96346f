package fold

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ronda/internal/observe"
)

// TestManyAtOnce: a hundred copies that find no room at once are not a hundred notes.
func TestManyAtOnce(t *testing.T) {
	s, _, second := crowd(100)
	second(true)
	s.Apply(observe.Observation{At: s.At(), Origin: observe.Origin{Source: volumesSource}, Payload: observe.Volume{Mount: "/mnt/backup", Size: 1e15, Avail: 1e9}})
	for range 40 {
		s.Advance(s.At().Add(time.Second))
	}
	snap := s.Snapshot()
	if n := len(snap.Notes); n == 0 || n > 2*(tellMost+1) {
		t.Errorf("%d notes", n)
	}
	for _, task := range snap.Tasks {
		if task.Fit.Fits || !task.Fit.Known {
			t.Fatalf("%s: %+v", task.Name, task.Fit)
		}
	}
	if v := snap.Volumes[0]; len(v.Tasks) != 100 || len(v.Text) > 200 {
		t.Errorf("%d tasks: %s", len(v.Tasks), v.Text)
	}
}

// TestRoomSurvivesAResume: what was said of room is not said again when a session goes on, and a task that is no longer
// watched takes none.
func TestRoomSurvivesAResume(t *testing.T) {
	s, volume, second := crowd(2)
	for range 10 {
		second(true)
	}
	resume := func(plan observe.Plan) {
		s.Apply(observe.Observation{At: s.At(), Payload: observe.Session{Format: 1, Plan: plan, Resumed: true}})
		for range 60 {
			second(true)
		}
	}
	volume.Avail = 15e12 // room for one of 10 TB each
	for range 30 {
		second(true)
	}
	said := func() (n int) {
		for _, note := range s.Snapshot().Notes {
			if strings.Contains(note.Text, "will not fit") {
				n++
			}
		}
		return n
	}
	before := said()
	if before == 0 {
		t.Fatal("two copies of 10 TB fit into 15 TB")
	}
	plan := s.Plan()
	resume(plan)
	if now := said(); now != before {
		t.Errorf("said %d times before the resume, %d times with it", before, now)
	}
	plan.Tasks = plan.Tasks[:1]
	resume(plan)
	snap := s.Snapshot()
	if f := snap.Tasks[0].Fit; !f.Known || !f.Fits {
		t.Errorf("alone it has room: %+v", f)
	}
	if v := snap.Volumes[0]; fmt.Sprint(v.Tasks) != "[copy 0]" {
		t.Errorf("written by %v", v.Tasks)
	}
}
