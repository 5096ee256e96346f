package tui

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
	"ronda/internal/words"
)

// diskSign stands before a volume.
const diskSign = "≡"

// usedOf is how full a volume is, 0 to 1: what is reserved for root counts as used up, as df has it.
func usedOf(v *fold.VolumeView) (float64, bool) {
	all := float64(v.Used) + float64(v.Avail)
	if v.Used < 0 || v.Avail < 0 || all <= 0 {
		return 0, false
	}
	return float64(v.Used) / all, true
}

// warns tells whether there is something to say of a volume.
func warns(v *fold.VolumeView) bool {
	return v.Text != "" || v.Short > 0 || v.Avail <= 0 && v.Size > 0 // one that is full, too
}

// roomShown are the volumes that the board tells of: those of which there is something to say, and where a screen is
// tall, those that copies write to.
func roomShown(c scene, tall bool) []*fold.VolumeView {
	var loud, calm []*fold.VolumeView
	for i := range c.snap.Volumes {
		v := &c.snap.Volumes[i]
		switch {
		case warns(v):
			loud = append(loud, v)
		case tall && len(v.Tasks) > 0 && v.Rate > 0:
			calm = append(calm, v)
		}
	}
	const most = 2 // of those that are well
	return append(loud, calm[:min(len(calm), most)]...)
}

// roomRows is a row for each of these volumes, h of them.
func roomRows(c scene, w, h int, tall bool) []string {
	all := roomShown(c, tall)
	rows := make([]string, 0, h)
	for i, v := range all {
		if len(rows) == h-1 && len(all)-i > 1 {
			text := "and " + plural(len(all)-i, "volume", "volumes") + " more with v"
			return append(rows, newRow(w, "").put("", " ").put(c.st.bad, diskSign+" "+text).line())
		}
		if len(rows) < h {
			rows = append(rows, roomRow(c, v, w))
		}
	}
	return rows
}

// roomRow is a volume in a row: what is left of it, how fast it fills, and when it will be full.
func roomRow(c scene, v *fold.VolumeView, w int) string {
	k := c.st.dim
	if warns(v) {
		k = c.st.bad
	}
	r := newRow(w, "").put("", " ").put(k, diskSign).put("", " ").
		put(c.st.text, middle(volumeName(c, v), max(w/3, 8), 0.3)).put("", "  ")
	if used, ok := usedOf(v); ok && w >= 100 {
		filled, empty := bar(used, 12)
		r.put(c.st.bar, filled).put(c.st.faint, empty).put("", "  ")
	}
	return r.putParts(choose(roomParts(c, v), " · ", r.room-1), " · ", c.st.faint).line()
}

// roomParts are the numbers of a volume, those that warn with the ink of a warning.
func roomParts(c scene, v *fold.VolumeView) []part {
	was := ""
	text := c.st.text
	if v.Blind {
		was, text = "was ", c.st.lost
	}
	parts := []part{{text, was + words.Bytes(float64(v.Avail)) + " left", 2}}
	if v.ReadOnly {
		parts = append(parts, part{c.st.bad, "read-only", 1})
	}
	if few, said := inodesText(v); said {
		parts = append(parts, part{c.st.warn, few, 1})
	}
	parts = append(parts, fillPart(c, v, 3))
	if full := fullPart(c, v); strings.HasPrefix(full.text, "full ") {
		parts = append(parts, full)
	}
	switch {
	case v.Short > 0:
		parts = append(parts, part{c.st.bad, words.Bytes(v.Short) + " short", 0})
	case v.Need > 0:
		parts = append(parts, part{c.st.text, needText(v), 4})
	}
	return parts
}

// fillPart is how fast a volume fills.
func fillPart(c scene, v *fold.VolumeView, rank int) part {
	switch {
	case v.Blind || math.IsNaN(v.Rate) || v.Avail <= 0 || v.Spent:
		return part{}
	case v.Rate > 0:
		return part{c.st.text, "+" + words.Rate(v.Rate, "bytes"), rank}
	case v.Rate < 0:
		return part{c.st.dim, "empties " + words.Rate(-v.Rate, "bytes"), rank}
	}
	return part{}
}

// needText is what is still to be written to a volume, as far as that is known.
func needText(v *fold.VolumeView) string {
	text := words.Bytes(v.Need) + " to come"
	if !v.All {
		text = "at least " + text
	}
	return text
}

// inodesText says how few files a volume can still hold, and whether they are few.
func inodesText(v *fold.VolumeView) (string, bool) {
	if v.Inodes <= 0 {
		return "", false
	}
	const few = 0.1
	return words.Count(float64(v.InodesFree)) + " inodes left", float64(v.InodesFree) < few*float64(v.Inodes)
}

// volumeName is where a volume is mounted, and on which host where that is not the only one.
func volumeName(c scene, v *fold.VolumeView) string {
	name := clean(v.Mount)
	if v.Host != "" && slices.ContainsFunc(c.snap.Volumes, func(o fold.VolumeView) bool { return o.Host != v.Host }) {
		return clean(v.Host) + ":" + name
	}
	return name
}

// roomPage is all that is known of all volumes.
func roomPage(c scene, w int) []string {
	if len(c.snap.Volumes) == 0 {
		return wrapped(c.st.dim, "no volume is watched: a plan names them, and the targets of copies show them", w, 3, unlimited)
	}
	var rows []string
	for i := range c.snap.Volumes {
		if i > 0 {
			rows = append(rows, "")
		}
		rows = append(rows, volumeRows(c, &c.snap.Volumes[i], w)...)
	}
	return rows
}

func volumeRows(c scene, v *fold.VolumeView, w int) []string {
	r := newRow(w, "").put("", " ").put(c.st.dim, diskSign).put("", " ").put(c.st.bold, middle(clean(v.Mount), max(w/2, 12), 0.3))
	if v.Host != "" {
		r.put("", "  ").put(c.st.text, "on "+clean(v.Host))
	}
	r.put("", "  ").put(c.st.dim, strings.TrimSpace(clean(v.Type)+"  "+middle(clean(v.Device), max(r.room/2, 12), 0.3)))
	rows := []string{r.line()}
	if volumeWarning(v) != "" {
		rows = append(rows, wrapped(c.st.bad, volumeWarning(v), w, 3, unlimited)...)
	}
	if used, ok := usedOf(v); ok {
		filled, empty := bar(used, max(min(w-10, 60), 1))
		rows = append(rows, newRow(w, "").put("", "   ").put(c.st.bar, filled).put(c.st.faint, empty).
			put(c.st.text, " "+words.Percent(used)).line())
	}
	put := func(parts ...part) {
		if kept := choose(parts, " · ", w-4); len(kept) > 0 {
			rows = append(rows, newRow(w, "").put("", "   ").putParts(kept, " · ", c.st.faint).line())
		}
	}
	left := part{c.st.text, words.Bytes(float64(v.Avail)) + " left", 0}
	if v.Blind {
		left = part{c.st.lost, "cannot be seen; " + words.Bytes(float64(v.Avail)) + " were left " + c.ago(v.At), 0}
	}
	inodes := part{}
	if text, few := inodesText(v); text != "" {
		inodes = part{c.st.dim, text + " of " + words.Count(float64(v.Inodes)), 3}
		if few {
			inodes.ink, inodes.rank = c.st.warn, 0
		}
	}
	readOnly := part{}
	if v.ReadOnly {
		readOnly = part{c.st.bad, "read-only", 0}
	}
	put(left, part{c.st.text, words.Bytes(float64(v.Used)) + " used", 1}, part{c.st.dim, "of " + words.Bytes(float64(v.Size)), 2}, readOnly, inodes)
	put(fillPart(c, v, 0), fullPart(c, v))
	need := part{}
	if v.Need > 0 {
		need = part{c.st.text, needText(v), 0}
	}
	short := part{}
	if v.Short > 0 {
		short = part{c.st.bad, words.Bytes(v.Short) + " short", 0}
	}
	put(need, short)
	return append(rows, writersRows(c, v, w)...)
}

// volumeWarning is the warning of a volume.
func volumeWarning(v *fold.VolumeView) string {
	if v.Text != "" {
		return clean(v.Text)
	}
	if v.Short > 0 {
		return words.Bytes(v.Short) + " short"
	}
	return ""
}

// fullPart is when a volume is full on its course, as the range that it is.
func fullPart(c scene, v *fold.VolumeView) part {
	switch {
	case v.Avail <= 0, v.Spent:
		return part{c.st.bad, fullNow, 0}
	case v.Full.State == rate.Range:
		k := c.st.text
		if warns(v) {
			k = c.st.bad
		}
		return part{k, "full " + words.Span(v.Full.P10, v.Full.P90, c.loc, c.now), 0}
	case v.Full.State == rate.None && v.Full.Why != "":
		return part{c.st.dim, "full: not foreseeable, " + clean(v.Full.Why), 0}
	}
	return part{}
}

// writersRows are the tasks that write to a volume.
func writersRows(c scene, v *fold.VolumeView, w int) []string {
	if len(v.Tasks) == 0 {
		return nil
	}
	waits := func(name string) bool {
		i := slices.IndexFunc(c.snap.Tasks, func(t fold.TaskView) bool { return t.Name == name })
		return i >= 0 && c.snap.Tasks[i].Verdict == observe.Pending && c.snap.Tasks[i].Started.IsZero()
	}
	waiting := slices.DeleteFunc(slices.Clone(v.Tasks), func(name string) bool { return !waits(name) })
	running := slices.DeleteFunc(slices.Clone(v.Tasks), waits)
	return append(namesRows(c, "written by ", running, w), namesRows(c, "to be written by ", waiting, w)...)
}

// namesRows are the names of tasks behind a few words; none for no names.
func namesRows(c scene, label string, tasks []string, w int) []string {
	if len(tasks) == 0 {
		return nil
	}
	const most = 8
	names := make([]string, 0, most+1)
	for i, name := range tasks {
		if i == most {
			names = append(names, "and "+strconv.Itoa(len(tasks)-most)+" more")
			break
		}
		names = append(names, middle(clean(name), max(w-5-len(label), 16), 0.4))
	}
	return wrapped(c.st.text, label+strings.Join(names, ", "), w, 3, unlimited)
}
