package tui

import (
	"fmt"
	"math"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
)

// copiesScene is a host on which three copies run to one volume: one of them cannot fit, one will be late. Two have
// ended well.
func copiesScene() *fold.Snapshot {
	const finder, mount = "copies on mail1", "/mnt/backup"
	s := &fold.Snapshot{
		At: before(400 * time.Millisecond), Seq: 812, Started: before(50 * time.Minute), Title: "transfers on mail1",
		Plan: observe.Plan{
			Title: "transfers on mail1",
			Window: &observe.Window{
				Start: before(41*time.Minute + 16*time.Second), End: in(5*time.Hour + 18*time.Minute + 44*time.Second),
				Rollback: observe.Duration(45 * time.Minute),
			},
			Finders: []observe.Finder{{Name: finder, Host: "mail1"}},
		},
		Hosts:   []fold.HostView{{Name: "mail1", State: fold.LinkUp, Since: before(50 * time.Minute), RTT: 38 * time.Millisecond}},
		Finders: []fold.FinderView{{Name: finder, Host: "mail1", State: observe.SourceUp, Running: 3, Found: 5}},
	}
	full := rate.ETA{State: rate.Range, P10: in(148 * time.Minute), P50: in(153 * time.Minute), P90: in(161 * time.Minute)}
	clone := copyTask("qemu-img archive.img", finder)
	clone.Transfer.Tool, clone.Transfer.Source, clone.Transfer.Target = "qemu-img", "/srv/vm/archive.img", mount+"/vm/archive.img"
	clone.Transfer.Of, clone.Transfer.What, clone.Transfer.By = observe.AmountSource, "/srv/vm/archive.img", "size of /srv/vm/archive.img"
	clone.Progress = fold.Progress{Known: true, Done: 280e9, Total: 1e12, Unit: "bytes", At: before(time.Second)}
	clone.Rate, clone.RateMean, clone.RateMinute, clone.RateBest = 23e6, 31e6, 24e6, 46e6
	clone.ETA = rate.ETA{State: rate.Range, P10: in(170 * time.Minute), P50: in(180 * time.Minute), P90: in(195 * time.Minute)}
	clone.Fit = fold.FitView{
		Known: true, Volume: mount, Use: "target", Unit: "bytes", Need: 720e9, Others: 30e9, Avail: 410e9, FullAt: full, Since: before(31 * time.Minute),
		Text: "needs 720 GB more, and others 30 GB; /mnt/backup has 410 GB left: full at 02:14, 340 GB short",
	}
	clone.Course, clone.CourseFrom, clone.CourseStep = slowedCourse(), before(50*time.Minute), 30*time.Second
	clone.Change, clone.SpeedUnit = rate.Change{At: before(18 * time.Minute), Before: 44e6, After: 23e6}, "bytes"

	mail := copyTask("rsync /srv/mail/store/primary/mailboxes → /mnt/backup/mail1/2026-11-28/mailboxes", finder)
	mail.Transfer.Tool, mail.Transfer.Source, mail.Transfer.Target = "rsync", "/srv/mail/store/primary/mailboxes/", mount+"/mail1/2026-11-28/mailboxes/"
	mail.Transfer.Of, mail.Transfer.What = observe.AmountIO, "its processes' I/O"
	mail.Transfer.Files, mail.Transfer.FilesTotal = 212_114, 1_400_000
	mail.Transfer.By, mail.Transfer.Unknown = "du of /srv/mail, 2 min ago", "the size of /srv/mail/index is not known: permission denied"
	mail.Progress = fold.Progress{Known: true, Done: 412e9, Total: 790e9, Unit: "bytes", Estimate: true, At: before(time.Second)}
	mail.Rate, mail.RateMean, mail.RateMinute, mail.RateBest, mail.Spark = 18e6, 30e6, 19e6, 60e6, falling(60)
	mail.ETA = rate.ETA{State: rate.Range, P10: in(5*time.Hour + 29*time.Minute), P50: in(6 * time.Hour), P90: in(6*time.Hour + 59*time.Minute)}
	mail.Deadline = fold.DeadlineView{At: in(5*time.Hour + 18*time.Minute + 44*time.Second), Window: true, Known: true, Probability: 0.08, DecideBy: in(4*time.Hour + 33*time.Minute)}
	mail.Fit = fold.FitView{Known: true, Fits: true, Volume: mount, Unit: "bytes", Need: 30e9, Avail: 410e9}

	dump := copyTask("mysqldump zimbra", finder)
	dump.Transfer.Tool, dump.Transfer.Target = "mysqldump", mount+"/zimbra.sql"
	dump.Transfer.Of, dump.Transfer.What = observe.AmountTarget, mount+"/zimbra.sql"
	dump.Progress = fold.Progress{Known: true, Done: 8.1e9, Unit: "bytes", At: before(time.Second)}
	dump.Rate, dump.RateMean, dump.RateMinute, dump.RateBest = 11e6, 10e6, 11e6, 14e6
	dump.ETA = rate.ETA{State: rate.None, Why: "no total"}

	s.Tasks = []fold.TaskView{dump, endedCopy("cp vmlinuz", 20), clone, mail, endedCopy("cp initrd.img", 25)}
	s.Groups = []fold.GroupView{{
		Name: "mail1", Unit: "bytes", Rate: 52e6, Streams: 3, Spark: falling(60),
		Members: []fold.GroupMember{{Task: dump.Name, Rate: 11e6, Share: 0.21}, {Task: clone.Name, Rate: 23e6, Share: 0.44}, {Task: mail.Name, Rate: 18e6, Share: 0.35}},
	}}
	s.Volumes = []fold.VolumeView{{
		Host: "mail1", At: before(2 * time.Second), Rate: 52e6, Tasks: []string{dump.Name, clone.Name, mail.Name},
		Volume: observe.Volume{Mount: mount, Device: "/dev/mapper/vg0-backup", Type: "ext4", Size: 2e12, Used: 1.49e12, Avail: 410e9, Inodes: 122_000_000, InodesFree: 118_000_000},
		Need:   750e9, Full: full, Short: 340e9,
		Text: "750 GB are still to be written, 410 GB are left: full at 02:14, 340 GB short",
	}}
	return s
}

// copyTask is a copy that a finder found and that goes on.
func copyTask(name, finder string) fold.TaskView {
	return fold.TaskView{
		Name: name, Host: "mail1", Started: before(50 * time.Minute), Spark: wave(60),
		Ruling: observe.Ruling{
			Verdict: observe.Progressing, Since: before(50 * time.Minute), Reason: "it moves", Sure: observe.Certain,
			Evidence: []observe.Evidence{{For: true, Text: "1.4 GB more in the last minute", At: before(2 * time.Second)}},
		},
		Transfer: &fold.TransferView{Finder: finder, State: observe.TransferRunning},
		Sources:  []fold.SourceView{{Name: "transfer", State: observe.SourceUp, Last: before(time.Second)}},
	}
}

// endedCopy is a copy that ended well so many minutes ago.
func endedCopy(name string, minutes int) fold.TaskView {
	t := copyTask(name, "copies on mail1")
	t.Ended = before(time.Duration(minutes) * time.Minute)
	t.Verdict, t.Since, t.Reason = observe.Done, t.Ended, "the target is complete, and its process is gone"
	t.Progress = fold.Progress{Known: true, Done: 1.2e9, Total: 1.2e9, Unit: "bytes"}
	t.RateMean, t.RateBest = 4.9e6, 6e6
	return t
}

// slowedCourse is a speed that fell, with a gap in which nothing was seen.
func slowedCourse() []float64 {
	out := make([]float64, 100)
	for i := range out {
		switch {
		case i >= 30 && i < 36:
			out[i] = math.NaN()
		case i >= 64:
			out[i] = 23e6 + 1e6*math.Sin(float64(i))
		default:
			out[i] = 44e6 + 2e6*math.Sin(float64(i)/2)
		}
	}
	return out
}

// manyCopies is a host with n copies, of which some do not fit, one stalls, and every fourth has ended well.
func manyCopies(n int) *fold.Snapshot {
	s := copiesScene()
	s.Tasks = nil
	for i := range n {
		t := copyTask(fmt.Sprintf("rsync /srv/pool/customer-%03d/data → /mnt/backup/customer-%03d/data", i, i), "copies on mail1")
		t.Transfer.Source, t.Transfer.Target = fmt.Sprintf("/srv/pool/customer-%03d/data", i), fmt.Sprintf("/mnt/backup/customer-%03d/data", i)
		t.Progress = fold.Progress{Known: true, Done: 1e9 * float64(i), Total: 300e9, Unit: "bytes"}
		t.Rate, t.RateMean = 4e6, 4e6
		t.ETA = rate.ETA{State: rate.Range, P10: in(time.Hour), P50: in(80 * time.Minute), P90: in(2 * time.Hour)}
		switch {
		case i%4 == 3:
			t = endedCopy(t.Name, 3+i)
		case i%40 == 1:
			t.Fit = fold.FitView{Known: true, Volume: "/mnt/backup", Use: "target", Unit: "bytes", Need: 250e9, Avail: 240e9, FullAt: rate.ETA{State: rate.Range, P10: in(30 * time.Minute), P50: in(33 * time.Minute), P90: in(40 * time.Minute)}}
		case i == 150:
			t.Ruling = observe.Ruling{Verdict: observe.Stalled, Since: before(9 * time.Minute), Reason: "no progress and no work"}
		}
		s.Tasks = append(s.Tasks, t)
	}
	s.Finders[0].Running, s.Finders[0].Found = n-n/4, n
	return s
}

// planScene is the night of the sketch with times that were planned, in danger of its window's end.
func planScene() *fold.Snapshot {
	s := sketch()
	p := s.Plan.Tasks
	p[0].Planned, p[0].Expect = before(70*time.Minute), observe.Duration(30*time.Minute)
	p[1].Planned, p[1].Expect = before(41*time.Minute), observe.Duration(50*time.Minute)
	p[2].Planned, p[2].Expect = before(65*time.Minute), observe.Duration(2*time.Hour)
	p[4].Expect = observe.Duration(70 * time.Minute)
	s.Tasks[4].Starts = rate.ETA{State: rate.Range, P10: in(31 * time.Minute), P50: in(40 * time.Minute), P90: in(50 * time.Minute)}
	s.Whole = fold.WholeView{
		ETA:  rate.ETA{State: rate.Range, P10: in(4*time.Hour + 24*time.Minute), P50: in(5*time.Hour + 20*time.Minute), P90: in(6*time.Hour - time.Minute)},
		Last: "mailbox backup", Unknown: []string{"clone archive VM"},
		Window: fold.DeadlineView{At: s.Plan.Window.End, Window: true, Known: true, Probability: 0.31, DecideBy: in(228 * time.Minute)},
	}
	return s
}
