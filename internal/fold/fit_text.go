package fold

import (
	"math"
	"slices"
	"strings"
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
	"ronda/internal/words"
)

// worst is the writer of the task that stands worst, and in which unit; nil: of none it is known.
func (t *task) worst() (worst *writer, unit int) {
	for _, w := range t.writers {
		for u := range w.fates {
			if f := &w.fates[u]; (f.known || f.said > fitsWell) && (worst == nil || f.worse(&worst.fates[unit])) {
				worst, unit = w, u
			}
		}
	}
	return worst, unit
}

// worse tells that a fate is worse than another: by what is said, and else by what is to spare.
func (f *fate) worse(g *fate) bool {
	if f.said != g.said {
		return f.said > g.said
	}
	spare := func(f *fate) float64 { return (f.avail - f.need - f.others) / max(f.avail, 1) }
	return f.need > 0 && (g.need == 0 || spare(f) < spare(g))
}

// fits tells whether there is room for the task, as far as is known.
func (t *task) fits(now time.Time) FitView {
	if _, over := t.judge.Ended(); over {
		return FitView{}
	}
	w, u := t.worst()
	if w == nil {
		return FitView{}
	}
	f := &w.fates[u]
	v := FitView{
		Known: true, Fits: f.said < cutOff, Volume: w.v.Mount, Use: w.place.use, Unit: unitNames[u],
		Need: f.need, Others: f.others, Avail: f.avail, Since: f.since, Text: w.text(u, now),
	}
	if f.said >= cutOff {
		v.FullAt = w.v.pool.fullAt(now, u)
	}
	return v
}

// doomed tells that a task will not come to its end, for want of room, and why.
func (t *task) doomed(now time.Time) (why string, is bool) {
	w, u := t.worst()
	if _, over := t.judge.Ended(); over || w == nil || w.fates[u].said < cutOff {
		return "", false
	}
	if f := &w.fates[u]; f.about && f.need-f.err+f.others <= f.avail {
		return "", false
	}
	if w.barred() {
		return w.v.Mount + " is mounted read-only", true
	}
	return "will not fit: " + w.v.Mount + " is " + w.v.pool.fullIn(now, u), true
}

// barred tells that nothing can be written there at all, however much room there is.
func (w *writer) barred() bool { return w.v.ReadOnly && w.place.moves }

// refusal says that there is no room for a writer, and why.
func (w *writer) refusal(u int, now time.Time) string {
	if w.barred() {
		return w.text(u, now)
	}
	return "will not fit: " + w.text(u, now)
}

// about is how an amount is said that is an estimate.
func about(is bool, amount string) string {
	if is {
		return "about " + amount
	}
	return amount
}

// text is the clause that tells how it stands with the room of a writer; empty while there is plenty.
func (w *writer) text(u int, now time.Time) string {
	f, p := &w.fates[u], w.v.pool
	where := w.v.Mount
	if w.place.use != "" && w.place.use != useTarget {
		where += " (" + w.place.use + ")"
	}
	amount := func(v float64) string { return words.Amount(v, unitNames[u]) }
	switch {
	case f.said >= cutOff && w.barred():
		return where + " is mounted read-only: nothing can be written there"
	case f.said >= cutOff && f.by != nil:
		return where + " is " + p.fullIn(now, u) + " because of " + f.by.t.plan.Name + ", before this has ended"
	case f.said >= cutOff && f.need == 0:
		return where + " is " + p.fullIn(now, u) + ", before this has ended"
	case f.said >= cutOff:
		text := "needs " + about(f.about, amount(f.need)) + " more"
		if f.others > 0 {
			text += ", and others " + amount(f.others) + " before that"
		}
		text += "; " + where + " has " + amount(f.avail) + " left: "
		if f.kind < cutOff {
			return text + "it may fit after all"
		}
		if !p.room[u].spent() && !math.IsInf(p.room[u].full[rate.Usual], 1) {
			text += p.fullIn(now, u) + ", "
		}
		return text + w.shortText(u)
	case f.said == fitsTight:
		return "fits on " + where + " with " + about(f.about, amount(max(f.avail-f.need-f.others, 0))) + " to spare"
	}
	if c := p.room[u].cause; c != nil && c.fates[u].said >= cutOff && w.wants[u].left > 0 {
		if end := w.wants[u].ends[rate.Usual]; !math.IsInf(end, 1) {
			return "ends in " + in(end-now.Sub(p.last).Seconds()) + ", before " + where + " is full because of " + c.t.plan.Name
		}
	}
	return ""
}

// shortText says by how much there is too little: for all that is still to be written there, as it stands with the
// volume, and how much of that the writer feels.
func (w *writer) shortText(u int) string {
	f := &w.fates[u]
	amount := func(v float64) string { return about(f.about, words.Amount(max(v, 0), unitNames[u])) }
	own, all := f.need+f.others-f.avail, w.v.pool.need(u)-f.avail
	const same = 1.01
	if all <= same*own || amount(all) == amount(own) {
		return amount(own) + " short"
	}
	return amount(all) + " short, " + amount(own) + " of it this one"
}

func in(seconds float64) string {
	return words.Duration(time.Duration(max(seconds, 0) * float64(time.Second)))
}

// fullIn says when the room is full, in a clause.
func (p *pool) fullIn(now time.Time, u int) string {
	r, word := &p.room[u], "full"
	if u == inInodes {
		word = "out of inodes"
	}
	switch full := r.full[rate.Usual] - now.Sub(p.last).Seconds(); {
	case r.spent():
	case math.IsInf(full, 1):
		word += " before all is written"
	default:
		word += " in " + in(full)
	}
	return word
}

// fullAt is when the room is full on its course.
func (p *pool) fullAt(now time.Time, u int) rate.ETA {
	r := &p.room[u]
	span := [3]float64{r.full[rate.Fastest], r.full[rate.Usual], r.full[rate.Slowest]}
	from := p.last
	if !r.known {
		return rate.ETA{}
	}
	if !r.spent() && math.IsInf(span[rate.Usual], 1) {
		var ok bool
		if span, _, ok = r.fill.Full(); !ok {
			return rate.ETA{}
		}
		from = p.at
	}
	at := func(s float64) time.Time {
		t := from.Add(time.Duration(min(s, mostAhead) * float64(time.Second)))
		if t.Before(now) {
			return now
		}
		return t
	}
	if r.spent() {
		span = [3]float64{}
	}
	return rate.ETA{State: rate.Range, P10: at(span[0]), P50: at(span[1]), P90: at(max(span[1], span[2]))}
}

// mostAhead bounds the latest moment that is named, in seconds.
const mostAhead = 10 * 365 * 24 * 3600

// warning is what is to be said of a volume, in a clause; empty: nothing.
func (p *pool) warning(v *volume, now time.Time) string {
	if v.ReadOnly && slices.ContainsFunc(p.writers, func(w *writer) bool { return w.v == v && w.barred() && !w.over() }) {
		return "is mounted read-only: nothing can be written there"
	}
	for u := range p.room {
		r := &p.room[u]
		if c := r.cause; c != nil && !c.over() && c.fates[u].said >= cutOff {
			text := p.fullIn(now, u) + " because of " + c.t.plan.Name
			if short := p.need(u) - r.avail; short > 0 {
				text += ", " + about(c.fates[u].about, words.Amount(short, unitNames[u])) + " short"
			}
			return join(text, p.rest(c, u, now))
		}
		var names []string
		for _, w := range p.writers {
			if !w.over() && w.fates[u].said >= cutOff && w.fates[u].kind >= cutOff {
				names = append(names, w.t.plan.Name)
			}
		}
		if len(names) > 0 {
			return p.fullIn(now, u) + ", before the end of " + listed(names)
		}
		if _, spent := p.spentUnit(); r.told && !spent {
			return p.filling(now, u)
		}
	}
	if u, spent := p.spentUnit(); spent && slices.ContainsFunc(p.writers, (*writer).takes) {
		if u == inInodes {
			return "no inodes are left"
		}
		return "full: " + left(p.room[u].avail) + " left"
	}
	return ""
}

// need is what all of its writers still write.
func (p *pool) need(u int) float64 {
	sum := 0.0
	for _, w := range p.writers {
		sum += max(w.wants[u].left, 0)
	}
	return sum
}

// rest says how it ends for the others.
func (p *pool) rest(c *writer, u int, now time.Time) string {
	var hurt, well []string
	for _, w := range p.writers {
		switch {
		case w == c || w.over() || w.wants[u].left <= 0:
		case w.fates[u].said >= cutOff:
			hurt = append(hurt, w.t.plan.Name)
		case !math.IsInf(w.wants[u].ends[rate.Usual], 1):
			well = append(well, w.t.plan.Name+" ends before, in "+in(w.wants[u].ends[rate.Usual]-now.Sub(p.last).Seconds()))
		}
	}
	if len(hurt) > 0 {
		well = append([]string{listed(hurt) + " will not end either"}, well...)
	}
	return strings.Join(well[:min(len(well), 3)], "; ")
}

// listed puts names together, not more than a few.
func listed(names []string) string {
	const most = 3
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and " + words.Whole(float64(len(names)-most)) + " more"
	}
	return strings.Join(names, ", ")
}

// filling says that it gets full by what no task of the session is known to write.
func (p *pool) filling(now time.Time, u int) string {
	r := &p.room[u]
	span, by, ok := r.fill.Full()
	if !ok {
		return "fills"
	}
	return "full in " + in(span[rate.Usual]-now.Sub(p.at).Seconds()) + " if it fills on at " + words.Rate(by, unitNames[u]) + ": " + words.Amount(r.avail, unitNames[u]) + " left"
}

// tellFate notes that there is no room for a task, or is again.
func (s *State) tellFate(w *writer, u int, was fateKind) {
	f := &w.fates[u]
	name := w.t.plan.Name + ": "
	switch {
	case f.said >= cutOff && was < cutOff:
		s.note(s.at, observe.KindVolume, name+w.refusal(u, s.at))
	case f.said == fitsTight && was < cutOff:
		s.note(s.at, observe.KindVolume, name+w.text(u, s.at))
	case was >= cutOff && f.said < cutOff:
		if !f.known {
			s.note(s.at, observe.KindVolume, name+"whether it fits is no longer known")
			return
		}
		s.note(s.at, observe.KindVolume, name+"fits again: "+w.v.Mount+" has "+words.Amount(f.avail, unitNames[u])+" left, "+about(f.about, words.Amount(f.need+f.others, unitNames[u]))+" are needed")
	}
}

// tellFilling notes that a volume fills by what no task is known to write, or no longer does.
func (s *State) tellFilling(p *pool, u int) {
	r := &p.room[u]
	_, _, fills := r.fill.Full()
	if fills == r.told || len(p.volumes) == 0 {
		return
	}
	r.told = fills
	if slices.ContainsFunc(p.writers, func(w *writer) bool { return w.fates[u].said >= cutOff }) {
		return // it is said with the task
	}
	text := "is no longer about to be full"
	if fills {
		text = p.filling(s.at, u)
	}
	s.note(s.at, observe.KindVolume, p.volumes[0].name()+": "+text)
}

// fitEvidence tells what is to be said of the room for the task.
func (t *task) fitEvidence(now time.Time) observe.Evidence {
	if _, over := t.judge.Ended(); over {
		return observe.Evidence{}
	}
	w, u := t.worst()
	if w == nil {
		return observe.Evidence{}
	}
	text := w.text(u, now)
	if f := &w.fates[u]; f.said >= cutOff && text != "" {
		return observe.Evidence{Text: w.refusal(u, now), At: w.v.pool.at}
	}
	return observe.Evidence{For: w.fates[u].said == fitsWell, Text: text, At: w.v.pool.at}
}
