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
	"ronda/internal/words"
)

// textLimit bounds what is quoted in a line, in characters.
const textLimit = 500

// Lines says what has changed from one snapshot to a later one, a line for each change, in the order: the
// session, links, finders, tasks and their sources, volumes, services, notes, the end. With a nil prev it says how everything
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
	l.finders(prev, next)
	l.tasks(prev, next)
	l.volumes(prev, next)
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
	if len(s.Tasks) == 0 && len(s.Finders) > 0 {
		text = "looking for copies"
	}
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
		if n.Kind == observe.KindVolume {
			continue // what is noted of room is said with the task and the volume
		}
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
