package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"ronda/internal/observe"
	"ronda/internal/words"
)

// Said is a verdict that became another, and when that was said.
type Said struct {
	At   time.Time
	Task string
	observe.Ruling
}

// together is how far apart in time the same verdict may have been said twice, to be one.
const together = 5 * time.Second

// Compare tells what is said of a night now, next to what was said that night: a line for each verdict in the order
// of time, marked "+" where only now and "−" where only then; and below, for each task, which alarms would have been
// other ones. until is the night's end. Without anything said then, the lines are unmarked and there is no summary.
// With why, what speaks for and against each verdict stands under it. Times are in the machine's time zone.
func Compare(then, now []Said, until time.Time, why bool) []string {
	return compareIn(then, now, until, why, time.Local)
}

func compareIn(then, now []Said, until time.Time, why bool, loc *time.Location) []string {
	c := comparison{loc: loc, until: until, why: why}
	if len(then) == 0 {
		c.add("", "the file holds no verdicts of that night; what is said now:")
		for _, s := range now {
			c.verdict(" ", s)
		}
		return c.out
	}
	c.add("", "what is said now, next to what was said that night (+ only now, − only then):")
	for _, p := range c.pairs(then, now) {
		c.verdict(p.mark, p.Said)
	}
	c.out = append(c.out, "")
	for _, task := range tasksOf(then, now) {
		c.summary(task, ofTask(then, task), ofTask(now, task))
	}
	return c.out
}

// comparison collects the lines.
type comparison struct {
	loc   *time.Location
	until time.Time
	why   bool
	out   []string
}

func (c *comparison) add(mark, text string) {
	if mark != "" {
		mark += " "
	}
	c.out = append(c.out, words.Clean(mark+text))
}

// verdict adds a verdict, and what speaks for and against it.
func (c *comparison) verdict(mark string, s Said) {
	c.add(mark, c.said(s))
	if !c.why {
		return
	}
	for _, e := range s.Evidence {
		sign, age := "−", ""
		if e.For {
			sign = "+"
		}
		if !e.At.IsZero() && s.At.Sub(e.At) >= time.Second {
			age = ", " + words.Age(s.At.Sub(e.At))
		}
		c.add("", "      "+sign+" "+quote(e.Text)+age)
	}
	if n := s.Next; n != nil {
		c.add("", "      next: "+string(n.Verdict)+" at "+words.ClockSeconds(n.At, c.loc, s.At)+" if "+quote(n.If))
	}
}

// said is one verdict in words.
func (c *comparison) said(s Said) string {
	text := s.At.In(c.loc).Format(time.DateTime) + "  " + s.Task + ": " + string(s.Verdict)
	if !s.Since.IsZero() && s.At.Sub(s.Since) >= time.Second {
		text += " since " + words.ClockSeconds(s.Since, c.loc, s.At)
	}
	if s.Sure != "" {
		text += ", " + string(s.Sure)
	}
	return join(": ", text, quote(s.Reason))
}

// marked is what was said, with the mark of who said it: " " both, "+" now, "−" then.
type marked struct {
	mark string
	Said
}

// pairs puts the two nights side by side, task by task, in the order of time.
func (c *comparison) pairs(then, now []Said) []marked {
	var all []marked
	for _, task := range tasksOf(then, now) {
		a, b := ofTask(then, task), ofTask(now, task)
		for len(a) > 0 || len(b) > 0 {
			switch {
			case len(a) > 0 && len(b) > 0 && a[0].Verdict == b[0].Verdict && b[0].At.Sub(a[0].At).Abs() <= together:
				all = append(all, marked{" ", b[0]})
				a, b = a[1:], b[1:]
			case len(b) == 0 || len(a) > 0 && !a[0].At.After(b[0].At):
				all = append(all, marked{"−", a[0]})
				a = a[1:]
			default:
				all = append(all, marked{"+", b[0]})
				b = b[1:]
			}
		}
	}
	slices.SortStableFunc(all, func(a, b marked) int { return a.At.Compare(b.At) })
	return all
}

// span is a time in which a verdict stood.
type span struct {
	verdict  observe.Verdict
	from, to time.Time
}

func (s span) overlaps(o span) bool { return s.from.Before(o.to) && o.from.Before(s.to) }

// alarms are the times in which a task was in alarm.
func (c *comparison) alarms(said []Said) []span {
	var all []span
	for i, s := range said {
		to := c.until
		if i+1 < len(said) {
			to = said[i+1].At
		}
		if s.Verdict.Alarming() {
			all = append(all, span{s.Verdict, s.At, to})
		}
	}
	return all
}

// summary tells which alarms of a task would have been other ones.
func (c *comparison) summary(task string, then, now []Said) {
	was, is := c.alarms(then), c.alarms(now)
	twin := func(s span, others []span) (span, bool) {
		i := slices.IndexFunc(others, func(o span) bool { return o.verdict == s.verdict && s.overlaps(o) })
		if i < 0 {
			return span{}, false
		}
		return others[i], true
	}
	type finding struct {
		at   time.Time
		text string
	}
	var found []finding
	for _, s := range was {
		switch o, both := twin(s, is); {
		case !both:
			found = append(found, finding{s.from, c.span(s) + " would not have been said"})
		case o.from.Sub(s.from).Abs() > together || o.to.Sub(s.to).Abs() > together:
			found = append(found, finding{s.from, c.span(s) + " would have been said " + c.times(o)})
		}
	}
	for _, s := range is {
		if _, both := twin(s, was); !both {
			found = append(found, finding{s.from, c.span(s) + " would have been said, and was not"})
		}
	}
	slices.SortStableFunc(found, func(a, b finding) int { return a.at.Compare(b.at) })
	texts := make([]string, 0, len(found))
	for _, f := range found {
		texts = append(texts, f.text)
	}
	if len(texts) == 0 {
		texts = []string{c.same(then, now, len(was))}
	}
	c.add("", task+": "+strings.Join(texts, "; "))
}

// same says that the alarms are as they were that night.
func (c *comparison) same(then, now []Said, alarms int) string {
	differ := 0
	for _, p := range c.pairs(then, now) {
		if p.mark != " " {
			differ++
		}
	}
	text := "as that night"
	if differ > 0 {
		text = "the same alarms as that night"
		if alarms == 0 {
			text = "no alarm, as that night"
		}
		text += fmt.Sprintf("; of the other verdicts %d differ", differ)
	}
	return text
}

func (c *comparison) span(s span) string { return string(s.verdict) + " " + c.times(s) }

func (c *comparison) times(s span) string {
	from := words.Clock(s.from, c.loc, c.until)
	if s.to.Equal(c.until) {
		return "from " + from + " on"
	}
	if to := words.Clock(s.to, c.loc, c.until); to != from {
		return from + "–" + to
	}
	return "at " + words.ClockSeconds(s.from, c.loc, c.until) + " for " + words.Duration(s.to.Sub(s.from))
}

// tasksOf are the tasks of which anything was said, in the order of the first word.
func tasksOf(then, now []Said) []string {
	all := slices.Concat(then, now)
	slices.SortStableFunc(all, func(a, b Said) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Task, b.Task)) })
	var tasks []string
	for _, s := range all {
		if !slices.Contains(tasks, s.Task) {
			tasks = append(tasks, s.Task)
		}
	}
	return tasks
}

func ofTask(all []Said, task string) []Said {
	return slices.DeleteFunc(slices.Clone(all), func(s Said) bool { return s.Task != task })
}
