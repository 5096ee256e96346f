package fold

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

// watch returns a state with one task, whose log can be read, and a function that folds in one line of it.
func watch(at time.Time) (s *State, line func(at time.Time, text string, partial bool)) {
	s = New(Options{})
	seq := uint64(0)
	apply := func(at time.Time, source string, p observe.Payload) {
		seq++
		s.Apply(observe.Observation{Seq: seq, At: at, Origin: observe.Origin{Task: "t", Source: source}, Payload: p})
	}
	apply(at, "", observe.Session{Plan: observe.Plan{Tasks: []observe.Task{{Name: "t", Log: "t.log"}}}})
	apply(at, "log", observe.Source{State: observe.SourceUp})
	return s, func(at time.Time, text string, partial bool) {
		apply(at, "log", observe.Line{Text: text, Partial: partial})
	}
}

// pv writes sizes of three figures and whole percentages: the total that follows from them is right to two
// percent, and a steady copy still ends when it ends. testdata/pv_1500m.tsv is a recording of
// "pv -f -L 4m -s 1500m /dev/zero 2>pv.log | head -c 1500m >/dev/null", with the seconds at which each state
// was read.
func TestAnEndFromSizesAndPercentagesHolds(t *testing.T) {
	data, err := os.ReadFile("testdata/pv_1500m.tsv")
	if err != nil {
		t.Fatal(err)
	}
	states := strings.Split(strings.TrimSpace(string(data)), "\n")
	s, line := watch(epoch)
	const runs = 375.0 // seconds, 1500 MiB at 4 MiB/s
	ranges := 0
	for _, state := range states {
		sec, text, _ := strings.Cut(state, "\t")
		at, err := strconv.ParseFloat(sec, 64)
		if err != nil {
			t.Fatal(err)
		}
		now := epoch.Add(time.Duration(at * float64(time.Second)))
		line(now, text, true)
		s.Advance(now)
		if at < 70 || at > runs-5 {
			continue
		}
		v := s.Snapshot().Tasks[0]
		if v.ETA.State != rate.Range {
			t.Fatalf("at %s s: %+v", sec, v.ETA)
		}
		ranges++
		if v.ETA.Why != "" {
			t.Errorf("at %s s: %q", sec, v.ETA.Why)
		}
		if end := v.ETA.P50.Sub(epoch).Seconds(); math.Abs(end-runs) > 5 {
			t.Errorf("at %s s the end is expected at %.0f s", sec, end)
		}
		if total := 1500.0 * (1 << 20); math.Abs(v.Progress.Total-total) > 0.01*total {
			t.Errorf("at %s s the total is %.0f", sec, v.Progress.Total)
		}
	}
	if ranges < 100 {
		t.Errorf("an end was looked at only %d times", ranges)
	}
}

// While ronda itself does not run the job goes on; what it did meanwhile comes at once afterwards, and counts
// over the whole time, once.
func TestTheMeanIsTrueAcrossAGap(t *testing.T) {
	const from, to, last = 100, 160, 260
	for _, late := range []time.Duration{0, 100 * time.Millisecond, 1500 * time.Millisecond} {
		s, line := watch(epoch)
		at := func(i int) time.Time { return epoch.Add(time.Duration(i) * time.Second) }
		row := func(now time.Time, i int) { line(now, fmt.Sprintf("row %d/5000", i), false) }
		for i := 1; i <= from; i++ {
			row(at(i).Add(300*time.Millisecond), i)
		}
		s.Apply(observe.Observation{Seq: 1e6, At: at(to), Payload: observe.Gap{From: at(from), To: at(to), Why: "it was stopped"}})
		for i := from + 1; i <= to; i++ {
			row(at(to).Add(late), i)
		}
		for i := to + 2; i <= last; i++ {
			row(at(i).Add(300*time.Millisecond), i)
		}
		s.Advance(at(last).Add(time.Second))
		v := s.Snapshot().Tasks[0]
		if v.RateMean < 0.95 || v.RateMean > 1.05 {
			t.Errorf("read %v after the gap: mean %.3f rows/s, want 1", late, v.RateMean)
		}
		if v.Rate < 0.9 || v.Rate > 1.1 {
			t.Errorf("read %v after the gap: %.3f rows/s now, want 1", late, v.Rate)
		}
	}
}

// While rsync reads its list of files nobody knows how much there is, and that is why no end is said.
func TestWhyNoEndIsSaid(t *testing.T) {
	s, line := watch(epoch)
	for i := range 40 {
		now := epoch.Add(time.Duration(i) * time.Second)
		line(now, fmt.Sprintf("%15d  %d%%   10.00MB/s    0:00:40 (xfr#%d, ir-chk=%d/5000)", (i+1)*10_000_000, 20+i/2, i+1, 4000-i), true)
		s.Advance(now)
	}
	if e := s.Snapshot().Tasks[0].ETA; e.State != rate.None || e.Why != "rsync is still reading the list of files" {
		t.Errorf("while it lists: %+v", e)
	}
	for i := 40; i < 80; i++ {
		now := epoch.Add(time.Duration(i) * time.Second)
		line(now, fmt.Sprintf("%15d  %d%%   10.00MB/s    0:00:40 (xfr#%d, to-chk=%d/200)", (i+1)*10_000_000, (i+1)/2, i+1, 199-i), true)
		s.Advance(now)
	}
	if e := s.Snapshot().Tasks[0].ETA; e.State != rate.Range {
		t.Errorf("when it has listed all: %+v", e)
	}
}
