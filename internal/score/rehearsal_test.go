package score

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ronda/internal/observe"
)

// nightsAgain are nights in which the job of a rehearsal runs again, at paces from 0.7 to 1.8.
func nightsAgain(kind string, seed uint64, n int, each func(night, earlier Run)) {
	for i := range n {
		earlier := Simulate(Scenario{Kind: kind, Seed: seed + uint64(1000+i)})
		pace := []float64{0.7, 0.85, 1, 1.15, 1.4, 1.8}[i%6]
		each(Again(earlier, pace, 0.3, "", uint64(i)), earlier)
	}
}

// TestRehearsalEnds measures what a rehearsal is worth for the end: the same job runs again at another pace. It prints
// the table of docs/judge.md.
func TestRehearsalEnds(t *testing.T) {
	var uncounted foretold
	nights := 0
	for _, kind := range []string{"upgrade", "schema", "schema-served", "index", "heartbeats", "remote", "log-only", "batch", "compress", "copy", "copy-bursty", "rsync", "mailboxes"} {
		var without, with foretold
		nightsAgain(kind, ReportingSeed, 6, func(night, earlier Run) {
			without.foretell(night)
			with.foretell(Rehearsed(night, earlier))
			if !kindOf(kind).Counter && !kindOf(kind).Painted && kind != "mailboxes" && kind != "compress" {
				uncounted.foretell(Rehearsed(night, earlier))
				nights++
			}
		})
		t.Log("|", kind, "|", without.cells(), "|", with.cells(), "|", with.doubts)
	}
	t.Log("all without a counter:", uncounted.cells(), "doubts", uncounted.doubts, "in", nights, "nights")
	if e := uncounted.median(); e > 0.25 {
		t.Errorf("the median error is %.0f %%", 100*e)
	}
	if c := share(uncounted.inside, uncounted.told); c < 0.65 || c > 0.9 {
		t.Errorf("%.0f %% of the ends lie within the range", 100*c)
	}
	if uncounted.doubts > nights/20 {
		t.Errorf("%d healthy nights of %d were doubted", uncounted.doubts, nights)
	}
}

// TestRehearsalOfRecorded: the recorded runs to which nothing happened are run again, a quarter slower and unsteadily,
// without and with the recording as their rehearsal.
func TestRehearsalOfRecorded(t *testing.T) {
	files, err := filepath.Glob("testdata/runs/report-*.jsonl.gz")
	if err != nil || len(files) == 0 {
		t.Fatal("no recorded runs: ", err)
	}
	var without, with foretold
	for _, file := range files {
		r, err := Load(file)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(r.Truth(), func(e Event) bool { return e.Word == Fault }) {
			continue
		}
		night := Again(r, 1.25, 0.2, "", 1)
		var a, b foretold
		a.foretell(night)
		b.foretell(Rehearsed(night, r))
		t.Log("|", r.Name, "|", a.cells(), "|", b.cells(), "|")
		without.foretell(night)
		with.foretell(Rehearsed(night, r))
	}
	t.Log("all:", without.cells(), "with a rehearsal", with.cells(), "doubts", with.doubts)
	if with.median() > without.median() || with.doubts > 0 {
		t.Error("the rehearsal made it worse")
	}
}

// TestRehearsalDoubts: a phase that is over in a tenth of its time is told, and a whole run in a third of its time.
func TestRehearsalDoubts(t *testing.T) {
	phases, told, runs, doubted := 0, 0, 0, 0
	for i := range 40 {
		kind := []string{"upgrade", "schema"}[i%2]
		earlier := Simulate(Scenario{Kind: kind, Seed: ReportingSeed + uint64(2000+i)})
		baseline := Rehearsed(earlier, earlier).Night[0].Payload.(observe.Session).Plan.Tasks[0].Baseline
		name := ""
		for _, p := range baseline.Phases[:len(baseline.Phases)-1] {
			if p.Times <= 1 && time.Duration(p.Duration) > 2*time.Minute && p.Name != "" {
				name = p.Name
			}
		}
		var f foretold
		if name != "" {
			phases++
			if f.foretell(Rehearsed(Again(earlier, 1.1, 0.2, name, uint64(i)), earlier)); f.doubts > 0 {
				told++
			}
		}
		f = foretold{}
		runs++
		if f.foretell(Rehearsed(Again(earlier, 0.33, 0.2, "", uint64(i)), earlier)); f.doubts > 0 {
			doubted++
		}
	}
	t.Logf("%d of %d phases that were over too soon were told, %d of %d runs", told, phases, doubted, runs)
	if told < phases*9/10 || doubted < runs*9/10 || phases < 10 {
		t.Error("too few")
	}
}

// TestRehearsalStalls measures what knowing an earlier run's rests costs and brings: false alarms of jobs that rest,
// and how late a job that stands still for good is told of.
func TestRehearsalStalls(t *testing.T) {
	var without, with Judgement
	for _, kind := range []string{"remote", "upgrade", "process-only", "batch"} {
		nightsAgain(kind, ReportingSeed, 12, func(night, earlier Run) {
			without.Add(night, Judge(night))
			rehearsed := Rehearsed(night, earlier)
			with.Add(rehearsed, Judge(rehearsed))
		})
		for i := range 6 {
			earlier := Simulate(Scenario{Kind: kind, Seed: ReportingSeed + uint64(3000+i)})
			night := Simulate(Scenario{Kind: kind, Fault: "deadlock", Seed: ReportingSeed + uint64(3000+i)})
			without.Add(night, Judge(night))
			rehearsed := Rehearsed(night, earlier)
			with.Add(rehearsed, Judge(rehearsed))
		}
	}
	say := func(j *Judgement) string {
		s := j.Summary()
		return fmt.Sprintf("%.2f false alarms an hour in %.0f h; of %d faults %.1f %% missed, found after %v, 9 in 10 within %v", s.FalsePerH, s.Hours, s.Faults, 100*s.Missed, s.Median, s.P90)
	}
	t.Log("without:", say(&without))
	t.Log("with:   ", say(&with))
	a, b := without.Summary(), with.Summary()
	if b.FalsePerH > a.FalsePerH || b.Missed > a.Missed {
		t.Error("the rehearsal made it worse")
	}
}
