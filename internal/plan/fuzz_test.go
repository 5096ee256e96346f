package plan_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"ronda/internal/observe"
	"ronda/internal/plan"
)

// FuzzDecode: no input makes Decode panic, hang, or say something unprintable; a plan that it accepts can be
// recorded and read back, and names only hosts and tasks that it has.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(design))
	files, err := filepath.Glob("testdata/problems/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	opts := options(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		p, conn, err := plan.Decode("fuzz.yaml", src, opts)
		if err != nil {
			checkProblems(t, err)
			return
		}
		checkPlan(t, p, conn.Notices)
	})
}

func checkProblems(t *testing.T, err error) {
	t.Helper()
	var list *plan.ProblemList
	if !errors.As(err, &list) || len(list.Problems()) == 0 {
		t.Fatalf("err = %#v, want problems", err)
	}
	for _, p := range list.Problems() {
		text := strings.ReplaceAll(p.String(), "\n", "")
		if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) && r != unicode.ReplacementChar }); i >= 0 {
			t.Fatalf("unprintable: %q", text)
		}
		if p.Line < 0 || p.Column < 0 || p.Message == "" {
			t.Fatalf("problem = %+v", p)
		}
	}
}

func checkPlan(t *testing.T, p observe.Plan, notices []plan.Problem) {
	t.Helper()
	said := slices.ContainsFunc(notices, func(n plan.Problem) bool { return strings.Contains(n.Message, "nothing else to watch") })
	hosts, tasks := map[string]bool{"": true}, map[string]bool{"": true}
	for _, h := range p.Hosts {
		hosts[h.Name] = true
	}
	for _, task := range p.Tasks {
		if tasks[task.Name] {
			t.Fatalf("two tasks, or none, are called %q", task.Name)
		}
		tasks[task.Name] = true
		if task.Log == "" && task.Process == nil && task.Progress == nil && task.Transfer == nil && !said {
			t.Fatalf("task %+v has no source, and nothing is said of it", task)
		}
	}
	for _, task := range p.Tasks {
		if !hosts[task.Host] || !tasks[task.After] {
			t.Fatalf("task %+v refers to what is not there", task)
		}
	}
	for _, s := range p.Services {
		if !hosts[s.Host] || !tasks[s.After] || s.Name == "" {
			t.Fatalf("service %+v refers to what is not there", s)
		}
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back observe.Plan
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatalf("read back: %v", err)
	}
}

// TestHostileSource: what would overflow a recursive parser or take for ever is refused in no time.
func TestHostileSource(t *testing.T) {
	const n = 50_000 // bytes, about
	sources := map[string]string{
		"brackets":      strings.Repeat("[", n),
		"braces":        strings.Repeat("{a: ", n/4),
		"dashes":        strings.Repeat("- ", n/2),
		"question":      strings.Repeat("? ", n/2),
		"anchors":       strings.Repeat("&a ", n/3),
		"tags":          strings.Repeat("!!a ", n/4),
		"colons":        strings.Repeat("a: ", n/3),
		"brackets down": strings.Repeat("[\n", n/2),
		"too large":     strings.Repeat("#", 300<<10),
		"comments":      strings.Repeat("#\n", n/2),
		"one line":      "tasks: [{" + strings.Repeat("k: 1, ", n/6) + "z: 1}]",
		"one line more": "{" + strings.Repeat("k1: {}, ", n/8) + "z: 1}",
		"merges itself": "tasks: [&x {" + strings.Repeat("<<: *x, ", n/8) + "name: a, log: /l}]",
		"keys":          strings.Repeat("a:\n", n/8),
		"staircase":     staircase(),
		"aliases": "tasks: [{name: &n [" + strings.Repeat("x,", 3000) + "x], log: /l}]\nservices: [" +
			strings.Repeat("{name: a, expect: *n },", 3000) + "{}]\n",
		"patterns": "tasks:\n- {name: a, log: /l, done: &p [" + strings.Repeat("x,", 5000) + "x]}\n" +
			strings.Repeat("- {name: b, log: /l, done: *p}\n", 3000),
	}
	for name, src := range sources {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			_, _, err := plan.Decode("hostile.yaml", []byte(src), options(t))
			if err == nil {
				t.Fatal("it was accepted")
			}
			checkProblems(t, err)
			if d := time.Since(begin); d > 20*time.Second {
				t.Errorf("it took %s", d)
			}
			t.Log(time.Since(begin), strings.SplitN(err.Error(), "\n", 2)[0])
		})
	}
}

// staircase nests block mappings by indentation.
func staircase() string {
	var b strings.Builder
	for i := range 700 {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}
