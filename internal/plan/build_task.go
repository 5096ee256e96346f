package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"ronda/internal/observe"
	"ronda/internal/recipe"
)

func (b *builder) task(t *task) observe.Task {
	if !t.Name.isSet() && !t.broken {
		b.problem(t.place, "name: what it is called on the screen", "a task has no name")
	}
	known := b.recipe(t.Recipe)
	out := observe.Task{
		Name:   b.name(t.Name, "name"),
		Host:   b.host(t.Host),
		After:  b.reference(t.After, t.Name.text),
		Recipe: t.Recipe.text,
		Expect: observe.Duration(t.Expect.d),
		Quiet:  observe.Duration(t.Quiet.d),
		Stall:  observe.Duration(t.Stall.d),
		Fresh:  observe.Duration(t.Fresh.d),
		Loop:   observe.Duration(t.Loop.d),
		Group:  b.name(t.Group, "group"),
	}
	if out.Quiet == 0 {
		out.Quiet = observe.Duration(known.Quiet)
		if out.Stall > 0 {
			out.Quiet = min(out.Quiet, out.Stall)
		}
	}
	out.Patterns = b.merge(known.Patterns, t)
	b.log(t, &out)
	out.Process = b.process(t, &out)
	out.Progress = b.progress(t.Progress.command, out.Host)
	out.VSphere = b.vSphere(t.VSphere, t.Name.text, out.Host)
	out.Libvirt = b.libvirt(t.Libvirt)
	out.Proxmox = b.proxmox(t.Proxmox)
	b.database(t)
	out.Transfer = b.transfer(t, out)
	out.Volumes = b.volumes(t, out.Host)
	b.times(t, &out)
	b.silences(t)
	if !t.broken && !t.watched() && t.Database == nil {
		b.problem(t.place, sourceHint(known), "task %q has nothing to watch", t.Name.text)
	}
	return out
}

func sourceHint(r recipe.Recipe) string {
	if len(r.Log) > 0 {
		return "log: " + r.Log[0]
	}
	return "log: /path, process: {match: …}, transfer: {path: …} or progress: {command: …}"
}

// merge puts the task's own patterns after its recipe's.
func (b *builder) merge(known observe.Patterns, t *task) observe.Patterns {
	for _, p := range t.Progress.patterns.list {
		b.progressGroups(p)
	}
	return observe.Patterns{
		Done:     slices.Concat(known.Done, t.Done.strings()),
		Fail:     slices.Concat(known.Fail, t.Fail.strings()),
		Phase:    slices.Concat(known.Phase, t.Phase.strings()),
		Progress: slices.Concat(known.Progress, t.Progress.patterns.strings()),
		Prompt:   slices.Concat(known.Prompt, t.Prompt.strings()),
		Ignore:   slices.Concat(known.Ignore, t.Ignore.strings()),
	}
}

// progressGroups checks that a progress pattern names what it counts.
func (b *builder) progressGroups(p pattern) {
	re, err := regexp.Compile(p.text.text)
	if err != nil || p.text.text == "" {
		return // noted when it was read
	}
	if re.SubexpIndex("done") < 0 && re.SubexpIndex("percent") < 0 {
		b.problem(p.place, `(?P<done>\d+) of (?P<total>\d+)`, "the progress pattern %q has no group named done or percent", p.text.text)
	}
}

func (b *builder) log(t *task, out *observe.Task) {
	if t.Log.text == "" {
		return
	}
	if t.Log.text == "-" {
		out.Log = "-"
		if out.Host != "" {
			b.problem(t.Log.place, "remove host, or name a file", "standard input is on this machine, the task is on %s", out.Host)
		}
		return
	}
	host, path, named := b.location(t.Log, out.Host)
	out.Log = path
	if path != "" && (path[len(path)-1] == '/' || path[len(path)-1] == '\\') {
		b.problem(t.Log.place, "the file in it", "log: %q is a folder", path)
	}
	if named {
		b.sameHost(t, t.Log, out, host)
	}
}

// sameHost settles the host of a task one of whose paths names a host: log and process are on one machine.
func (b *builder) sameHost(t *task, at text, out *observe.Task, host string) {
	if (t.Host.isSet() || at.place != t.Log.place) && out.Host != host {
		b.problem(at.place, "make two tasks of it", "%q is on %s, the task is on %s", at.text, machine(host), machine(out.Host))
		return
	}
	out.Host = host
}

func machine(host string) string {
	if host == "" {
		return "this machine"
	}
	return host
}

func (b *builder) process(t *task, out *observe.Task) *observe.ProcessRef {
	p := t.Process
	if p == nil {
		return nil
	}
	b.one("process", p.section, choice{"match", p.Match.place}, choice{"pid", p.PID.place},
		choice{"pidfile", p.PIDFile.place}, choice{"unit", p.Unit.place})
	ref := observe.ProcessRef{Match: p.Match.text.text, PID: p.PID.n, Unit: b.name(p.Unit, "unit")}
	if holdsSecret(p.Match.text.text) {
		b.problem(p.Match.place, matchInstead, "match seems to hold a password or token, and the plan is recorded")
	}
	if p.PID.ok && p.PID.n < 1 {
		b.problem(p.PID.place, "the number ps shows", "pid %d is not a process id", p.PID.n)
	}
	if p.PIDFile.text != "" {
		host, path, named := b.location(p.PIDFile, out.Host)
		ref.PIDFile = path
		switch {
		case named && !t.Host.isSet() && !t.Log.isSet():
			out.Host = host
		case named:
			b.sameHost(t, p.PIDFile, out, host)
		}
	}
	return &ref
}

var (
	jsonPath = regexp.MustCompile(`^(?:[^.\[\]\s]+|\[\d+\])(?:\.[^.\[\]\s]+|\[\d+\])*$`)
	minEvery = time.Second // asking more often would load what is watched
)

func (b *builder) every(s span) observe.Duration {
	if s.d > 0 && s.d < minEvery {
		b.problem(s.place, "every: 1s at the shortest", "every %s would load what is watched", s.d)
	}
	return observe.Duration(s.d)
}

func (b *builder) progress(c *command, base string) *observe.ProgressRef {
	if c == nil {
		return nil
	}
	if !c.Command.isSet() && !c.broken {
		b.problem(c.place, "a command that prints how far the work is; patterns over the log are a list",
			"progress has no command")
	}
	b.secret(c.Command, "command")
	ref := &observe.ProgressRef{
		Command: c.Command.text, Host: base, Every: b.every(c.Every), Pattern: c.Pattern.text.text,
		Done: c.Done.text, Total: c.Total.text, Phase: c.Phase.text, Unit: b.name(c.Unit, "unit"),
	}
	if c.Host.isSet() {
		ref.Host = b.host(c.Host)
	}
	if c.Pattern.isSet() {
		b.progressGroups(c.Pattern)
		for _, j := range []choice{{"done", c.Done.place}, {"total", c.Total.place}, {"phase", c.Phase.place}} {
			if j.at.isSet() {
				b.problem(j.at, "keep one of them", "progress has both pattern and the JSON path %s", j.key)
			}
		}
	} else if c.Total.isSet() && !c.Done.isSet() {
		b.problem(c.Total.place, "done: the JSON path of what is done", "progress has a total but no done")
	}
	for _, j := range []struct {
		key string
		t   text
	}{{"done", c.Done}, {"total", c.Total}, {"phase", c.Phase}} {
		if _, err := strconv.ParseFloat(j.t.text, 64); err == nil && j.key == "total" || j.t.text == "" {
			continue
		}
		if !jsonPath.MatchString(j.t.text) {
			b.problem(j.t.place, "names, dots and [n], such as job.items[0].done", "%s: %q is not a JSON path", j.key, j.t.text)
		}
	}
	return ref
}

func (b *builder) times(t *task, out *observe.Task) {
	out.Deadline = b.moment(t.Deadline, "deadline")
	out.Planned = b.moment(t.Planned, "planned")
	end, plan, start := out.Deadline, out.Planned, b.clock.window.start
	show := func(at time.Time) string { return at.In(b.opts.Location).Format("2006-01-02 15:04") }
	switch {
	case end.IsZero():
	case !start.IsZero() && !end.After(start):
		b.problem(t.Deadline.place, "a deadline after "+show(start), "the deadline %s is before the window starts", show(end))
	case !plan.IsZero() && !end.After(plan):
		b.problem(t.Deadline.place, "", "the deadline %s is not after the planned start %s", show(end), show(plan))
	case end.Before(b.opts.Now):
		b.notice(t.Deadline.place, "", "the deadline is past since %s", show(end))
	case !plan.IsZero() && end.Sub(plan) < t.Expect.d:
		b.notice(t.Deadline.place, "", "from the planned start to the deadline are %s, it is expected to take %s", words(end.Sub(plan)), words(t.Expect.d))
	}
	if !end.IsZero() && !b.clock.window.end.IsZero() && end.After(b.clock.window.end) {
		b.notice(t.Deadline.place, "", "the deadline %s is after the end of the window", show(end))
	}
	if t.Stall.d > 0 && t.Quiet.d > t.Stall.d {
		b.problem(t.Stall.place, fmt.Sprintf("stall: %s or more", words(t.Quiet.d)),
			"it may be silent for %s but would count as stalled after %s", words(t.Quiet.d), words(t.Stall.d))
	}
}

// silences checks that the times after which something is said come in the order in which it is said.
func (b *builder) silences(t *task) {
	if t.Fresh.d > 0 && t.Stall.d > 0 && t.Fresh.d > t.Stall.d {
		b.problem(t.Fresh.place, fmt.Sprintf("fresh: %s or less", words(t.Stall.d)),
			"silence counts as progress for %s, but standing still as a stall after %s", words(t.Fresh.d), words(t.Stall.d))
	}
	if t.Loop.d > 0 && t.Fresh.d > t.Loop.d {
		b.problem(t.Loop.place, fmt.Sprintf("loop: %s or more", words(t.Fresh.d)),
			"silence counts as progress for %s, but repeating the same as a loop after %s", words(t.Fresh.d), words(t.Loop.d))
	}
}

func (b *builder) moment(m moment, key string) time.Time {
	if m.text.text == "" {
		return time.Time{}
	}
	at, err := b.clock.moment(m.text.text)
	if err != nil {
		b.problem(m.place, momentHint, "%s: %v", key, err)
	}
	return utc(at)
}
