package report

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/google/go-cmp/cmp"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
)

var (
	bangkok = time.FixedZone("+07", 7*60*60)
	start   = time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC) // 23:00 in Bangkok
)

func after(d time.Duration) time.Time { return start.Add(d) }

// night is how a night goes: each step changes the snapshot before it.
func night() []func(*fold.Snapshot) {
	schema := func(s *fold.Snapshot) *fold.TaskView { return &s.Tasks[0] }
	return []func(*fold.Snapshot){
		func(s *fold.Snapshot) {
			s.Title, s.Started = "Zimbra 8.7.1 → 8.8.10", start
			s.Hosts = []fold.HostView{{Name: "mail1"}}
			s.Tasks = []fold.TaskView{
				{Name: "schema upgrade", Host: "mail1", Ruling: observe.Ruling{Verdict: observe.Pending, Since: start, Reason: "not looked at yet"}, Sources: []fold.SourceView{{Name: "log"}}},
				{Name: "mailbox backup", Ruling: observe.Ruling{Verdict: observe.Pending, Since: start}},
			}
			s.Services = []fold.ServiceView{{Name: "webmail", Host: "mail1"}}
		},
		func(s *fold.Snapshot) {
			s.At = after(2 * time.Second)
			s.Hosts = []fold.HostView{{Name: "mail1", State: fold.LinkUp, Since: s.At, RTT: 38 * time.Millisecond}}
			schema(s).Sources = []fold.SourceView{{Name: "log", State: observe.SourceWaiting, Why: "no such file /opt/zimbra/log/zmsetup.log"}}
			s.Services = []fold.ServiceView{{Name: "webmail", Host: "mail1", Asked: true, OK: true, Since: s.At, Latency: 12 * time.Millisecond, Detail: "200 OK"}}
		},
		func(s *fold.Snapshot) {
			s.At = after(time.Minute)
			t := schema(s)
			t.Sources = []fold.SourceView{{Name: "log", State: observe.SourceUp}}
			t.Started = s.At
			t.Ruling = observe.Ruling{Verdict: observe.Progressing, Since: s.At, Reason: "new lines in the log"}
			t.Phase = "Migrating mboxgroup7"
			t.Progress = fold.Progress{Known: true, Done: 450_000, Total: 5e6, Unit: "rows", Estimate: true}
			t.Rate, t.ETA = 1200, rate.ETA{State: rate.Measuring}
			t.Deadline = fold.DeadlineView{At: after(3 * time.Hour), Known: true, Probability: 0.35, DecideBy: after(2*time.Hour + 15*time.Minute)}
			s.Services = []fold.ServiceView{{Name: "webmail", Host: "mail1", Asked: true, Since: s.At, Latency: time.Millisecond, Detail: "connection refused"}}
		},
		func(s *fold.Snapshot) { // only numbers have moved
			s.At = after(2 * time.Minute)
			t := schema(s)
			t.Progress.Done, t.Rate, t.Reason = 490_000, 1100, "newer lines in the log"
			s.Hosts = []fold.HostView{{Name: "mail1", State: fold.LinkLate, RTT: time.Second}}
		},
		func(s *fold.Snapshot) { // a tenth
			s.At = after(3 * time.Minute)
			t := schema(s)
			t.Progress.Done, t.Rate = 510_000, 1100
			t.ETA = rate.ETA{State: rate.Range, P10: after(72 * time.Minute), P50: after(80 * time.Minute), P90: after(91 * time.Minute)}
			s.Services = []fold.ServiceView{{Name: "webmail", Host: "mail1", Asked: true, OK: true, Since: s.At, Latency: 15 * time.Millisecond, Detail: "200 OK"}}
		},
		func(s *fold.Snapshot) {
			s.At = after(41*time.Minute + 300*time.Millisecond)
			t := schema(s)
			t.Ruling = observe.Ruling{
				Verdict: observe.Quiet, Since: after(27*time.Minute + 4*time.Second), Reason: "the log is silent, MySQL works",
				Sure: observe.Likely,
				Next: &observe.Escalation{Verdict: observe.Stalled, At: after(58 * time.Minute), If: "nothing moves"},
			}
			t.Rate, t.ETA = 0, rate.ETA{}
			b := &s.Tasks[1]
			b.Started = after(0)
			b.Ruling = observe.Ruling{Verdict: observe.Slowing, Since: s.At, Reason: "a third of the rate it had"}
			b.Progress = fold.Progress{Known: true, Done: 52e9, Total: 100e9, Unit: "bytes"}
			b.Rate, b.ETA = 38e6, rate.ETA{State: rate.Range, P10: after(40 * time.Minute), P90: after(20 * time.Hour)}
		},
		func(s *fold.Snapshot) {
			s.At = after(50 * time.Minute)
			t := schema(s)
			t.Ruling = observe.Ruling{Verdict: observe.Blocked, Since: s.At, Reason: "waits for input: \x1b[5mDelete all\x1b]0;x\a? [y/N] 1\nx", Sure: observe.Certain}
			t.Next = nil
			t.Scenes = []fold.Scene{{At: s.At, Snapshot: &observe.Snapshot{Lines: make([]string, 40), Process: &observe.Process{Procs: make([]observe.Proc, 3)}}}}
			t.Sources = []fold.SourceView{{Name: "log", State: observe.SourceLimited, Why: "the newest 64 MiB only"}}
		},
		func(s *fold.Snapshot) {
			s.At = after(51 * time.Minute)
			s.Tasks[1].Sources = []fold.SourceView{{Name: "process", State: observe.SourceUp}}
			schema(s).Reason = strings.Replace(schema(s).Reason, "1\nx", "22\nx", 1) // only a number
		},
		func(s *fold.Snapshot) {
			s.At = after(52 * time.Minute)
			schema(s).Reason = "waits for input: really? " + strings.Repeat("é", 2*textLimit)
			s.Hosts = []fold.HostView{{Name: "mail1", State: fold.LinkDown, Detail: "no answer for 12 s, next try in 4 s"}}
			s.Services[0].Blind = true
			s.Tasks[1].Sources = []fold.SourceView{{Name: "process", State: observe.SourceWaiting, Why: "process 4711 has ended"}}
			s.Notes = []fold.NoteView{{At: after(51*time.Minute + 30*time.Second), Kind: observe.KindMark, Text: "rang the client"}}
		},
		func(s *fold.Snapshot) {
			s.At = after(53 * time.Minute)
			s.Hosts = []fold.HostView{{Name: "mail1", State: fold.LinkDown, Detail: "no answer for 72 s, next try in 9 s"}}
			s.Notes = []fold.NoteView{s.Notes[0], {At: s.At, Kind: observe.KindGap, Text: "this machine slept for 4 min"}}
			schema(s).Sources = []fold.SourceView{{Name: "log", State: observe.SourceFailed, Why: "permission denied"}}
		},
		func(s *fold.Snapshot) {
			s.At = after(60 * time.Minute)
			s.Hosts = []fold.HostView{{Name: "mail1", State: fold.LinkUp}}
			s.Services = []fold.ServiceView{{Name: "webmail", Host: "mail1", Asked: true, OK: true, Since: after(3 * time.Minute), Latency: 15 * time.Millisecond, Detail: "200 OK"}}
			s.Notes = []fold.NoteView{s.Notes[1]} // the oldest was dropped
			schema(s).Sources = []fold.SourceView{{Name: "log", State: observe.SourceUp}}
			s.Unknown = 3
		},
		func(s *fold.Snapshot) {
			s.At = after(70 * time.Minute)
			t := schema(s)
			t.Ruling, t.Ended = observe.Ruling{Verdict: observe.Done, Since: s.At, Reason: `"Configuration complete"`}, s.At
			s.Tasks[1].Ruling = observe.Ruling{Verdict: observe.Failed, Since: s.At, Reason: "exit code 23"}
			s.Tasks[1].Ended = s.At
			t.Sources = []fold.SourceView{{Name: "log", State: observe.SourceWaiting, Why: "the file was removed"}}
		},
		func(s *fold.Snapshot) { s.At, s.Ended, s.Why = after(71*time.Minute), true, "all tasks have ended" },
	}
}

// snapshots returns the states of the night, each its own.
func snapshots() []*fold.Snapshot {
	all := make([]*fold.Snapshot, 0, 16)
	now := fold.Snapshot{At: start}
	for _, step := range night() {
		now.Tasks = append([]fold.TaskView(nil), now.Tasks...)
		now.Services = append([]fold.ServiceView(nil), now.Services...)
		step(&now)
		s := now
		all = append(all, &s)
	}
	return all
}

// The golden file is written by go test ./internal/report -update, and read before it is committed.
func TestLines(t *testing.T) {
	var text strings.Builder
	var prev *fold.Snapshot
	for _, s := range snapshots() {
		text.WriteString("-- " + s.At.In(bangkok).Format(time.TimeOnly) + "\n")
		for _, line := range linesIn(prev, s, bangkok) {
			if strings.ContainsFunc(line, unicode.IsControl) {
				t.Errorf("a control character in %q", line)
			}
			text.WriteString(line + "\n")
		}
		if again := linesIn(s, s, bangkok); len(again) > 0 {
			t.Errorf("lines without a change: %q", again)
		}
		prev = s
	}
	golden.RequireEqual(t, text.String())
}

func TestLinesOfNothing(t *testing.T) {
	if got := Lines(nil, nil); got != nil {
		t.Errorf("got %q", got)
	}
	if got := Lines(&fold.Snapshot{}, nil); got != nil {
		t.Errorf("got %q", got)
	}
}

// The golden file is written by go test ./internal/report -update, and read before it is committed.
func TestJSONLine(t *testing.T) {
	var text strings.Builder
	for _, s := range snapshots() {
		for _, task := range s.Tasks {
			line, err := JSONLine(s, task)
			if err != nil {
				t.Fatal(err)
			}
			text.Write(append(line, '\n'))
		}
	}
	golden.RequireEqual(t, text.String())
}

// A deadline that is missed is no chance any more, a phase is not named twice, and a note that names what it is
// about needs no other name.
func TestWords(t *testing.T) {
	d := fold.DeadlineView{At: after(time.Hour), DecideBy: after(50 * time.Minute), Known: true, Probability: 0.05}
	for _, c := range []struct{ got, want string }{
		{deadline(d, time.UTC, after(55*time.Minute)), "deadline 17:00, 5 % likely to be met, the time to decide passed at 16:50"},
		{deadline(d, time.UTC, after(61*time.Minute)), "deadline 17:00 missed, the time to decide passed at 16:50"},
		{d.Overrun(after(62 * time.Minute)), "ended 2 min after its deadline"},
		{d.Overrun(after(59 * time.Minute)), ""},
		{named("Phase 1: backup"), "Phase 1: backup"},
		{named("backup"), "phase backup"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	s := &fold.Snapshot{At: start, Notes: []fold.NoteView{{At: start, Kind: observe.KindVerdict, Text: "upgrade: took 3 s"}}}
	lines := linesIn(&fold.Snapshot{}, s, time.UTC)
	if len(lines) != 1 || !strings.HasSuffix(lines[0], "  upgrade: took 3 s") {
		t.Errorf("the note is told as %q", lines)
	}
}

// The end of a phase stands beside that of the whole, where the counter is of one phase of several.
func TestPhaseEnd(t *testing.T) {
	s := &fold.Snapshot{At: start}
	phase := rate.ETA{State: rate.Range, P10: after(time.Hour), P50: after(time.Hour + time.Minute), P90: after(time.Hour + 2*time.Minute)}
	task := fold.TaskView{Name: "upgrade", PhaseETA: phase, Deadline: fold.DeadlineView{At: after(2 * time.Hour), Window: true, After: 2}}
	line, err := JSONLine(s, task)
	if err != nil {
		t.Fatal(err)
	}
	const want = `"eta":{"state":"none"},"phase_eta":{"state":"range","p10":"2026-11-24T17:00:00.000Z","p50":"2026-11-24T17:01:00.000Z","p90":"2026-11-24T17:02:00.000Z"}`
	if !strings.Contains(string(line), want) {
		t.Errorf("%s\nlacks %s", line, want)
	}
	if text := deadline(task.Deadline, time.UTC, start); text != "deadline 18:00 with the 2 tasks after it" {
		t.Error(text)
	}
}

// Nothing of a line is obeyed by a terminal, and a reader of JSON gets all of it back.
func TestJSONLineIsSafeAndWhole(t *testing.T) {
	const name = "<a> & \x1b]0;t\a \u009b31m \u202e\u200b \u2028 \x7f \U000e0041 \ufffd é 日本 👍"
	s := &fold.Snapshot{At: start}
	line, err := JSONLine(s, fold.TaskView{
		Name: name, Rate: math.NaN(),
		Progress: fold.Progress{Known: true, Done: math.Inf(1), Total: math.Inf(1)},
		Deadline: fold.DeadlineView{At: start, Known: true, Probability: math.NaN()},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range string(line) {
		if !unicode.IsGraphic(r) {
			t.Errorf("%U stands in %s", r, line)
		}
	}
	if !strings.Contains(string(line), "é 日本 👍") || !strings.Contains(string(line), "<a> &") {
		t.Errorf("more escaped than must be: %s", line)
	}
	var got map[string]any
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"at": "2026-11-24T16:00:00.000Z", "task": name, "verdict": "",
		"eta":      map[string]any{"state": "none"},
		"deadline": map[string]any{"at": "2026-11-24T16:00:00.000Z"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// That another process is watched from now on is said once, although the source was up before and is so still.
func TestLinesTellWhichProcessIsWatchedNow(t *testing.T) {
	view := func(why string) *fold.Snapshot {
		return &fold.Snapshot{Tasks: []fold.TaskView{{
			Name:    "mail",
			Sources: []fold.SourceView{{Name: "process", State: observe.SourceUp, Why: why}},
		}}}
	}
	const why = "process 12 has ended; process 7 matches too, still runs and is watched now"
	if got := Lines(view(""), view(why)); len(got) != 1 || !strings.Contains(got[0], "mail: its process: "+why) {
		t.Errorf("%q", got)
	}
	if got := Lines(view(why), view(why)); len(got) != 0 {
		t.Errorf("said again: %q", got)
	}
	if got := Lines(view(why), view("")); len(got) != 0 {
		t.Errorf("said of nothing: %q", got)
	}
}
