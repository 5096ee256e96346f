package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ronda/internal/fold"
	"ronda/internal/journal"
	"ronda/internal/observe"
	"ronda/internal/plan"
)

// earlier reads how the tasks of a recorded night went.
func earlier(path string) (observe.Plan, error) {
	file, err := os.Open(path)
	if err != nil {
		return observe.Plan{}, fmt.Errorf("read session file: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	state := fold.New(fold.Options{})
	read, err := journal.Scan(file, func(o observe.Observation) error { state.Apply(o); return nil })
	switch {
	case err != nil:
		return observe.Plan{}, fmt.Errorf("read session file %s: %w", path, err)
	case read.Observations == 0:
		return observe.Plan{}, fmt.Errorf("session file %s is empty", path)
	}
	return state.Rehearsal(filepath.Base(path)), nil
}

// earlierBeside reads baselines whose paths are relative to a plan's file.
func earlierBeside(planFile string) plan.Earlier {
	return func(path string) (observe.Plan, error) {
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(planFile), path)
		}
		return earlier(path)
	}
}

// compare gives the tasks of a plan that have no baseline of their own the one that --baseline names, and says
// which of them are not in it.
func (a *app) compare(p *observe.Plan, path string) error {
	if path == "" {
		return nil
	}
	then, err := earlier(path)
	if err != nil {
		return usage(fmt.Errorf("--baseline: %w", err), "the session file of an earlier run: ronda watch … --record rehearsal.jsonl")
	}
	p.Tasks, p.Finders = slices.Clone(p.Tasks), slices.Clone(p.Finders)
	missing := plan.Compare(p, then)
	if len(missing) == 0 {
		return nil
	}
	text := fmt.Sprintf("in %s there is no task like %s; those that began there: %s", path, strings.Join(missing, ", "), plan.Began(then.Tasks))
	if len(missing) == len(p.Tasks) {
		return usage(fmt.Errorf("--baseline: %s", text), "give the tasks the names they have there: --name, or name: in the plan")
	}
	_, _ = fmt.Fprintln(a.err, "ronda: "+text)
	return nil
}

// notItself refuses a night that would be recorded into the file of its own rehearsal.
func notItself(record, baseline string) error {
	if record == "" || baseline == "" {
		return nil
	}
	a, errA := os.Stat(record)
	b, errB := os.Stat(baseline)
	if errA != nil || errB != nil || !os.SameFile(a, b) {
		return nil
	}
	return usage(fmt.Errorf("--record and --baseline name the same file: %s", record), "--record with a new file")
}

// planFor is the plan that a recorded night is judged by: that of a file, or the recorded one, compared with an
// earlier run where one is given; nil where nothing differs from the record.
func (a *app) planFor(night []observe.Observation, planFile, baseline string) (*observe.Plan, error) {
	switch {
	case planFile != "":
		recipes, err := a.recipes()
		if err != nil {
			return nil, err
		}
		p, _, err := a.decode(planFile, recipes, baseline)
		return &p, err
	case baseline == "":
		return nil, nil // as fold.Options takes it
	}
	var p observe.Plan
	for _, o := range night {
		if s, ok := o.Payload.(observe.Session); ok {
			p = s.Plan
		}
	}
	p.Tasks = slices.Clone(p.Tasks)
	for i := range p.Tasks {
		p.Tasks[i].Baseline = nil
	}
	p.Finders = slices.Clone(p.Finders)
	for i := range p.Finders {
		p.Finders[i].Earlier = nil
	}
	return &p, a.compare(&p, baseline)
}
