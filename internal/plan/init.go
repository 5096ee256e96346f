package plan

import (
	"bytes"
	_ "embed" // the template
	"fmt"
	"strings"
	"text/template"

	"ronda/internal/recipe"
)

//go:embed init.yaml.tmpl
var initTemplate string

// Init returns a commented plan to start from, with the usual log of a recipe filled in; an empty name gives
// one without a recipe. It decodes without problems. The error tells of an unknown recipe.
func Init(name string) ([]byte, error) {
	set, err := recipe.Load(nil)
	if err != nil {
		return nil, err
	}
	return InitFrom(set, name)
}

// InitFrom is Init with the recipes of a set, which may hold a user's own.
func InitFrom(set *recipe.Set, name string) ([]byte, error) {
	data := struct {
		Title, Recipe, About, Log, Process string
		MoreLogs, Notes                    []string
	}{Title: "An upgrade", Log: "/var/log/upgrade.log", Process: "upgrade.sh"}
	if name != "" {
		r, ok := set.Lookup(name)
		if !ok {
			return nil, fmt.Errorf("there is no recipe %q: %s", name, meant(name, set.Names()))
		}
		data.Title, data.Recipe, data.About = r.Title, r.Name, oneLine(r.Title)
		for _, l := range r.Log {
			switch {
			case strings.ContainsAny(l, "*?["):
			case len(data.MoreLogs) == 0 && data.Log == "/var/log/upgrade.log" && l != "":
				data.Log = l
			default:
				data.MoreLogs = append(data.MoreLogs, oneLine(l))
			}
		}
		if r.Process != "" {
			data.Process = strings.ReplaceAll(oneLine(r.Process), "'", "''")
		}
		if r.Notes != "" {
			for line := range strings.Lines(r.Notes) {
				data.Notes = append(data.Notes, oneLine(line))
			}
		}
	}
	t, err := template.New("plan").Funcs(template.FuncMap{"quote": quote}).Parse(schemaLine + initTemplate)
	if err != nil {
		return nil, fmt.Errorf("read the plan template: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("fill in the plan template: %w", err)
	}
	return out.Bytes(), nil
}

// quote writes a text as a YAML scalar in single quotes.
func quote(s string) string { return "'" + strings.ReplaceAll(oneLine(s), "'", "''") + "'" }

// oneLine keeps a text from a user's recipe on its line.
func oneLine(s string) string { return printable(strings.Join(strings.Fields(s), " ")) }
