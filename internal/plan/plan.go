// Package plan turns what a person declares into an observe.Plan: a YAML file, decoded strictly, or the
// targets of a command line. It reads nothing but what it is given, opens nothing, and reports everything
// that is wrong at once, with the place and what to try.
//
// All functions are safe for concurrent use.
package plan

import (
	"reflect"
	"time"

	"ronda/internal/observe"
	"ronda/internal/recipe"
)

// Options are what a plan is read with.
type Options struct {
	Now      time.Time      // times of day are resolved against it
	Location *time.Location // of times without a zone; nil: Now's
	Recipes  *recipe.Set    // the recipes that may be named; nil: none
	Earlier  Earlier        // reads the baselines that are named; nil: they are not read
	// SkipBaseline leaves the plan's own baseline alone: another is given. Those of its tasks are read.
	SkipBaseline bool
}

// Connections are the parts of a plan that are not recorded: how to reach what is asked, and whom to tell.
type Connections struct {
	Databases map[string]Database // by task
	VSphere   map[string]VSphere  // by task or finder
	Alerts    Alerts
	Baseline  string // the plan's own baseline, as it is written; empty: none
	// Notices are what is right in the plan but should be known before the night: keys whose work ronda
	// does not do yet, a deadline that is past. They are no errors.
	Notices []Problem
}

// Database is how to ask the database that does a task's work. Kind is "mysql" or "postgres".
type Database struct {
	Kind            string
	Socket          string // path of a socket, for PostgreSQL of its directory; empty: Address is set
	Address         string // host:port
	User            string
	Name            string
	PasswordEnv     string
	PasswordCommand string
}

// Alerts is who is told, and of what.
type Alerts struct {
	Bell    bool
	Desktop bool
	To      []string // URLs; they may hold secrets
	On      []string // verdicts in lower case, and "link", "service", "deadline"
}

// Decode reads a plan from YAML. name is the file's name for messages. The error is a *ProblemList with
// everything that is wrong; of YAML that cannot be parsed it is the first place where it goes wrong.
func Decode(name string, src []byte, opts Options) (observe.Plan, Connections, error) {
	if opts.Location == nil {
		opts.Location = opts.Now.Location()
	}
	w := &walker{file: name}
	var doc document
	if root := w.parse(src); root != nil {
		w.into(root, reflect.ValueOf(&doc).Elem(), "a plan")
		if len(w.problems) == 0 || !doc.empty() {
			b := builder{walker: w, doc: &doc, opts: opts, clock: clock{now: opts.Now, loc: opts.Location}}
			b.build()
			if len(w.problems) == 0 {
				sortProblems(w.notices)
				b.conn.Notices = w.notices
				return b.plan, b.conn, nil
			}
		}
	}
	sortProblems(w.problems)
	return observe.Plan{}, Connections{}, &ProblemList{problems: w.problems}
}
