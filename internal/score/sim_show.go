package score

import (
	"ronda/internal/observe"
)

// links tells what the link does in this second.
func (w *world) links() {
	host := observe.Origin{Host: w.task.Host}
	for _, o := range w.outs {
		switch w.s {
		case o.from + 5:
			if w.s < o.to && !o.sleep {
				w.emitAt(w.s, 0, host, observe.Link{Up: true, Late: true})
			}
		case o.from + 12:
			if w.s < o.to && !o.sleep {
				w.emitAt(w.s, 0, host, observe.Link{Detail: "no answer; next try in 4 s"})
			}
		case o.to - 4:
			if o.sleep {
				w.emitAt(w.s, 0, observe.Origin{}, observe.Gap{From: w.at(o.from, 0), To: w.at(w.s, 0), Why: "this machine slept"})
				w.emitAt(w.s, 1, host, observe.Link{Detail: "broken pipe"})
			}
		case o.to:
			if o.sleep || o.to-o.from > 5 {
				w.emitAt(w.s, 0, host, observe.Link{Up: true, RTTMS: 40})
			}
		}
	}
}

// work pulls from the job what it does in this second.
func (w *world) work() {
	for range w.mood.pulls(w.s, &w.tick) {
		t, ok := w.next()
		if !ok {
			w.finish()
			return
		}
		w.tick = t
		w.show(t)
	}
	w.mood.act(w)
}

// show takes in what the job shows by itself.
func (w *world) show(t tick) {
	for _, l := range t.lines {
		w.write(l, false)
	}
	if t.partial != "" {
		w.write(t.partial, true)
	}
	if t.total > 0 {
		w.counted[1] = t.total
	}
	if t.counted {
		w.stride = t.done - w.counted[0]
		w.counted = [2]float64{t.done, t.total}
	}
	if t.silence != 0 {
		w.quiet = t.silence > 0
		if !w.mood.on(w.s) {
			word := Speaks
			if w.quiet {
				word = Silent
			}
			w.truth(0, word, "")
		}
	}
	if !w.mood.stretches(w.s) {
		w.shape.did(t)
	}
}

// write adds a line to the log, or repaints its last one.
func (w *world) write(text string, partial bool) {
	if w.task.Log == "" {
		return
	}
	if !partial {
		text = w.prefix(w.s) + text
	}
	w.behind = append(w.behind, observe.Line{File: w.task.Log, Offset: w.offset, Text: text, Partial: partial})
	if !partial {
		w.offset += int64(len(text) + 1)
	}
}

// deliver hands on what was written, when the log can be seen.
func (w *world) deliver() {
	if !w.seen(w.s) {
		return
	}
	for i, l := range w.behind {
		if l.Partial && i+1 < len(w.behind) {
			continue // repainted before anyone looked
		}
		w.emitAt(w.s, 100+min(i*10, 800), w.origin("log"), l)
	}
	w.behind = w.behind[:0]
}

// look emits what the watchers find in this second.
func (w *world) look() {
	if !w.seen(w.s) {
		return
	}
	if w.kind.Counter && w.s%10 == 3 && w.counted != w.told {
		w.told = w.counted
		done, total := w.counted[0], w.counted[1]
		c := observe.Counter{Name: "copied", Done: &done, Unit: "bytes"}
		if total > 0 {
			c.Total = &total
		}
		w.emitAt(w.s, 950, w.origin("progress"), c)
	}
	if w.kind.NoProcess || w.over > 0 {
		return
	}
	if p, news := w.shape.look(w.s, &w.mood); news {
		w.emitAt(w.s, 960, w.origin("process"), p)
	}
}

// finish is the job's own good end.
func (w *world) finish() {
	w.truth(50, Ended, "done")
	if len(w.task.Patterns.Done) > 0 {
		w.write("Upgrade complete.", false)
	}
	w.end(observe.Exit{Known: true})
}

// end lets the job's process end.
func (w *world) end(exit observe.Exit) {
	w.over = max(w.s, 1)
	w.deliver()
	if w.kind.NoProcess {
		return
	}
	if w.seen(w.s) {
		w.emitAt(w.s, 980, w.origin("process"), w.shape.last(exit))
		return
	}
	w.mood.late = &exit // told when somebody can see it
}
