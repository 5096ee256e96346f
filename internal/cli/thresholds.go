package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ronda/internal/observe"
	"ronda/internal/plan"
	"ronda/internal/recipe"
)

// threshold is one --set: a time after which something is said, of one task or of all.
type threshold struct {
	task string // empty: all
	key  string
	time time.Duration
}

// thresholdKeys are those that --set knows: the plan's keys of a task that are durations and that the judge asks.
func thresholdKeys() []string { return []string{"quiet", "stall", "fresh", "loop", "expect"} }

// parseThresholds reads the values of --set, "KEY=TIME" or "TASK:KEY=TIME", for a night with these tasks.
func parseThresholds(values, tasks []string) ([]threshold, error) {
	var all []threshold
	for _, value := range values {
		t, err := parseThreshold(value, tasks)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

func parseThreshold(value string, tasks []string) (threshold, error) {
	const form = "--set quiet=20m, or of one task --set 'schema upgrade:stall=10m'"
	equals := strings.LastIndexByte(value, '=')
	if equals < 0 {
		return threshold{}, usage(fmt.Errorf("--set %q: there is no time in it", value), form)
	}
	t := threshold{key: strings.TrimSpace(value[:equals])}
	if colon := strings.LastIndexByte(t.key, ':'); colon >= 0 {
		t.task, t.key = t.key[:colon], strings.TrimSpace(t.key[colon+1:])
		if !slices.Contains(tasks, t.task) {
			hint := "the tasks of that night: " + strings.Join(tasks, ", ")
			if near := recipe.Nearest(t.task, tasks); near != "" {
				hint = near + ":" + t.key + value[equals:]
			}
			return threshold{}, usage(fmt.Errorf("--set %q: there is no task %q in that night", value, t.task), hint)
		}
	}
	if !slices.Contains(thresholdKeys(), t.key) {
		hint := "one of " + strings.Join(thresholdKeys(), ", ")
		if near := recipe.Nearest(t.key, thresholdKeys()); near != "" {
			hint = near
		}
		return threshold{}, usage(fmt.Errorf("--set %q: %q is not a threshold", value, t.key), hint)
	}
	span, err := plan.ParseSpan(strings.TrimSpace(value[equals+1:]))
	if err != nil {
		return threshold{}, usage(fmt.Errorf("--set %q: %w", value, err), plan.SpanHint)
	}
	t.time = span
	return t, nil
}

// adjust changes a task's thresholds. Of two that are said of the same, the later stands; what is said of one task
// stands before what is said of all.
func adjust(all []threshold) func(*observe.Task) {
	if len(all) == 0 {
		return nil
	}
	return func(task *observe.Task) {
		for _, whom := range []string{"", task.Name} {
			for _, t := range all {
				if t.task == whom {
					t.set(task)
				}
			}
		}
	}
}

func (t threshold) set(task *observe.Task) {
	d := observe.Duration(t.time)
	switch t.key {
	case "quiet":
		task.Quiet = d
	case "stall":
		task.Stall = d
	case "fresh":
		task.Fresh = d
	case "loop":
		task.Loop = d
	case "expect":
		task.Expect = d
	}
}
