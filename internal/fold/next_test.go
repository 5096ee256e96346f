package fold

import (
	"path/filepath"
	"testing"
	"time"

	"ronda/internal/observe"
)

// What is foretold comes true: where a script stands still from some moment on, the next verdict is the one that was
// said to be next, at that time. The processes do nothing then, so what is foretold of working ones is passed over;
// and a hindrance that comes in sight before is nothing that could be foretold, nor that the talk of a job that
// works turns out to be all that it does.
func TestNextComesTrue(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts: ", err)
	}
	foretold := 0
	for _, file := range scripts {
		night, _ := compile(t, file)
		end := night[len(night)-1].At
		for at := epoch.Add(7 * time.Second); at.Before(end); at = at.Add(max(end.Sub(epoch)/7, 13*time.Second).Round(time.Second)) {
			foretold += requireForetold(t, filepath.Base(file), night, at)
		}
	}
	if foretold < 40 {
		t.Errorf("only %d verdicts were foretold", foretold)
	}
}

// requireForetold folds a night up to a moment and lets time pass from there.
func requireForetold(t *testing.T, name string, night []observe.Observation, at time.Time) int {
	t.Helper()
	s := New(Options{})
	for _, o := range night {
		if o.At.After(at) {
			break
		}
		s.Apply(o)
	}
	s.Advance(at)
	s.TakeChanges()
	next, until := map[string]observe.Escalation{}, at
	for _, v := range s.Snapshot().Tasks {
		if v.Next != nil && v.Next.If != "nothing new comes" && v.Next.If != "it goes on so" {
			next[v.Name] = *v.Next
			if due := v.Next.At.Add(2 * time.Minute); due.After(until) {
				until = due
			}
		}
	}
	n := len(next)
	for len(next) > 0 && s.At().Before(until) {
		s.Advance(s.At().Truncate(time.Second).Add(time.Second))
		for _, c := range s.TakeChanges() {
			e, ok := next[c.Task]
			delete(next, c.Task)
			late := s.At().Sub(e.At)
			if !ok || c.Verdict != e.Verdict && (c.Verdict == observe.Blocked || c.Verdict == observe.Looping) {
				continue
			}
			const fades = serverMemory // work fades slowly: it is an average, and a server's is believed for longer
			if c.Verdict != e.Verdict || late < -2*time.Second || late > fades {
				t.Errorf("%s, at %s, %s: foretold %s at %s if %s; came %s at %s: %s", name, offset(at), c.Task, e.Verdict, offset(e.At), e.If, c.Verdict, offset(s.At()), c.Reason)
			}
		}
	}
	for task, e := range next {
		t.Errorf("%s, at %s, %s: foretold %s at %s if %s; nothing came", name, offset(at), task, e.Verdict, offset(e.At), e.If)
	}
	return n
}
