package judge

import (
	"fmt"
	"time"

	"ronda/internal/observe"
	"ronda/internal/words"
)

// Ruling is the verdict as last decided, with what speaks for and against it.
func (c *Case) Ruling() observe.Ruling {
	r := observe.Ruling{Verdict: c.verdict, Since: c.since, Reason: c.reason}
	if c.sight.Since.IsZero() && !c.begun && c.end == nil {
		return r
	}
	r.Evidence = append(r.Evidence, c.newsEvidence()...)
	r.Evidence = append(r.Evidence, c.workEvidence()...)
	if c.blocker != nil && c.end == nil && c.blocker.Text != c.reason {
		r.Evidence = append(r.Evidence, observe.Evidence{For: c.verdict == observe.Blocked, Text: c.blocker.Text, At: c.blocked.at})
	}
	if c.pace.Text != "" && c.end == nil && c.pace.Text != c.reason {
		r.Evidence = append(r.Evidence, observe.Evidence{For: c.verdict == observe.Slowing, Text: c.pace.Text, At: c.pace.Since})
	}
	r.Evidence = append(r.Evidence, c.noteEvidence()...)
	if !c.sight.Seen && c.sight.Why != "" && c.verdict != observe.Blind {
		r.Evidence = append(r.Evidence, observe.Evidence{Text: c.sight.Why, At: c.sight.Since})
	}
	r.Sure, r.Next = c.sureness(), c.next()
	return r
}

// newsEvidence tells of the log and the counters.
func (c *Case) newsEvidence() []observe.Evidence {
	moves := c.verdict == observe.Progressing || c.verdict == observe.Slowing || c.verdict == observe.Done
	var e []observe.Evidence
	if c.news > 0 {
		silence := c.clock - c.silent
		if silence <= 5*time.Second || moves {
			e = append(e, observe.Evidence{For: moves, Text: c.what, At: c.progress.at})
		} else {
			e = append(e, observe.Evidence{For: !moves, Text: "nothing new since “" + c.what + "”", At: c.progress.at})
		}
	} else if c.readable && c.clock > 0 {
		e = append(e, observe.Evidence{For: !moves, Text: "nothing new in " + words.Exact(c.clock) + " of watching"})
	}
	if c.chatter > 0 {
		text := lines(c.chatter) + " without anything new"
		if c.errors > 0 {
			text += fmt.Sprintf(", %d of them errors or retries", c.errors)
		}
		e = append(e, observe.Evidence{For: c.verdict == observe.Looping, Text: text, At: c.lastLine.at})
	}
	return e
}

// workEvidence tells of the processes.
func (c *Case) workEvidence() []observe.Evidence {
	if c.end != nil {
		return nil
	}
	if !c.sight.Seen {
		return nil
	}
	if !c.sight.Work {
		if c.verdict == observe.Blind || c.news == 0 {
			return []observe.Evidence{{For: c.verdict == observe.Blind, Text: "no process of it is in sight; name it with process: or --match"}}
		}
		return nil
	}
	name := c.work.Text
	if name == "" {
		name = "its processes"
	}
	active := c.verdict == observe.Progressing || c.verdict == observe.Quiet || c.verdict == observe.Slowing
	if c.working {
		text := fmt.Sprintf("%s: %.0f %% of a processor", name, 100*c.cpu.mean())
		if c.sight.IO {
			text += ", I/O " + words.Rate(c.io.mean(), "bytes")
		}
		if c.work.Growth > 8e3 {
			text += ", files grow " + words.Rate(c.work.Growth, "bytes")
		}
		return []observe.Evidence{{For: active, Text: text, At: c.now}}
	}
	e := observe.Evidence{For: !active, Text: name + ": hardly any processor time or I/O", At: c.worked.at}
	if !c.sight.IO {
		e.Text = name + ": hardly any processor time (its I/O cannot be seen)"
	}
	if !c.worked.at.IsZero() {
		e.Text += " for " + words.Exact(c.clock-c.worked.clock)
		e.At = time.Time{}
	}
	return []observe.Evidence{e}
}

// next is what will be said if nothing changes, and when.
func (c *Case) next() *observe.Escalation {
	at := func(left time.Duration) time.Time { return c.now.Add(max(left, 0)).Truncate(time.Second) }
	if c.end != nil || !c.sight.Seen {
		return nil
	}
	if c.blocker != nil && c.verdict != observe.Blocked && !c.working {
		return &observe.Escalation{Verdict: observe.Blocked, At: at(dwell(c.blocker.Class) - (c.clock - c.blocked.clock)), If: "it stays so"}
	}
	judgeable := c.sight.Work || c.th.Declared
	if c.verdict == observe.Quiet && c.repeats() {
		return &observe.Escalation{Verdict: observe.Looping, At: at(c.loopAfter() - (c.clock - c.silent)), If: "it goes on so"}
	}
	switch c.verdict {
	case observe.Progressing, observe.Slowing:
		if c.sight.Work && c.working {
			return &observe.Escalation{Verdict: observe.Quiet, At: at(c.fresh() - (c.clock - c.silent)), If: "nothing new comes"}
		}
		if judgeable {
			return &observe.Escalation{Verdict: observe.Stalled, At: at(c.stallAfter() - c.resting()), If: "nothing moves"}
		}
		return &observe.Escalation{Verdict: observe.Blind, At: at(c.fresh() - (c.clock - c.silent)), If: "nothing new comes"}
	case observe.Quiet:
		if judgeable {
			return &observe.Escalation{Verdict: observe.Stalled, At: at(c.stallAfter() - c.resting()), If: "its processes stop working"}
		}
	case observe.Pending:
		if judgeable && c.begun && c.hold == "" {
			return &observe.Escalation{Verdict: observe.Stalled, At: at(c.stallAfter() - (c.clock - c.rest)), If: "nothing moves"}
		}
	default: // the others change by what happens, not by waiting
	}
	return nil
}

// lines is a number of lines in words.
func lines(n int) string {
	if n == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", n)
}
