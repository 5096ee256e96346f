package tui

import (
	"slices"
	"strings"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/words"
)

// transferRows are what a task moves from where to where, how far that is and how it is known, how fast it goes, and
// what is not known. They are empty for a task that is not known to be a transfer.
func transferRows(c scene, t *fold.TaskView, w int) []string {
	v := t.Transfer
	if v == nil {
		return nil
	}
	title := []part{{c.st.bold, "what it moves", 0}}
	if v.Tool != "" {
		title = append(title, part{c.st.text, "by " + clip(clean(v.Tool), 24), 1})
	}
	if found(t) {
		title = append(title, part{c.st.dim, "found by " + clip(clean(v.Finder), max(w/3, 8)), 2})
	}
	rows := []string{"", rule(c.st, w, title, part{})}
	put := func(label string, k ink, text string) { rows = append(rows, labelled(c, label, k, text, w)...) }
	path := func(label, text string) {
		if text != "" {
			rows = append(rows, newRow(w, "").put("", "   ").cell(c.st.dim, label, labelWidth).
				put(c.st.text, middle(clean(text), max(w-labelWidth-4, 12), 0.4)).line())
		}
	}
	path("from", v.Source)
	path("to", v.Target)
	put("state", c.st.text, stateText(v))
	put("moved", c.st.text, movedText(t))
	put("known by", c.st.dim, knownBy(v))
	if v.By != "" {
		put("total", c.st.dim, clean(v.By))
	}
	put("files", c.st.text, filesText(v))
	put("speed", c.st.text, speedText(t))
	put("room", c.st.text, fitNumbers(t))
	put("unknown", c.st.warn, clean(v.Unknown))
	return rows
}

// labelWidth is the width of the words before what is known of a transfer.
const labelWidth = 10

// labelled is text with a word before it, in as many rows as it takes; none for no text.
func labelled(c scene, label string, k ink, text string, w int) []string {
	if text == "" {
		return nil
	}
	rows := wrapped(k, text, w, 3+labelWidth, unlimited)
	rows[0] = newRow(w, "").put("", "   ").cell(c.st.dim, label, labelWidth).put(k, wrapText(text, max(w-4-labelWidth, 8))[0]).line()
	return rows
}

// stateText is what a transfer's manager says of it, where that is more than that it runs.
func stateText(v *fold.TransferView) string {
	state := string(v.State)
	if v.State == observe.TransferRunning {
		state = ""
	}
	return clean(strings.Join(slices.DeleteFunc([]string{state, v.Detail}, func(s string) bool { return s == "" }), ": "))
}

// movedText is how much was moved, of how much.
func movedText(t *fold.TaskView) string {
	text := amountText(t)
	fraction, known := t.Progress.Fraction()
	switch {
	case !known:
		return text
	case text == "":
		return words.Percent(fraction)
	case t.Progress.Estimate:
		return text + ", ≈" + words.Percent(fraction)
	}
	return text + ", " + words.Percent(fraction)
}

// knownBy says how it is known how far a transfer is.
func knownBy(v *fold.TransferView) string {
	what := clean(v.What)
	if what != "" && !strings.ContainsRune(what, '/') {
		return what // it is in words
	}
	of := func(said, nameless string) string {
		if what == "" {
			return nameless
		}
		return said + " " + what
	}
	switch v.Of {
	case observe.AmountSource:
		return of("position in", "how much of the source was read")
	case observe.AmountTarget:
		return of("size of", "how much of the target is there")
	case observe.AmountVolume:
		return of("growth of the file system of", "growth of the file system") + "; others may write there too"
	case observe.AmountIO:
		return "what its processes read and wrote"
	case observe.AmountJob:
		return of("what its manager says of", "what its manager says")
	case observe.AmountFiles:
		return of("files in", "its files")
	default:
		return "its own output"
	}
}

// filesText is how many files were moved, of how many.
func filesText(v *fold.TransferView) string {
	switch {
	case v.Files <= 0 && v.FilesTotal <= 0:
		return ""
	case v.FilesTotal <= 0:
		return words.Whole(v.Files)
	}
	return words.Whole(v.Files) + " of " + words.Whole(v.FilesTotal)
}

// speedText is how fast a transfer goes: now, over the last minute, as a whole, and in its best minute.
func speedText(t *fold.TaskView) string {
	var said []string
	add := func(label string, v float64, known bool) {
		if known {
			said = append(said, label+" "+clean(words.Rate(v, t.Progress.Unit)))
		}
	}
	running := !t.Verdict.Ended() && t.Verdict != observe.Blind
	add("now", t.Rate, running && t.Rate > 0)
	add("minute", t.RateMinute, running && t.RateMinute >= 0 && t.Progress.Known)
	add("mean", t.RateMean, t.RateMean > 0)
	add("best", t.RateBest, t.RateBest > 0)
	return strings.Join(said, " · ")
}

// fitNumbers are what a transfer still needs and what there is, where that is known.
func fitNumbers(t *fold.TaskView) string {
	f := t.Fit
	if !f.Known || t.Verdict.Ended() {
		return ""
	}
	unit := clean(f.Unit)
	text := "needs " + words.Amount(f.Need, unit) + " more"
	if f.Others > 0 {
		text += ", others " + words.Amount(f.Others, unit)
	}
	text += "; " + words.Amount(f.Avail, unit) + " left"
	if f.Volume != "" {
		text += " on " + clean(f.Volume)
	}
	if f.Use != "" && f.Use != "target" {
		text += " (" + clean(f.Use) + ")"
	}
	return text
}

// togetherRows are the groups that a task is a member of, with the share of each member.
func togetherRows(c scene, t *fold.TaskView, w int) []string {
	var rows []string
	for i := range c.snap.Groups {
		g := &c.snap.Groups[i]
		if !slices.ContainsFunc(g.Members, func(m fold.GroupMember) bool { return m.Task == t.Name }) {
			continue
		}
		total := part{c.st.text, clean(words.Rate(g.Rate, g.Unit)), 0}
		if g.Blind {
			total = part{c.st.lost, "was " + total.text, 0}
		}
		rows = append(rows, "", rule(c.st, w, []part{
			{c.st.bold, "together", 0}, {c.st.text, clip(clean(g.Name), max(w/3, 8)), 1}, total, {c.st.dim, plural(g.Streams, "stream", "streams"), 2},
		}, part{}))
		rows = append(rows, memberRows(c, g, w)...)
		if g.Hint != "" && !slices.ContainsFunc(t.Evidence, func(e observe.Evidence) bool { return e.Text == g.Hint }) {
			rows = append(rows, hintRow(c, g, w))
		}
	}
	return rows
}

// memberRows are the members of a group that move, the fastest first, as many as are worth a row.
func memberRows(c scene, g *fold.GroupView, w int) []string {
	const most = 12
	members := slices.Clone(g.Members)
	slices.SortStableFunc(members, func(a, b fold.GroupMember) int {
		switch {
		case a.Rate > b.Rate:
			return -1
		case a.Rate < b.Rate:
			return 1
		}
		return 0
	})
	members = slices.DeleteFunc(members, func(m fold.GroupMember) bool { return m.Rate <= 0 && hasEnded(c, m.Task) })
	var rows []string
	for i, m := range members {
		if i == most && len(members) > most+1 {
			rows = append(rows, newRow(w, "").put("", "   ").put(c.st.dim, "and "+plural(len(members)-most, "more", "more")).line())
			break
		}
		k, text := c.st.text, clean(words.Rate(m.Rate, g.Unit))
		switch {
		case m.Blind:
			k, text = c.st.lost, "was "+text
		case !(m.Rate > 0):
			k, text = c.st.dim, "rests"
		case m.ByIO:
			text += " by its I/O"
		}
		name := min(max(w/2, 12), 48)
		r := newRow(w, "").put("", "   ").cell(c.st.text, middle(clean(m.Task), name, 0.4), name).put("", " ").cell(k, text, 22)
		if m.Share > 0 && m.Share <= 1 && r.room >= 7 {
			filled, empty := bar(m.Share, min(r.room-7, 16))
			r.cellRight(c.st.text, words.Percent(m.Share), 6).put("", " ").put(c.st.bar, filled).put(c.st.faint, empty)
		}
		rows = append(rows, r.line())
	}
	return rows
}
