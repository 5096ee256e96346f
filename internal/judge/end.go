package judge

import (
	"strings"
	"time"

	"ronda/internal/observe"
)

// ending is how a task ended, as far as it is known.
type ending struct {
	at      time.Time
	verdict observe.Verdict // Done, Failed, or Blind when nobody can say
	reason  string
	firm    bool   // a marker or an exit code: later hints do not change it
	cause   string // what it is due to, where that was found out beside it; empty: nothing was
}

// Succeeded is a success marker, or an exit with code 0. One that is not firm is taken back when the task
// turns out to go on: the process that ended was perhaps only a part of it.
func (c *Case) Succeeded(now time.Time, reason string, firm bool) {
	if c.end == nil || (firm && !c.end.firm) {
		c.end = &ending{at: now, verdict: observe.Done, reason: reason, firm: firm}
	}
}

// Broke is a failure marker, an exit with another code, a kill. A firm one also overrules a success.
func (c *Case) Broke(now time.Time, reason string, firm bool) {
	if c.end == nil || (firm && (!c.end.firm || c.end.verdict == observe.Done)) {
		c.end = &ending{at: now, verdict: observe.Failed, reason: reason, firm: firm}
	}
}

// Gone says that the process, or the writer of the log, is gone and nobody could see how it ended.
// complete tells that all was counted; expected that a success marker is known and did not come.
func (c *Case) Gone(now time.Time, what string, complete, expected bool) {
	if c.end != nil {
		return
	}
	switch {
	case complete:
		c.end = &ending{at: now, verdict: observe.Done, reason: "complete, and " + what}
	case expected:
		c.end = &ending{at: now, verdict: observe.Failed, reason: what + " without the line that says it succeeded"}
	default:
		if !strings.Contains(what, "not known") && !strings.Contains(what, "can only be known") { // it says so itself
			what += unseenEnd
		}
		c.end = &ending{at: now, verdict: observe.Blind, reason: what}
	}
}

// Back says that the process is there again, or that the log goes on: it had not ended after all.
func (c *Case) Back() {
	if c.end != nil && !c.end.firm {
		c.end = nil
		c.silent, c.rest = c.clock, c.clock
	}
}

// Because says what an end that was no success is due to, as a clause, where that is known beside how it ended. An empty
// one takes nothing back. With failed it also tells that an end of which nobody saw how it was cannot have been a success.
func (c *Case) Because(cause string, failed bool) {
	if c.end == nil || cause == "" || strings.Contains(c.end.reason, cause) {
		return
	}
	c.end.cause = cause
	if failed && c.end.verdict == observe.Blind {
		c.end.verdict, c.end.reason = observe.Failed, strings.TrimSuffix(c.end.reason, unseenEnd)
	}
}

// unseenEnd is said of an end of which nothing tells how it was.
const unseenEnd = "; whether it succeeded cannot be seen"

// Ended is when the task ended, and whether it has. One that ended in an unknown way has ended too.
func (c *Case) Ended() (time.Time, bool) {
	if c.end == nil {
		return time.Time{}, false
	}
	return c.end.at, true
}
