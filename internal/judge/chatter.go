package judge

import (
	"fmt"
	"slices"
	"time"

	"ronda/internal/observe"
)

// maxKinds is how many kinds of line without news are told apart. A loop may be a whole procedure that ends where
// it began, with a stack trace in it; what says more different things than that is no loop.
const maxKinds = 48

// kind is one kind of line without news: how often it came, how often word for word as the time before, and how it
// read last.
type kind struct {
	template uint32
	count    int
	same     int
	text     string
}

// beat follows something that comes again and again.
type beat struct {
	n    int           // in how many seconds it came
	last time.Duration // on the observed clock
	gap  time.Duration // the longest pause so far
}

func (b *beat) came(clock time.Duration) {
	if b.n > 0 && clock == b.last {
		return
	}
	if b.n > 0 {
		b.gap = max(b.gap, clock-b.last)
	}
	b.n++
	b.last = clock
}

// goesOn tells whether it still does: not much longer ago than its longest pause, and never longer than limit.
func (b *beat) goesOn(clock, limit time.Duration) bool {
	return b.n > 0 && clock-b.last <= min(max(b.gap*5/4, 20*time.Second), limit)
}

// Tone is how a line without news speaks.
type Tone struct {
	Bad   bool // of an error or a retry
	Waits bool // of waiting, trying again, or something that failed
	Again bool // of trying again
}

// Line is chatter: a line without news, of the kind that its template says.
func (c *Case) Line(now time.Time, template uint32, text string, tone Tone) {
	c.now, c.begun = now, true
	i := slices.IndexFunc(c.kinds, func(k kind) bool { return k.template == template })
	switch {
	case i >= 0:
		k := &c.kinds[i]
		k.count++
		if k.text == text {
			k.same++
		}
		k.text = text
	case len(c.kinds) <= maxKinds:
		c.kinds = append(c.kinds, kind{template: template, count: 1, text: text})
	}
	c.lastLine = mark{now, c.clock}
	c.chatter++
	c.talk.came(c.clock)
	if !c.active() {
		c.idle.came(c.clock)
	}
	if tone.Bad || tone.Waits {
		c.complaints.came(c.clock)
	}
	if tone.Bad {
		c.errors++
	}
	if tone.Again {
		c.retries.came(c.clock)
	}
	if tone.Bad || tone.Again {
		c.troubled++
	}
	if !tone.Bad {
		c.calm++
	}
	c.rechecking = false
}

// Restarted says that a counter began anew without having come to its end: how often it did so and never came
// farther, and how far that was, in words.
func (c *Case) Restarted(now time.Time, again int, reached string) {
	c.now, c.begun = now, true
	c.restarts.came(c.clock)
	c.again, c.reached = again, reached
}

// hush forgets the chatter: there was news.
func (c *Case) hush() {
	c.chatter, c.errors, c.troubled, c.kinds = 0, 0, 0, c.kinds[:0]
	c.talk, c.idle, c.complaints, c.retries, c.again = beat{}, beat{}, beat{}, beat{}, 0
}

// leastRestarts without news between them are a loop.
const leastRestarts = 3

// loops: the same few kinds of line, again and again, and no work behind them but the repeating itself; or a
// counter that begins again and again and never comes farther.
func (c *Case) loops() (said, bool) {
	silence := c.clock - c.silent
	if c.again >= leastRestarts && silence >= c.th.Retry && c.restarts.goesOn(c.clock, c.th.Loop) {
		return said{observe.Looping, c.progress.at, fmt.Sprintf("began again %d times and never came farther than %s", c.again, c.reached)}, true
	}
	if c.chatter < c.loopLines() || silence < c.loopAfter() || !c.repeats() {
		return said{}, false
	}
	return said{observe.Looping, c.progress.at, lines(c.chatter) + " without anything new"}, true
}

// fewLines are enough for a loop when nothing at all is behind them for as long as makes a stall.
const fewLines = 4

func (c *Case) loopLines() int {
	if c.sight.Work && c.resting() > c.th.Stall {
		return min(fewLines, c.th.LoopLines)
	}
	return c.th.LoopLines
}

// loopAfter is how long the same lines may come before they are a loop: less when all of them complain or try again.
func (c *Case) loopAfter() time.Duration {
	if c.troubled == c.chatter {
		return c.th.Retry
	}
	return c.th.Loop
}

// repeats tells that the log says the same few things again and again, and still does. Lines that neither
// complain nor wait are a loop only when no work is behind them: a restore says ALTER TABLE a thousand times.
// With work most of the time it is one only when it says that it tries again, or complains in the same words each
// time with hardly any work: a migration may complain of a thousand mails and go on.
func (c *Case) repeats() bool {
	if c.chatter < 3 || len(c.kinds) > maxKinds || !c.talk.goesOn(c.clock, c.th.Stall) {
		return false
	}
	if !c.complaints.goesOn(c.clock, c.th.Stall) || 2*len(c.kinds)*c.complaints.n < c.talk.n {
		return c.idle.n >= 3 && (c.resting() > c.th.Stall || !c.sight.Work)
	}
	if c.verdict == observe.Looping && !c.hard() {
		return true // work by fits and starts does not end a loop: only news does, or much work
	}
	if !c.active() {
		return c.idle.n >= 3 // what it said while it worked says nothing of now
	}
	return c.retries.goesOn(c.clock, c.th.Stall) && 2*c.retries.n >= c.complaints.n || c.harps() && c.light()
}

// harps tells whether nearly all that the log says comes word for word again.
func (c *Case) harps() bool {
	same := 0
	for _, k := range c.kinds {
		same += k.same
	}
	return 10*same >= 9*c.chatter
}

// light tells whether its work is no more than what it takes to start a small program again and again. What was
// light must become much more to be no longer so.
func (c *Case) light() bool {
	much := 1.0
	if c.verdict == observe.Looping || c.verdict == observe.Blocked {
		much = 2
	}
	return c.cpuLately.mean() < 0.15*much && c.ioLately.mean() < 4e6*much
}

// hard tells whether it worked nearly all of the last half minute, and more than trying takes.
func (c *Case) hard() bool { return c.workedOf30() > 22 && !c.light() }
