package fold

import (
	"math"
	"slices"
	"time"
)

// sparkStep is what one cell of a sparkline covers.
const sparkStep = 5 * time.Second

// spark is the course of a task's speed over the last minutes.
type spark struct {
	cells []float64
	from  time.Time
	lines float64 // live lines in this cell
	seen  int     // seconds of this cell in which the task could be seen
	done  float64
}

// tick adds one second, and closes the cell when it is full.
func (s *spark) tick(t *task, now time.Time, seen bool) {
	if s.from.IsZero() {
		s.from, s.done = now, t.counting.progress.Done
	}
	if seen {
		s.seen++
	}
	if now.Sub(s.from) < sparkStep {
		return
	}
	value := math.NaN()
	if s.seen > 0 {
		seconds := now.Sub(s.from).Seconds()
		if k := t.counting; k.series != nil && k.progress.Known {
			value = max(k.progress.Done-s.done, 0) / seconds
		} else {
			value = s.lines / seconds
		}
	}
	s.push(value)
	*s = spark{cells: s.cells, from: now, done: t.counting.progress.Done}
}

// jump leaves a gap for time in which nobody looked.
func (s *spark) jump(now time.Time) {
	if s.from.IsZero() {
		return
	}
	for range min(int(now.Sub(s.from)/sparkStep), SparkCells) {
		s.push(math.NaN())
	}
	*s = spark{cells: s.cells} // the next second begins a cell: what came meanwhile is in none
}

func (s *spark) push(v float64) {
	if len(s.cells) >= SparkCells {
		s.cells = slices.Clone(s.cells[1:])
	}
	s.cells = append(s.cells, v)
}
