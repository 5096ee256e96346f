package plan

import "regexp"

// What a plan may say already though ronda does not do it yet. It must never look as if it were watched.

// databaseInstead says what asks a database today.
const databaseInstead = `a script that asks with mysql or psql: progress: {command: ./how-far.sh, pattern: '(?P<done>\d+) of (?P<total>\d+)'}`

// plainPath is a path that means the same to a shell and inside { }.
var plainPath = regexp.MustCompile(`^[\w./-]+$`)

// watched tells whether a task names a source that is looked at today.
func (t *task) watched() bool {
	return t.Log.isSet() || t.Process != nil || t.Progress.command != nil || t.Transfer != nil || t.VSphere != nil || t.Libvirt != nil || t.Proxmox != nil
}

// later notes a source that is not looked at yet, and what is instead. A plan may name it all the same: it is
// written for the night, not for one version of ronda.
func (b *builder) later(t *task, at place, source, looked, instead string) {
	if t.watched() || t.broken {
		b.notice(at, instead, "%s is known but not %s yet", source, looked)
		return
	}
	b.notice(at, instead, "%s is not %s yet, and task %q has nothing else to watch", source, looked, t.Name.text)
}
