package judge

import (
	"time"

	"ronda/internal/observe"
)

// next is what will be said if nothing changes, and when; nil where the verdict changes by what happens, not by
// waiting.
func (c *Case) next() *observe.Escalation {
	if c.end != nil || !c.sight.Seen || c.rechecking {
		return nil
	}
	in := func(v observe.Verdict, left time.Duration, condition string) *observe.Escalation {
		return &observe.Escalation{Verdict: v, At: c.now.Add(max(left, 0)).Truncate(time.Second), If: condition}
	}
	if c.blocker != nil && c.verdict != observe.Blocked && c.mayBlock() {
		return in(observe.Blocked, c.untilBlocked(), "it stays so")
	}
	judgeable := c.sight.Work || c.th.Declared
	silence := c.clock - c.silent
	switch c.verdict {
	case observe.Progressing, observe.Slowing:
		untilFresh := c.fresh() - silence
		switch {
		case c.sight.Work && c.working:
			return in(observe.Quiet, untilFresh, "nothing new comes")
		case judgeable && c.chatter >= 3 && c.talk.goesOn(c.clock, c.th.Stall):
			return in(observe.Quiet, untilFresh, "it goes on so")
		case judgeable && c.stallAfter() > c.credit():
			return in(observe.Quiet, max(c.credit()-c.resting(), untilFresh), "nothing moves")
		case judgeable:
			return in(observe.Stalled, max(c.stallAfter()-c.resting(), untilFresh), "nothing moves")
		}
		return in(observe.Blind, untilFresh, "nothing new comes")
	case observe.Quiet:
		switch {
		case c.repeats():
			return in(observe.Looping, c.loopAfter()-silence, "it goes on so")
		case judgeable && c.working:
			return in(observe.Stalled, c.stallAfter()-c.resting(), c.stops())
		case judgeable:
			return in(observe.Stalled, c.stallAfter()-c.resting(), "nothing moves")
		}
	case observe.Pending:
		switch {
		case c.hold != "":
		case c.young() && c.working:
			return in(observe.Quiet, c.th.Grace-(c.clock-c.found.clock), "nothing new comes")
		case judgeable && c.begun:
			return in(observe.Stalled, c.stallAfter()-(c.clock-c.rest), "nothing moves")
		case !c.begun:
			return in(observe.Blind, c.th.Fresh-c.clock, "nothing new comes")
		}
	case observe.Blind:
		if c.toldAlone() {
			return in(observe.Stalled, c.wordAfter()-silence, "it does not move")
		}
	case observe.Blocked, observe.Looping, observe.Stalled, observe.Failed, observe.Done:
	}
	return nil
}

// mayBlock tells whether what is in sight would block the task, as it works now.
func (c *Case) mayBlock() bool {
	switch {
	case c.blocker.Class == observe.BlockerQuota:
		return c.deprived()
	case c.told():
		return !c.active() || c.insists()
	}
	return !c.working
}

// untilBlocked is the time until the hindrance in sight is believed: when it was seen for long enough, and what
// may hinder a part only has hindered all. What hinders all is counted from the last news, as hindered does.
func (c *Case) untilBlocked() time.Duration {
	since, least := c.blocked.clock, time.Duration(0)
	switch class := c.blocker.Class; {
	case hindersAll(class):
		since = max(since, c.progress.clock)
	case class == observe.BlockerQuota && c.news > 0:
		least = c.fresh() - (c.clock - c.silent)
	case class != observe.BlockerQuota && c.progress.clock > since:
		least = c.th.Fresh - (c.clock - c.progress.clock)
	}
	return max(c.dwell(c.blocker.Class)-(c.clock-since), least)
}

// stops is the condition that it works no more.
func (c *Case) stops() string {
	if c.sight.Outside {
		return "no more is moved"
	}
	return "its processes stop working"
}
