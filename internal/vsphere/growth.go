package vsphere

import (
	"context"
	"errors"
	"time"

	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// growth is how much a copy has written, by the sizes of its disks' files.
type growth struct {
	known   bool
	bytes   int64
	looked  time.Time
	full    bool   // they had their full size from the start
	unknown string // why it cannot be known; empty: it can
}

// growthEvery is how often the files of a copy are looked at. Each look is a small task of the vCenter's own.
const growthEvery = 30 * time.Second

// fullAtOnce is the part of the whole that a copy cannot have at the first look while its percentage stands at less
// than earlyPercent, unless its files are made in their full size.
const (
	fullAtOnce   = 0.95
	earlyPercent = 50
)

// grow looks at the files that a copy writes.
func (c *center) grow(ctx context.Context, now time.Time, j *job) error {
	g := &j.grown
	if !copies(j.kind) || j.dir == "" || j.store == (ref{}) || g.unknown != "" || g.full || !g.looked.IsZero() && now.Sub(g.looked) < growthEvery {
		return nil
	}
	g.looked = now
	bytes, err := c.disks(ctx, j.store, j.dir)
	switch {
	case isFault[*types.NoPermission](err):
		g.unknown = "how far its files have grown is not known: the privilege Datastore.Browse is missing"
	case isFault[*types.FileNotFound](err), errors.Is(err, errNoAnswer): // not yet, or not now
	case err != nil:
		return tolerable(err)
	default:
		if !g.known && j.bytes > 0 && float64(bytes) >= fullAtOnce*float64(j.bytes) && j.percent < earlyPercent {
			g.full = true
			return nil
		}
		g.known, g.bytes = true, bytes
	}
	return nil
}

// errNoAnswer is a search that took too long.
var errNoAnswer = errors.New("the search of the datastore took too long")

// disks is how many bytes the disks in a folder take on their datastore.
func (c *center) disks(ctx context.Context, store ref, dir string) (int64, error) {
	var stores []mo.Datastore
	if err := c.read(ctx, []ref{store}, []string{"browser"}, &stores); err != nil {
		return 0, err
	}
	if len(stores) == 0 || stores[0].Browser == (ref{}) {
		return 0, errNoAnswer
	}
	ctx, cancel := c.within(ctx)
	defer cancel()
	begun, err := methods.SearchDatastore_Task(ctx, c.client, &types.SearchDatastore_Task{
		This: stores[0].Browser, DatastorePath: dir,
		SearchSpec: &types.HostDatastoreBrowserSearchSpec{
			Query:        []types.BaseFileQuery{&types.VmDiskFileQuery{}},
			Details:      &types.FileQueryFlags{FileType: true, FileSize: true},
			MatchPattern: []string{"*.vmdk"},
		},
	})
	if err != nil {
		return 0, err
	}
	result, err := c.outcome(ctx, begun.Returnval)
	if err != nil {
		return 0, err
	}
	var bytes int64
	if r, ok := result.(types.HostDatastoreBrowserSearchResults); ok {
		for _, f := range r.File {
			bytes += f.GetFileInfo().FileSize
		}
	}
	return bytes, nil
}

// outcome waits for a task of our own. It is asked, and not waited for with a filter, which would stay on the server if
// ronda were killed.
func (c *center) outcome(ctx context.Context, task ref) (types.AnyType, error) {
	pause := 100 * time.Millisecond
	for {
		var read []mo.Task
		if err := c.read(ctx, []ref{task}, []string{"info"}, &read); err != nil {
			return nil, err
		}
		if len(read) == 0 {
			return nil, errNoAnswer
		}
		switch i := read[0].Info; i.State {
		case types.TaskInfoStateSuccess:
			return i.Result, nil
		case types.TaskInfoStateError:
			if i.Error == nil {
				return nil, errNoAnswer
			}
			return nil, &faultError{i.Error.Fault}
		case types.TaskInfoStateQueued, types.TaskInfoStateRunning:
		}
		select {
		case <-ctx.Done():
			return nil, errNoAnswer
		case <-time.After(pause):
		}
		pause = min(2*pause, 2*time.Second)
	}
}
