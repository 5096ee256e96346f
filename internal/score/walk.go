package score

import (
	"slices"
	"time"

	"ronda/internal/observe"
)

// walk goes through one task's truth and what was said of it, in order of time.
type walk struct {
	out              *Judgement
	run, task, host  string
	begin, at        time.Time
	seen, started    bool
	verdict          observe.Verdict
	fault            string // the kind that is on; empty: healthy
	found            bool   // an alarm was said of it
	faultSeen        time.Duration
	silent, quiet    bool // it works without showing progress; and that was said
	silentSeen       time.Duration
	healed           bool // a fault was lifted, and no right verdict came yet
	healedSeen       time.Duration
	ended            string // "done", "failed"
	endSeen          time.Duration
	endRight, landed bool
	gaps             []observe.Gap
}

// turn is one thing that happens: an observation, or a verdict.
type turn struct {
	at   time.Time
	o    *observe.Observation
	said *Said
}

func (w *walk) over(r Run, said []Said) {
	var turns []turn
	if len(r.Night) > 0 {
		w.begin = r.Night[0].At
	}
	for i := range r.Night {
		o := &r.Night[i]
		if g, ok := o.Payload.(observe.Gap); ok {
			w.gaps = append(w.gaps, g)
		}
		switch o.Payload.(type) {
		case observe.Mark, observe.Link, observe.Gap, observe.Session, observe.End:
			turns = append(turns, turn{at: o.At, o: o})
		default:
		}
	}
	for i := range said {
		if said[i].Task == w.task {
			turns = append(turns, turn{at: said[i].At, said: &said[i]})
		}
	}
	if n := len(r.Night); n > 0 {
		turns = append(turns, turn{at: r.Night[n-1].At})
	}
	// The truth of a moment holds before what is said at it.
	slices.SortStableFunc(turns, func(a, b turn) int { return a.at.Compare(b.at) })
	for _, t := range turns {
		w.pass(t)
		switch {
		case t.said != nil:
			w.say(t.said)
		case t.o != nil:
			w.see(t.o)
		}
	}
	w.close()
}

// pass lets the time go on until t.
func (w *walk) pass(t turn) {
	dt := max(t.at.Sub(w.at), 0)
	for _, g := range w.gaps { // nobody looked
		from, to := later(g.From, w.at), t.at
		if g.To.Before(to) {
			to = g.To
		}
		dt -= max(to.Sub(from), 0)
	}
	if w.at.IsZero() {
		dt = 0
	}
	w.at = t.at
	if !w.seen || !w.started {
		return
	}
	w.faultSeen += dt
	w.silentSeen += dt
	w.healedSeen += dt
	w.endSeen += dt
	if w.fault == "" && w.ended == "" {
		w.out.Healthy += dt
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (w *walk) see(o *observe.Observation) {
	switch p := o.Payload.(type) {
	case observe.Session:
		w.started, w.seen = true, w.host == ""
	case observe.Link:
		if o.Host == w.host {
			w.seen = p.Up
		}
	case observe.Mark:
		if e, ok := told(*o); ok && e.Task == w.task {
			w.truth(e)
		}
	default:
	}
}

func (w *walk) truth(e Event) {
	switch e.Word {
	case Fault:
		w.unsilent()
		w.fault, w.found, w.faultSeen = e.Detail, false, 0
		w.kind().Faults++
		if x := Expected(w.fault); x != nil && x.right(w.verdict) {
			w.detect()
		}
	case Healed:
		said := w.found
		w.close()
		w.healed, w.healedSeen = said, 0
		if said && !alarm(w.verdict) && w.verdict != observe.Blind {
			w.right()
		}
	case Silent:
		w.silent, w.quiet, w.silentSeen = true, false, 0
		if w.verdict == observe.Quiet {
			w.hush()
		}
	case Speaks:
		w.unsilent()
	case Ended:
		w.unsilent()
		w.ended, w.endSeen = e.Detail, 0
		w.endRight = w.ended == "done" && w.verdict == observe.Done || w.ended == "failed" && w.verdict == observe.Failed
		w.out.Ends++
	}
}

// alarm tells whether v calls for a person.
func alarm(v observe.Verdict) bool { return v.Alarming() || v == observe.Slowing }

func (w *walk) say(s *Said) {
	w.verdict = s.Verdict
	switch {
	case w.ended == "done" && s.Verdict == observe.Done, w.ended == "failed" && s.Verdict == observe.Failed:
		w.endRight = w.endRight || w.endSeen <= rightWithin
	default:
	}
	if s.Verdict == observe.Quiet && w.silent {
		w.hush()
	}
	if s.Verdict == observe.Progressing && w.silent && w.silentSeen > quietWithin {
		w.out.Credit = append(w.out.Credit, w.finding(string(s.Verdict)+": "+s.Reason))
	}
	if w.healed && !alarm(s.Verdict) && s.Verdict != observe.Blind {
		w.right()
	}
	if !alarm(s.Verdict) {
		return
	}
	what := string(s.Verdict) + ": " + s.Reason
	switch {
	case !w.seen:
		w.out.Blind = append(w.out.Blind, w.finding(what))
	case w.fault != "":
		if !w.found {
			w.detect()
		}
	case w.ended == "failed" && s.Verdict == observe.Failed:
	default:
		w.out.False = append(w.out.False, w.finding(what))
	}
}

// detect scores the first alarm of a fault.
func (w *walk) detect() {
	k, x := w.kind(), Expected(w.fault)
	if w.faultSeen > foundWithin {
		return // too late to count
	}
	w.found = true
	k.Delays = append(k.Delays, w.faultSeen)
	switch {
	case x == nil || !x.right(w.verdict):
		k.Other = append(k.Other, w.finding(string(w.verdict)+" of "+w.fault))
	default:
		k.Right++
	}
	if x != nil && (w.faultSeen < x.NotBefore || (x.Within > 0 && w.faultSeen > x.Within)) {
		k.Bounds = append(k.Bounds, w.finding(string(w.verdict)+" after "+w.faultSeen.String()))
	}
}

// hush notes that silent work was called QUIET.
func (w *walk) hush() {
	if !w.quiet {
		w.quiet = true
		w.out.Quiet = append(w.out.Quiet, w.silentSeen)
		if w.silentSeen > quietWithin {
			w.out.Unquiet = append(w.out.Unquiet, w.finding("QUIET only after "+w.silentSeen.String()))
		}
	}
}

func (w *walk) unsilent() {
	if w.silent && !w.quiet && w.silentSeen > quietWithin {
		w.out.Unquiet = append(w.out.Unquiet, w.finding(string(w.verdict)+" after "+w.silentSeen.String()+" of silent work"))
	}
	w.silent = false
}

// right notes that the verdict is right again.
func (w *walk) right() {
	w.healed = false
	w.out.Righted = append(w.out.Righted, w.healedSeen)
	if w.healedSeen > rightWithin {
		w.out.Wrong = append(w.out.Wrong, w.finding("right only "+w.healedSeen.String()+" after it was lifted"))
	}
}

// close ends what is open: a fault that nobody saw, a verdict that never became right.
func (w *walk) close() {
	if w.fault != "" && !w.found {
		w.kind().Missed = append(w.kind().Missed, w.finding(string(w.verdict)+" of "+w.fault+" for "+w.faultSeen.String()))
	}
	if w.healed && w.healedSeen > rightWithin {
		w.out.Wrong = append(w.out.Wrong, w.finding(string(w.verdict)+" after it was lifted"))
	}
	w.healed = false
	w.unsilent()
	// BLIND says that nobody could see how it ended: a claim that is not made cannot be wrong.
	if w.ended != "" && !w.endRight && !w.landed && w.verdict != observe.Blind {
		w.landed = true
		w.out.Misread = append(w.out.Misread, w.finding(string(w.verdict)+" when it had ended: "+w.ended))
	}
	w.fault = ""
}

func (w *walk) kind() *Detection {
	if w.out.Kinds == nil {
		w.out.Kinds = map[string]*Detection{}
	}
	k := w.out.Kinds[w.fault]
	if k == nil {
		k = &Detection{}
		w.out.Kinds[w.fault] = k
	}
	return k
}

func (w *walk) finding(what string) Finding {
	return Finding{w.run, w.task, w.at.Sub(w.begin), what}
}
