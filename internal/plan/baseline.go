package plan

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"ronda/internal/observe"
)

// Earlier reads the session file of an earlier run: its plan, with how each task went as the task's Baseline. The
// error says what is wrong with the file.
type Earlier func(path string) (observe.Plan, error)

// rehearse is what is to be tried where a baseline cannot be read.
const rehearse = "the session file of an earlier run: ronda watch PLAN --record rehearsal.jsonl"

// baselines gives each task how it went in an earlier run: by its own key, or else by the plan's.
func (b *builder) baselines() {
	if b.opts.Earlier == nil {
		return
	}
	named := map[string]bool{}
	for i := range b.doc.Tasks {
		t := &b.doc.Tasks[i]
		at := slices.IndexFunc(b.plan.Tasks, func(p observe.Task) bool { return p.Name == t.Name.text })
		if !t.Baseline.isSet() || at < 0 {
			continue
		}
		named[t.Name.text] = true
		if earlier, ok := b.earlier(t.Baseline); ok {
			one := observe.Plan{Tasks: b.plan.Tasks[at : at+1]}
			if missing := Compare(&one, earlier); len(missing) > 0 {
				b.problem(t.Baseline.place, "a file in which it has the same name: "+Began(earlier.Tasks), "in %s there is no task like %q", t.Baseline.text, t.Name.text)
			}
		}
	}
	if !b.doc.Baseline.isSet() || b.opts.SkipBaseline {
		return
	}
	earlier, ok := b.earlier(b.doc.Baseline)
	if !ok {
		return
	}
	missing := Compare(&b.plan, earlier)
	missing = slices.DeleteFunc(missing, func(name string) bool { return named[name] })
	switch {
	case len(missing) > 0 && len(missing) == len(b.plan.Tasks):
		b.problem(b.doc.Baseline.place, "a file in which the tasks have the same names; here: "+Began(earlier.Tasks), "in %s there is no task like any of this plan", b.doc.Baseline.text)
	case len(missing) > 0:
		b.notice(b.doc.Baseline.place, "the tasks there: "+Began(earlier.Tasks), "in %s there is no task like %s", b.doc.Baseline.text, quotedList(missing))
	}
}

func (b *builder) earlier(t text) (observe.Plan, bool) {
	p, err := b.opts.Earlier(t.text)
	if err != nil {
		b.problem(t.place, rehearse, "baseline: %v", err)
		return p, false
	}
	return p, true
}

// Compare gives each task of p that has no Baseline yet that of the task of an earlier run that it is: of the same
// name, or, where each run has but one, that one; or else the only one with the same recipe and a log of the same
// name. Each finder gets what the one of the same name found then, or the only one where each run has but one. It
// returns the names of the tasks that remain without.
func Compare(p *observe.Plan, earlier observe.Plan) (missing []string) {
	known := slices.DeleteFunc(slices.Clone(earlier.Tasks), func(t observe.Task) bool { return t.Baseline == nil })
	take := func(t *observe.Task, like func(observe.Task) bool) {
		if t.Baseline != nil {
			return
		}
		first := slices.IndexFunc(known, like)
		if first < 0 || slices.ContainsFunc(known[first+1:], like) {
			return
		}
		t.Baseline = known[first].Baseline
		known = slices.Delete(known, first, first+1)
	}
	single := len(p.Tasks) == 1 && len(known) == 1
	for i := range p.Tasks {
		t := &p.Tasks[i]
		take(t, func(o observe.Task) bool { return o.Name == t.Name })
	}
	for i := range p.Tasks {
		t := &p.Tasks[i]
		take(t, func(o observe.Task) bool {
			return single || t.Log != "" && path.Base(o.Log) == path.Base(t.Log) && o.Recipe == t.Recipe
		})
		if t.Baseline == nil {
			missing = append(missing, t.Name)
		}
	}
	alone := len(p.Finders) == 1 && len(earlier.Finders) == 1
	for i := range p.Finders {
		f := &p.Finders[i]
		for _, then := range earlier.Finders {
			if f.Earlier == nil && (alone || then.Name == f.Name) {
				f.Earlier = then.Earlier
			}
		}
	}
	return missing
}

// Began lists the names of the tasks of an earlier run that something is known of, as they stand in a message.
func Began(tasks []observe.Task) string {
	var list []string
	for _, t := range tasks {
		if t.Baseline != nil {
			list = append(list, t.Name)
		}
	}
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

func quotedList(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(out, ", ")
}
