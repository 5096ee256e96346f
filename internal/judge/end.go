package judge

import (
	"time"

	"ronda/internal/observe"
)

// ending is how a task ended, as far as it is known.
type ending struct {
	at      time.Time
	verdict observe.Verdict // Done, Failed, or Blind when nobody can say
	reason  string
	firm    bool // a marker or an exit code: later hints do not change it
}

// Succeeded is a success marker, or an exit with code 0. One that is not firm is taken back when the task
// turns out to go on: the process that ended was perhaps only a part of it.
func (c *Case) Succeeded(now time.Time, reason string, firm bool) {
	if c.end == nil || (firm && !c.end.firm) {
		c.end = &ending{now, observe.Done, reason, firm}
	}
}

// Broke is a failure marker, an exit with another code, a kill. A firm one also overrules a success.
func (c *Case) Broke(now time.Time, reason string, firm bool) {
	if c.end == nil || (firm && (!c.end.firm || c.end.verdict == observe.Done)) {
		c.end = &ending{now, observe.Failed, reason, firm}
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
		c.end = &ending{now, observe.Done, "complete, and " + what, false}
	case expected:
		c.end = &ending{now, observe.Failed, what + " without the line that says it succeeded", false}
	default:
		c.end = &ending{now, observe.Blind, what + "; whether it succeeded cannot be seen", false}
	}
}

// Back says that the process is there again, or that the log goes on: it had not ended after all.
func (c *Case) Back() {
	if c.end != nil && !c.end.firm {
		c.end = nil
		c.silent, c.rest = c.clock, c.clock
	}
}

// Ended is when the task ended, and whether it has. One that ended in an unknown way has ended too.
func (c *Case) Ended() (time.Time, bool) {
	if c.end == nil {
		return time.Time{}, false
	}
	return c.end.at, true
}
