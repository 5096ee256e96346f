package report

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
	"ronda/internal/words"
)

// textLimit bounds what is quoted in a line, in characters.
const textLimit = 500

// Lines says what has changed from one snapshot to a later one, a line for each change, in the order: the
// session, links, tasks and their sources, services, notes, the end. With a nil prev it says how everything
// stands; with a nil next, nothing. Each line begins with the date and time of the machine's time zone, and
// names what it is about. A link that is only late, a rate and a reason in which only numbers have moved are
// no change; every tenth of a task is.
func Lines(prev, next *fold.Snapshot) []string {
	return linesIn(prev, next, time.Local)
}

func linesIn(prev, next *fold.Snapshot, loc *time.Location) []string {
	if next == nil {
		return nil
	}
	l := &lines{loc: loc, now: next.At}
	if prev == nil {
		prev, l.first = &fold.Snapshot{Notes: next.Notes}, true // those of earlier runs are history
		l.opening(next)
	}
	l.hosts(prev, next)
	l.tasks(prev, next)
	l.services(prev, next)
	l.notes(prev, next)
	if prev.Unknown == 0 && next.Unknown > 0 {
		l.add(next.At, "session", "there are observations of a kind that this version does not know")
	}
	if next.Ended && !prev.Ended {
		l.add(next.At, "session", join(": ", "ended", next.Why))
	}
	return l.out
}

// lines collects the lines about one snapshot.
type lines struct {
	loc   *time.Location
	now   time.Time
	first bool // how everything stands is told
	out   []string
}

func (l *lines) add(at time.Time, subject, text string) {
	l.out = append(l.out, words.Clean(at.In(l.loc).Format(time.DateTime)+"  "+subject+": "+text))
}

func (l *lines) opening(s *fold.Snapshot) {
	text := "watching " + plural(len(s.Tasks), "task")
	if n := len(s.Services); n > 0 {
		text += " and " + plural(n, "service")
	}
	l.add(s.At, "session", join(": ", quote(s.Title), text))
}

func (l *lines) hosts(prev, next *fold.Snapshot) {
	for _, h := range next.Hosts {
		before := find(prev.Hosts, func(b fold.HostView) bool { return b.Name == h.Name })
		wasUp, isUp := reachable(before.State), reachable(h.State)
		switch {
		case isUp && !wasUp && h.RTT > 0:
			l.add(next.At, h.Name, "link up, "+words.Latency(h.RTT))
		case isUp && !wasUp:
			l.add(next.At, h.Name, "link up")
		case h.State == fold.LinkDown && (before.State != fold.LinkDown || !sameWords(before.Detail, h.Detail)):
			l.add(next.At, h.Name, join(": ", "link down", quote(h.Detail)))
		}
	}
}

func reachable(s fold.LinkState) bool { return s == fold.LinkUp || s == fold.LinkLate }

func (l *lines) tasks(prev, next *fold.Snapshot) {
	for _, t := range next.Tasks {
		before := find(prev.Tasks, func(b fold.TaskView) bool { return b.Name == t.Name })
		switch {
		case moved(before, t):
			l.add(next.At, t.Name, l.task(t))
		case tenth(before, t):
			l.add(next.At, t.Name, l.course(t))
		}
		if n := len(t.Scenes); n > 0 && !l.first && t.Scenes[n-1].At.After(lastScene(before)) {
			l.add(t.Scenes[n-1].At, t.Name, scene(t.Scenes[n-1]))
		}
		if t.Verdict.Ended() {
			continue // that its process is gone is as it should be
		}
		for _, s := range t.Sources {
			was := find(before.Sources, func(b fold.SourceView) bool { return b.Name == s.Name })
			l.source(t.Name, was, s)
		}
	}
}

// lastScene is when the newest scene of a task was taken; zero: none was.
func lastScene(t fold.TaskView) time.Time {
	if n := len(t.Scenes); n > 0 {
		return t.Scenes[n-1].At
	}
	return time.Time{}
}

// scene says what is kept of the moment at which a verdict became alarming.
func scene(s fold.Scene) string {
	var kept []string
	if s.Process != nil && len(s.Process.Procs) > 0 {
		kept = append(kept, plural(len(s.Process.Procs), "process")+" and what each waits in")
	}
	if n := len(s.Lines); n > 0 {
		kept = append(kept, "the last "+plural(n, "line"))
	}
	return join(": ", "what was known is in the record", strings.Join(kept, ", "))
}

// moved tells whether a task has changed so that a person wants to hear of it.
func moved(before, t fold.TaskView) bool {
	switch {
	case t.Verdict == observe.Pending && len(t.Sources) == 0:
		return false // nobody has looked yet
	case before.Verdict != t.Verdict, before.Phase != t.Phase, t.Overlong && !before.Overlong:
		return true
	}
	telling := t.Verdict.Alarming() || t.Verdict == observe.Blind || t.Verdict == observe.Pending
	return telling && !sameWords(before.Reason, t.Reason)
}

// tenth tells whether one more tenth of a task is done.
func tenth(before, t fold.TaskView) bool {
	a, _ := before.Progress.Fraction()
	b, known := t.Progress.Fraction()
	return known && int(b*10) > int(a*10) && !t.Verdict.Ended()
}

// task says how a task stands.
func (l *lines) task(t fold.TaskView) string {
	state := string(t.Verdict)
	if since := t.Since; !since.IsZero() && l.now.Sub(since) >= time.Second && !t.Verdict.Ended() {
		state += " since " + words.ClockSeconds(since, l.loc, l.now)
	}
	if t.Sure == observe.Likely || t.Sure == observe.Unsure {
		state += ", " + string(t.Sure)
	}
	parts := []string{join(": ", state, quote(t.Reason))}
	if t.Verdict.Ended() {
		if !t.Started.IsZero() && !t.Ended.IsZero() {
			parts = append(parts, "took "+words.Duration(t.Ended.Sub(t.Started)))
		}
		return join("; ", append(parts, t.Deadline.Overrun(t.Ended))...)
	}
	next := ""
	if n := t.Next; n != nil && t.Verdict != observe.Progressing && t.Verdict != observe.Pending {
		next = "next: " + string(n.Verdict) + " at " + words.ClockSeconds(n.At, l.loc, l.now)
		if n.If != "" {
			next += " if " + quote(n.If)
		}
	}
	phase := ""
	if t.Phase != "" && t.Phase != t.Reason {
		phase = named(quote(t.Phase))
	}
	return join("; ", append(parts, phase, join(", ", l.course(t), deadline(t.Deadline, l.loc, l.now)), next)...)
}

// named is the name of a phase with the word before it, unless it begins with such a word itself.
func named(phase string) string {
	first, _, _ := strings.Cut(phase, " ")
	switch strings.ToLower(first) {
	case "phase", "step", "stage", "pass":
		return phase
	}
	return "phase " + phase
}

// course says how far a task is, how fast it goes and when it ends.
func (l *lines) course(t fold.TaskView) string {
	how := []string{progress(t.Progress)}
	if t.Rate != 0 {
		how = append(how, words.Rate(t.Rate, t.Progress.Unit))
	}
	how = append(how, end(t.ETA, l.loc, l.now))
	if t.PhaseETA.State == rate.Range {
		how = append(how, "this phase "+end(t.PhaseETA, l.loc, l.now))
	}
	return join(", ", how...)
}

func (l *lines) source(task string, before, s fold.SourceView) {
	if before.State == s.State && (s.State == observe.SourceUp && s.Why == "" || sameWords(before.Why, s.Why)) {
		return
	}
	var text string
	switch s.State {
	case observe.SourceUp:
		switch before.State {
		case "":
			return // as it should be
		case observe.SourceWaiting:
			text = "is there now"
		case observe.SourceUp: // another process is watched
			l.add(l.now, task, join(": ", "its "+s.Name, quote(s.Why)))
			return
		default:
			text = "is seen again"
		}
	case observe.SourceWaiting:
		l.add(l.now, task, join(": ", "its "+s.Name, quote(s.Why)))
		return
	case observe.SourceFailed:
		text = "cannot be seen"
	case observe.SourceLimited:
		text = "is seen in part"
	default:
		return
	}
	l.add(l.now, task, join(": ", "its "+s.Name+" "+text, quote(s.Why)))
}

func (l *lines) services(prev, next *fold.Snapshot) {
	for _, s := range next.Services {
		before := find(prev.Services, func(b fold.ServiceView) bool { return b.Name == s.Name })
		switch {
		case s.Blind && !before.Blind:
			l.add(next.At, s.Name, "service cannot be asked: the link to "+s.Host+" is down")
		case s.Blind || !s.Asked:
		case before.Asked && !before.Blind && before.OK == s.OK && (s.OK || sameWords(before.Detail, s.Detail)):
		default:
			l.add(next.At, s.Name, l.service(before, s))
		}
	}
}

func (l *lines) service(before, s fold.ServiceView) string {
	if !s.OK {
		return join(": ", "service down", quote(s.Detail))
	}
	text := "service up"
	if before.Asked && !before.OK && !before.Since.IsZero() && s.Since.After(before.Since) {
		text += " after " + words.Duration(s.Since.Sub(before.Since))
	}
	text += ", " + words.Latency(s.Latency)
	return join(": ", text, quote(s.Detail))
}

// notes says the notes that prev had not. The oldest are dropped in time, so they are told apart by the
// newest that prev had.
func (l *lines) notes(prev, next *fold.Snapshot) {
	fresh := next.Notes
	if n := len(prev.Notes); n > 0 {
		for i := range slices.Backward(fresh) {
			if fresh[i] == prev.Notes[n-1] {
				fresh = fresh[i+1:]
				break
			}
		}
	}
	for _, n := range fresh {
		subject, text := string(n.Kind), n.Text
		if n.Kind == observe.KindVerdict { // it names what it is about itself
			if about, rest, ok := strings.Cut(text, ": "); ok {
				subject, text = about, rest
			}
		}
		l.add(n.At, subject, quote(text))
	}
}

// find returns the first of all that is as wanted; a zero one when none is.
func find[T any](all []T, wanted func(T) bool) T {
	if i := slices.IndexFunc(all, wanted); i >= 0 {
		return all[i]
	}
	var none T
	return none
}

// sameWords tells whether two texts differ at most in their numbers: those count on, and are no news.
func sameWords(a, b string) bool {
	letters := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return -1
			}
			return r
		}, s)
	}
	return letters(a) == letters(b)
}

// quote shortens text that comes from elsewhere.
func quote(text string) string {
	if utf8.RuneCountInString(text) <= textLimit {
		return text
	}
	return string([]rune(text)[:textLimit-1]) + "…"
}

// join joins the texts that are not empty.
func join(sep string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return s == "" }), sep)
}

func plural(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "s"):
		return fmt.Sprintf("%d %ses", n, what)
	}
	return fmt.Sprintf("%d %ss", n, what)
}
