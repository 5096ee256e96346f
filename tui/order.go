package tui

import (
	"strconv"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// lingers is for how long a found copy that has ended well keeps its row, so that its end is seen; foldFrom is from
// how many on those that have are told in one row.
const (
	lingers  = time.Minute
	foldFrom = 2
)

// places is which tasks have a row on the board and in what order, as indices; folded is how many found copies that
// ended well stand in one row below them instead.
type places struct {
	tasks  []int
	folded int
}

// rows is how many rows the board wants.
func (p places) rows() int {
	if p.folded > 0 {
		return len(p.tasks) + 1
	}
	return len(p.tasks)
}

// at is where a task stands among the rows.
func (p places) at(task int) int {
	for i, t := range p.tasks {
		if t == task {
			return i
		}
	}
	return 0
}

// place finds the places of all tasks: the plan's first, in its order; then what was found: what is in trouble, what
// runs, what has ended. The selected task always has a row of its own, and with unfold all have.
func place(c scene, selected int, unfold bool) places {
	p := places{tasks: make([]int, 0, len(c.snap.Tasks))}
	var running, ended, well []int
	for i := range c.snap.Tasks {
		t := &c.snap.Tasks[i]
		switch {
		case !found(t):
			p.tasks = append(p.tasks, i)
		case t.Verdict == observe.Done && i != selected && c.now.Sub(firstSet(t.Ended, t.Since)) >= lingers:
			well = append(well, i)
		case t.Verdict == observe.Done:
			ended = append(ended, i)
		case troubled(t):
			p.tasks = append(p.tasks, i)
		default:
			running = append(running, i)
		}
	}
	p.tasks = append(append(p.tasks, running...), ended...)
	if unfold || len(well) < foldFrom {
		p.tasks = append(p.tasks, well...)
	} else {
		p.folded = len(well)
	}
	return p
}

// found tells whether a finder found the task: the plan does not name it.
func found(t *fold.TaskView) bool { return t.Transfer != nil && t.Transfer.Finder != "" }

// troubled tells whether a person should look at a task: its verdict alarms, or it has no room.
func troubled(t *fold.TaskView) bool { return t.Verdict.Alarming() || noRoom(t) }

// noRoom tells whether a task that goes on is known not to fit.
func noRoom(t *fold.TaskView) bool { return t.Fit.Known && !t.Fit.Fits && !t.Verdict.Ended() }

// foldedText says what is not shown one by one.
func foldedText(p places) string { return plural(p.folded, "copy", "copies") + " ended well" }

// tally counts the tasks that a person should look at: by verdict, "2 STALLED", and those without room.
func tally(tasks []*fold.TaskView) []string {
	var out []string
	count := func(what string, is func(*fold.TaskView) bool) {
		n := 0
		for _, t := range tasks {
			if is(t) {
				n++
			}
		}
		if n > 0 {
			out = append(out, strconv.Itoa(n)+" "+what)
		}
	}
	for _, v := range verdicts() {
		if v.Alarming() {
			count(string(v), func(t *fold.TaskView) bool { return t.Verdict == v })
		}
	}
	count("without room", noRoom)
	return out
}

// inTrouble counts the tasks that a person should look at.
func inTrouble(tasks []fold.TaskView) int {
	n := 0
	for i := range tasks {
		if troubled(&tasks[i]) {
			n++
		}
	}
	return n
}
