package judge

import "ronda/internal/observe"

// sureness is how sure the verdict is: by the rule that said it, and by what is in sight. A fact is certain; what
// was weighed is likely where log, processes and I/O are in full sight, and unsure where a part of them is not.
// Of a verdict that claims nothing about the job (BLIND, not looked at yet) nothing is said.
func (c *Case) sureness() observe.Sureness {
	switch c.verdict {
	case observe.Done, observe.Failed:
		if c.end != nil && c.end.firm {
			return observe.Certain
		}
		return observe.Likely // by what was counted, or by the end of a process that was only found
	case observe.Pending:
		if c.hold != "" {
			return observe.Certain
		}
	case observe.Progressing:
		return c.sureOfProgress()
	case observe.Slowing:
		if c.blocker != nil && c.reason == c.blocker.Text {
			return c.sureOfHindrance()
		}
		return observe.Likely
	case observe.Blocked:
		return c.sureOfHindrance()
	case observe.Quiet:
		if c.working || (c.sight.Work && c.sight.IO) {
			return observe.Likely
		}
		return observe.Unsure
	case observe.Looping:
		if c.sight.Work {
			return observe.Likely
		}
		return observe.Unsure
	case observe.Stalled:
		if c.sight.Work && c.sight.IO && !c.sight.Found {
			return observe.Likely
		}
		return observe.Unsure // what cannot be seen of it may well work
	case observe.Blind:
	}
	return ""
}

// sureOfProgress: news is a fact. What is said in the time until the next is expected is not.
func (c *Case) sureOfProgress() observe.Sureness {
	switch {
	case c.clock-c.silent <= c.th.Fresh:
		return observe.Certain
	case c.sight.Work:
		return observe.Likely
	}
	return observe.Unsure
}

// sureOfHindrance: the kernel does not guess; a log says what somebody thought of.
func (c *Case) sureOfHindrance() observe.Sureness {
	switch {
	case c.blocker == nil || c.blocker.Class == Question:
		return observe.Unsure
	case c.told():
		return observe.Likely
	}
	return observe.Certain
}
