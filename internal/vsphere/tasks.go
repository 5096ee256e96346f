package vsphere

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"

	"ronda/internal/observe"
)

// ref names an object of a vCenter.
type ref = types.ManagedObjectReference

// info is what a vCenter says of one of its tasks.
type info struct {
	ref      ref
	key      string
	kind     string // empty: it moves no data
	name     string // for people
	vm       ref    // the entity; zero: none
	entity   string // its name
	locked   []ref
	chain    int32 // of the events that belong to it
	queued   time.Time
	state    observe.TransferState
	percent  float64
	phase    string
	failure  string
	busyWith string // key of the task that is in its way, of one that failed for it
}

// readTasks reads the tasks, and returns the keys of those that are not there any more. One that may not be read is
// neither.
func (c *center) readTasks(ctx context.Context, refs []ref) (all []info, gone []string, err error) {
	for len(refs) > 0 {
		var tasks []mo.Task
		err := c.read(ctx, refs, []string{"info"}, &tasks)
		if missing, ok := faultOf(err).(*types.ManagedObjectNotFound); ok {
			before := len(refs)
			refs = slices.DeleteFunc(slices.Clone(refs), func(r ref) bool { return r.Value == missing.Obj.Value })
			if len(refs) < before {
				gone = append(gone, missing.Obj.Value)
				continue
			}
		}
		if err != nil {
			return nil, nil, err
		}
		for i := range tasks {
			if t := &tasks[i]; t.Info.Key != "" {
				all = append(all, infoOf(t))
			}
		}
		break
	}
	return all, gone, nil
}

func infoOf(t *mo.Task) info {
	i := info{
		ref: t.Self, key: t.Info.Key, kind: kindOf(t.Info.DescriptionId), name: nameOf(t.Info.DescriptionId),
		entity: plainName(t.Info.EntityName), locked: t.Info.Locked, chain: t.Info.EventChainId, queued: t.Info.QueueTime,
		percent: float64(min(max(t.Info.Progress, 0), 100)),
	}
	if t.Info.Entity != nil {
		i.vm = *t.Info.Entity
	}
	if d := t.Info.Description; d != nil {
		i.phase = d.Message
	}
	switch t.Info.State {
	case types.TaskInfoStateQueued:
		i.state = observe.TransferQueued
	case types.TaskInfoStateRunning:
		i.state = observe.TransferRunning
	case types.TaskInfoStateSuccess:
		// Progress only has a meaning while it runs, and stays where it was then.
		i.state, i.percent = observe.TransferDone, 100
	case types.TaskInfoStateError:
		i.state = observe.TransferFailed
		i.fail(t.Info.Error, t.Info.Cancelled)
	}
	return i
}

func (i *info) fail(e *types.LocalizedMethodFault, cancelled bool) {
	if e == nil {
		if cancelled {
			i.state = observe.TransferCancelled
		}
		return
	}
	i.failure = e.LocalizedMessage
	if i.failure == "" {
		i.failure = faultName(e.Fault)
	}
	switch f := e.Fault.(type) {
	case *types.RequestCanceled:
		i.state = observe.TransferCancelled
	case *types.TaskInProgress:
		i.busyWith = f.Task.Value
	}
}

// over tells that it has ended.
func (i *info) over() bool {
	return i.state != observe.TransferQueued && i.state != observe.TransferRunning
}

// nameLimit bounds a name, in characters: a vCenter allows 80.
const nameLimit = 80

// plainName is the name of an object as people wrote it: a vCenter stores three of its characters as in a URL.
func plainName(name string) string {
	name = strings.NewReplacer("%2f", "/", "%2F", "/", "%5c", `\`, "%5C", `\`, "%25", "%").Replace(name)
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, name)
	if r := []rune(name); len(r) > nameLimit {
		name = string(r[:nameLimit-1]) + "…"
	}
	return name
}
