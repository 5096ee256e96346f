package judge

import (
	"fmt"
	"strings"
	"time"

	"ronda/internal/observe"
	"ronda/internal/words"
)

// quoted bounds what is quoted within the evidence, in characters.
const quoted = 60

// Ruling is the verdict as last decided, with what speaks for and against it: the most telling first.
func (c *Case) Ruling() observe.Ruling {
	r := observe.Ruling{Verdict: c.verdict, Since: c.since, Reason: c.reason}
	if c.sight.Since.IsZero() && !c.begun && c.end == nil {
		r.Evidence = c.noteEvidence() // of a task that was not looked at yet, too, it can be known that there is no room
		return r
	}
	var l list
	c.hindranceEvidence(&l)
	c.newsEvidence(&l)
	if c.verdict == observe.Looping {
		c.chatterEvidence(&l)
	}
	c.silenceEvidence(&l)
	c.workEvidence(&l)
	if c.verdict != observe.Looping {
		c.chatterEvidence(&l)
	}
	if c.pace.Text != "" && c.end == nil && c.pace.Text != c.reason {
		l.add(c.verdict == observe.Slowing, c.pace.Text, c.pace.Since)
	}
	l = append(l, c.noteEvidence()...)
	c.sightEvidence(&l)
	r.Evidence, r.Sure, r.Next = l, c.sureness(), c.next()
	return r
}

// list is the evidence as it is gathered.
type list []observe.Evidence

// add adds what was so at a moment; a zero one where the text has its own age.
func (l *list) add(speaksFor bool, text string, at time.Time) {
	*l = append(*l, observe.Evidence{For: speaksFor, Text: text, At: at})
}

// moving tells that the verdict is one of a task that goes on, or went on to its end.
func (c *Case) moving() bool {
	return c.verdict == observe.Progressing || c.verdict == observe.Slowing || c.verdict == observe.Done
}

// hindranceEvidence tells of a hindrance that is not the reason itself.
func (c *Case) hindranceEvidence(l *list) {
	if c.blocker == nil || c.end != nil || c.blocker.Text == c.reason {
		return
	}
	text := words.Short(c.blocker.Text, 2*quoted)
	if c.verdict != observe.Blocked && c.working {
		text += "; but it works"
	}
	l.add(c.verdict == observe.Blocked, text, c.blocked.at)
}

// newsEvidence tells of the newest news, by the log or a counter.
func (c *Case) newsEvidence(l *list) {
	moves := c.moving()
	switch silence := c.clock - c.silent; {
	case c.news == 0 && c.readable && c.clock > 0 && c.end == nil:
		l.add(!moves, "nothing new in "+words.Exact(c.clock)+" of watching", time.Time{})
	case c.news == 0:
	case silence <= restful || moves:
		l.add(moves, words.Short(undated(c.what), quoted+20), c.progress.at)
	case c.verdict == observe.Blind || c.verdict.Ended():
		l.add(c.verdict == observe.Failed, "the newest: “"+words.Short(undated(c.what), quoted)+"”", c.progress.at)
	default:
		l.add(true, "nothing new since “"+words.Short(undated(c.what), quoted)+"”", c.progress.at)
	}
}

// silenceEvidence holds the silence against the task's habit and against its plan.
func (c *Case) silenceEvidence(l *list) {
	silence := c.clock - c.silent
	if c.news == 0 || silence <= restful || c.end != nil || c.hold != "" || !c.sight.Seen {
		return
	}
	text := "no progress for " + words.Exact(silence)
	most, longest, count, known := c.habit.usual()
	switch {
	case known && most < longest:
		text += fmt.Sprintf("; 95 %% of its last %d pauses were up to %s, the longest %s", count, words.Exact(most), words.Exact(longest))
	case known:
		text += fmt.Sprintf("; none of its last %d pauses was longer than %s", count, words.Exact(longest))
	}
	if c.th.Quiet > 0 {
		text += "; planned are up to " + words.Duration(c.th.Quiet)
		l.add((silence <= c.th.Quiet) == well(c.verdict), text, time.Time{})
	} else if known {
		l.add((silence > most) != c.moving(), text, time.Time{})
	}
}

// Overlong tells that a task that works has been silent for longer than its plan allows: worth a look, and no
// alarm.
func (c *Case) Overlong() bool {
	return c.verdict == observe.Quiet && c.th.Quiet > 0 && c.clock-c.silent > c.th.Quiet
}

// workEvidence tells of the processes.
func (c *Case) workEvidence(l *list) {
	if c.end != nil || !c.sight.Seen {
		return
	}
	if !c.sight.Work {
		switch {
		case c.sight.Outside && (c.verdict == observe.Blind || c.verdict == observe.Stalled):
			l.add(c.verdict == observe.Blind, "neither a process nor bytes of it are in sight, only what its manager says", time.Time{})
		case c.sight.Outside, c.hold != "":
		case c.verdict == observe.Blind, c.news == 0, c.sureness() == observe.Unsure:
			l.add(c.verdict == observe.Blind, "no process of it is in sight; name it with process: or --match", time.Time{})
		}
		return
	}
	name := c.work.Text
	if name == "" {
		name = "its processes"
	}
	active := c.verdict == observe.Progressing || c.verdict == observe.Quiet || c.verdict == observe.Slowing
	if c.sight.Outside {
		c.movedEvidence(l, active)
		return
	}
	if c.working {
		text := name + ": " + c.usage(c.cpu.mean(), c.io.mean())
		if c.work.Growth > 8e3 {
			text += ", files grow " + words.Rate(c.work.Growth, "bytes")
		}
		l.add(active || c.young(), text+c.usually(), c.now)
		return
	}
	c.restEvidence(l, name, active)
}

// movedEvidence tells of the bytes that are moved, where no process is in sight.
func (c *Case) movedEvidence(l *list, active bool) {
	rests := c.clock - max(c.worked.clock, c.rest)
	switch {
	case c.working:
		l.add(active || c.young(), words.Rate(c.work.Growth, "bytes")+" are moved", c.now)
	case rests > restful:
		l.add(!active, "nothing was moved for "+words.Exact(rests)+c.credible(), time.Time{})
	}
}

// restEvidence tells how long the processes rest, against what is known of their rests.
func (c *Case) restEvidence(l *list, name string, active bool) {
	rests := c.clock - c.worked.clock
	if c.worked.at.IsZero() {
		rests = c.clock - c.rest
	}
	if rests <= restful && c.verdict != observe.Blocked {
		return // a moment between two steps
	}
	text := name + ": hardly any work for " + words.Exact(rests)
	if rests > 3*restful { // before, its work is still in the averages
		text += " (" + c.usage(c.cpuLately.mean(), c.ioLately.mean()) + ")" + c.usually()
	}
	l.add(!active, text+c.credible(), time.Time{})
}

// credible says how long the task may rest before that is a stall, where that is the question.
func (c *Case) credible() string {
	switch c.verdict {
	case observe.Progressing, observe.Slowing, observe.Quiet, observe.Stalled:
	default:
		return ""
	}
	if c.resting() <= 2*restful {
		return ""
	}
	text := "; up to " + words.Exact(c.stallAfter()) + " is credible"
	switch {
	case c.maxRest >= longestRest:
		text += ", it has rested for " + words.Exact(longestRest) + " and more"
	case c.maxRest > 2*restful:
		text += ", its longest rest was " + words.Exact(c.maxRest)
	}
	return text
}

// usage is what the processes use now: "50 % of a processor, I/O 41 MB/s".
func (c *Case) usage(cpu, io float64) string {
	text := share(cpu) + " of a processor"
	if cpu < 0.0005 {
		text = "no processor time"
	}
	switch {
	case !c.sight.IO:
		return text + ", I/O cannot be seen"
	case io < 1:
		return text + ", no I/O"
	}
	return text + ", I/O " + words.Rate(io, "bytes")
}

// share says a part of a processor, with a decimal where it is small.
func share(cpu float64) string {
	if cpu < 0.0995 {
		return fmt.Sprintf("%.1f %%", 100*cpu)
	}
	return fmt.Sprintf("%.0f %%", 100*cpu)
}

// usually is what the processes use while the task progresses, once that is known.
func (c *Case) usually() string {
	if c.cpuUsual.weight < 0.05 { // half a minute of ten
		return ""
	}
	text := "; usually " + share(c.cpuUsual.mean())
	if c.sight.IO && (c.ioUsual.mean() >= 1e3 || c.io.mean() >= 1e3) {
		text += ", " + words.Rate(c.ioUsual.mean(), "bytes")
	}
	return text
}

// chatterEvidence tells of lines without news: how many of how many kinds, and the most frequent of them.
func (c *Case) chatterEvidence(l *list) {
	if c.chatter == 0 || c.end != nil {
		return
	}
	text := lines(c.chatter) + " without news"
	switch {
	case len(c.kinds) > maxKinds:
		text = fmt.Sprintf("%s of more than %d kinds without news", lines(c.chatter), maxKinds)
	case len(c.kinds) > 1:
		text = fmt.Sprintf("%s of %d kinds without news", lines(c.chatter), len(c.kinds))
	}
	switch {
	case c.errors == 1 && c.chatter == 1:
		text += ", an error or a retry"
	case c.errors == c.chatter:
		text += ", all errors or retries"
	case c.errors > 0:
		text += fmt.Sprintf(", %d of them errors or retries", c.errors)
	}
	most := c.loudest()
	switch quote := "“" + words.Short(undated(most.text), quoted-20) + "”"; {
	case strings.TrimSpace(most.text) == "":
	case most.count > 1:
		text += fmt.Sprintf("; %d × %s", most.count, quote)
	case most.count == 1:
		text += ": " + quote
	}
	l.add(c.verdict == observe.Looping || c.verdict == observe.Quiet, text, c.lastLine.at)
}

// loudest is the most frequent kind of line without news; the first of those that are.
func (c *Case) loudest() kind {
	var most kind
	for _, k := range c.kinds {
		if k.count > most.count {
			most = k
		}
	}
	return most
}

// Quotes tells whether the evidence quotes a line already: it is what the log says most without news.
func (c *Case) Quotes(line string) bool {
	return c.chatter > 0 && strings.HasPrefix(strings.TrimSpace(c.loudest().text), strings.TrimSuffix(line, "…"))
}

// sightEvidence tells what is not seen of a task that seems to stand still, and what was so before sight was lost.
func (c *Case) sightEvidence(l *list) {
	if c.verdict == observe.Stalled && c.sight.Work && c.sight.Found {
		l.add(false, "only the log's writer is in sight; name all of it with process:, --match or --unit", time.Time{})
	}
	if !c.sight.Seen && c.sight.Why != "" && c.verdict != observe.Blind {
		l.add(false, c.sight.Why, c.sight.Since)
	}
	if was := c.before.verdict; c.verdict == observe.Blind && c.end == nil && was != "" && was != observe.Pending {
		text := string(was) + " until then"
		if was != observe.Progressing { // its reason is the newest news, which is shown
			text += ": " + words.Short(c.before.reason, quoted)
		}
		l.add(!well(was), text, c.since)
	}
}

// undated is a line without the time at its beginning: its age stands beside it, and room is short.
func undated(line string) string {
	line = strings.TrimSpace(line)
	end := strings.IndexFunc(line, func(r rune) bool { return !strings.ContainsRune("0123456789-:.,/+TZ[] ", r) })
	if end < 0 || strings.Count(line[:end], ":") < 2 {
		return line
	}
	return strings.TrimSpace(line[strings.LastIndexAny(line[:end], " ]")+1:])
}

// lines is a number of lines in words.
func lines(n int) string {
	if n == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", n)
}
