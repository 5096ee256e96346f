package fold

import (
	"slices"
	"strings"
	"time"

	"ronda/internal/extract"
	"ronda/internal/observe"
	"ronda/internal/words"
)

// moving is what is seen from outside of what a task moves: the copy, its manager's word, and the ways of telling how
// far it is.
type moving struct {
	observe.Transfer           // the newest sample, with what stayed as before
	known            bool      // a sample came
	at               time.Time // when
	gap              float64   // usual seconds between two samples; 0: not known

	ways   []way
	chosen int // among ways, by which it is counted; -1: none

	own      extract.Count // what the task's own log counted last
	ownKnown bool
	ownAt    time.Time
	apart    bool // its percentage was not what the chosen way told then

	growth  float64 // bytes a second that were moved and are no progress
	ended   bool    // its end was judged
	derived bool    // nobody watches it: the ways are what its open files tell
}

// transferSource is the name of the source that watches what is moved.
const transferSource = "transfer"

// transfer folds in a sample of what the task moves.
func (t *task) transfer(now time.Time, p observe.Transfer) {
	m := &t.moving
	t.due = true
	if m.derived { // what its open files told is no longer needed
		*m = moving{}
	}
	dt, was := m.pass(now), m.State
	m.take(p)
	t.begin(now)
	news := m.see(now, t.clock(now), p.Amounts, dt)
	if m.ended && !overState(m.State) && (overState(was) || m.grows(now)) {
		m.ended = false
		t.judge.Back()
	}
	if t.moving.shows() {
		t.judge.Found()
	}
	if t.moving.State != observe.TransferQueued { // the time in the queue says nothing of its speed
		t.countMoved(now, news)
	}
	t.judge.Blocks(now, t.hindrance(now))
	t.endMoved(now)
	if t.run.over { // the last word on an end may come after it
		t.doubt()
	}
}

// pass notes that a sample came, and returns how many seconds after the one before; 0 for the first.
func (m *moving) pass(now time.Time) float64 {
	dt := now.Sub(m.at).Seconds()
	if !m.known {
		m.chosen, dt = -1, 0
	}
	if m.gap == 0 {
		m.gap = dt
	}
	m.gap += 0.2 * (min(dt, mostGap) - m.gap) // what is unchanged is not told: a long gap may be a rest
	m.known, m.at = true, now
	return dt
}

// mostGap is the most that one gap between two samples tells of how often they come, in seconds.
const mostGap = 60

// take keeps what the sample says in words; what it does not say is as before.
func (m *moving) take(p observe.Transfer) {
	old := m.Transfer
	m.Transfer = p
	for _, kept := range []struct{ now, before *string }{
		{&m.Finder, &old.Finder}, {&m.ID, &old.ID}, {&m.Tool, &old.Tool}, {&m.Source, &old.Source}, {&m.Target, &old.Target},
	} {
		if *kept.now == "" {
			*kept.now = *kept.before
		}
	}
	if m.State == "" {
		m.State = old.State
	}
}

// overState tells that a transfer in that state has ended.
func overState(s observe.TransferState) bool {
	switch s {
	case observe.TransferDone, observe.TransferFailed, observe.TransferCancelled, observe.TransferGone:
		return true
	case observe.TransferQueued, observe.TransferRunning:
	}
	return false
}

// countMoved counts by the chosen way, where the task's own word does not go before it. news is a way that tells of more
// than ever before.
func (t *task) countMoved(now time.Time, news *way) {
	m, k := &t.moving, &t.counting
	if k.asked {
		return // what a command tells is the task's own word
	}
	if !overState(m.State) || m.chosen < 0 { // at the end much is closed that was looked at: that is no reason to turn
		m.choose(now)
	}
	w := m.way()
	switch {
	case w == nil:
		return
	case m.ownGoesBefore(now, w, t.plan.Transfer != nil):
		t.complete(w)
	case w.jumped(): // to its full size at once: that is no progress
	default:
		t.countWay(now, w)
	}
	if news != nil {
		t.judge.News(now, t.movedText(now, w, news))
	}
}

// countWay counts by a way.
func (t *task) countWay(now time.Time, w *way) {
	k := &t.counting
	c := extract.Count{Name: w.name(), Done: w.value(), Total: w.total(), Unit: w.Unit, Percent: w.Unit == percentUnit}
	if done, total := t.moving.files(); w.Unit == bytesUnit && total >= manyFiles {
		c.Files, c.FilesTotal = done, total
	}
	if k.series == nil || k.progress.Name != c.Name || k.progress.Unit != c.Unit {
		t.turnTo(c, w)
	}
	t.count(now, c)
	k.outside = true
	k.progress.Estimate = w.Estimate && c.Total > 0 || w.grew
}

// manyFiles is how many files there must be for their number to tell something of the time that they take.
const manyFiles = 50

// turnTo begins to count something else, with what was seen of it so far. The course stays where both are bytes: it is
// how fast the task went, whichever end of it was looked at.
func (t *task) turnTo(c extract.Count, w *way) {
	k := &t.counting
	same := k.progress.Known && k.progress.Unit == c.Unit && k.outside
	k.begin(c)
	if same {
		t.speed.main.turn()
	} else {
		t.speed.restart()
	}
	for _, r := range w.trail.points() {
		k.series.Add(r.clock, r.value)
	}
	t.followCourse()
}

// movesOn is how long after its last move what a task is counted by is still quoted, though another way tells of more:
// the two ends of a copy move in turns.
const movesOn = 15 * time.Second

// movedText is how far it is, for a person: by what it is counted by, or else by the way that tells of more.
func (t *task) movedText(now time.Time, w, news *way) string {
	if k := &t.counting; k.progress.Known && (!k.outside || now.Sub(w.moved) < movesOn) {
		return k.text()
	}
	return strings.TrimSpace(news.name() + " " + words.Amount(news.value(), news.Unit))
}

// complete gives the task's own counter the total that it does not tell itself.
func (t *task) complete(w *way) {
	k := &t.counting
	if !t.moving.lacksTotal(w) || k.progress.Unit != w.Unit || k.series == nil {
		return
	}
	if total := w.total(); total > k.progress.Done {
		k.progress.Total, k.progress.Estimate = total, w.Estimate
		k.lent = true
	}
}

// lacksTotal tells that the task's own counter counts what w does, and does not say of how much.
func (m *moving) lacksTotal(w *way) bool {
	return m.ownKnown && m.own.Total == 0 && m.own.Unit == w.Unit && w.total() > 0
}

// hearOwn takes what the task's own log counts, with a total from outside where it tells none, and tells whether the
// task is counted by it.
func (t *task) hearOwn(now time.Time, c *extract.Count) bool {
	m, k := &t.moving, &t.counting
	m.own, m.ownKnown, m.ownAt = *c, true, now
	w := m.way()
	if w == nil {
		m.apart = true
		return true
	}
	within := agree
	if k.outside {
		within = 2 * agree
	}
	d := c.Done/100 - w.value()/max(w.total(), 1)
	m.apart = d > within || d < -within
	if k.outside && !m.ownGoesBefore(now, w, t.plan.Transfer != nil) {
		return false
	}
	if k.lent = m.lacksTotal(w) && w.total() >= c.Done; k.lent {
		c.Total = w.total()
	}
	return true
}

// agree is how far apart two shares may be that tell of the same. A percentage that the log told so long ago, in
// ownFresh, is compared no more.
const (
	agree    = 0.1
	ownFresh = 5 * time.Minute
)

// ownGoesBefore tells that the task's own counter is believed rather than w. One in bytes is; a percentage gives way to
// exact bytes that agree with it; what counts something else, to exact bytes where the plan asks for them; and one that
// knows no end, to one that does.
func (m *moving) ownGoesBefore(now time.Time, w *way, planned bool) bool {
	exact := w.Unit == bytesUnit && w.total() > 0 && !w.Estimate
	switch {
	case !m.ownKnown:
		return false
	case m.own.Unit == bytesUnit:
		return true
	case m.own.Percent || m.own.Unit == percentUnit:
		return !exact || m.apart && now.Sub(m.ownAt) <= ownFresh
	case m.own.Total > 0:
		return !exact || !planned
	}
	return w.total() == 0
}

// seldom is how many seconds apart samples may usually be for rest to be told from work by them.
const seldom = 20

// shows tells that work can be told from rest by what is moved: bytes are looked at, and often enough. A manager's
// percentage alone does not show it, nor its bytes before they have risen a few times: it may count in steps.
func (m *moving) shows() bool {
	return m.known && !m.derived && m.gap <= seldom && m.State != observe.TransferQueued &&
		slices.ContainsFunc(m.ways, func(w way) bool {
			return w.here && w.Unit == bytesUnit && (w.Of != observe.AmountJob || w.moves >= oftenMoved)
		})
}

// work is the bytes a second that were moved lately and that are no progress.
func (m *moving) work(now time.Time) float64 {
	if !m.known || now.Sub(m.at).Seconds() > 2*max(m.gap, 2) {
		return 0
	}
	return m.growth
}

// grows tells that something of it moved just now.
func (m *moving) grows(now time.Time) bool {
	return slices.ContainsFunc(m.ways, func(w way) bool { return w.moved.Equal(now) })
}

// way is the one by which it is counted; nil for none.
func (m *moving) way() *way {
	if !m.known || m.chosen < 0 || m.chosen >= len(m.ways) {
		return nil
	}
	return &m.ways[m.chosen]
}

// files are the files counted beside the bytes; 0 where nothing is known of them.
func (m *moving) files() (done, total float64) {
	i := slices.IndexFunc(m.ways, func(w way) bool { return w.Of == observe.AmountFiles })
	if i < 0 {
		return 0, 0
	}
	return m.ways[i].value(), m.ways[i].total()
}

// percentUnit is the unit of a counter that tells percent.
const percentUnit = "percent"
