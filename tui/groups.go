package tui

import (
	"math"
	"strconv"

	"ronda/internal/fold"
	"ronda/internal/words"
)

// groupRows tell of tasks that share something what they move together and each, in at most h rows. Where room is
// short the hints stay.
func groupRows(c scene, w, h int) []string {
	spare := h
	for i := range c.snap.Groups {
		if c.snap.Groups[i].Hint != "" {
			spare--
		}
	}
	rows := make([]string, 0, h)
	for i := range c.snap.Groups {
		g := &c.snap.Groups[i]
		if spare > 0 {
			rows = append(rows, groupRow(c, g, w))
			spare--
		}
		if g.Hint != "" {
			rows = append(rows, hintRow(c, g, w))
		}
	}
	return rows[:min(len(rows), max(h, 0))]
}

// groupsWanted is how many rows there are to show.
func groupsWanted(snap *fold.Snapshot) int {
	n := len(snap.Groups)
	for i := range snap.Groups {
		if snap.Groups[i].Hint != "" {
			n++
		}
	}
	return n
}

// groupRow is the total and each of its members, as many as there is room for.
func groupRow(c scene, g *fold.GroupView, w int) string {
	const sparkCells = 12
	r := newRow(w, "").put("", " ").put(c.st.dim, "Σ").put("", " ").
		put(c.st.text, clip(clean(g.Name), max(w/4, 8))).put("", "  ")
	if total := clean(words.Rate(g.Rate, g.Unit)); g.Blind {
		r.put(c.st.lost, "was "+total)
	} else {
		r.put(c.st.bold, total)
	}
	if len(g.Spark) >= sparkCells/2 && w >= 110 {
		r.put("", "  ").put(c.st.spark, spark(g.Spark, sparkCells))
	}
	r.put("", "  ")
	parts := make([]part, 0, len(g.Members)+1)
	for i, m := range g.Members {
		if m.Rate <= 0 && hasEnded(c, m.Task) {
			continue // it does not rest: it is over
		}
		text, k := clean(words.Rate(m.Rate, g.Unit)), c.st.text
		switch {
		case m.Blind:
			text, k = "was "+text, c.st.lost
		case m.Rate <= 0:
			text, k = "rests", c.st.dim
		case m.ByIO && w >= 110:
			text += " by its I/O"
		}
		text = clean(m.Task) + " " + text
		parts = append(parts, part{k, text, i}) // the last go first
	}
	const more = " · and 99 more"
	kept := choose(parts, " · ", r.room-1)
	if len(kept) < len(parts) {
		kept = choose(parts, " · ", r.room-1-width(more))
		kept = append(kept, part{c.st.dim, "and " + strconv.Itoa(len(parts)-len(kept)) + " more", 0})
	}
	return r.putParts(kept, " · ", c.st.faint).line()
}

// hintRow is what one more stream did to the total, and when.
func hintRow(c scene, g *fold.GroupView, w int) string {
	at := c.clock(g.HintSince)
	text := clean(g.Hint)
	return newRow(w, "").put("", "   ").put(c.st.warn, at).put("", "  ").put(c.st.warn, clip(text, w-width(at)-6)).line()
}

// hinted tells whether the board tells of neighbours, so that a note of the same need not.
func hinted(snap *fold.Snapshot) bool {
	for i := range snap.Groups {
		if snap.Groups[i].Hint != "" {
			return true
		}
	}
	return false
}

// unseen tells whether a value of a course was not observed.
func unseen(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }
