// Package session is the conductor of a night: it runs the sources, stamps what they see, appends it to
// the session file, folds it in, and publishes snapshots. It owns every long-lived goroutine, and waits for
// each before it returns.
//
// The order is fixed: an observation is in the file before anybody is shown what follows from it.
package session

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// Source is something that watches. Run reports through emit until ctx ends or there is nothing more to
// see; emit may be called by one goroutine at a time and blocks while the session is behind. An error is
// ronda's own trouble; what the source cannot see is an observation.
type Source interface {
	Run(ctx context.Context, emit func(...observe.Payload)) error
}

// Entry is a source with the origin that its observations carry.
type Entry struct {
	observe.Origin
	Source Source
}

// Recorder is the session file. Append and Flush are called by one goroutine.
type Recorder interface {
	Append(batch ...observe.Observation) error
	Flush() error
}

// Config is a session's set-up.
type Config struct {
	Head    observe.Session // the plan and who writes it; its Resumed tells that State was read from the file
	State   *fold.State     // the fold; when resumed it holds what the file says
	Record  Recorder
	Entries []Entry
	Marks   <-chan observe.Mark // notes of a person; may be nil

	// Publish gets the newest snapshot, at most once a Frame, from the session's goroutine: it must not
	// block. It gets the last one after the end mark.
	Publish func(*fold.Snapshot)
	Frame   time.Duration // 0: 60 ms

	// Until is asked once a second, and ends the session by returning why; nil never ends it.
	Until func(*fold.Snapshot) (why string)
}

// Session errors.
var errPanic = errors.New("internal error")

// batch is what a source reported at one time.
type batch struct {
	observe.Origin
	payloads []observe.Payload
}

// session is a running session.
type session struct {
	Config
	clock clock
	seq   uint64
	last  map[lastKey]observe.Payload

	dirty     bool
	published time.Time
	recording error     // why the file takes nothing now; nil when it does
	failing   time.Time // since when
}

type lastKey struct {
	observe.Origin
	kind observe.Kind
	name string
}

// Run watches until ctx ends or Until says so, and returns why it ended. The error is the session file's:
// with it the night was watched but not wholly recorded.
func Run(ctx context.Context, cfg Config) (why string, err error) {
	if cfg.Frame == 0 {
		cfg.Frame = 60 * time.Millisecond
	}
	s := &session{Config: cfg, last: map[lastKey]observe.Payload{}, seq: cfg.State.Seq()}
	s.clock.start(time.Now(), cfg.State.At())
	s.open()

	sources, cancel := context.WithCancel(ctx)
	defer cancel()
	in := make(chan batch, 16)
	var running sync.WaitGroup
	for _, e := range cfg.Entries {
		running.Go(func() { watch(sources, e, in) })
	}
	why = s.loop(ctx, in)
	cancel()
	s.drain(in, &running)
	s.take(observe.Origin{}, observe.End{Why: why})
	s.publish()
	return why, s.recording
}

// open writes the head; after a resume the time in which nobody looked first.
func (s *session) open() {
	if s.Head.Resumed {
		now := s.clock.now()
		s.take(observe.Origin{}, observe.Gap{From: s.State.At(), To: now, Why: "not running"})
	}
	s.take(observe.Origin{}, s.Head)
	s.publish()
}

func (s *session) loop(ctx context.Context, in <-chan batch) string {
	second := time.NewTimer(0)
	defer second.Stop()
	frame := time.NewTimer(time.Hour)
	defer frame.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx).Error()
		case b := <-in:
			s.take(b.Origin, b.payloads...)
			s.more(in)
		case m := <-s.Marks:
			s.take(observe.Origin{}, m)
		case <-frame.C:
		case <-second.C:
			if why := s.tick(); why != "" {
				return why
			}
			second.Reset(untilSecond(s.clock.now()))
		}
		if !s.dirty {
			continue
		}
		if wait := s.Frame - time.Since(s.published); wait > 0 {
			frame.Reset(wait)
		} else {
			s.publish()
		}
	}
}

// more takes what else is there already, so that a flood is published by the frame and not by the batch.
func (s *session) more(in <-chan batch) {
	for range 64 {
		select {
		case b := <-in:
			s.take(b.Origin, b.payloads...)
		default:
			return
		}
	}
}

// untilSecond is the time to just after the next whole second.
func untilSecond(now time.Time) time.Duration {
	return now.Truncate(time.Second).Add(time.Second + time.Millisecond).Sub(now)
}

// tick is one second: time passes in the fold, a sleep of this machine is noticed.
func (s *session) tick() string {
	s.State.Advance(s.stamp())
	s.changes()
	s.dirty = true
	if s.Until == nil {
		return ""
	}
	return s.Until(s.State.Snapshot())
}

// stamp is the time of the next observation. Time in which ronda did not run is a gap.
func (s *session) stamp() time.Time {
	now, gap := s.clock.read(time.Now())
	if gap != nil {
		s.record(observe.Origin{}, now, *gap)
	}
	return now
}

// take stamps, records and folds in what a source reported.
func (s *session) take(origin observe.Origin, payloads ...observe.Payload) {
	now := s.stamp()
	for _, p := range payloads {
		whose := origin
		if of, ok := p.(observe.Of); ok {
			whose.Task, whose.Source, p = of.Task, of.Source, of.Payload
		}
		p = observe.Clean(p)
		if s.known(whose, p) {
			continue
		}
		s.record(whose, now, p)
	}
	s.changes()
	s.dirty = true
}

// known tells that a payload says nothing that the one before it did not say.
func (s *session) known(origin observe.Origin, p observe.Payload) bool {
	key := lastKey{Origin: origin, kind: p.Kind()}
	switch p := p.(type) {
	case observe.Check:
		key.name = p.Name
	case observe.Counter:
		key.name = p.Name
	case observe.Volume:
		key.name = p.Mount
	case observe.Process, observe.Link, observe.Source, observe.Transfer:
	default:
		return false
	}
	if old, ok := s.last[key]; ok && observe.Same(old, p) {
		return true
	}
	s.last[key] = p
	return false
}

// record appends one observation to the file and then folds it in.
func (s *session) record(origin observe.Origin, at time.Time, p observe.Payload) {
	s.seq++
	o := observe.Observation{Seq: s.seq, At: at, Origin: origin, Payload: p}
	s.note(s.Record.Append(o))
	s.State.Apply(o)
}

// changes writes the verdicts that became others, and what was known when one became alarming, for readers of
// the file.
func (s *session) changes() {
	for _, c := range s.State.TakeChanges() {
		s.append(c.Origin, c.Ruling)
	}
	for _, scene := range s.State.TakeScenes() {
		s.append(scene.Origin, observe.Clean(*scene.Snapshot))
	}
}

// append writes what follows from the observations, and is none itself.
func (s *session) append(origin observe.Origin, p observe.Payload) {
	s.seq++
	s.note(s.Record.Append(observe.Observation{Seq: s.seq, At: s.State.At(), Origin: origin, Payload: p}))
}

// note keeps why the file takes nothing, and since when.
func (s *session) note(err error) {
	if err != nil && s.recording == nil {
		s.failing = s.State.At()
	}
	s.recording = err
}

func (s *session) publish() {
	s.note(s.Record.Flush())
	s.published, s.dirty = time.Now(), false
	if s.Publish == nil {
		return
	}
	snap := s.State.Snapshot()
	if s.recording != nil {
		snap.Notes = append(snap.Notes, fold.NoteView{At: s.failing, Kind: observe.KindMark, Text: "NOT RECORDED: " + s.recording.Error()})
	}
	s.Publish(snap)
}

// drain waits for the sources, taking nothing more of them.
func (s *session) drain(in <-chan batch, running *sync.WaitGroup) {
	done := make(chan struct{})
	go func() { running.Wait(); close(done) }()
	for {
		select {
		case <-in:
		case <-done:
			return
		}
	}
}

// watch runs one source, and reports its own trouble as an observation.
func watch(ctx context.Context, e Entry, in chan<- batch) {
	emit := func(payloads ...observe.Payload) {
		if len(payloads) == 0 {
			return
		}
		select {
		case in <- batch{e.Origin, payloads}:
		case <-ctx.Done():
		}
	}
	if err := guard(ctx, e.Source, emit); err != nil && ctx.Err() == nil {
		emit(observe.Source{State: observe.SourceFailed, Why: err.Error()})
	}
}

// guard turns a panic of one source into its failure: the others go on through the night.
func guard(ctx context.Context, src Source, emit func(...observe.Payload)) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanic, r, debug.Stack())
		}
	}()
	return src.Run(ctx, emit)
}
