package vsphere

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ronda/internal/observe"
)

// sample asks once and says what was seen.
func (w *Watch) sample(ctx context.Context) ([]observe.Payload, error) {
	now := time.Now()
	if err := w.refresh(ctx, now); err != nil {
		return nil, err
	}
	jobs := w.watched()
	for _, j := range jobs {
		if !j.alive() {
			continue
		}
		if err := w.center.grow(ctx, now, j); err != nil {
			return nil, err
		}
	}
	var written []ref
	for _, j := range jobs {
		if j.store != (ref{}) {
			written = append(written, j.store)
		}
	}
	if err := w.lookAtStores(ctx, now, written); err != nil {
		return nil, err
	}
	return slices.Concat(w.sources(), w.transfers(), w.volumes(jobs)), nil
}

// refresh reads the tasks, finds out where the new ones write, and decides which of them are meant.
func (w *Watch) refresh(ctx context.Context, now time.Time) error {
	refs, err := w.center.recent(ctx)
	if err != nil {
		return err
	}
	listed := map[string]bool{}
	var ask []ref
	for _, r := range refs {
		listed[r.Value] = true
		if j := w.tasks.jobs[r.Value]; j == nil || !j.over() {
			ask = append(ask, r)
		}
	}
	for _, key := range w.tasks.keys() {
		if j := w.tasks.jobs[key]; !listed[key] && (j == nil || j.alive()) {
			ask = append(ask, ref{Type: "Task", Value: key})
		}
	}
	read, gone, err := w.center.readTasks(ctx, ask)
	if err != nil {
		return err
	}
	w.tasks.take(now, listed, read, gone)
	for _, j := range w.tasks.sorted() {
		if j.kind == "" || !j.alive() {
			continue
		}
		if err := w.center.locate(ctx, now, j); err != nil {
			return err
		}
	}
	w.tasks.assign()
	w.tasks.find(now, w.cfg.Finders, w.match)
	return nil
}

// watched are the tasks that the plan's tasks and finders mean, in a fixed order.
func (w *Watch) watched() []*job {
	var jobs []*job
	for _, key := range w.tasks.keys() {
		if j := w.tasks.jobs[key]; j != nil {
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// sources say how well the plan's tasks and the finders are seen.
func (w *Watch) sources() []observe.Payload {
	var all []observe.Payload
	for _, t := range w.tasks.wanted {
		state := observe.Source{State: observe.SourceUp, Why: w.remark}
		if w.tasks.jobs[t.key] == nil {
			state = observe.Source{State: observe.SourceWaiting, Why: t.absent(w.host)}
		}
		all = append(all, observe.Of{Task: t.Name, Source: transferSource, Payload: state})
	}
	for _, f := range w.cfg.Finders {
		all = append(all, observe.Of{Source: f.Name, Payload: observe.Source{State: observe.SourceUp, Why: w.remark}})
		for _, name := range w.tasks.found(f.Name) {
			all = append(all, observe.Of{Task: name, Source: transferSource, Payload: observe.Source{State: observe.SourceUp}})
		}
	}
	return all
}

// absent says what is waited for.
func (w *Wanted) absent(host string) string {
	what := "no task that moves data"
	if w.Task != "" {
		what = "no " + w.Task
	}
	if w.Entity != "" {
		what += " of " + w.Entity
	}
	return what + " runs at " + host
}

// transfers are the tasks that are meant, as they stand.
func (w *Watch) transfers() []observe.Payload {
	var all []observe.Payload
	for _, t := range w.tasks.wanted {
		if j := w.tasks.jobs[t.key]; j != nil {
			all = append(all, observe.Of{Task: t.Name, Source: transferSource, Payload: w.transfer(j)})
		}
	}
	for _, key := range w.tasks.keys() {
		finder, ok := w.tasks.finder[key]
		j := w.tasks.jobs[key]
		if !ok || j == nil {
			continue
		}
		t := w.transfer(j)
		t.Finder = finder
		all = append(all, observe.Of{Task: w.tasks.names.byKey[key], Source: transferSource, Payload: t})
	}
	return all
}

// transfer is a task as it stands.
func (w *Watch) transfer(j *job) observe.Transfer {
	t := observe.Transfer{ID: j.key, Tool: j.name, Source: j.entity, State: j.state, Detail: j.phase, Unknown: j.grown.unknown}
	switch {
	case j.dir != "":
		t.Target = w.qualify(j.dir)
	case j.made != "":
		t.Target = j.made
	}
	switch {
	case j.gone:
		t.State, t.Detail = observe.TransferGone, w.host+" does not know "+j.key+" any more"
		if !j.looksAt() {
			return t
		}
	case j.state == observe.TransferQueued:
		t.Detail = w.queuedFor(j)
	case j.failure != "":
		t.Detail = w.failed(j)
	}
	t.Amounts = j.amounts()
	return t
}

// looksAt tells that the vCenter ever said anything of it.
func (j *job) looksAt() bool { return j.state != "" }

// amounts are the ways of telling how far it is.
func (j *job) amounts() []observe.Amount {
	var all []observe.Amount
	if g := j.grown; g.known && j.alive() {
		a := observe.Amount{Of: observe.AmountTarget, What: j.dir, Done: float64(g.bytes), Total: float64(j.bytes), Unit: "bytes", Estimate: !j.exact}
		if j.bytes > 0 {
			a.By = "size of the disks of " + j.entity
		}
		all = append(all, a)
	}
	if j.state != observe.TransferQueued {
		all = append(all, observe.Amount{Of: observe.AmountJob, What: j.key, Done: j.percent, Total: 100, Unit: "percent"})
	}
	return all
}

// failed is why a task failed, and which one was in its way.
func (w *Watch) failed(j *job) string {
	why := j.failure
	if j.busyWith == "" {
		return why
	}
	if other := w.tasks.jobs[j.busyWith]; other != nil {
		return fmt.Sprintf("%s (%s, %s)", why, other.title(), other.key)
	}
	return fmt.Sprintf("%s (%s)", why, j.busyWith)
}

// queuedFor says what a task waits for: one that has the same machine, or else what runs on the same datastore or host,
// of which a vCenter lets only so many at once.
func (w *Watch) queuedFor(j *job) string {
	var same, store, host []*job
	for _, o := range w.tasks.sorted() {
		switch {
		case o == j || o.gone || o.state != observe.TransferRunning:
		case o.vm == j.vm && j.vm != (ref{}), slices.ContainsFunc(j.locked, func(r ref) bool { return slices.Contains(o.locked, r) }):
			same = append(same, o)
		case o.kind != "" && j.shares(o):
			store = append(store, o)
		case o.kind != "" && o.host != (ref{}) && o.host == j.host:
			host = append(host, o)
		}
	}
	switch {
	case len(same) > 0:
		return "waits for " + listed(same)
	case len(store) > 0:
		return "waits for its turn: the same datastore is used by " + listed(store)
	case len(host) > 0:
		return "waits for its turn: on the same host runs " + listed(host)
	}
	return j.phase
}

// shares tells that both use one datastore.
func (j *job) shares(o *job) bool {
	return slices.ContainsFunc(append(slices.Clone(j.stores), j.store), func(s ref) bool {
		return s != (ref{}) && (s == o.store || slices.Contains(o.stores, s))
	})
}

// listed names tasks: the first, and how many more.
func listed(jobs []*job) string {
	s := jobs[0].title() + " (" + jobs[0].key + ")"
	if n := len(jobs) - 1; n > 0 {
		s += fmt.Sprintf(" and %d more", n)
	}
	return s
}
