package fold

import (
	"fmt"
	"strings"
	"time"

	"ronda/internal/judge"
	"ronda/internal/observe"
)

// working is what the task's processes do.
type working struct {
	sample *observe.Process // the newest, with the processes and files of the newest that had any
	at     time.Time
	known  bool // sample's totals may be compared with the next

	cpu, io  float64 // gathered since the last whole second: milliseconds, bytes
	growth   float64 // bytes a second
	grewAt   time.Time
	sizes    map[string]int64
	sizedAt  time.Time
	servers  servers
	quota    quota
	gone     time.Time // when the root was seen to be gone; zero while it lives
	goneUp   int64     // the host's uptime then, in milliseconds
	exit     *observe.Exit
	hadAlive bool
}

// process folds in a sample of the task's processes.
func (t *task) process(now time.Time, p observe.Process) {
	w := &t.work
	t.due = true
	t.tree.add(now, p)
	if p.Exit != nil || (p.Root == 0 && p.Count == 0) {
		if w.hadAlive && w.gone.IsZero() {
			w.gone, w.exit, w.goneUp = now, p.Exit, p.Uptime
			t.judge.Leaving(true)
		}
		w.add(now, p)
		t.metered(now, p)
		return
	}
	if !w.gone.IsZero() && w.remains(p) {
		return
	}
	if !w.gone.IsZero() {
		w.gone, w.exit = time.Time{}, nil
		t.judge.Back()
	}
	w.hadAlive = true
	w.add(now, p)
	t.metered(now, p)
	t.begin(now)
	t.judge.Found()
	t.movedByFiles(now, p)
	t.judge.Blocks(now, t.hindrance(now))
}

// ticksPerSecond is the unit of a process's start time, USER_HZ, on all that Linux runs on.
const ticksPerSecond = 100

// remains tells that a process is what the ended one left behind: it began before that end. Its own end
// says nothing of the job's. Nor is one that ran beside it a new job, unless the ended one has not failed.
func (w *working) remains(p observe.Process) bool {
	if len(p.Procs) == 0 || w.goneUp == 0 || w.yields() && p.Root == w.exit.Other {
		return false
	}
	return p.Procs[0].Start*1000/ticksPerSecond < w.goneUp
}

// yields tells that the process has ended without failing while another one that matches still runs: that is the
// job then, until it ends too.
func (w *working) yields() bool {
	e := w.exit
	return e != nil && e.Other != 0 && e.Code == 0 && e.Signal == "" && !e.OOM
}

// others says who else matches and still runs, as a clause.
func others(e *observe.Exit) string {
	if e == nil || e.Others == 0 {
		return ""
	}
	if e.Others == 1 {
		return fmt.Sprintf("; 1 other that matches still runs, pid %d", e.Other)
	}
	return fmt.Sprintf("; %d others that match still run, the newest is pid %d", e.Others, e.Other)
}

func (w *working) add(now time.Time, p observe.Process) {
	if w.known && w.sample != nil && w.sample.Root == p.Root {
		w.cpu += float64(max(p.CPU-w.sample.CPU, 0))
		if w.sample.IO != nil && p.IO != nil {
			w.io += float64(moved(*w.sample.IO, *p.IO))
		}
	}
	if p.Files != nil {
		w.grow(now, p.Files)
	}
	if p.Procs != nil {
		w.servers.add(now, p.Procs)
	}
	if w.sample != nil && w.sample.Root == p.Root {
		if p.Procs == nil {
			p.Procs = w.sample.Procs
		}
		if p.Files == nil {
			p.Files = w.sample.Files
		}
		if p.Found == "" {
			p.Found = w.sample.Found
		}
	}
	w.sample, w.at, w.known = &p, now, true
}

// moved is the bytes of I/O between two samples: through the cache or to storage, whichever tells more.
func moved(a, b observe.ProcessIO) int64 {
	cache := max(b.ReadChars-a.ReadChars, 0) + max(b.WriteChars-a.WriteChars, 0)
	storage := max(b.Read-a.Read, 0) + max(b.Write-a.Write, 0)
	return max(cache, storage)
}

// grow follows the sizes of the files that the task writes.
func (w *working) grow(now time.Time, files []observe.OpenFile) {
	sizes, grown := make(map[string]int64, len(files)), int64(0)
	for _, f := range files {
		if !f.Write {
			continue
		}
		size := max(f.Size, f.Pos)
		sizes[f.Path] = size
		if before, ok := w.sizes[f.Path]; ok {
			grown += max(size-before, 0)
		}
	}
	if dt := now.Sub(w.sizedAt).Seconds(); w.sizes != nil && dt > 0 {
		w.growth, w.grewAt = float64(grown)/dt, now
	}
	w.sizes, w.sizedAt = sizes, now
}

// second takes the work gathered since the last whole second.
func (w *working) second(now time.Time) judge.Work {
	out := judge.Work{CPU: w.cpu / 1000, IO: w.io, Text: w.name()}
	w.cpu, w.io = 0, 0
	if now.Sub(w.grewAt) < 10*time.Second {
		out.Growth = w.growth
	}
	if w.sample != nil {
		out.Share = w.sample.Throttled
	}
	w.quota.second(out.Share, out.CPU)
	if cpu, name := w.servers.work(now); cpu > 0 {
		if out.CPU < 0.02 {
			out.Age = now.Sub(w.servers.at)
		}
		out.CPU += cpu
		out.Text += ", with its server " + name
	}
	return out
}

// forget says that the next sample's totals must not be compared with this one's: time went by unseen.
func (w *working) forget() {
	w.known, w.cpu, w.io, w.growth, w.sizes, w.servers, w.quota = false, 0, 0, 0, nil, servers{}, quota{}
}

func (w *working) alive() bool { return w.sample != nil && w.gone.IsZero() && w.sample.Count > 0 }

// name is the tree in words: its root, and who of it works most.
func (w *working) name() string {
	if w.sample == nil || len(w.sample.Procs) == 0 {
		return ""
	}
	root := w.sample.Procs[0]
	name := processName(root)
	if w.sample.Count > 1 {
		name += fmt.Sprintf(" and %d more", w.sample.Count-1)
	}
	return name
}

// blocker is the process with the most telling hindrance; nil for none.
func (w *working) blocker() *observe.Proc {
	if !w.alive() {
		return nil
	}
	order := [...]observe.Blocker{
		observe.BlockerInput, observe.BlockerStopped, observe.BlockerFrozen, observe.BlockerOutput,
		observe.BlockerStorage, observe.BlockerFull, observe.BlockerLock, observe.BlockerPeer, observe.BlockerPipe,
	}
	for _, class := range order {
		for i, p := range w.sample.Procs {
			if p.Blocker == class {
				return &w.sample.Procs[i]
			}
		}
	}
	return nil
}

// Times to wait for the last lines of a task whose process is gone, before its end is judged: its success
// marker may still be on the way. A process that was only found as the writer of the log may have been a
// part of the job.
const (
	lastLines       = 2 * time.Second
	lastLinesWriter = 8 * time.Second
	lastWord        = 15 * time.Second // of who watches what it moved, whether that is complete
	nextMatch       = 15 * time.Second // another process that matches comes in sight by then
)

// named tells that the task's process is known to be the job: the plan names it, or a finder found it by itself.
func (t *task) named() bool { return t.plan.Process != nil || t.finder != nil }

// awaitsWord tells that nobody saw how the process ended, and that the word is still out whether what it moved is
// complete.
func (t *task) awaitsWord() bool {
	m := &t.moving
	return m.known && !m.derived && !overState(m.State) && !t.exited()
}

// settle judges the end of a task whose process is gone.
func (t *task) settle(now time.Time) {
	w := &t.work
	t.judge.Leaving(!w.gone.IsZero())
	if w.gone.IsZero() {
		return
	}
	named := t.named()
	patience := lastLines
	if !named {
		patience = lastLinesWriter
	}
	if w.yields() {
		patience = nextMatch
	}
	if t.awaitsWord() {
		patience = lastWord
	}
	if now.Sub(w.gone) < patience || (!named && now.Sub(t.last) < patience) {
		return
	}
	what := "its process is gone"
	if w.sample != nil && w.sample.Found != "" && t.finder == nil {
		what = "the process (" + strings.TrimSpace(w.sample.Found) + ") is gone"
	}
	complaint := t.complaint(w.gone) + others(w.exit)
	switch e := w.exit; {
	case e != nil && e.OOM:
		t.judge.Broke(w.gone, "the kernel killed it for want of memory"+complaint, named)
	case e == nil || !e.Known:
		t.gone(w.gone, what+others(w.exit))
	case e.Signal != "":
		t.judge.Broke(w.gone, "killed by "+e.Signal+complaint, named)
	case e.Code != 0 && t.moving.Finder != "" && t.moving.State == observe.TransferDone: // who knows the tool says that this code is no failure
		t.goneMoved(w.gone, what)
	case e.Code != 0:
		t.judge.Broke(w.gone, fmt.Sprintf("ended with exit code %d", e.Code)+complaint, named)
	default:
		t.endedWell(named, complaint)
	}
}

// endedWell judges an exit code of 0. Of a process that was only found it is not the last word: it may have
// been a part of the job, or a script that does not mind its errors.
func (t *task) endedWell(named bool, complaint string) {
	k, what := &t.counting, "ended with exit code 0"
	short := k.progress.Known && k.progress.Total > 0 && !k.complete() && !k.outside
	if short {
		what += ", at " + k.text()
	}
	if !named && (short || complaint != "") {
		t.judge.Gone(t.work.gone, what+complaint, false, len(t.plan.Patterns.Done) > 0)
		return
	}
	t.judge.Succeeded(t.work.gone, what+complaint, named)
}
