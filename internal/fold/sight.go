package fold

import (
	"fmt"
	"strings"
	"time"

	"ronda/internal/judge"
	"ronda/internal/observe"
	"ronda/internal/words"
)

// sight says how well the task can be seen: through the link to its host and its sources.
func (t *task) sight(h *host) judge.Sight {
	if h != nil && h.state == LinkDown {
		why := "the link to " + h.name + " is down"
		if first, _, _ := strings.Cut(h.detail, "; "); first != "" {
			why += ": " + first // the rest stands with the host
		}
		return judge.Sight{Why: why, Since: h.since}
	}
	if h != nil && h.state == LinkNever {
		return judge.Sight{Why: "connecting to " + h.name}
	}
	if f := t.finder; f != nil && f.state == observe.SourceFailed {
		return judge.Sight{Why: f.plan.Name + ": " + f.why, Since: f.since}
	}
	var seen judge.Sight
	var blind []string
	waiting := false
	for _, s := range t.sources {
		switch s.state {
		case observe.SourceUp, observe.SourceLimited:
			seen.Seen = true
		case observe.SourceWaiting:
			waiting = true
		case observe.SourceFailed:
			blind = append(blind, s.name+": "+s.why)
			if seen.Since.IsZero() || s.since.Before(seen.Since) {
				seen.Since = s.since
			}
		}
	}
	seen.Seen = seen.Seen || (waiting && len(blind) == 0)
	if !seen.Seen {
		if len(blind) == 0 {
			return judge.Sight{}
		}
		return judge.Sight{Why: strings.Join(blind, "; "), Since: seen.Since}
	}
	seen.Since = t.begunAt()
	if t.work.alive() {
		seen.Work, seen.IO, seen.Found = true, t.work.sample.IO != nil, !t.named()
	} else if t.moving.ID != "" && !t.work.hadAlive { // somebody says that it runs
		seen.Outside = true
		if t.moving.shows() {
			seen.Work, seen.IO = true, true
		}
	}
	if !t.work.alive() {
		seen.Reached = t.moving.reckoned()
	}
	return seen
}

// begunAt is when the first of its sources reported.
func (t *task) begunAt() time.Time {
	var first time.Time
	for _, s := range t.sources {
		if first.IsZero() || (!s.since.IsZero() && s.since.Before(first)) {
			first = s.since
		}
	}
	return first
}

// readable tells whether the log or a counter is in sight.
func (t *task) readable() bool {
	for _, s := range t.sources {
		if s.name != processSource && (s.state == observe.SourceUp || s.state == observe.SourceLimited) {
			return true
		}
	}
	return false
}

// processSource is the name of the source that watches processes.
const processSource = "process"

// waiting says why the task has not begun, when all that is watched is not there yet.
func (t *task) waiting() string {
	if !t.started.IsZero() || len(t.sources) == 0 {
		return ""
	}
	why := ""
	for _, s := range t.sources {
		if s.state != observe.SourceWaiting {
			return ""
		}
		if why == "" || s.name != processSource {
			why = s.why
		}
	}
	return why
}

// hindrance is the most concrete thing that stands in the way now; nil for none.
func (t *task) hindrance(now time.Time) *judge.Blocker {
	best := t.work.blocker()
	if best != nil && best.Blocker == observe.BlockerInput {
		return t.asking(*best)
	}
	if best != nil {
		return &judge.Blocker{Class: best.Blocker, Text: fmt.Sprintf("%s (pid %d) %s", best.Name, best.PID, waits(*best))}
	}
	if t.moving.State == observe.TransferQueued {
		return &judge.Blocker{Class: observe.BlockerQueue, Text: because("queued", t.moving.Detail)}
	}
	if q := t.question(now); q != nil {
		return q
	}
	if full := t.outOfRoom(); full != nil {
		return full
	}
	if t.work.alive() {
		return t.work.quota.blocker()
	}
	return nil
}

func waits(p observe.Proc) string {
	if p.Waits != "" {
		return p.Waits
	}
	switch p.Blocker {
	case observe.BlockerInput:
		return "waits for input at " + p.Target
	case observe.BlockerStopped:
		return "is stopped (SIGSTOP or ^Z)"
	case observe.BlockerFrozen:
		return "is frozen by its cgroup"
	case observe.BlockerStorage:
		return "is in an uninterruptible wait that does not move (D)"
	default: // the watcher always says what these wait for
	}
	return "is blocked: " + string(p.Blocker)
}

func processName(p observe.Proc) string { return fmt.Sprintf("%s, pid %d", p.Name, p.PID) }

// lastState is what stands on a terminal after a line was repainted.
func lastState(text string) string {
	text = strings.TrimRight(text, "\r")
	return text[strings.LastIndexByte(text, '\r')+1:]
}

func skipText(p observe.Skip) string {
	return fmt.Sprintf("%s not read: %s (bytes %d to %d)", words.Bytes(float64(p.To-p.From)), p.Why, p.From, p.To)
}
