package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ronda/internal/recipe"
)

// What one part of a plan says of another: hosts, paths on them, recipes, tasks.

// host returns the name of a declared host; empty for this machine.
func (b *builder) host(t text) string {
	if t.text == "" || t.text == local {
		return ""
	}
	b.knownHost(t.text, t.place)
	return t.text
}

func (b *builder) knownHost(name string, at place) {
	if _, ok := b.doc.Hosts[name]; ok {
		return
	}
	hint := meant(name, slices.Sorted(maps.Keys(b.doc.Hosts)))
	b.problem(at, cmp.Or(hint, fmt.Sprintf("hosts: {%s: {ssh: root@%s.example.com}}", name, name)), "there is no host %q", name)
}

// location takes a path of the plan apart: HOST:path, or a path on the host base. named tells whether the
// path itself names its host.
func (b *builder) location(t text, base string) (host, path string, named bool) {
	prefix, path := splitPath(t.text)
	host = base
	if prefix != "" {
		named, host = true, ""
		if prefix != local {
			host = prefix
			b.knownHost(prefix, t.place)
		}
	}
	switch {
	case path == "" && t.text != "":
		b.problem(t.place, host+":/path", "there is no path after %q", prefix+":")
	case strings.HasPrefix(path, "~"):
		b.problem(t.place, "the path from / on", "~ is not expanded in %q", t.text)
	case strings.ContainsAny(path, "\n\t"):
		b.problem(t.place, "", "a path is one line")
	case host != "" && !strings.HasPrefix(path, "/") && path != "" && path != "-":
		b.problem(t.place, "the path from / on", "on another machine %q must be an absolute path", path)
	}
	return host, path, named
}

// recipe returns the recipe that a task names.
func (b *builder) recipe(t text) recipe.Recipe {
	if t.text == "" {
		return recipe.Recipe{}
	}
	var names []string
	if b.opts.Recipes != nil {
		if r, ok := b.opts.Recipes.Lookup(t.text); ok {
			return r
		}
		names = b.opts.Recipes.Names()
	}
	b.problem(t.place, meant(t.text, names), "there is no recipe %q", t.text)
	return recipe.Recipe{}
}

// choice is one of several keys of which exactly one may be set.
type choice struct {
	key string
	at  place
}

// one checks that exactly one of the choices is set.
func (b *builder) one(what string, at section, choices ...choice) {
	var set []choice
	var keys []string
	for _, c := range choices {
		keys = append(keys, c.key)
		if c.at.isSet() {
			set = append(set, c)
		}
	}
	switch {
	case len(set) == 0 && at.broken:
	case len(set) == 0:
		b.problem(at.place, "one of "+strings.Join(keys, ", "), "%s says nothing to look at", what)
	case len(set) > 1:
		b.problem(set[1].at, "keep one of them", "%s has both %s and %s", what, set[0].key, set[1].key)
	}
}

// reference checks that a task of that name is declared. self is the task that refers to it, which is never
// what was meant; empty when a service does.
func (b *builder) reference(t text, self string) string {
	if _, ok := b.tasks[t.text]; !ok && t.text != "" {
		others := slices.DeleteFunc(slices.Sorted(maps.Keys(b.tasks)), func(name string) bool { return name == self })
		b.problem(t.place, cmp.Or(meant(t.text, others), "remove it, or write the task that comes before"),
			"after: there is no task %q", t.text)
	}
	return t.text
}

// cycles finds tasks that wait for each other. Each circle is told once.
func (b *builder) cycles() {
	after := map[string]text{}
	for i := range b.doc.Tasks {
		if t := &b.doc.Tasks[i]; t.Name.text != "" && t.After.text != "" {
			if _, ok := after[t.Name.text]; !ok {
				after[t.Name.text] = t.After
			}
		}
	}
	told := map[string]bool{}
	for _, start := range b.plan.Tasks {
		var path []string
		for name := start.Name; !told[name]; name = after[name].text {
			if i := slices.Index(path, name); i >= 0 {
				b.problem(after[name].place, "let one of them start without the other",
					"tasks wait for each other: %s", strings.Join(append(path[i:], name), " → "))
				break
			}
			if _, ok := after[name]; !ok {
				break
			}
			path = append(path, name)
		}
		for _, name := range path {
			told[name] = true
		}
	}
}
