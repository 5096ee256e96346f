package judge

import (
	"math/bits"
	"time"

	"ronda/internal/observe"
)

// Work is what the task's own processes did within one second.
type Work struct {
	CPU    float64 // processors used, 1 is one whole
	IO     float64 // bytes a second, read and written, from storage or cache
	Growth float64 // bytes a second by which files grew that the task holds open for writing
	Share  float64 // of the second in which a quota denied it a processor, 0 to 1
	Text   string  // the processes in words: "mysqld (pid 812)"
	// Age is how old the newest sample is that told of it; of a server that is looked at rarely it is some seconds.
	Age time.Duration
}

// window sums the last latelySeconds seconds.
type window struct {
	of   [latelySeconds]float64
	next int
	n    int
}

// latelySeconds is how far back work is looked at: long enough for processes that are busy by fits and starts, and
// short enough that what came to rest is soon seen to rest.
const latelySeconds = 10

func (w *window) add(v float64) {
	w.of[w.next] = v
	w.next = (w.next + 1) % latelySeconds
	w.n = min(w.n+1, latelySeconds)
}

func (w *window) mean() float64 {
	sum := 0.0
	for _, v := range w.of {
		sum += v
	}
	return sum / float64(max(w.n, 1))
}

// unseenIO is the share of a processor that is taken for work where I/O cannot be seen: who reads or writes all the
// time needs hardly more, who only wakes up to look needs less.
const unseenIO = 0.003

// Did is the work of one second. Working is decided against the task's own usual level: a process that only
// wakes up to look is at rest.
func (c *Case) Did(w Work) {
	c.work = w
	c.cpu.add(w.CPU, 30)
	c.io.add(w.IO, 30)
	c.cpuLately.add(w.CPU)
	c.ioLately.add(w.IO)
	was := c.working
	c.working = (w.CPU >= 0.015 && c.cpuLately.mean() > max(0.02, 0.05*c.cpuUsual.mean())) ||
		(w.IO > 1e3 && c.ioLately.mean() > max(32e3, 0.02*c.ioUsual.mean())) ||
		w.Growth > 8e3
	if !c.sight.IO {
		c.working = c.working || w.CPU > 0.005 && c.cpuLately.mean() > unseenIO
	}
	c.lately <<= 1
	if c.working {
		c.lately |= 1
		c.begun = true
		at := max(c.clock-w.Age, c.worked.clock)
		c.rested(at, was)
		c.worked = mark{c.now.Add(at - c.clock), at}
		c.rechecking = c.rechecking && !was // two seconds of work in a row are evidence
	}
	if c.working && c.clock-c.silent < c.th.Fresh {
		c.cpuUsual.add(w.CPU, 600)
		c.ioUsual.add(w.IO, 600)
	}
	if c.active() {
		c.idle = beat{}
	}
	c.recovered()
}

// active tells whether it worked most of the last half minute.
func (c *Case) active() bool { return c.workedOf30() > 15 }

// workedOf30 is in how many of the last 30 seconds it worked.
func (c *Case) workedOf30() int { return bits.OnesCount64(c.lately & (1<<30 - 1)) }

// longestRest bounds the rest that is learned: one that was no stall must not excuse an hour.
const longestRest = 450 * time.Second

// rested ends a rest at the moment at of the observed clock: it is learned how long the task rests by itself,
// unless it did not.
func (c *Case) rested(at time.Duration, worked bool) {
	pause := at - c.rest
	if pause > 2*time.Second && !worked && !c.rechecking && c.blocker == nil {
		c.workGaps.add(pause)
		c.maxRest = max(c.maxRest, min(pause, longestRest))
	}
	c.rest = max(at, c.rest)
}

// recovered takes back what the log said of a hindrance when the log did not say it again when it was due, and the
// task has worked since or its log went on with other things.
func (c *Case) recovered() {
	if c.told() && !c.tells.goesOn(c.clock, c.th.Stall) && (c.working && c.active() || c.calm >= 3) {
		c.rest, c.blocker = c.clock, nil
		c.hush()
	}
}

// told tells whether the hindrance in sight is one that the log told of, and not the system.
func (c *Case) told() bool {
	return c.blocker != nil && (c.blocker.Class == blockerDisk || c.blocker.Class == toldLock)
}

// insists tells whether the log told of the hindrance again and again, and the work is no more than trying.
func (c *Case) insists() bool {
	const often = 5
	return c.tells.n >= often && c.tells.goesOn(c.clock, c.th.Stall) && c.light()
}

// toldLock is a lock of which the log tells: the program asks for it again and again, which the system does not
// show.
const toldLock observe.Blocker = "told lock"

// DiskFull says that the log tells of a full or read-only file system.
func (c *Case) DiskFull(now time.Time, text string) { c.tell(now, blockerDisk, text) }

// LockTold says that the log tells of a lock that the task waits for.
func (c *Case) LockTold(now time.Time, text string) { c.tell(now, toldLock, text) }

func (c *Case) tell(now time.Time, class observe.Blocker, text string) {
	if c.blocker == nil {
		c.blocker, c.blocked, c.tells = &Blocker{Class: class, Text: text}, mark{now, c.clock}, beat{}
	}
	if c.blocker.Class == class {
		c.calm = 0
		c.tells.came(c.clock)
	}
}
