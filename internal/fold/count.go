package fold

import (
	"strings"
	"time"

	"ronda/internal/extract"
	"ronda/internal/judge"
	"ronda/internal/observe"
	"ronda/internal/rate"
	"ronda/internal/words"
)

// counting is the counter that tells how far the task is.
type counting struct {
	progress Progress
	series   *rate.Series
	best     float64
	passes   restarting // when it begins anew
	asked    bool       // a progress probe tells; the log's own counters only confirm
	outside  bool       // it is what is seen from outside of what the task moves
	lent     bool       // its total is
	outlived bool       // it was full when another phase began, and has not moved since: it says nothing of that one
	noTotal  string     // why there is no total, where the tool's way of working is the reason
	eta      rate.ETA   // of the task, as it was reckoned; probabilities are taken from it
	shown    rate.ETA   // as it is shown, without jitter
	calm     rate.Calm
	reckoned time.Time // when eta was

	phaseETA   rate.ETA // of the phase that runs, where the counter belongs to it
	phaseShown rate.ETA
	phaseCalm  rate.Calm
}

// reckonEvery is how often an end is reckoned anew while nothing is counted: it costs far more than all else
// in a second, and a night has many seconds.
const reckonEvery = 10 * time.Second

// stale tells that the end must be reckoned anew.
func (k *counting) stale(now time.Time) bool {
	return k.progress.At.After(k.reckoned) || now.Sub(k.reckoned) >= reckonEvery || now.Before(k.reckoned) ||
		(k.eta.State == rate.Range && k.eta.P50.Before(now))
}

// counter folds in what a progress probe answered.
func (t *task) counter(now time.Time, p observe.Counter) {
	c := extract.Count{Name: p.Name, Unit: p.Unit}
	phase, ok := p.Phase, false
	switch {
	case p.Raw != "" && t.answer != nil:
		c, phase, ok = t.answer.Read(p.Raw)
		if c.Name == "" {
			c.Name = p.Name
		}
		if c.Unit == "" {
			c.Unit = p.Unit
		}
	case p.Done != nil:
		c.Done, ok = *p.Done, true
		if p.Total != nil {
			c.Total = *p.Total
		}
	}
	t.due = true
	t.begin(now)
	if t.enter(phase, now) {
		t.judge.News(now, phase)
	}
	if !ok {
		return
	}
	t.counting.asked = true
	if t.count(now, c) {
		t.judge.News(now, t.counting.text())
	}
}

// count takes a reading and tells whether it is beyond the best so far.
func (t *task) count(now time.Time, c extract.Count) bool {
	k := &t.counting
	c, ok := sane(c)
	if !ok {
		return false
	}
	if k.series == nil || k.progress.Name != c.Name || k.progress.Unit != c.Unit {
		k.begin(c)
		t.speed.restart()
		t.followCourse()
	}
	k.moves(c)
	first := k.progress.At.IsZero()
	if !first && k.passes.sees(k, c) {
		t.judge.Restarted(now, k.passes.n, k.text())
	}
	if !first && !alike(c, k.progress.Total) {
		k.progress.Estimate = true
		if c.Done < k.progress.Done {
			k.best = -1 // another total, and from its beginning: it counts something new
		}
	}
	k.progress.Known, k.progress.Done, k.progress.Total, k.progress.At = true, c.Done, c.Total, now
	k.noTotal = c.Why
	k.series.Derived(c.Derived)
	k.series.Add(t.clock(now), c.Done)
	t.fastest.add(t.clock(now), &k.progress, t.speed.main.feed.blind)
	t.speed.main.count(now, t.clock(now), c.Done)
	if c.FilesTotal > 0 {
		k.series.Files(c.Files, c.FilesTotal)
	}
	if c.Done <= k.best && !first {
		return false
	}
	k.best = max(k.best, c.Done)
	return first || !k.passes.idle(c.Done)
}

func (k *counting) begin(c extract.Count) {
	*k = counting{progress: Progress{Name: c.Name, Unit: c.Unit}, series: rate.NewSeries(), asked: k.asked, lent: k.lent}
}

// forgetOutside begins anew where what was counted was seen from outside.
func (k *counting) forgetOutside() {
	if k.outside {
		*k = counting{asked: k.asked}
	}
}

// history takes a reading from before ronda looked: how far it was, not how fast.
func (k *counting) history(c extract.Count) {
	c, ok := sane(c)
	if !ok {
		return
	}
	if k.progress.Name != c.Name || k.progress.Unit != c.Unit || k.series == nil {
		k.begin(c)
	}
	k.moves(c)
	k.progress.Known, k.progress.Done, k.progress.Total = true, c.Done, c.Total
	k.best = max(k.best, c.Done)
}

// complete tells that all is counted.
func (k *counting) complete() bool {
	return k.progress.Known && k.progress.Total > 0 && k.progress.Done >= k.progress.Total
}

// moves notes that the counter tells of the phase that runs, if it tells anything new.
func (k *counting) moves(c extract.Count) {
	k.outlived = k.outlived && c.Done == k.progress.Done && c.Total == k.progress.Total
}

// text is the counter in words: "copied 61 of 100 rows", "step 7 of 20".
func (k *counting) text() string {
	p := k.progress
	if p.Unit == "percent" {
		return strings.TrimSpace(brief(p.Name) + " " + words.Percent(p.Done/100))
	}
	unit := p.Unit
	if last := strings.ToLower(p.Name[strings.LastIndexByte(p.Name, ' ')+1:]); last != "" && strings.HasPrefix(strings.ToLower(unit), last) {
		unit = "" // "step 7", not "step 7 steps"
	}
	text := words.Amount(p.Done, unit)
	switch {
	case unit == "bytes" && p.Total > 0:
		text += " of " + words.Bytes(p.Total)
	case unit != "bytes" && p.Total > 0:
		text = words.Whole(p.Done) + " of " + strings.TrimSpace(words.Whole(p.Total)+" "+unit)
	case unit != "bytes":
		text = strings.TrimSpace(words.Whole(p.Done) + " " + unit)
	}
	return strings.TrimSpace(brief(p.Name) + " " + text)
}

// pace is what the counter says about speed and deadline; it also refreshes the ETA.
func (t *task) pace(now time.Time) judge.Pace {
	k := &t.counting
	if _, over := t.judge.Ended(); over {
		k.shown, k.phaseShown = rate.ETA{State: rate.None, Why: "ended"}, rate.ETA{}
		return judge.Pace{}
	}
	if k.stale(now) || k.eta.State == rate.Range && k.series != nil && k.series.Resting(t.clock(now)) {
		t.reckon(now)
	}
	if k.series == nil || k.progress.At.IsZero() {
		return t.late(judge.Pace{}, now)
	}
	var p judge.Pace
	clock := t.clock(now)
	current, _ := k.series.Now(clock)
	usual, _ := k.series.Mean(clock)
	if ratio, since, slow := k.series.Slow(clock); slow && !k.outlived && current < usual/2 { // its averages recover later than it does
		p.Slow, p.Since = true, now.Add(since-clock)
		p.Text = "slowed to " + words.Rate(current, k.progress.Unit) + ", " + words.Percent(ratio) + " of its earlier speed"
	}
	return t.late(p, now)
}

// standsStill tells that no end can be foretold: only if it went on.
func standsStill(v observe.Verdict) bool {
	return v == observe.Blocked || v == observe.Stalled || v == observe.Looping
}

// reason puts in why there is no total, where that is known.
func (k *counting) reason(e rate.ETA) rate.ETA {
	if e.State == rate.None && e.Why == rate.NoTotal && k.noTotal != "" {
		e.Why = k.noTotal
	}
	return e
}

// etaView is the ETA as it may be shown under the verdict v at the moment now: never in the past.
func etaView(e rate.ETA, v observe.Verdict, now time.Time) rate.ETA {
	if e.State == "" {
		return e
	}
	if standsStill(v) {
		return rate.ETA{State: rate.None, Why: "stands still"}
	}
	if e.State != rate.Range {
		return e
	}
	for _, q := range []*time.Time{&e.P10, &e.P50, &e.P90} {
		if q.Before(now) {
			*q = now
		}
	}
	return e
}
