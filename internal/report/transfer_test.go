package report

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
)

// copies is how a night of copies goes: each step changes the snapshot before it.
func copies() []func(*fold.Snapshot) {
	const finder, mount = "copies on mail1", "/mnt/backup"
	full := rate.ETA{State: rate.Range, P10: after(3 * time.Hour), P50: after(194 * time.Minute), P90: after(200 * time.Minute)}
	return []func(*fold.Snapshot){
		func(s *fold.Snapshot) {
			s.Started, s.Title = start, "transfers on mail1"
			s.Finders = []fold.FinderView{{Name: finder, Host: "mail1", State: observe.SourceUp}}
		},
		func(s *fold.Snapshot) {
			s.At = after(time.Minute)
			s.Finders = []fold.FinderView{{Name: finder, Host: "mail1", State: observe.SourceUp, Running: 1, Found: 1}}
			s.Tasks = []fold.TaskView{{
				Name: "rsync mail", Host: "mail1", Started: after(time.Minute), RateMinute: -1,
				Ruling:   observe.Ruling{Verdict: observe.Progressing, Since: s.At, Reason: "12 MB more"},
				Transfer: &fold.TransferView{Finder: finder, Tool: "rsync", Source: "/srv/\x1b[31mmail", Target: mount + "/mail", State: observe.TransferRunning, Of: observe.AmountIO},
				Progress: fold.Progress{Known: true, Done: 12e6, Total: 9.1e9, Unit: "bytes"},
				ETA:      rate.ETA{State: rate.Measuring}, Deadline: fold.DeadlineView{At: after(4 * time.Hour)},
			}}
			s.Volumes = []fold.VolumeView{{Host: "mail1", Volume: observe.Volume{Mount: mount, Size: 9e9, Used: 5e9, Avail: 4e9}, Tasks: []string{"rsync mail"}}}
		},
		func(s *fold.Snapshot) { // it does not fit, and will be late
			s.At = after(2 * time.Minute)
			t := &s.Tasks[0]
			t.Rate, t.RateMinute, t.RateMean, t.RateBest = 400e3, 410e3, 400e3, 500e3
			t.Progress.Done, t.Transfer.Files, t.Transfer.FilesTotal = 30e6, 12, 1000
			t.Fit = fold.FitView{
				Known: true, Volume: mount, Use: "target", Unit: "bytes", Need: 9.1e9, Avail: 4e9, FullAt: full, Since: s.At,
				Text: "needs 9.1 GB more, /mnt/backup has 4.0 GB left: full at 02:14, 5.1 GB short",
			}
			t.ETA = rate.ETA{State: rate.Range, P10: after(6 * time.Hour), P50: after(7 * time.Hour), P90: after(8 * time.Hour)}
			t.Deadline.Known, t.Deadline.Probability, t.Deadline.Late = true, 0.05, true
			v := &s.Volumes[0]
			v.Rate, v.Need, v.All, v.Full, v.Short, v.Text = 400e3, 9.1e9, true, full, 5.1e9, "9.1 GB are still to be written, 4.0 GB are left: full at 02:14"
		},
		func(s *fold.Snapshot) { // only numbers have moved
			s.At = after(3 * time.Minute)
			s.Tasks[0].Fit.Text = "needs 9.0 GB more, /mnt/backup has 3.9 GB left: full at 02:15, 5.1 GB short"
			s.Volumes[0].Text = "9.0 GB are still to be written, 3.9 GB are left: full at 02:15"
		},
		func(s *fold.Snapshot) { // somebody made room and took the brake off
			s.At = after(4 * time.Minute)
			t := &s.Tasks[0]
			t.Fit = fold.FitView{Known: true, Fits: true, Volume: mount, Unit: "bytes", Need: 9e9, Avail: 40e9}
			t.ETA = rate.ETA{State: rate.Range, P10: after(10 * time.Minute), P50: after(11 * time.Minute), P90: after(12 * time.Minute)}
			t.Deadline.Probability, t.Deadline.Late = 0.95, false
			s.Volumes[0].Avail, s.Volumes[0].Text, s.Volumes[0].Short = 40e9, "", 0
			s.Finders = []fold.FinderView{{Name: finder, Host: "mail1", State: observe.SourceLimited, Why: "not root: copies of others are not seen", Running: 1, Found: 1}}
		},
		func(s *fold.Snapshot) {
			s.At = after(5*time.Minute + 10*time.Second)
			t := &s.Tasks[0]
			t.Ended, t.Verdict, t.Reason, t.Since = s.At, observe.Done, "the target is complete", s.At
			t.Progress.Done, t.Progress.Total, t.RateMean = 1.2e9, 1.2e9, 4.9e6
			s.Finders = []fold.FinderView{{Name: finder, Host: "mail1", State: observe.SourceLimited, Why: "not root: copies of others are not seen", Found: 1}}
		},
		func(s *fold.Snapshot) {
			s.At = after(6 * time.Minute)
			s.Finders = []fold.FinderView{{Name: finder, Host: "mail1", State: observe.SourceFailed, Why: "no /proc", Found: 1}}
		},
	}
}

// The golden file is written by go test ./internal/report -update, and read before it is committed.
func TestCopies(t *testing.T) {
	var text strings.Builder
	now := fold.Snapshot{At: start}
	var prev *fold.Snapshot
	for _, step := range copies() {
		now.Tasks = append([]fold.TaskView(nil), now.Tasks...)
		for i := range now.Tasks {
			v := *now.Tasks[i].Transfer
			now.Tasks[i].Transfer = &v
		}
		now.Volumes = append([]fold.VolumeView(nil), now.Volumes...)
		step(&now)
		s := now
		text.WriteString("-- " + s.At.In(bangkok).Format(time.TimeOnly) + "\n" + strings.Join(linesIn(prev, &s, bangkok), "\n") + "\n")
		if again := linesIn(&s, &s, bangkok); len(again) > 0 {
			t.Errorf("lines without a change: %q", again)
		}
		for _, task := range s.Tasks {
			line, err := JSONLine(&s, task)
			if err != nil || !json.Valid(line) {
				t.Fatal(string(line), err)
			}
			text.Write(append(line, '\n'))
		}
		for _, v := range s.Volumes {
			line, err := VolumeLine(&s, v)
			if err != nil || !json.Valid(line) {
				t.Fatal(string(line), err)
			}
			text.Write(append(line, '\n'))
		}
		prev = &s
	}
	golden.RequireEqual(t, text.String())
}

// A copy that ran before anybody looked is not said to have done all of it in the time in which it was watched.
func TestCame(t *testing.T) {
	v := fold.TaskView{
		Started: start, Ended: after(10 * time.Second), RateMean: 4.9e6, Transfer: &fold.TransferView{},
		Progress: fold.Progress{Known: true, Done: 9e9, Unit: "bytes"},
	}
	if got := came(v); got != "9.0 GB, watched for 10 s, 4.9 MB/s on average" {
		t.Error(got)
	}
	v.Progress.Done, v.Transfer.Files = 50e6, 12
	if got := came(v); got != "50 MB in 10 s, 5.0 MB/s, 12 files" {
		t.Error(got)
	}
}

// A warning that goes because nobody needs the room any more is no room.
func TestAWarningThatEndsIsNoRoom(t *testing.T) {
	view := func(text string, need float64) *fold.Snapshot {
		return &fold.Snapshot{At: start, Volumes: []fold.VolumeView{{Volume: observe.Volume{Mount: "/srv", Size: 9e9, Used: 9e9}, Text: text, Need: need}}}
	}
	if got := linesIn(view("full", 3e9), view("", 0), time.UTC); len(got) != 1 || !strings.HasSuffix(got[0], "/srv: nothing more is known to need room there, 0 B left") {
		t.Errorf("%q", got)
	}
}

// That a volume is full is a line of its own, though the task that writes there has been said to have no room.
func TestAFullVolumeIsTold(t *testing.T) {
	view := func(text string, avail int64, spent bool) *fold.Snapshot {
		return &fold.Snapshot{
			At: start,
			Tasks: []fold.TaskView{{
				Name: "clone", Fit: fold.FitView{Known: true, Volume: "/srv", FullAt: rate.ETA{State: rate.Range}, Text: "needs 3.0 GB more"},
			}},
			Volumes: []fold.VolumeView{{Volume: observe.Volume{Mount: "/srv", Size: 9e9, Avail: avail}, Tasks: []string{"clone"}, Text: text, Spent: spent}},
		}
	}
	before, full := view("full in 2 min, before the end of clone", 5e9, false), view("full, before the end of clone", 0, true)
	if got := linesIn(before, full, time.UTC); len(got) != 1 || !strings.HasSuffix(got[0], "/srv: full, before the end of clone") {
		t.Errorf("%q", got)
	}
	if got := linesIn(full, full, time.UTC); len(got) != 0 {
		t.Errorf("told again: %q", got)
	}
}

// Of what has ended nobody knows how, there is no chance to be told and nothing to decide.
func TestAnEndHasNoChance(t *testing.T) {
	snap := func(verdict observe.Verdict, ended time.Time) *fold.Snapshot {
		return &fold.Snapshot{At: start, Tasks: []fold.TaskView{{
			Name: "pv", Started: start, Ended: ended, Ruling: observe.Ruling{Verdict: verdict, Reason: "pv is gone"},
			Deadline: fold.DeadlineView{At: after(time.Hour)}, Sources: []fold.SourceView{{Name: "transfer"}},
		}}}
	}
	got := linesIn(snap(observe.Progressing, time.Time{}), snap(observe.Blind, start), time.UTC)
	if len(got) != 1 || strings.Contains(got[0], "deadline") {
		t.Errorf("%q", got)
	}
}
