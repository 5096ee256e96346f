// Package judge weighs the evidence on one task and says what is going on: one of the ten verdicts, since
// when, why, what speaks against it, and what would be said next.
//
// Three kinds of evidence are kept apart: progress (a novel state: a counter beyond its best, a new phase,
// a line with something new in it), work (processor time, I/O and growth that belong to the task), and
// chatter (lines without news). Facts that the system shows (a prompt, a lock, a stopped process, an exit)
// come before all statistics. Silence and rates are counted on the observed clock, which stands still while
// the task cannot be seen.
//
// The package is pure: time comes as an argument, the same events give the same verdicts.
package judge

import (
	"time"

	"ronda/internal/observe"
)

// Thresholds are the times after which something is said. For gives them their defaults.
type Thresholds struct {
	Fresh     time.Duration // silence up to this is always PROGRESSING
	FreshMax  time.Duration // and beyond this never, whatever the task's habit
	Stall     time.Duration // least time without progress and work before STALLED
	StallMax  time.Duration // most time, unless the task has shown longer rests that ended by themselves
	Alone     time.Duration // most silence of a log with nothing else watched before BLIND
	AloneMax  time.Duration // the same, once its habit is known
	Loop      time.Duration // chatter without news for so long is LOOPING
	LoopLines int           // when there were at least so many lines
	Retry     time.Duration // as Loop, where every line is an error or a retry
	Quiet     time.Duration // how long the task may be silent while it works, by plan; 0: not said
	Expect    time.Duration // how long it should take, by plan; 0: not said
	Grace     time.Duration // after sight was regained: nothing is judged before it
	Declared  bool          // the plan says itself how long standing still is a stall, whatever can be seen
}

// For returns the thresholds of a task: the defaults, and what its plan says. What is said of silence and of
// loops outright stands before what a short stall says of them.
func For(task observe.Task) Thresholds {
	th := Thresholds{
		Fresh: 45 * time.Second, FreshMax: 110 * time.Second,
		Stall: 2 * time.Minute, StallMax: 145 * time.Second,
		Alone: 2 * time.Minute, AloneMax: 15 * time.Minute,
		Loop: 4 * time.Minute, LoopLines: 10, Retry: 90 * time.Second,
		Grace: 15 * time.Second,
		Quiet: time.Duration(task.Quiet), Expect: time.Duration(task.Expect),
	}
	if s := time.Duration(task.Stall); s > 0 {
		th.Stall, th.StallMax, th.Declared = s, s, true
		// Who is told of a stall early wants to hear of silence earlier still.
		th.Fresh = min(th.Fresh, max(s/3, 5*time.Second))
		th.FreshMax = min(th.FreshMax, max(s/2, th.Fresh))
		th.Loop, th.Retry = min(th.Loop, 2*s), min(th.Retry, 2*s)
		th.Alone, th.AloneMax = min(th.Alone, s), min(th.AloneMax, s) // it is believed of a log alone, too
	}
	if f := time.Duration(task.Fresh); f > 0 {
		th.Fresh, th.FreshMax, th.Alone, th.AloneMax = f, f, f, f
	}
	if l := time.Duration(task.Loop); l > 0 {
		th.Loop, th.Retry = l, l
	}
	return th
}

// dwell is how long the hindrance b must be in sight before it is believed. A task whose hindrances often went
// by themselves is given longer than they took.
func (c *Case) dwell(b observe.Blocker) time.Duration {
	switch b {
	case observe.BlockerInput, observe.BlockerStopped, observe.BlockerFrozen:
		return 5 * time.Second
	case observe.BlockerOutput, blockerDisk, observe.BlockerFull:
		return 10 * time.Second
	case observe.BlockerStorage:
		return 20 * time.Second
	case observe.BlockerQuota, observe.BlockerPeer:
		return 30 * time.Second
	case observe.BlockerLock:
		return max(20*time.Second, c.maxLock*3/2)
	case observe.BlockerPipe:
		return max(15*time.Second, c.maxLock*3/2)
	default:
	}
	return 15 * time.Second
}

// Question is the hindrance that an unterminated last line of the log shows: it asks something.
const Question observe.Blocker = "question"

// blockerDisk is the hindrance that the log tells: no space, a read-only file system.
const blockerDisk observe.Blocker = "disk"

// Sight says how well the task can be seen.
type Sight struct {
	Seen  bool      // at least one of its sources sees, and the way to its host is up
	Why   string    // what blinds us, when not Seen
	Since time.Time // since when
	Work  bool      // its processes are in sight, so that work can be told from rest
	IO    bool      // and their I/O counters too
	Found bool      // nobody named them: they were found, as those that write the log
	// Outside: no process of it is in sight. Work is told by the bytes that are moved where Work is set; else a manager's
	// word is all there is.
	Outside bool
	// Reached says that it came to the end that was reckoned for it, as a clause; empty: it has not, or none was.
	Reached string
}

// Pace is what the task's counter says about its speed.
type Pace struct {
	Slow  bool // far below what this task had
	Since time.Time
	Late  bool // the deadline will most likely be missed
	Text  string
}

// Blocker is a concrete hindrance in sight.
type Blocker struct {
	Class observe.Blocker
	Text  string // in words: "waits for input: “Continue? [Y/n]”"
	// Since is when it began, where that is known to be earlier than when it was told; zero: then.
	Since time.Time
}

// Case is the evidence on one task, and the verdict that follows. Not for concurrent use.
type Case struct {
	th     Thresholds
	now    time.Time
	clock  time.Duration // observed: only seconds in which the task could be seen
	passed time.Time     // until when the time was counted

	sight      Sight
	regained   time.Duration // clock at which sight was regained; only meaningful while rechecking
	rechecking bool

	hold     string // why it has not begun; empty: it may have
	begun    bool   // there was any news, work or process
	found    mark   // when a process of it first came in sight
	progress mark
	what     string // the newest news in words
	news     int    // how many there were
	chatter  int    // lines since the last news
	errors   int    // of them errors and retries
	troubled int    // errors, and lines that tell of trying again
	kinds    []kind // of that chatter, at most one more than maxKinds
	talk     beat   // its lines
	idle     beat   // those that came while it hardly worked
	waits    bool   // the log's last line says that it waits for something
	// complaints are those of it that complain or wait, retries those that try again, restarts the counters that
	// began anew: these go on through news.
	complaints, retries, restarts beat
	again                         int           // how often a counter began anew and never came farther
	reached                       string        // how far it had come
	lastLine                      mark          // chatter and news
	freed                         time.Duration // clock at which the last hindrance went
	silent                        time.Duration // clock from which silence counts: the last news, or the end of a hindrance

	working             bool
	lately              uint64 // the last 64 seconds, newest lowest: 1 where it worked
	work                Work
	worked              mark
	rest                time.Duration // clock from which rest counts
	maxRest             time.Duration // the longest that ended by itself
	maxLock             time.Duration // the longest hindrance that did
	cpu, io             average       // of the last half minute
	cpuLately, ioLately window        // of the last seconds
	cpuUsual            average       // while it progressed, over ten minutes
	ioUsual             average

	progressGaps gaps
	workGaps     gaps

	blocker  *Blocker
	blocked  mark // when it came in sight
	followed bool // it came right after one that was believed, so it is believed at once
	tells    beat // of the log that tells of it
	calm     int  // lines since that complain of nothing
	pace     Pace
	stood    time.Duration // clock when it last stood still by its verdict
	leaving  bool          // its process is gone, and its end is not judged yet
	end      *ending
	verdict  observe.Verdict
	since    time.Time
	reason   string
	readable bool // the log or a counter is in sight
	notes    []note
	habit    habit
	before   said // what was said before sight was lost

	past  Past   // what an earlier run tells of this moment
	doubt string // what speaks against a success
}

// mark is a moment on both clocks.
type mark struct {
	at    time.Time
	clock time.Duration
}

// New starts a case at the moment now.
func New(th Thresholds, now time.Time) *Case {
	return &Case{
		th: th, now: now, passed: now, verdict: observe.Pending, since: now, reason: "not looked at yet",
		progressGaps: newGaps(8*time.Second, 1.2, 4), workGaps: newGaps(6*time.Second, 1, 4),
	}
}

// Use judges by other thresholds from now on, as when a resumed night has another plan.
func (c *Case) Use(th Thresholds) { c.th = th }

// Verdict is the verdict as last decided.
func (c *Case) Verdict() observe.Verdict { return c.verdict }

// Reason is why, as last decided.
func (c *Case) Reason() string { return c.reason }

// Works tells whether the task's processes were last seen to work.
func (c *Case) Works() bool { return c.working }

// Clock is the time for which the task could be seen.
func (c *Case) Clock() time.Duration { return c.clock }

// Hold says that the task has not begun, and why; an empty why says that it may.
func (c *Case) Hold(why string) {
	if c.hold != "" && why == "" {
		c.silent, c.rest = c.clock, c.clock
	}
	c.hold = why
}

// Tick lets the time pass until now, one second at most, with what can be seen of the task.
func (c *Case) Tick(now time.Time, sight Sight, readable bool) {
	dt := min(max(now.Sub(c.passed), 0), time.Second)
	c.now, c.passed, c.readable = now, now, readable
	if sight.Seen && !c.sight.Seen && !c.sight.Since.IsZero() {
		c.rechecking, c.regained = true, c.clock
	}
	c.sight = sight
	if sight.Seen {
		c.clock += dt
	}
	if c.rechecking && c.clock-c.regained >= c.th.Grace {
		c.rechecking = false
	}
	if c.hold != "" {
		c.silent, c.rest = c.clock, c.clock
	}
}

// Jump sets the time without letting it pass: nobody looked meanwhile, and what was known is old until
// there is new evidence.
func (c *Case) Jump(now time.Time) {
	c.now, c.passed = now, now
	c.rechecking, c.regained = true, c.clock
}

// News is progress: a novel state, in words.
func (c *Case) News(now time.Time, what string) {
	c.now, c.begun = now, true
	if c.news > 0 && !c.rechecking {
		c.progressGaps.add(c.clock - c.progress.clock)
		c.habit.add(c.clock - c.progress.clock)
	}
	c.news++
	c.progress, c.lastLine, c.what = mark{now, c.clock}, mark{now, c.clock}, what
	c.silent = c.clock
	c.hush()
	c.rested(c.clock, c.working)
	if c.told() {
		c.blocker = nil
	}
	c.rechecking = false
}

// Found says that a process of the task is in sight.
func (c *Case) Found() {
	c.begun = true
	if c.found.at.IsZero() {
		c.found = mark{c.now, c.clock}
	}
}

// young tells that it came in sight a moment ago and has brought nothing new yet: too early to hold its silence
// against it, for what counts it may look only every few seconds.
func (c *Case) young() bool {
	return c.news == 0 && !c.found.at.IsZero() && c.clock-c.found.clock < c.th.Grace
}

// Blocks says which hindrance the processes show now; nil for none. After one has gone, silence and rest
// count anew: what stood still for a reason is not stalled.
func (c *Case) Blocks(now time.Time, b *Blocker) {
	if b == nil {
		if c.blocker != nil && !c.told() {
			c.maxLock = max(c.maxLock, min(c.clock-c.blocked.clock, time.Minute))
			c.silent, c.rest, c.freed, c.blocker = c.clock, c.clock, c.clock, nil
		}
		return
	}
	switch was := c.blocker; {
	case was == nil:
		c.blocked, c.followed = mark{now, c.clock}, false
	case was.Class == blockerDisk && b.Class == observe.BlockerFull: // the same, seen by other eyes
	case was.Class != b.Class:
		c.followed = b.Class != Question && (c.followed || c.clock-c.blocked.clock >= c.dwell(was.Class))
		c.silent, c.rest, c.blocked = c.clock, c.clock, mark{now, c.clock}
	}
	c.blocker = &Blocker{Class: b.Class, Text: b.Text}
	if !b.Since.IsZero() {
		c.blocked.at = b.Since
	}
}

// Says tells whether the newest line of the log says that the task waits for something.
func (c *Case) Says(waits bool) { c.waits = waits }

// Leaving says that the process is gone, but that its last words may still come.
func (c *Case) Leaving(yes bool) { c.leaving = yes }

// Paced says what the counter's speed is like.
func (c *Case) Paced(p Pace) { c.pace = p }
