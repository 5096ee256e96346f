package tui

import (
	"slices"

	"ronda/internal/fold"
)

// columns are the widths of a task row's columns in cells; 0 leaves a column out. Before every column but
// the first stand gap blanks.
type columns struct {
	gap                                                           int
	name, verdict, bar, percent, rate, spark, ends, amount, phase int
}

// lead is the cursor, the glyph and a blank, before the first column.
const lead = 3

// chooseColumns gives the room of w cells to the columns that are worth most. It looks at the plan only,
// not at what happens: columns that come and go would make the board restless.
func chooseColumns(w int, tasks []fold.TaskView) columns {
	longest := 8
	for i := range tasks {
		longest = max(longest, width(clean(tasks[i].Name)))
	}
	c := columns{gap: 1}
	if w >= 110 {
		c.gap = 2
	}
	room := w - lead - 1 // a blank at the right
	grow := func(col *int, to int) {
		need := to - *col
		if *col == 0 && col != &c.name {
			need += c.gap
		}
		if to > *col && need <= room {
			room -= need
			*col = to
		}
	}
	grow(&c.name, min(longest, 10))
	grow(&c.verdict, 11)
	grow(&c.verdict, 14)
	grow(&c.percent, 5)
	grow(&c.ends, 11)
	grow(&c.name, min(longest, 16))
	grow(&c.rate, 12)
	grow(&c.bar, 8)
	grow(&c.ends, 16)
	grow(&c.name, min(longest, 20))
	if slices.ContainsFunc(tasks, func(t fold.TaskView) bool { return t.Transfer != nil }) {
		grow(&c.amount, 17) // of what moves bytes it tells more than the course of its speed
		grow(&c.ends, 20)   // "no room: full ≈02:14"
	}
	grow(&c.spark, 8)
	grow(&c.verdict, 15)
	grow(&c.bar, 12)
	grow(&c.rate, 13)
	grow(&c.name, min(longest, 28))
	grow(&c.spark, 12)
	grow(&c.bar, 16)
	grow(&c.amount, 17)
	grow(&c.phase, 16)
	grow(&c.bar, 24)
	grow(&c.spark, 24)
	grow(&c.ends, 24)
	grow(&c.phase, min(16+room, 40))
	if c.name == 0 {
		c.name = max(room, 0)
		return c
	}
	grow(&c.name, min(longest, c.name+room))
	return c
}

// tail is the room of the last columns together, for a warning that needs more than the column of ends.
func (c columns) tail() int {
	n := 0
	for _, w := range []int{c.spark, c.ends, c.phase} {
		if w > 0 && n > 0 {
			n += c.gap
		}
		n += w
	}
	return n
}
