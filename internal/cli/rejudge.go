package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/report"
	"ronda/internal/words"
)

func (a *app) rejudgeCommand() *cobra.Command {
	var (
		planFile string
		baseline string
		set      []string
		asJSON   bool
		why      bool
		every    = time.Minute
	)
	cmd := &cobra.Command{
		Use:   "rejudge FILE",
		Short: "Judge a recorded night again, by today's rules, another plan or other thresholds",
		Long: "rejudge folds a recorded night again and shows what would be said when, next to what was said that night:\n" +
			"+ is only said now, − was only said then; below stands which alarms would have been other ones.",
		Example: "  # would 20 minutes of silence have been enough?\n  ronda rejudge night.jsonl --set quiet=20m\n\n" +
			"  # another stall for one task\n  ronda rejudge night.jsonl --set 'schema upgrade:stall=10m'",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if every < time.Second {
				return usage(fmt.Errorf("--every %s: it must be at least 1s", every), "--every 1m")
			}
			night, err := load(args[0])
			if err != nil {
				return err
			}
			p, err := a.planFor(night, planFile, baseline)
			if err != nil {
				return err
			}
			thresholds, err := parseThresholds(set, tasksOf(night, p))
			if err != nil {
				return err
			}
			opts := fold.Options{Plan: p, Adjust: adjust(thresholds)}
			if asJSON {
				return walk(night, opts, every, a.printTasks)
			}
			then, now := saidThen(night), saidNow(night, opts)
			watched, planned := tasksOf(night, nil), tasksOf(night, p)
			found := foundIn(night, now, watched)
			then, now, apart := matching(then, now, slices.Concat(watched, found), slices.Concat(planned, found))
			if len(then)+len(now) > 0 || len(apart) == 0 {
				if err := a.print(report.Compare(then, now, night[len(night)-1].At, why)...); err != nil {
					return err
				}
			}
			return a.print(apart...)
		},
	}
	cmd.Flags().StringVar(&planFile, "plan", "", "judge by this plan instead of the recorded one")
	cmd.Flags().StringVar(&baseline, "baseline", "", "session file of an earlier run to compare with")
	cmd.Flags().StringArrayVar(&set, "set", nil, "another threshold, KEY=TIME or TASK:KEY=TIME; KEY is "+strings.Join(thresholdKeys(), ", "))
	cmd.Flags().BoolVar(&why, "why", false, "what speaks for and against each verdict, too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "a line of JSON a task every --every")
	cmd.Flags().Var((*spanFlag)(&every), "every", "step of --json")
	return cmd
}

// matching leaves what was said of the tasks that were watched that night and are in the plan that is judged by,
// and says which are not.
func matching(then, now []report.Said, watched, planned []string) (was, is []report.Said, apart []string) {
	in := func(all []string) func(report.Said) bool {
		return func(s report.Said) bool { return !slices.Contains(all, s.Task) }
	}
	for _, name := range watched {
		if !slices.Contains(planned, name) {
			apart = append(apart, words.Clean(name)+" is not in this plan: not judged")
		}
	}
	for _, name := range planned {
		if !slices.Contains(watched, name) {
			apart = append(apart, words.Clean(name)+" was not watched that night: not judged")
		}
	}
	return slices.DeleteFunc(then, in(planned)), slices.DeleteFunc(now, in(watched)), apart
}

// tasksOf are the names of the tasks of a night, or of the plan that it is judged by.
func tasksOf(night []observe.Observation, p *observe.Plan) []string {
	var names []string
	add := func(p observe.Plan) {
		for _, t := range p.Tasks {
			if !slices.Contains(names, t.Name) {
				names = append(names, t.Name)
			}
		}
	}
	if p != nil {
		add(*p)
		return names
	}
	for _, o := range night {
		if s, ok := o.Payload.(observe.Session); ok {
			add(s.Plan)
		}
	}
	return names
}

// foundIn are the names of the copies that finders found that night, and that are no tasks of the plan. With a plan
// that does not look for copies nothing is said of them now, and so they are not judged.
func foundIn(night []observe.Observation, now []report.Said, watched []string) []string {
	var names []string
	for _, o := range night {
		if p, ok := o.Payload.(observe.Transfer); !ok || p.Finder == "" || slices.Contains(names, o.Task) || slices.Contains(watched, o.Task) {
			continue
		}
		if slices.ContainsFunc(now, func(s report.Said) bool { return s.Task == o.Task }) {
			names = append(names, o.Task)
		}
	}
	return names
}

// saidThen is what was said that night, as it stands in the file.
func saidThen(night []observe.Observation) []report.Said {
	var all []report.Said
	for _, o := range night {
		if r, ok := o.Payload.(observe.Ruling); ok {
			all = append(all, report.Said{At: o.At, Task: o.Task, Ruling: r})
		}
	}
	return all
}

// saidNow is what is said of a night when it is folded again.
func saidNow(night []observe.Observation, opts fold.Options) []report.Said {
	var all []report.Said
	steps(night, opts, func(state *fold.State) {
		for _, c := range state.TakeChanges() {
			all = append(all, report.Said{At: state.At(), Task: c.Task, Ruling: c.Ruling})
		}
		state.TakeScenes()
	})
	return all
}

// steps folds a night and shows its state after each second and each observation.
func steps(night []observe.Observation, opts fold.Options, show func(*fold.State)) {
	state := fold.New(opts)
	next := night[0].At.Truncate(time.Second).Add(time.Second)
	for _, o := range night {
		for until := looking(o); !next.After(until); next = next.Add(time.Second) {
			state.Advance(next)
			show(state)
		}
		state.Apply(o)
		show(state)
		if next.Before(o.At) { // a gap: nobody looked in between
			next = o.At.Truncate(time.Second).Add(time.Second)
		}
	}
}

func (a *app) print(lines ...string) error {
	for _, line := range lines {
		_, err := fmt.Fprintln(a.out, line)
		switch {
		case errors.Is(err, syscall.EPIPE):
			return &exitError{code: exitOK} // who reads the lines has enough: that is no error
		case err != nil:
			return err
		}
	}
	return nil
}

func (a *app) printTasks(s *fold.Snapshot) error {
	for _, t := range s.Tasks {
		line, err := report.JSONLine(s, t)
		if err != nil {
			return err
		}
		if err := a.print(string(line)); err != nil {
			return err
		}
	}
	for _, v := range s.Volumes {
		line, err := report.VolumeLine(s, v)
		if err != nil {
			return err
		}
		if err := a.print(string(line)); err != nil {
			return err
		}
	}
	return nil
}
