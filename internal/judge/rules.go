package judge

import (
	"fmt"
	"time"

	"ronda/internal/observe"
	"ronda/internal/words"
)

// said is what one rule has to say.
type said struct {
	verdict observe.Verdict
	since   time.Time // since when what it says is so
	reason  string
}

// Decide goes through the rules, facts first, and takes the first that has something to say. It returns the
// verdict and whether it is another than before.
func (c *Case) Decide() (observe.Verdict, bool) {
	s := c.first()
	changed := s.verdict != c.verdict
	if s.since.IsZero() && changed {
		s.since = c.now
	}
	if changed && s.verdict == observe.Blind {
		c.before = said{c.verdict, c.since, c.reason}
	}
	if !s.since.IsZero() {
		c.since = s.since
	}
	if c.verdict = s.verdict; c.verdict == observe.Stalled || c.verdict == observe.Blocked || c.verdict == observe.Looping {
		c.stood = c.clock
	}
	c.reason = s.reason
	return c.verdict, changed
}

func (c *Case) first() said {
	for _, rule := range [...]func(*Case) (said, bool){(*Case).over, (*Case).held, (*Case).blind, (*Case).leaves, (*Case).hindered, (*Case).unseen, (*Case).moves, (*Case).loops, (*Case).busy, (*Case).still} {
		if s, ok := rule(c); ok {
			return s
		}
	}
	return c.alone()
}

// over: it has ended.
func (c *Case) over() (said, bool) {
	if c.end == nil {
		return said{}, false
	}
	reason := c.end.reason
	if c.doubt != "" && c.end.verdict != observe.Failed {
		reason += "; " + c.doubt
	}
	if c.end.cause != "" && c.end.verdict != observe.Done {
		reason += "; " + c.end.cause
	}
	return said{c.end.verdict, c.end.at, reason}, true
}

// held: it is not its turn.
func (c *Case) held() (said, bool) {
	return said{observe.Pending, time.Time{}, c.hold}, c.hold != ""
}

// blind: nothing can be seen of it, or not for long enough again.
func (c *Case) blind() (said, bool) {
	if !c.sight.Seen {
		return said{observe.Blind, c.sight.Since, c.sight.Why}, !c.sight.Since.IsZero()
	}
	if c.rechecking && !c.seenAnew() {
		return said{observe.Blind, time.Time{}, "in sight again, looking"}, true
	}
	return said{}, false
}

// seenAnew tells whether a hindrance that the system shows has been in sight for long enough since sight was regained:
// a fact needs no further looking.
func (c *Case) seenAnew() bool {
	return c.blocker != nil && !c.told() && c.blocked.clock >= c.regained && c.clock-c.blocked.clock >= c.dwell(c.blocker.Class)
}

// hindered: something concrete stands in the way, and nothing has moved since it came in sight. Of a process
// that is stopped or waits for a person nothing more can come; what still arrives was on its way. Locks, pipes
// and peers may hinder a part of the task only: while the rest brings news, the task is not blocked.
func (c *Case) hindered() (said, bool) {
	if c.blocker == nil {
		return said{}, false
	}
	since := c.blocked.clock
	switch {
	case hindersAll(c.blocker.Class):
		since = max(since, c.progress.clock)
	case c.progress.clock > since && c.clock-c.progress.clock < c.th.Fresh:
		return said{}, false
	}
	switch {
	case c.clock-since < c.dwell(c.blocker.Class) && !c.followed:
		return said{}, false
	case c.blocker.Class == observe.BlockerQuota: // it works a little, and gets nowhere with it
		return said{observe.Blocked, c.blocked.at, c.blocker.Text}, c.deprived() && (c.news == 0 || c.clock-c.silent > c.fresh())
	case c.told() && c.active() && !c.insists(), c.working && !c.told():
		return said{}, false
	}
	return said{observe.Blocked, c.blocked.at, c.blocker.Text}, true
}

// hindersAll tells whether nothing of a task can go on behind such a hindrance.
func hindersAll(b observe.Blocker) bool {
	switch b {
	case observe.BlockerStopped, observe.BlockerFrozen, observe.BlockerInput, observe.BlockerOutput:
		return true
	default:
	}
	return false
}

// deprived tells whether a quota denies it the processor for most of the time; once that blocks it, until the hindrance
// is gone.
func (c *Case) deprived() bool { return c.verdict == observe.Blocked || c.work.Share > 0.5 }

// unseen: not looked at for long enough to say.
func (c *Case) unseen() (said, bool) {
	if c.begun && (c.news > 0 || c.chatter > 0 || c.sight.Work || c.clock >= c.th.Fresh) {
		return said{}, false
	}
	if !c.sight.Seen {
		return said{observe.Pending, time.Time{}, "not looked at yet"}, true
	}
	return said{observe.Pending, time.Time{}, "watched, nothing new yet"}, c.clock < c.th.Fresh
}

// leaves: its process is gone, and how it ended is not known yet: what was said stands for a moment.
func (c *Case) leaves() (said, bool) {
	return said{c.verdict, time.Time{}, c.reason}, c.leaving
}

// moves: a novel state was seen within the time in which it may be expected. A task that came to rest
// within that time keeps the credit until its rest is long enough for a stall: in between there is nothing
// truer to say, unless the log repeats itself.
func (c *Case) moves() (said, bool) {
	if c.news == 0 {
		return said{}, false
	}
	rested := c.sight.Work && !c.working && c.worked.clock-c.silent <= c.fresh() && !c.repeats()
	if c.clock-c.silent > c.fresh() && (!rested || c.resting() > c.credit()) {
		return said{}, false
	}
	if b := c.blocker; b != nil && b.Class == observe.BlockerQuota && (c.verdict == observe.Slowing || c.work.Share > 0.5) && c.clock-c.blocked.clock >= c.dwell(b.Class) {
		return said{observe.Slowing, c.blocked.at, b.Text}, true
	}
	if c.pace.Slow && c.clock-c.stood > afterStop || c.pace.Late {
		return said{observe.Slowing, c.pace.Since, c.pace.Text}, true
	}
	return said{observe.Progressing, time.Time{}, c.what}, true
}

// afterStop is how long a counter may be slow after a standstill: its averages still hold the stop.
const afterStop = 2 * time.Minute

// Rests tells that neither progress nor work was seen for more than a moment, where work can be seen.
func (c *Case) Rests() bool { return c.sight.Work && c.resting() > restful }

// resting is how long there was neither progress nor work.
func (c *Case) resting() time.Duration { return c.clock - max(c.rest, c.silent) }

// restful is the pause in its work after which a task is said to rest.
const restful = 5 * time.Second

// fresh is the silence that still counts as progress: the task's own habit within bounds. Where nothing but
// the log is watched the habit may be long, once it is known.
func (c *Case) fresh() time.Duration {
	limit := c.th.FreshMax
	if !c.sight.Work {
		limit = c.th.Alone
		if c.news > 20 || c.toldAlone() { // what a manager counts moves in steps
			limit = c.th.AloneMax
		}
	}
	return min(max(c.progressGaps.unusual(), c.th.Fresh), limit)
}

// busy: no visible progress, but the task's own processes work, or did within the time of a stall.
func (c *Case) busy() (said, bool) {
	if !c.sight.Work || c.worked.at.IsZero() || c.clock-c.rest > c.stallAfter() {
		return said{}, false
	}
	since := c.progress.at
	if c.news == 0 {
		since = time.Time{}
	}
	rest := c.clock - max(c.worked.clock, c.freed) // that it was hindered was no rest
	switch {
	case c.young() && c.working:
		return said{observe.Pending, time.Time{}, "just found; " + c.works()}, true
	case c.young():
		return said{observe.Pending, time.Time{}, "just found"}, true
	case rest > restful && !c.working:
		return said{observe.Quiet, since, "no visible progress; " + c.rests() + " since " + words.Exact(rest) + c.asThen(rest)}, true
	case c.news == 0:
		return said{observe.Quiet, since, "nothing new since ronda looks, but " + c.works()}, true
	case c.th.Quiet > 0 && c.clock-c.silent > c.th.Quiet:
		return said{observe.Quiet, since, c.works() + ", but silent for longer than the planned " + words.Duration(c.th.Quiet)}, true
	case c.outlasts():
		return said{observe.Quiet, since, c.works() + ", but silent for longer than in the rehearsal"}, true
	case c.chatter >= c.th.LoopLines && 3*c.errors >= c.chatter:
		return said{observe.Quiet, since, fmt.Sprintf("the log says nothing new but %d complaints; ", c.errors) + c.works()}, true
	case c.chatter > 0:
		return said{observe.Quiet, since, "the log says nothing new, but " + c.works()}, true
	}
	return said{observe.Quiet, since, "no visible progress, but " + c.works() + c.silentThen()}, true
}

// works says that it works, by what is in sight of it.
func (c *Case) works() string {
	if c.sight.Outside {
		return "bytes are moved"
	}
	return "its processes work"
}

// rests says that it does not, to be followed by since when.
func (c *Case) rests() string {
	if c.sight.Outside {
		return "nothing is moved"
	}
	return "its processes rest"
}

// still: in full sight, and nothing moves for longer than is credible.
func (c *Case) still() (said, bool) {
	if c.toldAlone() && c.clock-c.silent > c.wordAfter() {
		return said{observe.Stalled, c.progress.at, "it is said to run, and does not move for far longer than it ever paused"}, true
	}
	if !c.sight.Work && !c.th.Declared {
		return said{}, false
	}
	rest := c.resting()
	repeating := c.repeats()
	if rest <= c.stallAfter() || repeating {
		if repeating {
			return said{observe.Quiet, c.progress.at, "the log only repeats itself"}, true
		}
		switch {
		case c.young():
			return said{observe.Pending, time.Time{}, "just found"}, true
		case c.news == 0:
			return said{observe.Pending, time.Time{}, "nothing has moved since it was found"}, true
		}
		return said{observe.Quiet, c.progress.at, "nothing moves since " + words.Exact(rest) + c.asThen(rest)}, true
	}
	reason := "no progress and no work"
	if c.sight.Work && !c.sight.IO {
		reason = "no progress and no processor time; its I/O cannot be seen"
	}
	since := c.progress.at
	if c.worked.at.After(since) {
		since = c.worked.at
	}
	return said{observe.Stalled, since, reason}, true
}

// toldAlone tells that a manager's word is all that is known of it.
func (c *Case) toldAlone() bool { return c.sight.Outside && !c.sight.Work && !c.th.Declared }

// wordAfter is the silence after which a manager's word that it runs is no longer believed: what a manager counts moves
// in coarse steps.
func (c *Case) wordAfter() time.Duration {
	_, longest, _, _ := c.habit.usual()
	return max(c.th.AloneMax, 3*longest)
}

// stallAfter is the rest that is no longer credible: longer than this task ever rested, tonight or in a rehearsal.
func (c *Case) stallAfter() time.Duration {
	if c.th.Declared {
		return c.th.Stall
	}
	return max(c.usualRest(), c.excused())
}

// credit is how long a task that came to rest is still said to progress: not longer than what is a stall of a task
// that is not known, whatever this one has shown.
func (c *Case) credit() time.Duration { return min(c.usualRest(), c.th.StallMax) }

// usualRest is longer than this task ever rested tonight, within bounds.
func (c *Case) usualRest() time.Duration {
	if c.th.Declared {
		return c.th.Stall
	}
	longer := c.maxRest + c.maxRest/2
	habit := max(longer, c.workGaps.unusual())
	limit := max(c.th.StallMax, min(longer, 15*time.Minute))
	if c.waits { // it says itself that it waits for another
		return max(2*c.th.StallMax, min(habit, limit))
	}
	return min(max(habit, c.th.Stall), limit)
}

// alone: the log is silent, and nothing is in sight that would tell work from rest.
func (c *Case) alone() said {
	since := c.progress.at
	switch {
	case c.sight.Reached != "" && !c.sight.Outside:
		return said{observe.Blind, since, c.sight.Reached + ": it may be done, which cannot be seen"}
	case c.sight.Outside && c.news == 0:
		return said{observe.Blind, time.Time{}, "it is said to run, and has not moved since ronda looks; nothing shows whether it works"}
	case c.sight.Outside:
		return said{observe.Blind, since, "it is said to run, and does not move; nothing shows whether it works" + c.silentThen()}
	case c.news == 0 && c.chatter == 0:
		return said{observe.Blind, time.Time{}, "nothing new since ronda looks, and no process of it is in sight: stuck or slow cannot be told"}
	case c.chatter >= 3 && c.talk.goesOn(c.clock, c.th.Stall):
		return said{observe.Blind, since, "the log only repeats itself, and no process of it is in sight: stuck or slow cannot be told"}
	}
	return said{observe.Blind, since, "silent, and no process of it is in sight: stuck or slow cannot be told" + c.silentThen()}
}
