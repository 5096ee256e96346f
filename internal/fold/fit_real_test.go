package fold

import (
	"bufio"
	"os"
	"slices"
	"testing"
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

// recordedCopies reads testdata/three_copies.jsonl: what a session saw of docs/screens/three-copies.sh, three real
// copies at once to a real volume of 500 MB that filled up. It was recorded with
//
//	docs/screens/three-copies.sh ronda watch --transfers --match copies --deadline DEADLINE --headless --record night.jsonl
//
// and thinned to its sessions, sources and volumes, and to the first three transfers of each task, those that changed
// its state, and one in 9 s between them; the folder was renamed to /copies.
func recordedCopies(t *testing.T) []observe.Observation {
	t.Helper()
	f, err := os.Open("testdata/three_copies.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var night []observe.Observation
	in := bufio.NewScanner(f)
	for in.Scan() {
		o, err := observe.Decode(in.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		night = append(night, o)
	}
	return night
}

// TestThreeRealCopies: of three real copies to one small volume the one that cannot fit is named within two seconds, and
// no other ever is; the moment at which the volume gets full is foretold.
func TestThreeRealCopies(t *testing.T) {
	const doomed = "pv archive.img"
	night := recordedCopies(t)
	full := night[slices.IndexFunc(night, func(o observe.Observation) bool {
		p, ok := o.Payload.(observe.Transfer)
		return ok && o.Task == doomed && p.State == observe.TransferFailed
	})].At
	s := New(Options{})
	var found, said time.Time
	looks, within := 0, 0
	var wrong []float64
	look := func() {
		snap := s.Snapshot()
		for _, task := range snap.Tasks {
			bad := task.Fit.Known && !task.Fit.Fits
			switch {
			case bad && task.Name != doomed:
				t.Fatalf("%s: %s: %s", offset(snap.At), task.Name, task.Fit.Text)
			case task.Name != doomed:
				continue
			case bad && said.IsZero():
				said = snap.At
			}
			if found.IsZero() {
				found = snap.At
			}
			if bad && task.ETA.State == rate.Range {
				t.Fatalf("an end is promised: %v", task.ETA)
			}
			if e := task.Fit.FullAt; e.State == rate.Range && snap.At.Sub(found) >= 30*time.Second && full.Sub(snap.At) >= 20*time.Second {
				looks++
				if !full.Before(e.P10) && !full.After(e.P90) {
					within++
				}
				wrong = append(wrong, e.P50.Sub(full).Abs().Seconds()/full.Sub(snap.At).Seconds())
			}
		}
	}
	for _, o := range night {
		if !o.At.Before(full) {
			break
		}
		for next := s.At().Truncate(time.Second).Add(time.Second); !s.At().IsZero() && next.Before(o.At); next = next.Add(time.Second) {
			s.Advance(next)
			look()
		}
		s.Apply(o)
		look()
	}
	if said.IsZero() || said.Sub(found) > 2*time.Second {
		t.Errorf("found at %v, said not to fit at %v", found, said)
	}
	if looks < 200 {
		t.Fatalf("the volume was foretold to be full in %d looks", looks)
	}
	slices.Sort(wrong)
	share, median, ninth := float64(within)/float64(looks), wrong[len(wrong)/2], wrong[len(wrong)*9/10]
	t.Logf("said %v after it was found, %v before the volume was full; foretold within its range in %.0f %% of %d looks, wrong by %.0f %% at the median and %.0f %% at the ninth tenth", said.Sub(found), full.Sub(said), 100*share, looks, 100*median, 100*ninth)
	if share < 0.8 || median > 0.1 || ninth > 0.25 {
		t.Errorf("foretold badly")
	}
}
