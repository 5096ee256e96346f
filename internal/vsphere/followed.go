package vsphere

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"ronda/internal/observe"
)

// job is a task of the vCenter with all that was found out about it.
type job struct {
	info
	place
	first   time.Time // when it was first seen
	history bool      // it had ended before ronda looked
	gone    bool      // the vCenter does not know it any more
}

// alive tells that it waits or runs.
func (j *job) alive() bool { return !j.gone && !j.over() }

// title is what a job is called in words: "clone of archive".
func (j *job) title() string {
	if j.entity == "" {
		return j.name
	}
	return j.name + " of " + j.entity
}

// followed are the vCenter's tasks, and which of them the plan's tasks and finders mean.
type followed struct {
	jobs   map[string]*job // by key
	looked bool            // they were read once: what is new now is news
	wanted []*wanted
	finder map[string]string // by the key of what was found: the finder's name
	names  names
}

// wanted is a task of the plan.
type wanted struct {
	Wanted
	key string // of the task that is followed; empty: none yet
}

func newFollowed(cfg Config) followed {
	f := followed{jobs: map[string]*job{}, finder: map[string]string{}, names: names{byKey: map[string]string{}, owner: map[string]string{}}}
	for _, t := range cfg.Tasks {
		w := &wanted{Wanted: t}
		switch {
		case isKey(t.Task):
			w.key = t.Task
		case isKey(t.Following): // the plan may have meant something else earlier in the session
			w.key = t.Following
		}
		f.wanted = append(f.wanted, w)
	}
	for _, name := range cfg.Taken {
		f.names.owner[name] = "-"
	}
	for _, finder := range cfg.Finders {
		for key, name := range finder.Names {
			if !isKey(key) {
				continue
			}
			f.names.byKey[key], f.names.owner[name] = name, key
			f.finder[key] = finder.Name
		}
	}
	return f
}

func isKey(s string) bool {
	return strings.HasPrefix(strings.TrimPrefix(strings.ToLower(s), "ha"), "task-")
}

// keys are those of the tasks that are followed, whether or not the vCenter still lists them.
func (f *followed) keys() []string {
	var keys []string
	for _, w := range f.wanted {
		if w.key != "" {
			keys = append(keys, w.key)
		}
	}
	for key := range f.finder {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// take takes in what was read: listed are the keys that the vCenter lists, gone those that it does not know any more.
func (f *followed) take(now time.Time, listed map[string]bool, read []info, gone []string) {
	for _, i := range read {
		j := f.jobs[i.key]
		if j == nil {
			j = &job{first: now, history: !f.looked && i.over()}
			f.jobs[i.key] = j
		}
		j.info, j.gone = i, false
	}
	for _, key := range gone {
		if f.jobs[key] == nil {
			f.jobs[key] = &job{info: info{key: key}, first: now}
		}
		f.jobs[key].gone = true
	}
	followed := f.keys()
	for key := range f.jobs {
		if !listed[key] && !slices.Contains(followed, key) {
			delete(f.jobs, key)
		}
	}
	f.looked = true
}

// sorted are the jobs from the newest to the oldest.
func (f *followed) sorted() []*job {
	all := make([]*job, 0, len(f.jobs))
	for _, j := range f.jobs {
		all = append(all, j)
	}
	slices.SortFunc(all, func(a, b *job) int {
		if c := b.queued.Compare(a.queued); c != 0 {
			return c
		}
		return strings.Compare(b.key, a.key)
	})
	return all
}

// assign decides which task each of the plan's tasks means: the one it followed while that lasts; else the newest that
// runs, that waits, or that came and went since.
func (f *followed) assign() {
	taken := map[string]bool{}
	for _, w := range f.wanted {
		taken[w.key] = true
	}
	all := f.sorted()
	for _, w := range f.wanted {
		cur := f.jobs[w.key]
		if isKey(w.Task) || cur != nil && cur.alive() {
			continue
		}
		var best *job
		for _, j := range all {
			if !w.means(j) || taken[j.key] || j.gone || j.history || cur != nil && !j.queued.After(cur.queued) {
				continue
			}
			if best == nil || precedence(j) > precedence(best) {
				best = j
			}
		}
		if best != nil {
			w.key = best.key
			taken[best.key] = true
		}
	}
}

// precedence is how much a task speaks for being the one that is meant.
func precedence(j *job) int {
	switch j.state {
	case observe.TransferRunning:
		return 2
	case observe.TransferQueued:
		return 1
	default:
		return 0
	}
}

// means tells that a task is of the kind and about the machine that is wanted. The machine may also be the one it makes.
func (w *Wanted) means(j *job) bool {
	if w.Task == "" && j.kind == "" || w.Task != "" && w.Task != j.kind && w.Task != j.key {
		return false
	}
	return w.Entity == "" || strings.EqualFold(w.Entity, j.entity) || j.made != "" && strings.EqualFold(w.Entity, j.made)
}

// longRunning is how long a task that is not known to move data must run to be found all the same.
const longRunning = time.Minute

// find gives the tasks that the finders find, and that the plan does not name, their finders and names.
func (f *followed) find(now time.Time, finders []Wanted, match []*regexp.Regexp) {
	planned := map[string]bool{}
	for _, w := range f.wanted {
		planned[w.key] = true
	}
	all := f.sorted()
	slices.Reverse(all)
	for _, j := range all {
		if _, found := f.finder[j.key]; found || planned[j.key] || j.gone || j.history {
			continue
		}
		i := slices.IndexFunc(finders, func(w Wanted) bool {
			kind := w
			if j.kind == "" && w.Task == "" && j.alive() && now.Sub(j.first) >= longRunning {
				kind.Task = j.key // whatever it is, it takes its time
			}
			return kind.means(j)
		})
		if i < 0 || !match[i].MatchString(j.entity) && (j.made == "" || !match[i].MatchString(j.made)) {
			continue
		}
		f.finder[j.key] = finders[i].Name
		f.names.of(j)
	}
}

// found are the names of what a finder has found and that has not ended, in order.
func (f *followed) found(finder string) []string {
	var list []string
	for key, by := range f.finder {
		if j := f.jobs[key]; by == finder && (j == nil || j.alive()) {
			list = append(list, f.names.byKey[key])
		}
	}
	slices.Sort(list)
	return list
}

// names gives what is found its names: one for each task, and the same for as long as it is known.
type names struct {
	at    string // what is put behind each
	byKey map[string]string
	owner map[string]string // key by name; "-" for names of the plan
}

func (n *names) of(j *job) string {
	if name, ok := n.byKey[j.key]; ok {
		return name
	}
	what := j.name
	if j.entity != "" {
		what += " " + j.entity
	}
	if j.made != "" {
		what += " → " + j.made
	}
	name := what + n.at
	if n.owner[name] != "" {
		name = fmt.Sprintf("%s (%s)%s", what, j.key, n.at)
	}
	n.byKey[j.key], n.owner[name] = name, j.key
	return name
}
