package vsphere

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/mo"

	"ronda/internal/observe"
)

// stores are the datastores that something is written to, as they were last seen.
type stores struct {
	looked time.Time
	known  map[string]observe.Volume // by the reference's value
}

// storesEvery is how often datastores are looked at. A vCenter itself counts their free space anew only every few
// minutes.
const storesEvery = 30 * time.Second

// lookAtStores reads the room of datastores, when it is time or one is new.
func (w *Watch) lookAtStores(ctx context.Context, now time.Time, want []ref) error {
	s := &w.stores
	fresh := slices.ContainsFunc(want, func(r ref) bool { _, ok := s.known[r.Value]; return !ok })
	if len(want) == 0 || !fresh && now.Sub(s.looked) < storesEvery {
		return nil
	}
	s.looked = now
	var read []mo.Datastore
	if err := w.center.read(ctx, want, []string{"summary", "name"}, &read); err != nil {
		return tolerable(err)
	}
	if s.known == nil {
		s.known = map[string]observe.Volume{}
	}
	for i := range read {
		d := &read[i]
		if d.Summary.Capacity <= 0 || !d.Summary.Accessible {
			delete(s.known, d.Self.Value)
			continue
		}
		s.known[d.Self.Value] = observe.Volume{
			Mount: w.qualify("[" + d.Name + "]"), Device: d.Summary.Url, Type: strings.ToLower(d.Summary.Type),
			Size: d.Summary.Capacity, Used: max(d.Summary.Capacity-d.Summary.FreeSpace, 0), Avail: max(d.Summary.FreeSpace, 0),
		}
	}
	return nil
}

// volumes are the datastores with the paths on them that tasks write to.
func (w *Watch) volumes(jobs []*job) []observe.Payload {
	paths := map[string][]string{}
	for _, j := range jobs {
		if _, ok := w.stores.known[j.store.Value]; ok && j.dir != "" {
			paths[j.store.Value] = append(paths[j.store.Value], w.qualify(j.dir))
		}
	}
	var all []observe.Volume
	for store, list := range paths {
		v := w.stores.known[store]
		slices.Sort(list)
		v.Paths = slices.Compact(list)
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b observe.Volume) int { return strings.Compare(a.Mount, b.Mount) })
	payloads := make([]observe.Payload, len(all))
	for i, v := range all {
		payloads[i] = observe.Of{Source: volumesSource, Payload: v}
	}
	return payloads
}

// volumesSource is the name of the source of volumes.
const volumesSource = "volumes"

// qualify names the vCenter in a datastore's name, or in a path on it, where there is more than one vCenter:
// "[datastore1 at vc2] web2".
func (w *Watch) qualify(s string) string {
	store, rest, ok := strings.Cut(s, "]")
	if !w.cfg.Qualify || !ok {
		return s
	}
	return store + " at " + w.host + "]" + rest
}
