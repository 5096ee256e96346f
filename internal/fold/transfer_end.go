package fold

import (
	"cmp"
	"strings"
	"time"

	"ronda/internal/observe"
	"ronda/internal/words"
)

// endMoved judges the end of a transfer as its last sample tells it. While the task's process is there, it goes on,
// whatever was moved; and how that ended goes before what can be seen from outside.
func (t *task) endMoved(now time.Time) {
	m := &t.moving
	if m.ended || !overState(m.State) || t.work.alive() || t.exited() {
		return
	}
	m.ended = true
	t.judgeMoved(now, "")
}

// exited tells that it is known how the task's process ended.
func (t *task) exited() bool { return t.work.exit != nil && t.work.exit.Known }

// managed tells that a manager runs the transfer: it has a name for it that is no process's.
func (t *task) managed() bool {
	return !t.work.hadAlive && t.moving.ID != "" && !ofProcess(t.moving.ID)
}

// restsAtEnd is how long what has come to its end must rest before that is believed, where no process shows the end.
const restsAtEnd = 2 * time.Minute

// settleMoved ends what is watched by its size alone: it has an exact end, has come to it, and rests. Neither a process,
// nor a log, nor a manager would ever tell.
func (t *task) settleMoved(now time.Time) {
	m, k := &t.moving, &t.counting
	if !m.known || m.derived || m.ended || m.ID != "" || t.work.hadAlive || !t.last.IsZero() || k.asked || !k.outside {
		return
	}
	if w := m.way(); w == nil || w.moved.IsZero() || !k.complete() || k.progress.Estimate || t.judge.Standing().Silent < restsAtEnd {
		return
	}
	m.ended = true
	t.judge.Gone(now, "it has not grown for "+words.Duration(restsAtEnd)+"; no process of it is in sight", true, false)
}

// growthTool is the tool of a transfer of which only the target is looked at: nobody knows what writes it.
const growthTool = "growth"

// judgeMoved says how the transfer ended, by its state. gone is what is known of the process's end, as a clause.
func (t *task) judgeMoved(now time.Time, gone string) {
	m := &t.moving
	manager := t.managed()
	switch {
	case gone == "" && m.Tool == growthTool:
		gone, manager = "nobody writes to it any more", false
	case gone == "":
		gone = "its process is gone"
	}
	if !t.work.gone.IsZero() {
		now = t.work.gone
	}
	switch m.State {
	case observe.TransferDone:
		t.finish(now)
		reason := "complete, and " + gone
		if manager {
			reason = "its manager says that it is done"
		}
		t.judge.Succeeded(now, because(reason, m.Detail), manager)
	case observe.TransferFailed:
		reason := gone + t.reached()
		if manager {
			reason = "failed" + t.reached()
		}
		t.judge.Broke(now, because(reason, cmp.Or(firstLine(m.Detail), m.holds())), manager)
	case observe.TransferCancelled:
		t.judge.Broke(now, because("cancelled"+t.reached(), firstLine(m.Detail)), true)
	case observe.TransferGone, observe.TransferQueued, observe.TransferRunning:
		if manager {
			gone = "its manager does not know it any more"
		}
		reason := because(gone+t.reached(), m.Detail)
		if detail := firstLine(m.Detail); !manager && strings.Contains(detail, " is gone") { // it says so itself
			reason = detail
			if at := t.reached(); at != "" {
				reason += " (" + strings.TrimSpace(at) + ")"
			}
		}
		t.judge.Gone(now, reason, t.allCounted(), len(t.plan.Patterns.Done) > 0)
	}
}

// goneMoved judges the end of a process of which nobody saw how it ended, by what the transfer's last word was.
func (t *task) goneMoved(now time.Time, what string) {
	t.moving.ended = true
	t.judgeMoved(now, what)
}

// allCounted tells that the task's counter came to its end, and that nothing speaks against it. What is seen from outside
// counts where its total is exact and nobody who looked says that he cannot tell.
func (t *task) allCounted() bool {
	k := &t.counting
	if k.lent || k.outside && t.moving.State == observe.TransferGone {
		return false
	}
	return k.complete() && !k.outlived && t.complaint(t.work.gone) == ""
}

// finish counts what was moved in all: its end may have come at one stride, and after the last look. What was reckoned
// is known now.
func (t *task) finish(now time.Time) {
	if w := t.moving.way(); w != nil && t.counting.outside && !t.counting.asked {
		w.full = false
		switch total := w.total(); {
		case total == 0 || w.Done <= 0:
		case w.Estimate:
			w.Total, w.Estimate = w.Done, false
		default:
			w.Done = total
		}
		t.countWay(now, w)
		t.judge.News(t.moving.at, t.counting.text())
	}
}

// reached is how far it was, as a part of the sentence that it is gone; empty where that is not known.
func (t *task) reached() string {
	k := &t.counting
	if f, ok := k.progress.Fraction(); ok && !k.outlived && !k.complete() {
		return " at " + words.Percent(f)
	}
	return ""
}

// holds says how much the target holds of what it should; empty where that is not known.
func (m *moving) holds() string {
	for i := range m.ways {
		if w := &m.ways[i]; w.Of == observe.AmountTarget && w.Unit == bytesUnit && w.Total > 0 {
			return "the target has only " + words.Bytes(w.Done) + " of " + words.Bytes(w.Total)
		}
	}
	return ""
}

// clearlyLess is the part of what it should be below which a target is clearly too small.
const clearlyLess = 0.98

// shortfall says that the target is clearly smaller than what was to be copied, although the job ended well. A target
// that was written whole while its source was read to the end is smaller for a reason: it is compressed, or sparse.
func (t *task) shortfall() string {
	m := &t.moving
	if !t.exited() || t.work.exit.Code != 0 || t.work.exit.Signal != "" {
		return ""
	}
	if m.State == observe.TransferFailed { // who looked at it says that it is not complete
		return cmp.Or(firstLine(m.Detail), m.holds())
	}
	short := false
	for i := range m.ways {
		w := &m.ways[i]
		exact := w.Unit == bytesUnit && w.Total > 0 && !w.Estimate && !w.several
		switch {
		case exact && w.Of == observe.AmountSource && w.Done >= clearlyLess*w.Total:
			return ""
		case exact && w.Of == observe.AmountTarget:
			short = short || w.Done < clearlyLess*w.Total
		}
	}
	if !short {
		return ""
	}
	return m.holds()
}

// tooLittle says that far less was moved than in the earlier run.
func (t *task) tooLittle() string {
	p := &t.counting.progress
	if p.Unit != bytesUnit || !t.past.whole() || !t.countsWhole() {
		return ""
	}
	then := t.past.base.Course.Total
	if last := t.past.base.Course.Points; len(last) > 0 {
		then = max(then, last[len(last)-1].Done)
	}
	if p.Done*muchOther >= then {
		return ""
	}
	return "suspiciously little: it moved " + words.Bytes(p.Done) + ", in the rehearsal " + words.Bytes(then)
}

// ofProcess tells that an identity is a process's: its pid and when it started.
func ofProcess(id string) bool {
	_, ok := pidOf(id)
	return ok
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return brief(s)
}

func because(what, why string) string {
	if why = firstLine(why); why == "" || why == what {
		return what
	}
	return what + ": " + why
}
