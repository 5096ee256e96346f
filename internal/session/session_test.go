package session

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/fold"
	"ronda/internal/journal"
	"ronda/internal/observe"
)

// source is a source made of a function.
type source func(ctx context.Context, emit func(...observe.Payload)) error

func (s source) Run(ctx context.Context, emit func(...observe.Payload)) error { return s(ctx, emit) }

// record keeps what was appended, and how much of it was flushed.
type record struct {
	all     []observe.Observation
	flushed int
	err     error
}

func (r *record) Append(batch ...observe.Observation) error {
	r.all = append(r.all, batch...)
	return r.err
}

func (r *record) Flush() error {
	r.flushed = len(r.all)
	return r.err
}

func (r *record) kinds() string {
	var kinds []string
	for _, o := range r.all {
		kinds = append(kinds, string(o.Payload.Kind()))
	}
	return strings.Join(kinds, " ")
}

func config(r Recorder, sources ...source) Config {
	cfg := Config{
		Head:  observe.Session{Format: 1, Plan: observe.Plan{Tasks: []observe.Task{{Name: "t"}}}},
		State: fold.New(fold.Options{}), Record: r,
	}
	for i, s := range sources {
		cfg.Entries = append(cfg.Entries, Entry{observe.Origin{Task: "t", Source: fmt.Sprint("s", i)}, s})
	}
	return cfg
}

// Nothing is shown that is not in the file yet, and the end mark is the last thing in it.
func TestRecordedBeforeShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &record{}
		ctx, cancel := context.WithCancelCause(t.Context())
		cfg := config(r, func(_ context.Context, emit func(...observe.Payload)) error {
			for i := range 50 {
				emit(observe.Line{File: "/l", Text: fmt.Sprint("line ", i)})
				time.Sleep(70 * time.Millisecond)
			}
			return nil
		})
		shown := 0
		cfg.Publish = func(s *fold.Snapshot) {
			shown++
			if s.Seq > r.all[r.flushed-1].Seq {
				t.Errorf("shown up to %d, in the file up to %d", s.Seq, r.all[r.flushed-1].Seq)
			}
		}
		time.AfterFunc(5*time.Second, func() { cancel(errors.New("enough")) })
		why, err := Run(ctx, cfg)
		if err != nil || why != "enough" {
			t.Fatalf("ended by %q, %v", why, err)
		}
		if last := r.all[len(r.all)-1]; last.Payload != (observe.End{Why: "enough"}) {
			t.Errorf("the file ends with %#v", last.Payload)
		}
		if strings.Count(r.kinds(), "line") != 50 {
			t.Errorf("recorded %s", r.kinds())
		}
		if shown < 10 || shown > 90 {
			t.Errorf("published %d times in 5 s at 17 frames a second", shown)
		}
		for i, o := range r.all {
			if o.Seq != uint64(i+1) || (i > 0 && o.At.Before(r.all[i-1].At)) {
				t.Fatalf("observation %d has seq %d at %v", i, o.Seq, o.At)
			}
		}
	})
}

// What the live session folded is what the file folds to.
func TestLiveIsReplay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.jsonl")
	w, err := journal.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	var last *fold.Snapshot
	synctest.Test(t, func(t *testing.T) {
		r := &record{}
		ctx, cancel := context.WithCancelCause(t.Context())
		cfg := config(r, jobLog, jobProcess)
		cfg.Publish = func(s *fold.Snapshot) { last = s }
		time.AfterFunc(400*time.Second, func() { cancel(errors.New("enough")) })
		if _, err := Run(ctx, cfg); err != nil {
			t.Fatal(err)
		}
		if err := w.Append(r.all...); err != nil {
			t.Fatal(err)
		}
	})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	state, verdicts := fold.New(fold.Options{}), ""
	again, _, err := journal.Resume(path, func(o observe.Observation) error {
		state.Apply(o)
		if v, ok := o.Payload.(observe.Ruling); ok {
			verdicts += string(v.Verdict) + " "
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	got := state.Snapshot()
	if diff := cmp.Diff(last, got, cmp.Comparer(sameFloat), cmp.Comparer(sameLog), cmp.AllowUnexported(fold.DeadlineView{})); diff != "" {
		t.Errorf("live and replayed differ:\n%s", diff)
	}
	if !strings.Contains(verdicts, "QUIET") || !strings.Contains(verdicts, "STALLED") {
		t.Errorf("the night had only %s", verdicts)
	}
}

func sameFloat(a, b float64) bool { return a == b || (a != a && b != b) }

func sameLog(a, b fold.LogView) bool {
	if a.First() != b.First() || a.End() != b.End() {
		return false
	}
	for n := a.First(); n < a.End(); n++ {
		if a.Line(n) != b.Line(n) {
			return false
		}
	}
	return true
}

func jobLog(_ context.Context, emit func(...observe.Payload)) error {
	emit(observe.Source{State: observe.SourceUp})
	for i := range 40 {
		emit(observe.Line{File: "/l", Text: fmt.Sprintf("copied %d of 100 blocks", i)})
		time.Sleep(437 * time.Millisecond)
	}
	return nil
}

func jobProcess(_ context.Context, emit func(...observe.Payload)) error {
	p := observe.Process{Root: 7, Count: 1, Procs: []observe.Proc{{PID: 7, Name: "x", State: "R"}}}
	for i := range 200 {
		p.Uptime = int64(i) * 1000
		p.CPU = int64(min(i, 110)) * 300
		emit(p)
		time.Sleep(time.Second)
	}
	return nil
}

// A panic in one source is its failure; the others go on.
func TestPanicIsASourcesFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &record{}
		ctx, cancel := context.WithCancel(t.Context())
		cfg := config(r,
			func(context.Context, func(...observe.Payload)) error { panic("boom") },
			func(_ context.Context, emit func(...observe.Payload)) error {
				time.Sleep(time.Second)
				emit(observe.Line{Text: "still here"})
				return errors.New("disk on fire")
			})
		time.AfterFunc(3*time.Second, cancel)
		if _, err := Run(ctx, cfg); err != nil {
			t.Fatal(err)
		}
		var why []string
		for _, o := range r.all {
			if s, ok := o.Payload.(observe.Source); ok {
				why = append(why, s.Why)
			}
		}
		if len(why) != 2 || !strings.Contains(why[0], "boom") || why[1] != "disk on fire" || !strings.Contains(r.kinds(), "line") {
			t.Errorf("reported %q; %s", why, r.kinds())
		}
	})
}

// The file grows by what changes, not by the clock.
func TestUnchangedIsNotRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &record{}
		ctx, cancel := context.WithCancel(t.Context())
		cfg := config(r, func(ctx context.Context, emit func(...observe.Payload)) error {
			for ctx.Err() == nil {
				emit(observe.Check{Name: "web", OK: true, MS: 3}, observe.Process{Root: 1, Count: 1})
				time.Sleep(time.Second)
			}
			return nil
		})
		time.AfterFunc(time.Hour, cancel)
		if _, err := Run(ctx, cfg); err != nil {
			t.Fatal(err)
		}
		if len(r.all) > 8 {
			t.Errorf("an hour without change took %d observations: %s", len(r.all), r.kinds())
		}
	})
}

// A session file that takes nothing is said on the screen, and the night goes on.
func TestUnrecordedIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &record{err: errors.New("no space left on device")}
		ctx, cancel := context.WithCancel(t.Context())
		cfg := config(r)
		var said string
		cfg.Publish = func(s *fold.Snapshot) {
			if n := len(s.Notes); n > 0 {
				said = s.Notes[n-1].Text
			}
		}
		time.AfterFunc(3*time.Second, cancel)
		if _, err := Run(ctx, cfg); err == nil {
			t.Error("no error for a session file that took nothing")
		}
		if !strings.Contains(said, "NOT RECORDED: no space left") {
			t.Errorf("said %q", said)
		}
	})
}

func TestUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config(&record{})
		cfg.Until = func(s *fold.Snapshot) string {
			if s.At.Sub(s.Started) >= 10*time.Second {
				return "ten"
			}
			return ""
		}
		began := time.Now()
		if why, err := Run(t.Context(), cfg); why != "ten" || err != nil {
			t.Errorf("%q, %v", why, err)
		}
		if took := time.Since(began); took < 10*time.Second || took > 11*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// A probe is asked again only after its answer, and each question has its timeout.
func TestEvery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		asked := 0
		src := Every(probe(func(ctx context.Context) observe.Payload {
			asked++
			<-ctx.Done() // it never answers
			return observe.Check{Name: "slow"}
		}), 10*time.Second, 4*time.Second)
		time.AfterFunc(35*time.Second, cancel)
		answers := 0
		if err := src.Run(ctx, func(...observe.Payload) { answers++ }); err != nil {
			t.Fatal(err)
		}
		if asked != 4 || answers != 4 {
			t.Errorf("asked %d times, %d answers", asked, answers)
		}
	})
}

type probe func(ctx context.Context) observe.Payload

func (p probe) Probe(ctx context.Context) observe.Payload { return p(ctx) }

func TestClock(t *testing.T) {
	start := time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC)
	type step struct {
		wall time.Duration // of the wall clock since start
		mono time.Duration // of the monotonic clock
		want time.Duration // session time
		gap  string
	}
	for name, steps := range map[string][]step{
		"runs":           {{1 * time.Second, 1 * time.Second, 1 * time.Second, ""}, {2 * time.Second, 2 * time.Second, 2 * time.Second, ""}},
		"sleeps":         {{time.Second, time.Second, time.Second, ""}, {9 * time.Hour, 2 * time.Second, 9 * time.Hour, "slept"}, {9*time.Hour + time.Second, 3 * time.Second, 9*time.Hour + time.Second, ""}},
		"stopped":        {{time.Second, time.Second, time.Second, ""}, {time.Minute, time.Minute, time.Minute, "did not run"}},
		"set back":       {{time.Second, time.Second, time.Second, ""}, {-time.Hour, 2 * time.Second, 2 * time.Second, ""}, {-time.Hour + time.Second, 3 * time.Second, 3 * time.Second, ""}},
		"slewed forward": {{time.Second, time.Second, time.Second, ""}, {3 * time.Second, 2 * time.Second, 2 * time.Second, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			var c clock
			// Readings without a monotonic part: the clock's own arithmetic is what is tested.
			c.base, c.mono, c.seen, c.last = start, start, start, start
			for _, s := range steps {
				got, gap := c.readAt(start.Add(s.wall), start.Add(s.mono))
				if !got.Equal(start.Add(s.want)) {
					t.Errorf("session time %v, want %v", got.Sub(start), s.want)
				}
				if (gap == nil) != (s.gap == "") || (gap != nil && !strings.Contains(gap.Why, s.gap)) {
					t.Errorf("gap %+v, want %q", gap, s.gap)
				}
			}
		})
	}
}
