// Package recipe holds what is known of particular upgraders: which lines of their logs mean that a phase
// begins, that the work has succeeded or failed, that a person must answer, and how long a silence may
// last. A recipe is a YAML file; those of the program are in the folder recipes, and users may add their
// own. A recipe adds to what ronda finds in any log without one; it decides nothing alone.
//
// A Set is read once and not changed afterwards: it is safe for concurrent use.
package recipe

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"ronda/internal/observe"
)

//go:embed recipes/*.yaml
var builtin embed.FS

// Recipe is what is known of one kind of upgrade.
type Recipe struct {
	Name  string // one word, as a plan names it
	Title string // one line for people
	About string // what it covers, from which versions the grammar is known
	// Log are the usual paths of its log, the best to watch first; * stands for any characters but a slash.
	Log []string
	// Process is a regular expression over the command line of the process that does the work; empty when
	// none is typical.
	Process string
	Quiet   time.Duration // how long it may be silent while it works; 0: nothing special
	// Patterns are over its log. Those of success stand there only when every run that succeeds prints one:
	// a process that goes without counts as failed.
	Patterns observe.Patterns
	Notes    string // what an operator should know of its silences and prompts
}

// Set is the recipes that can be named in a plan.
type Set struct {
	byName map[string]Recipe
}

// Load reads the recipes of the program and, over them, the *.yaml and *.yml files at the root of extra,
// which may be nil. A recipe of extra with the name of a built-in one takes its place. The error tells of
// every file that cannot be used, with line and column.
func Load(extra fs.FS) (*Set, error) {
	s := &Set{byName: map[string]Recipe{}}
	own, err := fs.Sub(builtin, "recipes")
	if err != nil {
		return nil, fmt.Errorf("open the built-in recipes: %w", err)
	}
	errs := []error{s.add(own)}
	if extra != nil {
		errs = append(errs, s.add(extra))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, nil
}

// Lookup returns the recipe of a name, and whether there is one.
func (s *Set) Lookup(name string) (Recipe, bool) {
	r, ok := s.byName[name]
	return r, ok
}

// Names returns the names of all recipes in alphabetical order.
func (s *Set) Names() []string {
	names := make([]string, 0, len(s.byName))
	for name := range s.byName {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// ForLog returns the recipe one of whose usual log paths is p, and whether there is exactly one. A name
// without a wildcard is preferred over one with.
func (s *Set) ForLog(p string) (Recipe, bool) {
	p = path.Clean(strings.ReplaceAll(p, `\`, "/"))
	var exact, wild []Recipe
	for _, name := range s.Names() {
		r := s.byName[name]
		switch {
		case slices.Contains(r.Log, p):
			exact = append(exact, r)
		case slices.ContainsFunc(r.Log, func(l string) bool { ok, _ := path.Match(l, p); return ok }):
			wild = append(wild, r)
		}
	}
	for _, found := range [][]Recipe{exact, wild} {
		if len(found) == 1 {
			return found[0], true
		}
	}
	return Recipe{}, false
}

func (s *Set) add(dir fs.FS) error {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return fmt.Errorf("list recipes: %w", err)
	}
	var errs []error
	from := map[string]string{}
	for _, e := range entries {
		if ext := path.Ext(e.Name()); e.IsDir() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		src, err := fs.ReadFile(dir, e.Name())
		if err != nil {
			errs = append(errs, fmt.Errorf("read recipe %s: %w", e.Name(), err))
			continue
		}
		r, err := decode(src)
		if err != nil {
			errs = append(errs, fmt.Errorf("recipe %s: %w", e.Name(), err))
			continue
		}
		if other, twice := from[r.Name]; twice {
			errs = append(errs, fmt.Errorf("recipe %s: the name %q is taken by %s", e.Name(), r.Name, other))
			continue
		}
		from[r.Name] = e.Name()
		s.byName[r.Name] = r
	}
	return errors.Join(errs...)
}

// file is a recipe as it stands in YAML.
type file struct {
	Name     string   `yaml:"name"`
	Title    string   `yaml:"title"`
	About    string   `yaml:"about"`
	Log      []string `yaml:"log"`
	Process  string   `yaml:"process"`
	Quiet    string   `yaml:"quiet"`
	Done     []string `yaml:"done"`
	Fail     []string `yaml:"fail"`
	Phase    []string `yaml:"phase"`
	Progress []string `yaml:"progress"`
	Prompt   []string `yaml:"prompt"`
	Ignore   []string `yaml:"ignore"`
	Notes    string   `yaml:"notes"`
}

// maxFile bounds a recipe: the YAML library is recursive, and a recipe is a page of text.
const maxFile = 64 << 10

func decode(src []byte) (Recipe, error) {
	if len(src) > maxFile {
		return Recipe{}, fmt.Errorf("it is larger than %d KiB", maxFile>>10)
	}
	var f file
	if err := yaml.UnmarshalWithOptions(src, &f, yaml.Strict()); err != nil {
		return Recipe{}, errors.New(strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	r := Recipe{
		Name: f.Name, Title: f.Title, About: strings.TrimSpace(f.About), Log: f.Log, Process: f.Process,
		Patterns: observe.Patterns{
			Done: f.Done, Fail: f.Fail, Phase: f.Phase, Progress: f.Progress, Prompt: f.Prompt, Ignore: f.Ignore,
		},
		Notes: strings.TrimSpace(f.Notes),
	}
	var errs []error
	if f.Quiet != "" {
		d, err := time.ParseDuration(f.Quiet)
		if err != nil || d <= 0 {
			errs = append(errs, fmt.Errorf("quiet: %q is not a duration: use a number and a unit, such as 30m", f.Quiet))
		}
		r.Quiet = d
	}
	errs = append(errs, r.validate()...)
	return r, errors.Join(errs...)
}

func (r *Recipe) validate() []error {
	var errs []error
	if !regexp.MustCompile(`^[a-z][a-z0-9_-]*$`).MatchString(r.Name) {
		errs = append(errs, fmt.Errorf("name: %q must be one word of small letters, digits, - and _", r.Name))
	}
	if r.Title == "" {
		errs = append(errs, errors.New("title: say in one line what it is for"))
	}
	for _, l := range r.Log {
		if _, err := path.Match(l, ""); err != nil {
			errs = append(errs, fmt.Errorf("log: %q is not a path: %w", l, err))
		}
	}
	p := r.Patterns
	var process []string
	if r.Process != "" {
		process = []string{r.Process}
	}
	named := []struct {
		name string
		list []string
	}{
		{"process", process},
		{"done", p.Done},
		{"fail", p.Fail},
		{"phase", p.Phase},
		{"progress", p.Progress},
		{"prompt", p.Prompt},
		{"ignore", p.Ignore},
	}
	for _, n := range named {
		for _, pattern := range n.list {
			re, err := regexp.Compile(pattern)
			switch {
			case err != nil:
				errs = append(errs, fmt.Errorf("%s: %w", n.name, err))
			case re.MatchString(""):
				errs = append(errs, fmt.Errorf("%s: %q matches every line: say more of the line that is meant", n.name, pattern))
			}
		}
	}
	return errs
}
