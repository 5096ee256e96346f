package plan_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ronda/internal/plan"
	"ronda/internal/recipe"
)

func TestSchema(t *testing.T) {
	got, err := plan.Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../../docs/plan.schema.json", string(got))
	var s any
	if err := json.Unmarshal(got, &s); err != nil {
		t.Fatal(err)
	}
	describe(t, "plan", s)
}

// describe checks that every key of the schema has a description.
func describe(t *testing.T, path string, v any) {
	t.Helper()
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	if props, ok := m["properties"].(map[string]any); ok {
		for name, p := range props {
			if d, _ := p.(map[string]any)["description"].(string); !strings.HasSuffix(d, ".") {
				t.Errorf("%s.%s has no description", path, name)
			}
		}
	}
	for k, sub := range m {
		describe(t, path+"."+k, sub)
	}
}

func TestInit(t *testing.T) {
	set, err := recipe.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(set.Names(), "") {
		t.Run("recipe "+name, func(t *testing.T) {
			src, err := plan.Init(name)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := bytes.Cut(src, []byte("\n"))
			if string(first) != "# yaml-language-server: $schema=plan.schema.json" {
				t.Errorf("first line: %s", first)
			}
			p, c := mustDecode(t, string(src))
			if p.Tasks[0].Recipe != name || len(c.Notices) > 0 {
				t.Errorf("recipe %q, notices %v", p.Tasks[0].Recipe, c.Notices)
			}
		})
	}
	if _, err := plan.Init("zimbar"); err == nil || !strings.Contains(err.Error(), "did you mean zimbra?") {
		t.Errorf("err = %v", err)
	}
}

// TestInitComments: what stands in comments can be used as it is.
func TestInitComments(t *testing.T) {
	src, err := plan.Init("")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	in := false
	for line := range strings.Lines(string(src)) {
		text := strings.TrimLeft(line, " ")
		in = in || strings.HasPrefix(line, "hosts:")
		if body, ok := strings.CutPrefix(text, "# "); ok && in && strings.Contains(body, ":") && !strings.HasPrefix(line, "#") {
			line = line[:len(line)-len(text)] + body
		}
		out.WriteString(line)
	}
	p, _ := mustDecode(t, out.String())
	if len(p.Hosts) != 2 || len(p.Tasks) != 2 || len(p.Services) != 5 || p.Tasks[0].Progress == nil || p.Tasks[0].Process == nil ||
		p.Tasks[0].Transfer == nil || len(p.Tasks[0].Volumes) != 1 || p.Tasks[0].VSphere == nil || p.Tasks[0].Proxmox == nil || len(p.Finders) != 2 {
		t.Errorf("plan = %+v", p)
	}
}

// TestCommandsNamed: what a plan and an example tell a person to run can be run.
func TestCommandsNamed(t *testing.T) {
	src, err := plan.Init("zimbra")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"init": string(src)}
	files, err := filepath.Glob("../../examples/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[file] = string(src)
	}
	commands := []string{"watch", "replay", "rejudge", "init", "recipes", "schema", "demo"}
	named := 0
	for where, text := range texts {
		for _, m := range regexp.MustCompile(`\bronda ([a-z]+)`).FindAllStringSubmatch(text, -1) {
			named++
			if !slices.Contains(commands, m[1]) {
				t.Errorf("%s: %q is no command", where, m[0])
			}
		}
	}
	if named < 3 {
		t.Errorf("only %d commands found", named)
	}
}

func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("examples: %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			mustDecode(t, string(src))
		})
	}
}
