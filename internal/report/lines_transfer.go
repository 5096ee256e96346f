package report

import (
	"math"
	"slices"
	"strings"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/words"
)

// finders says when one who looks for copies cannot, can again, or finds that none is left.
func (l *lines) finders(prev, next *fold.Snapshot) {
	for _, f := range next.Finders {
		before := find(prev.Finders, func(b fold.FinderView) bool { return b.Name == f.Name })
		switch {
		case f.State == before.State && sameWords(f.Why, before.Why):
		case f.State == observe.SourceFailed:
			l.add(next.At, f.Name, join(": ", "cannot look for copies", quote(f.Why)))
		case f.State == observe.SourceLimited:
			l.add(next.At, f.Name, join(": ", "sees copies in part", quote(f.Why)))
		case f.State == observe.SourceUp && (before.State == observe.SourceFailed || before.State == observe.SourceLimited):
			l.add(next.At, f.Name, "looks for copies again")
		}
		looks := f.State != "" && f.State != observe.SourceFailed
		if looks && f.Running == 0 && (before.Running > 0 || before.State == "") {
			text := "no copy runs now"
			if f.State == observe.SourceWaiting && f.Why != "" {
				text = quote(f.Why)
			}
			l.add(next.At, f.Name, text)
		}
	}
}

// found says that a finder found a copy.
func (l *lines) found(before, t fold.TaskView) {
	if t.Transfer == nil || t.Transfer.Finder == "" || before.Name != "" {
		return
	}
	l.add(l.now, t.Name, join(": ", "found by "+quote(t.Transfer.Finder), route(t.Transfer)))
}

// route says what copies from where to where.
func route(v *fold.TransferView) string {
	way := quote(v.Source)
	if v.Target != "" {
		way = join(" ", way, "→", quote(v.Target))
	}
	return join(", ", quote(v.Tool), way)
}

// room says when a task is found not to fit, and when it fits after all.
func (l *lines) room(before, t fold.TaskView) {
	if t.Verdict.Ended() {
		return
	}
	was, is := noRoom(before), noRoom(t)
	switch {
	case is && (!was || t.Fit.Avail > 0 && before.Fit.FullAt.State == "" && t.Fit.FullAt.State != ""):
		l.add(l.now, t.Name, join(": ", "no room", quote(t.Fit.Text)))
	case was && !is && t.Fit.Known:
		l.add(l.now, t.Name, "there is room for it now")
	case was && !is:
		l.add(l.now, t.Name, "whether there is room for it is not known any more")
	}
}

func noRoom(t fold.TaskView) bool { return t.Fit.Known && !t.Fit.Fits }

// inTime says that a task is taken to miss its deadline, or that there is hope again.
func (l *lines) inTime(t fold.TaskView) {
	word := "may be in time after all"
	if t.Deadline.Late {
		word = "late"
	}
	if !t.Verdict.Ended() && !t.Deadline.At.IsZero() {
		l.add(l.now, t.Name, join(", ", word, end(t.ETA, l.loc, l.now), deadline(t.Deadline, l.loc, l.now)))
	}
}

// volumes says when the warning of a volume comes, changes in more than its numbers, or goes.
func (l *lines) volumes(prev, next *fold.Snapshot) {
	for _, v := range next.Volumes {
		before := find(prev.Volumes, func(b fold.VolumeView) bool { return b.Mount == v.Mount && b.Host == v.Host })
		name := v.Mount
		if v.Host != "" {
			name = v.Host + ":" + name
		}
		was, is := warning(prev, before), warning(next, v)
		switch {
		case is != "" && !sameNews(was, is):
			l.add(next.At, name, quote(is))
		case is == "" && was != "" && v.Text == "" && v.Need > 0:
			l.add(next.At, name, "room enough again, "+words.Bytes(float64(v.Avail))+" left")
		case is == "" && was != "" && v.Text == "":
			l.add(next.At, name, "nothing more is known to need room there, "+words.Bytes(float64(v.Avail))+" left")
		}
	}
}

// warning is what is to be said of a volume; empty where it is said with a task that has no room there.
func warning(s *fold.Snapshot, v fold.VolumeView) string {
	for _, t := range s.Tasks {
		if !v.Spent && noRoom(t) && slices.Contains(v.Tasks, t.Name) && sameRoom(s, t, v) {
			return ""
		}
	}
	return v.Text
}

// sameRoom tells that the volume where a task has no room is v, or has the same room under another mount.
func sameRoom(s *fold.Snapshot, t fold.TaskView, v fold.VolumeView) bool {
	return t.Fit.Volume == v.Mount || slices.ContainsFunc(s.Volumes, func(o fold.VolumeView) bool {
		return o.Mount == t.Fit.Volume && o.Host == v.Host && strings.Contains(o.Device, "/") && o.Device == v.Device
	})
}

// came says how much a transfer that has ended moved, in what time and how fast: "1.2 GB in 4 min 10 s, 4.9 MB/s".
// Of one whose beginning was not seen the time is that for which it was watched. It is empty for other tasks.
func came(t fold.TaskView) string {
	took := t.Ended.Sub(t.Started)
	if t.Transfer == nil || !t.Progress.Known || t.Progress.Unit != "bytes" || t.Started.IsZero() || took < time.Second {
		return ""
	}
	size, mean := words.Bytes(t.Progress.Done), t.Progress.Done/took.Seconds()
	const near = 0.2
	if seen := t.RateMean; seen > 0 && math.Abs(mean-seen) > near*mean {
		return size + ", watched for " + words.Exact(took) + ", " + words.Rate(seen, t.Progress.Unit) + " on average"
	}
	return size + " in " + words.Exact(took) + ", " + words.Rate(mean, t.Progress.Unit) + files(t.Transfer)
}

// files is how many files were moved, where that is known.
func files(v *fold.TransferView) string {
	if v.Files <= 0 {
		return ""
	}
	return ", " + words.Amount(v.Files, "files")
}

// sameNews tells whether two texts differ at most in their amounts: "full in 2 min" and "full in 58 s" are no news to
// each other.
func sameNews(a, b string) bool {
	return sameWords(withoutUnits(a), withoutUnits(b))
}

// withoutUnits takes away the numbers of a text and the units behind them.
func withoutUnits(text string) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(text), func(word string) bool {
		switch strings.TrimRight(word, ",;:") {
		case "B", "kB", "MB", "GB", "TB", "PB", "s", "min", "h", "d", "%":
			return true
		}
		return word[0] >= '0' && word[0] <= '9'
	}), " ")
}
