package recipe_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/recipe"
)

var update = flag.Bool("update", false, "write the golden files anew")

func load(t *testing.T) *recipe.Set {
	t.Helper()
	set, err := recipe.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestRecipes runs every recipe over its sample log, testdata/NAME.txt, and compares the lines that mean
// something, and nothing else, with testdata/NAME.golden. Lines of the sample that begin with ## tell where
// it comes from.
func TestRecipes(t *testing.T) {
	set := load(t)
	for _, name := range set.Names() {
		t.Run(name, func(t *testing.T) {
			sample, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			r, _ := set.Lookup(name)
			var got strings.Builder
			kinds := map[string]int{}
			for line := range strings.Lines(string(sample)) {
				line = strings.TrimRight(line, "\r\n")
				if strings.HasPrefix(line, "## ") {
					continue
				}
				for _, said := range meaning(r, line) {
					kind, _, _ := strings.Cut(said, ":")
					kinds[kind]++
					fmt.Fprintf(&got, "%-10s < %s\n", said, line)
				}
			}
			checkKinds(t, r, kinds)
			golden(t, filepath.Join("testdata", name+".golden"), got.String())
		})
	}
}

// meaning returns what a recipe sees in a line.
func meaning(r recipe.Recipe, line string) []string {
	p := r.Patterns
	for _, ignore := range p.Ignore {
		if regexp.MustCompile(ignore).MatchString(line) {
			return []string{"ignore"}
		}
	}
	var out []string
	for _, kind := range []struct {
		name string
		list []string
	}{{"done", p.Done}, {"fail", p.Fail}, {"prompt", p.Prompt}, {"phase", p.Phase}, {"progress", p.Progress}} {
		for _, pattern := range kind.list {
			re := regexp.MustCompile(pattern)
			m := re.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			said := kind.name
			for i, group := range re.SubexpNames() {
				if group != "" && m[i] != "" {
					said += ": " + m[i]
				}
			}
			out = append(out, said)
			break
		}
	}
	return out
}

// checkKinds: a pattern that no line of the sample can show is not known to work.
func checkKinds(t *testing.T, r recipe.Recipe, kinds map[string]int) {
	t.Helper()
	for kind, list := range map[string][]string{
		"done": r.Patterns.Done, "fail": r.Patterns.Fail, "prompt": r.Patterns.Prompt, "phase": r.Patterns.Phase,
		"progress": r.Patterns.Progress,
	} {
		if len(list) > 0 && kinds[kind] == 0 {
			t.Errorf("the sample shows no %s", kind)
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestForLog(t *testing.T) {
	set := load(t)
	for path, want := range map[string]string{
		"/tmp/zmsetup.log":                        "zimbra",
		"/opt/zimbra/log/../log/zmsetup.log":      "zimbra",
		"/tmp/zmsetup.20261122-010000.log":        "zimbra",
		"/var/log/apt/term.log":                   "apt",
		"/var/log/gitlab/reconfigure/1700000.log": "gitlab",
		"/opt/zimbra/data/tmp/mysql_upgrade.out":  "mysql",
		"/opt/zimbra/log/sqlMigration.log":        "zimbra-schema",
		"/var/log/messages":                       "",
		"zmsetup.log":                             "",
		"":                                        "",
	} {
		if r, ok := set.ForLog(path); r.Name != want || ok != (want != "") {
			t.Errorf("ForLog(%q) = %q, %t", path, r.Name, ok)
		}
	}
}

func TestOwnRecipes(t *testing.T) {
	dir := fstest.MapFS{
		"house.yaml": {Data: []byte("name: house\ntitle: Ours\nquiet: 5m\ndone: ['all \\d+ done']\nlog: [/var/log/house-*.log]\n")},
		"zimbra.yml": {Data: []byte("name: zimbra\ntitle: Ours too\n")},
		"README.md":  {Data: []byte("no recipe")},
	}
	set, err := recipe.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, ok := set.Lookup("house")
	if !ok || r.Quiet != 5*time.Minute || len(r.Patterns.Done) != 1 {
		t.Errorf("house = %+v, %t", r, ok)
	}
	if r, _ := set.Lookup("zimbra"); r.Title != "Ours too" {
		t.Errorf("zimbra = %q, want the user's own", r.Title)
	}
	if r, ok := set.ForLog("/var/log/house-7.log"); !ok || r.Name != "house" {
		t.Errorf("ForLog = %q, %t", r.Name, ok)
	}
}

// TestBrokenRecipes: everything that is wrong is told, with the file.
func TestBrokenRecipes(t *testing.T) {
	dir := fstest.MapFS{
		"a.yaml": {Data: []byte("name: a\ntitle: x\ndnoe: [y]\n")},
		"b.yaml": {Data: []byte("name: B B\nquiet: soon\nfail: ['(', '.*']\nprocess: '['\nlog: ['[']\n")},
		"c.yaml": {Data: []byte("name: c\ntitle: x\n")},
		"d.yaml": {Data: []byte("name: c\ntitle: x\n")},
		"e.yaml": {Data: []byte("- x\n")},
		"f.yaml": {Data: []byte(strings.Repeat("[", 100<<10))},
	}
	_, err := recipe.Load(dir)
	if err == nil {
		t.Fatal("they were accepted")
	}
	for _, want := range []string{
		`recipe a.yaml: [3:1] unknown field "dnoe"`,
		`recipe b.yaml: quiet: "soon" is not a duration`,
		`name: "B B" must be one word`,
		"title: say in one line what it is for",
		"fail: error parsing regexp: missing closing ): `(`",
		`fail: ".*" matches every line`,
		"process: error parsing regexp",
		`log: "[" is not a path`,
		`recipe d.yaml: the name "c" is taken by c.yaml`,
		"recipe e.yaml: [1:1]",
		"recipe f.yaml: it is larger than 64 KiB",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told in:\n%v", want, err)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"host", "log", "process", "password_command", "a", "to"}
	for word, want := range map[string]string{
		"hots": "host", "Host": "host", "lgo": "log", "procss": "process", "pasword_comand": "password_command",
		"x": "", "zzz": "", "": "", "b": "", "A": "a", "ot": "to", strings.Repeat("host", 100): "",
	} {
		if got := recipe.Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
