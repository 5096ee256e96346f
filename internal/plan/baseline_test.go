package plan_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
	"ronda/internal/plan"
)

// went is a task of an earlier run, told apart by how long it took.
func went(name, log, recipe string, minutes int) observe.Task {
	return observe.Task{Name: name, Log: log, Recipe: recipe, Baseline: &observe.Baseline{
		From: "earlier.jsonl", Duration: observe.Duration(time.Duration(minutes) * time.Minute),
	}}
}

// TestCompare: a task is found by its name, or where there is but one, or by its log and recipe.
func TestCompare(t *testing.T) {
	tests := []struct {
		name    string
		plan    []observe.Task
		earlier []observe.Task
		want    []int // minutes of each task of the plan; 0: none
		missing []string
	}{
		{
			name:    "by name",
			plan:    []observe.Task{{Name: "a", Log: "/var/log/x"}, {Name: "b", Log: "/var/log/y"}},
			earlier: []observe.Task{went("b", "/var/log/x", "", 2), went("a", "/var/log/y", "", 1)},
			want:    []int{1, 2},
		},
		{
			name:    "the only one",
			plan:    []observe.Task{{Name: "a", Log: "/x"}},
			earlier: []observe.Task{went("stdin", "-", "", 1)},
			want:    []int{1},
		},
		{
			name:    "by log and recipe",
			plan:    []observe.Task{{Name: "new", Log: "/opt/zmsetup.log", Recipe: "zimbra"}, {Name: "a", Log: "/x"}},
			earlier: []observe.Task{went("old", "/tmp/zmsetup.log", "zimbra", 1), went("a", "/x", "", 2)},
			want:    []int{1, 2},
		},
		{
			name:    "two that it might be",
			plan:    []observe.Task{{Name: "new", Log: "/tmp/zmsetup.log"}, {Name: "b"}},
			earlier: []observe.Task{went("one", "/a/zmsetup.log", "", 1), went("two", "/b/zmsetup.log", "", 2)},
			want:    []int{0, 0},
			missing: []string{"new", "b"},
		},
		{
			name:    "its own stays",
			plan:    []observe.Task{went("a", "/x", "", 9), {Name: "b"}},
			earlier: []observe.Task{went("a", "/x", "", 1), {Name: "b"}},
			want:    []int{9, 0},
			missing: []string{"b"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := observe.Plan{Tasks: tt.plan}
			missing := plan.Compare(&p, observe.Plan{Tasks: tt.earlier})
			if diff := cmp.Diff(tt.missing, missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
			for i, task := range p.Tasks {
				got := 0
				if task.Baseline != nil {
					got = int(time.Duration(task.Baseline.Duration).Minutes())
				}
				if got != tt.want[i] {
					t.Errorf("%s has the run of %d min, want %d", task.Name, got, tt.want[i])
				}
			}
		})
	}
}

// TestBaselineKeys: a task's own baseline goes before the plan's; what cannot be read, or does not fit, is told with
// its place.
func TestBaselineKeys(t *testing.T) {
	files := map[string]observe.Plan{
		"all.jsonl": {Tasks: []observe.Task{went("a", "/a", "", 1), went("b", "/b", "", 2)}},
		"b.jsonl":   {Tasks: []observe.Task{went("b", "/b", "", 3)}},
	}
	decode := func(src string, skip bool) (observe.Plan, plan.Connections, error) {
		return plan.Decode("p.yaml", []byte(src), plan.Options{Now: at(28, 20, 0), SkipBaseline: skip, Earlier: func(path string) (observe.Plan, error) {
			p, ok := files[path]
			if !ok {
				return p, errors.New("no such file")
			}
			return p, nil
		}})
	}
	const two = "baseline: all.jsonl\ntasks:\n  - {name: a, log: /a, fresh: 1m, loop: 10m, group: disk}\n  - {name: b, log: /b, baseline: b.jsonl}\n"
	p, _, err := decode(two, false)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := p.Tasks[0], p.Tasks[1]; a.Baseline.Duration != observe.Duration(time.Minute) || b.Baseline.Duration != observe.Duration(3*time.Minute) {
		t.Errorf("a took %v, b %v", a.Baseline.Duration, b.Baseline.Duration)
	} else if a.Fresh != observe.Duration(time.Minute) || a.Loop != observe.Duration(10*time.Minute) || a.Group != "disk" {
		t.Errorf("fresh %v, loop %v, group %q", a.Fresh, a.Loop, a.Group)
	}
	if p, _, err = decode(two, true); err != nil || p.Tasks[0].Baseline != nil || p.Tasks[1].Baseline == nil {
		t.Errorf("with the plan's own left alone: %v %v %v", p.Tasks[0].Baseline, p.Tasks[1].Baseline, err)
	}

	for _, tt := range []struct{ src, want string }{
		{"baseline: gone.jsonl\ntasks: [{name: a, log: /a}]\n", "p.yaml:1:11: baseline: no such file"},
		{"tasks: [{name: a, log: /a, baseline: gone.jsonl}]\n", "p.yaml:1:38: baseline: no such file"},
		{"baseline: all.jsonl\ntasks: [{name: x, log: /x}]\n", "p.yaml:1:11: in all.jsonl there is no task like any of this plan"},
		{"tasks: [{name: x, log: /x, baseline: all.jsonl}]\n", `p.yaml:1:38: in all.jsonl there is no task like "x"`},
		{"tasks: [{name: x, log: /x, fresh: 10m, stall: 5m}]\n", "p.yaml:1:35: silence counts as progress for 10m"},
		{"tasks: [{name: x, log: /x, fresh: 10m, loop: 5m}]\n", "p.yaml:1:46: silence counts as progress for 10m"},
	} {
		_, _, err := decode(tt.src, false)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.src, err, tt.want)
		}
	}
	_, conn, err := decode("baseline: all.jsonl\ntasks: [{name: a, log: /a}, {name: x, log: /x}]\n", false)
	if err != nil || len(conn.Notices) != 1 || !strings.Contains(conn.Notices[0].Message, `no task like "x"`) {
		t.Errorf("a task that is not in it: %v %v", conn.Notices, err)
	}
}
