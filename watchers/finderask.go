package watchers

import (
	"context"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"ronda/internal/observe"
)

// Questions that must be answered by a command are asked one at a time on a host, and seldom: who copies should not
// feel them.
const (
	askAfter    = 2 // looks in full that a copy must have been followed for: what is over at once needs no total
	askPatient  = (sumSeconds + 10) * time.Second
	askLastPace = 20 * time.Second // the end of a copy is not told later than that
	askKernel   = 10               // looks from one question to the kernel to the next
)

// inquiry is a question on its way.
type inquiry struct {
	of   *found // nil: of the kernel's copies
	last bool   // asked of one that is gone
	text string
	ok   bool
}

// inquiries are the questions of a finder. Its one goroutine at a time ends with its ctx or its answer.
type inquiries struct {
	running sync.WaitGroup
	busy    bool
	told    chan inquiry
	waiting []*found // copies that are gone, and of which the end is still to be asked
	kernel  string   // what is to be asked of the kernel's copies; empty: nothing
	next    int      // tick of that
	said    string   // what it told
	heard   bool     // it told something, be it nothing
}

// start asks in the background.
func (r *finderRun) start(ctx context.Context, i inquiry, q question, patience time.Duration) {
	r.asking.busy = true
	r.asking.running.Go(func() {
		short, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		out, _, code, err := r.cfg.Runner.Run(short, q.command)
		i.text, i.ok = string(out), err == nil && code == 0
		r.asking.told <- i // it holds one
	})
}

// inquire takes in an answer that has come, and asks what is next.
func (r *finderRun) inquire(ctx context.Context) {
	select {
	case i := <-r.asking.told:
		r.asking.busy = false
		r.hear(ctx, i)
	default:
	}
	if r.asking.busy || r.cfg.Runner == nil {
		return
	}
	if len(r.asking.waiting) > 0 {
		f := r.asking.waiting[0]
		q, _ := r.endQuestion(f)
		r.start(ctx, inquiry{of: f, last: true}, q, askLastPace)
		return
	}
	if r.asking.kernel != "" && r.tick >= r.asking.next {
		r.asking.next = r.tick + askKernel
		r.start(ctx, inquiry{}, question{command: r.asking.kernel}, askLastPace)
		return
	}
	for _, f := range r.found {
		if f.asked || !f.shown || f.job.tick < askAfter {
			continue
		}
		q, ok := f.move.question(f.sizes)
		if !ok || !r.mayInquire(f, q) {
			continue
		}
		f.asked = true
		r.start(ctx, inquiry{of: f}, q, askPatient)
		return
	}
}

// mayInquire tells whether all that a question is about can be looked at without risk.
func (r *finderRun) mayInquire(f *found, q question) bool {
	if f.apart() {
		return false
	}
	open := f.files()
	if f.job.end != nil {
		open = f.everHeld()
	}
	for _, p := range q.paths {
		if !r.places.mayWalk(p, open) {
			return false
		}
	}
	return true
}

// mayWalk tells whether all that lies below a path can be looked at, and the path itself. Where a file system is far,
// a symbolic link in the path may lead there: of a folder above an open file it is known that there is none.
func (p *places) mayWalk(top string, open []observe.OpenFile) bool {
	if p.farBelow(top) {
		return false
	}
	top = path.Clean(top)
	below := strings.TrimSuffix(top, "/") + "/"
	if slices.ContainsFunc(open, func(f observe.OpenFile) bool { return strings.HasPrefix(f.Path, below) }) {
		open = append([]observe.OpenFile{{Path: top}}, open...)
	}
	return p.mayAsk(top, open)
}

// hear takes in an answer.
func (r *finderRun) hear(ctx context.Context, i inquiry) {
	if i.of == nil {
		if i.ok {
			r.asking.said, r.asking.heard = i.text, true
		}
		return
	}
	if i.last {
		r.asking.waiting = r.asking.waiting[1:]
		if _, missing := r.missing(i.of); missing {
			if !i.ok {
				i.text = ""
			}
			if r.follow(ctx, i.of, i.text); r.asksLast(i.of) {
				return
			}
		} else if i.ok {
			i.of.answer = i.text
		}
		r.lastWord(i.of, i.of.remains)
		return
	}
	if !i.ok {
		i.text = ""
	}
	i.of.answered, i.of.answer = true, i.text
	i.of.move.answer(i.text)
}

// asksLast tells whether the end of a copy is told only when a question was answered, and keeps it until then.
func (r *finderRun) asksLast(f *found) bool {
	q, ok := r.endQuestion(f)
	if x := f.job.end.exit; !ok || r.cfg.Runner == nil || x.Signal != "" || x.Code != 0 || f.job.end.unseen || !r.mayInquire(f, q) || len(r.asking.waiting) >= 8 {
		return false
	}
	r.asking.waiting = append(r.asking.waiting, f)
	return true
}
