package score

import (
	"slices"
	"time"

	"ronda/internal/observe"
)

// Judgement is how well verdicts fitted the truth, over any number of runs. Times are counted while the task could
// be seen: what nobody could see cannot be said.
type Judgement struct {
	Runs    int
	Healthy time.Duration // watched while nothing was wrong
	False   []Finding     // alarms while nothing was wrong
	Blind   []Finding     // alarms while the link was down or nobody looked
	Kinds   map[string]*Detection
	Quiet   []time.Duration // until silent work was called QUIET
	Unquiet []Finding       // silent work of two minutes and more that was not
	Credit  []Finding       // PROGRESSING said of silent work after two minutes
	Righted []time.Duration // until the verdict was right again after a fault was lifted
	Wrong   []Finding       // those that were not within the time for it
	Ends    int             // ends that the truth tells
	Misread []Finding       // of them those of which another was said, or none in time
	Others  []Watched       // how the detectors of others fared
}

// Detection is how well one kind of fault was found.
type Detection struct {
	Faults int
	Missed []Finding
	Delays []time.Duration // of those that were found
	Right  int             // whose first alarm was right
	Other  []Finding       // whose first alarm was another
	Bounds []Finding       // said before or after the bounds of their kind
}

// Finding is a place in a run to look at.
type Finding struct {
	Run, Task string        // Run with its seed, where it is simulated
	After     time.Duration // since the beginning of the night
	What      string
}

// Times that the targets name.
const (
	quietWithin = 120 * time.Second
	rightWithin = 30 * time.Second
	foundWithin = time.Hour
)

// Add scores one run.
func (j *Judgement) Add(r Run, said []Said) {
	j.Runs++
	for _, task := range tasksOf(r) {
		w := walk{out: j, run: r.Name, task: task.Name, host: task.Host}
		w.over(r, said)
		if j.Others == nil {
			j.Others = make([]Watched, len(detectors()))
		}
		watch(r, task, j.Others)
	}
}

// merge adds what another judgement found.
func (j *Judgement) merge(o *Judgement) {
	j.Runs += o.Runs
	j.Healthy += o.Healthy
	j.False = append(j.False, o.False...)
	j.Blind = append(j.Blind, o.Blind...)
	j.Quiet = append(j.Quiet, o.Quiet...)
	j.Unquiet = append(j.Unquiet, o.Unquiet...)
	j.Credit = append(j.Credit, o.Credit...)
	j.Righted = append(j.Righted, o.Righted...)
	j.Wrong = append(j.Wrong, o.Wrong...)
	j.Ends += o.Ends
	if j.Others == nil {
		j.Others = make([]Watched, len(detectors()))
	}
	for i, w := range o.Others {
		d := &j.Others[i]
		d.False, d.Blind, d.Missed = d.False+w.False, d.Blind+w.Blind, d.Missed+w.Missed
		d.Delays = append(d.Delays, w.Delays...)
	}
	j.Misread = append(j.Misread, o.Misread...)
	if j.Kinds == nil {
		j.Kinds = map[string]*Detection{}
	}
	for name, k := range o.Kinds {
		d := j.Kinds[name]
		if d == nil {
			d = &Detection{}
			j.Kinds[name] = d
		}
		d.Faults += k.Faults
		d.Missed = append(d.Missed, k.Missed...)
		d.Delays = append(d.Delays, k.Delays...)
		d.Right += k.Right
		d.Other = append(d.Other, k.Other...)
		d.Bounds = append(d.Bounds, k.Bounds...)
	}
}

// tasksOf returns the tasks of which the truth tells anything.
func tasksOf(r Run) []observe.Task {
	var told []string
	for _, e := range r.Truth() {
		told = append(told, e.Task)
	}
	for _, o := range r.Night {
		if s, ok := o.Payload.(observe.Session); ok {
			return slices.DeleteFunc(slices.Clone(s.Plan.Tasks), func(t observe.Task) bool { return !slices.Contains(told, t.Name) })
		}
	}
	return nil
}
