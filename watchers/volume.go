package watchers

import (
	"context"
	"slices"
	"sync"
	"time"

	"ronda/internal/observe"
)

// VolumesConfig says how to reach the host whose file systems are looked at.
type VolumesConfig struct {
	Runner Runner
	Procs  Procs         // reads which file systems there are; may be nil: types stay unknown then
	Every  time.Duration // from sample to sample while something moves; 0: 5 s
}

// Volumes looks at the file systems of one host that hold the paths it is told of: targets of copies, logs,
// directories for temporary files. It asks df, which asks no file but the file system, and costs a few milliseconds
// whatever is on it.
//
// It emits an observe.Volume when a file system is first seen, when its paths change (Paths is set then, nil else)
// and when its numbers do: soon when they moved much, within a minute when they moved little. A path that does
// not exist yet stands for the nearest folder above it that does. A file system that does not answer is asked again by
// itself, rarely, while the others go on; a Source says which: its Why holds "/mnt/nas does not answer".
type Volumes struct {
	cfg             VolumesConfig
	patience, probe time.Duration // see volumesPatience

	mu      sync.Mutex
	wanted  map[string][]string // paths by who wants to know
	changed chan struct{}
}

// NewVolumes returns a sampler that looks at nothing until Want names paths. It does nothing before Run.
func NewVolumes(cfg VolumesConfig) *Volumes {
	if cfg.Every <= 0 {
		cfg.Every = 5 * time.Second
	}
	return &Volumes{cfg: cfg, patience: volumesPatience, probe: volumesProbe, wanted: map[string][]string{}, changed: make(chan struct{}, 1)}
}

// Name returns "volumes".
func (v *Volumes) Name() string { return "volumes" }

// Want names the paths whose file systems are of interest to someone, in the place of those that he named before.
// Relative paths are relative to where ronda runs. It may be called at any time and by anyone.
func (v *Volumes) Want(who string, paths ...string) {
	paths = slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == "" })
	slices.Sort(paths)
	v.mu.Lock()
	same := slices.Equal(v.wanted[who], paths)
	v.wanted[who] = paths
	v.mu.Unlock()
	if same {
		return
	}
	select {
	case v.changed <- struct{}{}:
	default:
	}
}

// maxVolumePaths bounds the paths of one host.
const maxVolumePaths = 500

// all returns every path that someone wants to know of, each once, in order.
func (v *Volumes) all() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var paths []string
	for _, p := range v.wanted {
		paths = append(paths, p...)
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	return paths[:min(len(paths), maxVolumePaths)]
}

// Run samples until ctx ends, and returns nil then.
func (v *Volumes) Run(ctx context.Context, emit Emit) error {
	ctx, cancel := context.WithCancel(ctx)
	r := newVolumeRun(v, emit)
	defer r.probes.Wait()
	defer cancel()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case p := <-r.heard:
			r.probed(p)
			continue
		case <-v.changed:
			if r.place(ctx) == 0 { // nothing new is to be looked at before it is time
				continue
			}
		case <-timer.C:
		}
		wait := r.step(ctx)
		if ctx.Err() != nil {
			return nil
		}
		timer.Reset(together(time.Now(), wait))
	}
}

// A host on which nothing has moved for so many samples is asked less often.
const (
	volumesRest      = 6
	volumesRestLong  = 18
	volumesUnplaced  = 30 * time.Second // after which a path that was not there is looked for again
	volumesAll       = 10 * time.Minute // after which all are: a folder may have become a link
	volumesSlow      = time.Minute      // within which a small change is told
	volumesMuch      = 1 << 20          // bytes that are no small change
	volumesPatience  = 5 * time.Second  // for all of a host's file systems that answered before
	volumesProbe     = 10 * time.Second // for one that did not
	volumesProbeMost = 5 * time.Minute  // between two looks at one that does not answer
)

// pace is the pause after a sample.
func (r *volumeRun) pace() time.Duration {
	switch {
	case len(r.mounts) == 0:
		return max(volumesUnplaced, r.every)
	case r.still >= volumesRestLong:
		return 6 * r.every
	case r.still >= volumesRest:
		return 2 * r.every
	}
	return r.every
}

// reading is the last that was seen of a file system.
type reading struct {
	observe.Volume           // Paths are those that lie on it
	ask            string    // the path that df is asked for
	told           time.Time // when it was emitted last; zero: never
	said           observe.Volume
	moved          bool
}

// due tells whether what was seen is to be emitted now.
func (m *reading) due(now time.Time) bool {
	switch {
	case m.told.IsZero() || !slices.Equal(m.said.Paths, m.Paths):
		return true
	case sameVolume(m.said, m.Volume):
		return false
	case m.said.ReadOnly != m.ReadOnly || m.said.Size != m.Size || (m.said.Avail > 0) != (m.Avail > 0) || (m.said.InodesFree > 0) != (m.InodesFree > 0):
		return true
	}
	bytes, files := distance(m.said.Used, m.Used), distance(m.said.InodesFree, m.InodesFree)
	much := bytes >= volumesMuch && bytes >= m.Size>>20 || bytes > m.Avail>>6 || files > m.InodesFree>>8
	return much || now.Sub(m.told) >= volumesSlow
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

func sameVolume(a, b observe.Volume) bool {
	a.Paths, b.Paths = nil, nil
	return observe.Same(a, b)
}
