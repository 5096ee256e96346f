package fold

import (
	"strings"
	"time"

	"ronda/internal/observe"
	"ronda/internal/words"
)

// tree is the newest full look at the living processes of a task, and how many processors each of them used
// before it. What is recorded of an end has no processes any more: a person wants to see the last that had.
type tree struct {
	procs []observe.Proc
	files []observe.OpenFile
	uses  []float64 // one for each of procs; negative: not known
	at    time.Time
	up    int64 // the host's uptime then, in milliseconds; 0: not known
	moves moves // of its files
}

// add takes in a sample of the processes.
func (r *tree) add(now time.Time, p observe.Process) {
	if p.Files != nil {
		r.files = p.Files
		r.moves.add(now, p.Files)
	}
	if p.Procs == nil {
		return
	}
	dt := now.Sub(r.at).Seconds()
	if p.Uptime > r.up && r.up > 0 {
		dt = float64(p.Uptime-r.up) / 1000
	}
	uses := make([]float64, len(p.Procs))
	for i, proc := range p.Procs {
		uses[i] = -1
		if before := r.find(proc); before != nil && dt > 0 {
			used := proc.CPU - before.CPU - r.reaped(proc, p.Procs)
			uses[i] = float64(max(used, 0)) / 1000 / dt
		}
	}
	r.procs, r.uses, r.at, r.up = p.Procs, uses, now, p.Uptime
}

// find is the same process in the look before; nil: it is new.
func (r *tree) find(p observe.Proc) *observe.Proc {
	for i := range r.procs {
		if r.procs[i].PID == p.PID && r.procs[i].Start == p.Start {
			return &r.procs[i]
		}
	}
	return nil
}

// reaped is the processor time of children that have ended since the look before: their parent has it now, but
// did not use it.
func (r *tree) reaped(parent observe.Proc, now []observe.Proc) int64 {
	var ms int64
	for _, child := range r.procs {
		if child.Parent != parent.PID || child.PID == parent.PID {
			continue
		}
		lives := false
		for _, p := range now {
			lives = lives || (p.PID == child.PID && p.Start == child.Start)
		}
		if !lives {
			ms += child.CPU
		}
	}
	return ms
}

// quiet is the time without any sample after which nothing moves: unchanged samples are not recorded.
const quiet = 5 * time.Second

// usesAt is how many processors each of the processes uses at the moment now, when the newest sample of any
// kind came at last; nil where none is known.
func (r *tree) usesAt(now, last time.Time) []float64 {
	if len(r.uses) == 0 {
		return nil
	}
	uses := make([]float64, len(r.uses))
	copy(uses, r.uses)
	if now.Sub(last) > quiet {
		for i := range uses {
			uses[i] = 0
		}
	}
	return uses
}

// Doing is what a process does, in words that go on behind its name: "runs", "sleeps in wait_woken", "waits in
// read of socket:[4711]". What it waits for, where that is concrete, stands before all else.
func Doing(p observe.Proc) string {
	if p.Waits != "" {
		return p.Waits
	}
	if p.Blocker != "" {
		return waits(p)
	}
	switch p.State {
	case "R":
		return "runs"
	case "T":
		return "is stopped (SIGSTOP or ^Z)"
	case "t":
		return "is stopped by a debugger or tracer"
	case "Z":
		return "has ended, and its parent does not ask how (zombie)"
	case "S", "D", "I":
		return waiting(p)
	case "":
		return ""
	}
	return "is in state " + p.State
}

// waiting says where a process sleeps: in a system call where that is known, else in a function of the kernel.
func waiting(p observe.Proc) string {
	verb, where := "sleeps", p.Wchan
	if p.State == "D" {
		verb = "waits for disk or kernel"
	}
	switch {
	case p.Call == "wait4" || p.Call == "waitid":
		return "waits for its child"
	case strings.Contains(p.Call, "nanosleep"):
		return "sleeps by its own wish"
	case p.Call != "" && p.Target != "":
		return verb + " in " + p.Call + " of " + p.Target
	case p.Call != "":
		return verb + " in " + p.Call
	case where != "" && where != "0":
		return verb + " in " + where
	}
	return verb
}

// busiest is the process that uses most of the processor lately; nil when none uses a tenth of one.
func (r *tree) busiest(uses []float64) (*observe.Proc, float64) {
	best := -1
	for i, u := range uses {
		if u >= 0.1 && (best < 0 || u > uses[best]) {
			best = i
		}
	}
	if best < 0 {
		return nil, 0
	}
	return &r.procs[best], uses[best]
}

// leaf is a process without children, that tells what the tree waits for: the newest of them. nil: there is none.
func (r *tree) leaf() *observe.Proc {
	var found *observe.Proc
	for i, p := range r.procs {
		if p.State == "Z" || r.parent(p.PID) || strings.HasPrefix(p.Command, peerPrefix) {
			continue
		}
		found = &r.procs[i]
	}
	return found
}

// parent tells that a process has children that are listed.
func (r *tree) parent(pid int) bool {
	for _, p := range r.procs {
		if p.Parent == pid && p.PID != pid && p.State != "Z" {
			return true
		}
	}
	return false
}

// processors says a share of processors: "97 % of a processor", "3.2 processors".
func processors(n float64) string {
	if n >= 1.995 {
		return words.Amount(n, "processors")
	}
	return words.Percent(n) + " of a processor"
}
