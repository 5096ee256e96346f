package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
)

func TestEnds(t *testing.T) {
	c := scene{snap: &fold.Snapshot{}, now: night(), loc: time.UTC, st: newStyles(theme{mono: true})}
	between := func(from, to time.Duration) rate.ETA {
		return rate.ETA{State: rate.Range, P10: in(from), P50: in((from + to) / 2), P90: in(to)}
	}
	for _, k := range []struct {
		name string
		task fold.TaskView
		want string
	}{
		{"range", fold.TaskView{ETA: between(31*time.Minute, 50*time.Minute)}, "ends 00:12–00:31"},
		{"one minute", fold.TaskView{ETA: between(31*time.Minute, 31*time.Minute)}, "ends 00:12"},
		{"tomorrow", fold.TaskView{ETA: between(13*time.Hour, 15*time.Hour)}, "Sun 12:41–14:41"},
		{"too long for the column", fold.TaskView{ETA: between(22*time.Hour, 26*time.Hour)}, "in 22–26 h"},
		{"days", fold.TaskView{ETA: between(60*time.Hour, 130*time.Hour)}, "in 2–6 d"},
		{"measuring", fold.TaskView{ETA: rate.ETA{State: rate.Measuring}}, "measuring"},
		{"finishing", fold.TaskView{ETA: rate.ETA{State: rate.Finishing}}, "finishing"},
		{"none", fold.TaskView{ETA: rate.ETA{State: rate.None}}, "end unknown"},
		{"starts", fold.TaskView{Ruling: observe.Ruling{Verdict: observe.Pending}, Starts: between(31*time.Minute, 50*time.Minute)}, "from 00:12–00:31"},
		{"of the phase only", fold.TaskView{ETA: rate.ETA{State: rate.None}, PhaseETA: between(31*time.Minute, 50*time.Minute)}, "phase 00:12–00:31"},
		{"blind", fold.TaskView{
			Ruling: observe.Ruling{Verdict: observe.Blind}, ETA: between(31*time.Minute, 50*time.Minute),
		}, "was 00:12–00:31"},
		{"late", fold.TaskView{
			ETA:      between(31*time.Minute, 50*time.Minute),
			Deadline: fold.DeadlineView{At: in(30 * time.Minute), Known: true, Probability: 0.03},
		}, "00:12–00:31 late"},
		{"tight", fold.TaskView{
			ETA:      between(31*time.Minute, 50*time.Minute),
			Deadline: fold.DeadlineView{At: in(40 * time.Minute), Known: true, Probability: 0.7},
		}, "00:12–00:31 tight"},
		{"deadline passed", fold.TaskView{
			ETA: rate.ETA{State: rate.None}, Deadline: fold.DeadlineView{At: before(time.Minute)},
		}, "end unknown late"},
		{"done", fold.TaskView{
			Ruling:  observe.Ruling{Verdict: observe.Done, Since: before(time.Hour)},
			Started: before(2 * time.Hour), Ended: before(time.Hour),
			Deadline: fold.DeadlineView{At: before(90 * time.Minute)},
		}, "took 1 h 00"},
		{"failed", fold.TaskView{Ruling: observe.Ruling{Verdict: observe.Failed, Since: before(time.Minute)}}, "at 23:40"},
	} {
		r := newRow(17, "")
		endsCell(c, &k.task, 17, r)
		if got := strings.TrimRight(ansi.Strip(r.line()), " "); got != k.want {
			t.Errorf("%s: %q, want %q", k.name, got, k.want)
		}
	}
}

// In a narrow column a range that soon comes is told in minutes, or by its middle, and never cut.
func TestEndsInNarrowColumns(t *testing.T) {
	c := scene{snap: &fold.Snapshot{}, now: night(), loc: time.UTC, st: newStyles(theme{mono: true})}
	soon := rate.ETA{State: rate.Range, P10: in(80 * time.Second), P50: in(100 * time.Second), P90: in(2*time.Minute + 50*time.Second)}
	later := rate.ETA{State: rate.Range, P10: in(31 * time.Minute), P50: in(40 * time.Minute), P90: in(50 * time.Minute)}
	for _, x := range []struct {
		eta  rate.ETA
		w    int
		want string
	}{{soon, 11, "23:42–23:44"}, {soon, 10, "in 1–3 min"}, {soon, 9, "≈23:42"}, {later, 11, "00:12–00:31"}, {later, 10, "≈00:21"}, {later, 3, "in 31–50 min"}} {
		if got := endSpan(c, x.eta, x.w); got != x.want {
			t.Errorf("in %d cells %q, want %q", x.w, got, x.want)
		}
	}
}
