package fold

import (
	"fmt"
	"math"
	"slices"
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
	"ronda/internal/words"
)

// event is a stream that began or ended.
type event struct {
	turn
	task    string // and how many more at the same time
	also    int
	streams int // afterwards
	tried   bool
	asked   int // of loneWindows
}

// hint is what a group's totals suggest.
type hint struct {
	text   string
	since  time.Time
	lone   bool // of one event: it goes when the stream does
	before float64
	n      int // streams
}

// Times of an experiment: what is skipped after a stream began or ended, what is compared on both sides, and how
// long afterwards a lone event is looked at. What came before a lone event is compared further back.
const (
	groupSkip   = 30 * time.Second
	groupWindow = 3 * time.Minute
	groupPast   = 10 * time.Minute
	groupLag    = 10 * time.Second // what comes late comes within this, beyond the gaps of its stream
	maxEvents   = 8
	maxTrials   = 8
)

// loneWindows are how much of the time after an event is looked at, in turn.
func loneWindows() [3]time.Duration {
	return [3]time.Duration{groupWindow, 5 * time.Minute, groupPast}
}

// happened notes that a stream began or ended. Those that do so together are one event.
func (g *group) happened(t turn, s *stream) {
	e := event{turn: t, task: s.t.plan.Name, streams: g.active(), tried: !t.known}
	if n := len(g.events); n > 0 {
		last := &g.events[n-1]
		if last.more == e.more && e.at.Sub(last.at).Abs() < groupSkip {
			last.streams, last.also = e.streams, last.also+1
			last.tried = last.tried || e.tried
			return
		}
		if e.at.Before(last.at) {
			e.tried = true // it was told too late to be an experiment
		}
	}
	if len(g.events) == maxEvents {
		g.events = append(g.events[:0], g.events[1:]...)
	}
	g.events = append(g.events, e)
}

// lag is how late amounts may come: a stream that has not moved for a while may have ended then, or bring it yet.
func (g *group) lag() time.Duration {
	late := time.Duration(0)
	for _, s := range g.streams {
		if s.active {
			late = max(late, time.Duration(s.feed.gap*float64(time.Second)), s.resting())
		}
	}
	return groupLag + min(late, groupWindow)
}

// weigh looks at what the newest events did to the total.
func (g *group) weigh(now time.Time) (string, bool) {
	was := g.hint
	g.fade(now)
	ready := now.Add(-g.lag())
	for i := range g.events {
		g.try(i, ready)
	}
	g.suggest(now)
	if n := len(g.events); n > 0 {
		g.lone(&g.events[n-1], n-1, ready)
	}
	return g.hint.text, g.hint.text != "" && (g.hint.since != was.since || g.hint.lone != was.lone)
}

// window is the total between two events, at most so long before or after the event i.
func (g *group) window(i int, before, after time.Duration) (a, b []float64) {
	at := g.events[i].at
	from, to := at.Add(-before), at.Add(groupSkip+after)
	if i > 0 {
		from = latest(from, g.events[i-1].at.Add(groupSkip))
	}
	if i+1 < len(g.events) {
		to = earliest(to, g.events[i+1].at)
	}
	a, b = g.total.between(from, at), g.total.between(at.Add(groupSkip), to)
	// What happened while nobody looked is not known: only what joins the event without a gap is compared.
	for i := range slices.Backward(a) {
		if math.IsNaN(a[i]) {
			a = a[i+1:]
			break
		}
	}
	if i := slices.IndexFunc(b, math.IsNaN); i >= 0 {
		b = b[:i]
	}
	return a, b
}

// try makes the event an experiment, once all of its time has come in.
func (g *group) try(i int, ready time.Time) {
	e := &g.events[i]
	end := e.at.Add(groupSkip + groupWindow)
	if i+1 < len(g.events) {
		end = earliest(end, g.events[i+1].at)
	}
	if e.tried || ready.Before(end) {
		return
	}
	e.tried = true
	if e.streams < 1 || (e.more && e.streams < 2) {
		return // there was none but this
	}
	a, b := g.window(i, groupWindow, groupWindow)
	if t, ok := rate.Try(a, b, e.more); ok {
		if len(g.trials) == maxTrials {
			g.trials = append(g.trials[:0], g.trials[1:]...)
		}
		g.trials = append(g.trials, t)
	}
}

// suggest makes a hint of several trials, which stands while they agree.
func (g *group) suggest(now time.Time) {
	if g.hint.lone {
		return
	}
	change, agree, ok := rate.Hint(g.trials)
	if !ok {
		g.hint = hint{}
		return
	}
	if g.hint.text == "" {
		g.hint.since = now
	}
	g.hint.text = fmt.Sprintf("in %d of %d changes the total was lower with one more stream, by %s in the median",
		agree, len(g.trials), words.Percent(-change))
}

// lone makes a hint of the newest event alone, when it is beyond doubt. It takes the place of a general one.
func (g *group) lone(e *event, i int, ready time.Time) {
	windows := loneWindows()
	if g.hint.since.Equal(e.at) || !e.more || !e.known || e.streams < 2 || e.asked >= len(windows) || ready.Before(e.at.Add(groupSkip+windows[e.asked])) {
		return
	}
	a, b := g.window(i, groupPast, windows[e.asked])
	e.asked++
	t, ok := rate.Try(a, b, true)
	if !ok || !t.Lone() {
		return
	}
	who := e.task
	if e.also > 0 {
		who += fmt.Sprintf(" and %d more", e.also)
	}
	g.hint = hint{
		text: fmt.Sprintf("the total of %d streams fell from %s to %s when %s joined", e.streams,
			words.Rate(t.Before, g.unit), words.Rate(t.After, g.unit), who),
		since: e.at, lone: true, before: t.Before, n: e.streams,
	}
}

// fade takes the hint of a lone event away that is no longer so: a stream has gone, or the total is back.
func (g *group) fade(now time.Time) {
	if !g.hint.lone {
		return
	}
	if g.active() < g.hint.n {
		g.hint = hint{}
		return
	}
	ready := now.Add(-g.lag())
	recent := g.total.between(ready.Add(-groupWindow), ready)
	if t, ok := rate.Try(recent, recent, true); ok && t.After > 0.88*g.hint.before {
		g.hint = hint{}
	}
}

// remarkNeighbours tells the judge what the tasks beside this one did to the total of all.
func (t *task) remarkNeighbours() {
	var e observe.Evidence
	if t.group != nil && !t.judge.Verdict().Ended() && t.group.moves(t) {
		e.Text, e.At = t.group.hint.text, t.group.hint.since
	}
	t.judge.Note("neighbours", e)
}

// moves tells whether the task is one of the streams that move now.
func (g *group) moves(t *task) bool {
	return slices.ContainsFunc(g.streams, func(s *stream) bool { return s.t == t && s.active })
}
