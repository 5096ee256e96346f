package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ronda/internal/fold"
	"ronda/internal/report"
)

func (a *app) rejudgeCommand() *cobra.Command {
	var (
		planFile string
		baseline string
		asJSON   bool
		every    = time.Minute
	)
	cmd := &cobra.Command{
		Use:   "rejudge FILE",
		Short: "Judge a recorded night again, by today's rules or another plan",
		Args:  cobra.ExactArgs(1),
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
			opts := fold.Options{Plan: p}
			if !asJSON {
				return a.replayLines(night, opts)
			}
			return walk(night, opts, every, a.printTasks)
		},
	}
	cmd.Flags().StringVar(&planFile, "plan", "", "judge by this plan instead of the recorded one")
	cmd.Flags().StringVar(&baseline, "baseline", "", "session file of an earlier run to compare with")
	cmd.Flags().BoolVar(&asJSON, "json", false, "a line of JSON a task every --every")
	cmd.Flags().Var((*spanFlag)(&every), "every", "step of --json")
	return cmd
}

func (a *app) print(lines ...string) error {
	for _, line := range lines {
		if _, err := fmt.Fprintln(a.out, line); err != nil {
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
	return nil
}
