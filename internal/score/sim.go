package score

import (
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"ronda/internal/observe"
)

// Scenario is one simulated night of one task: which kind of job, what befalls it, what befalls the link. The same
// scenario gives the same night, always.
type Scenario struct {
	Kind  string // a kind of Kinds
	Fault string // as Expected knows it; empty: nothing goes wrong
	Style int    // which of the ways in which the fault shows itself
	Lift  bool   // the fault is lifted again
	Links bool   // the link is cut, the laptop sleeps
	Cut   bool   // the link is cut when the fault begins
	Seed  uint64
}

// Epoch is when every simulated night begins.
func Epoch() time.Time { return time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC) }

// Simulate makes the night of a scenario, as the watchers would have seen it, with marks of the truth.
func Simulate(sc Scenario) Run {
	w := newWorld(sc)
	w.open()
	for s := 0; s < w.horizon() || !w.seen(s); s++ {
		w.s = s
		if !w.step() {
			break
		}
	}
	w.stop()
	w.emitAt(w.s+1, 0, observe.Origin{}, observe.End{Why: "simulated"})
	for i := range w.night {
		w.night[i].Seq = uint64(i + 1)
	}
	return Run{Name: sc.name(), Night: w.night}
}

func (sc Scenario) name() string {
	words := []string{sc.Kind, sc.Fault, strconv.FormatUint(sc.Seed, 10)}
	if sc.Style > 0 {
		words = append(words, "style"+strconv.Itoa(sc.Style))
	}
	for _, more := range []struct {
		is   bool
		word string
	}{{sc.Lift, "lift"}, {sc.Links, "links"}, {sc.Cut, "cut"}} {
		if more.is {
			words = append(words, more.word)
		}
	}
	return strings.Join(words, ",")
}

// world is one simulated host with one job, seen as the watchers see it.
type world struct {
	sc    Scenario
	kind  Kind
	r     *rand.Rand
	task  observe.Task
	night []observe.Observation
	s     int // the second that runs

	next   func() (tick, bool)
	stop   func()
	tick   tick    // what the job does now
	stride float64 // by which its counter rose last

	outs    []outage
	behind  []observe.Line // written while nobody could see it
	offset  int64
	shape   sampler
	counted [2]float64
	told    [2]float64 // as it was last recorded
	mood    trouble
	quiet   bool // the job works without showing progress
	over    int  // the second at which it ended; 0: it has not
	prefix  func(s int) string
}

// outage is a time in which the task cannot be seen: the link is cut, or this machine sleeps.
type outage struct {
	from, to int
	sleep    bool
}

// seen tells whether the host can be reached in second s.
func (w *world) seen(s int) bool {
	return !slices.ContainsFunc(w.outs, func(o outage) bool { return s >= o.from && s < o.to })
}

func newWorld(sc Scenario) *world {
	kind := kindOf(sc.Kind)
	w := &world{sc: sc, kind: kind, r: rand.New(rand.NewPCG(sc.Seed, uint64(len(sc.Kind))*1_000_003+fingerprint(sc.Kind+sc.Fault)))}
	j := &job{r: w.r, n: kind.Minutes[0]*60 + w.r.IntN((kind.Minutes[1]-kind.Minutes[0])*60+1), text: newTexts(w.r)}
	w.next, w.stop = iter.Pull(func(yield func(tick) bool) {
		j.yield = yield
		kind.work(j)
	})
	w.task = observe.Task{Name: "job", Host: "mail1"}
	if kind.Local {
		w.task.Host = ""
	}
	if !kind.NoLog {
		w.task.Log = "/var/log/" + sc.Kind + ".log"
	}
	if w.r.IntN(5) < 3 || kind.NoLog {
		w.task.Process = &observe.ProcessRef{Match: sc.Kind}
	}
	if kind.NoProcess || w.task.Process == nil || sc.Fault == "gone" {
		w.task.Patterns.Done = []string{`^(.* )?(Upgrade complete|All finished)`}
	}
	if kind.Counter {
		w.task.Progress = &observe.ProgressRef{Command: "ask " + sc.Kind}
	}
	w.prefix = stampStyle(w.r)
	w.counted, w.told = [2]float64{-1, 0}, [2]float64{-1, 0}
	w.plan(j.n)
	w.shape = newSampler(w.r, sc.Kind)
	return w
}

// fingerprint is a number for a name, so that kinds do not share their chance.
func fingerprint(name string) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range []byte(name) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

// plan lays down what happens when, for a job of about n seconds.
func (w *world) plan(n int) {
	if w.sc.Fault != "" {
		w.mood = newTrouble(w.r, w.sc, w.kind, int(float64(n)*(0.1+0.65*w.r.Float64())))
	}
	if w.task.Host == "" {
		return
	}
	if w.sc.Links {
		for range 1 + w.r.IntN(3) {
			from := w.r.IntN(n)
			w.outs = append(w.outs, outage{from: from, to: from + 3 + int(600*w.r.Float64()*w.r.Float64())})
		}
		if w.r.IntN(4) == 0 {
			from := w.r.IntN(n)
			w.outs = append(w.outs, outage{from: from, to: from + 300 + w.r.IntN(5400), sleep: true})
		}
	}
	if w.sc.Cut {
		from := w.mood.from - 5 - w.r.IntN(60)
		w.outs = append(w.outs, outage{from: from, to: w.mood.from + 30 + w.r.IntN(400)})
	}
	slices.SortFunc(w.outs, func(a, b outage) int { return a.from - b.from })
	var apart []outage
	for _, o := range w.outs { // two at once are one
		if n := len(apart); o.from < 30 || n > 0 && o.from < apart[n-1].to+60 {
			continue
		}
		apart = append(apart, o)
	}
	w.outs = apart
	for w.mood.to > 0 && !w.seen(w.mood.to) { // lifted in full sight
		w.mood.to += 60
	}
}

// horizon is the second after which nothing is simulated any more.
func (w *world) horizon() int {
	asleep := 0
	for _, o := range w.outs {
		asleep += o.to - o.from
	}
	switch m := w.mood; {
	case m.from == 0:
		return 6 * 3600
	case m.to == 0:
		return m.from + 45*60 + asleep
	default:
		return m.to + 20*60 + asleep
	}
}

func (w *world) at(s, ms int) time.Time {
	return Epoch().Add(time.Duration(s)*time.Second + time.Duration(ms)*time.Millisecond)
}

func (w *world) emitAt(s, ms int, o observe.Origin, p observe.Payload) {
	at := w.at(s, ms)
	if n := len(w.night); n > 0 && at.Before(w.night[n-1].At) {
		at = w.night[n-1].At
	}
	w.night = append(w.night, observe.Observation{At: at, Origin: o, Payload: p})
}

func (w *world) origin(source string) observe.Origin {
	return observe.Origin{Task: w.task.Name, Host: w.task.Host, Source: source}
}

func (w *world) truth(ms int, word, detail string) {
	e := Event{At: w.at(w.s, ms), Task: w.task.Name, Word: word, Detail: detail}
	w.emitAt(w.s, ms, observe.Origin{}, e.Mark().Payload)
}

func (w *world) open() {
	p := observe.Plan{Tasks: []observe.Task{w.task}}
	if w.task.Host != "" {
		p.Hosts = []observe.Host{{Name: w.task.Host}}
	}
	w.emitAt(0, 0, observe.Origin{}, observe.Session{Format: observe.Format, Plan: p})
	if w.task.Host != "" {
		w.emitAt(0, 1, observe.Origin{Host: w.task.Host}, observe.Link{Up: true, RTTMS: 30})
	}
	if w.task.Log != "" {
		w.emitAt(0, 2, w.origin("log"), observe.Source{State: observe.SourceUp})
	}
	if w.kind.NoProcess {
		w.emitAt(0, 3, w.origin("process"), observe.Source{State: observe.SourceWaiting, Why: "no process writes the log"})
	} else {
		w.emitAt(0, 3, w.origin("process"), observe.Source{State: observe.SourceUp})
	}
}

// step lets one second pass; false when the night is over.
func (w *world) step() bool {
	w.links()
	if w.over > 0 {
		w.deliver()
		if w.mood.late != nil && w.seen(w.s) {
			w.emitAt(w.s, 980, w.origin("process"), w.shape.last(*w.mood.late))
			w.mood.late, w.over = nil, w.s
		}
		return w.s < w.over+60 || !w.seen(w.s)
	}
	w.trouble()
	if w.over == 0 {
		w.work()
	}
	w.deliver()
	w.look()
	return true
}
