package watchers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ronda/internal/observe"
)

// sizes asks for the sizes of what copies read and write and do not hold open, where that is without risk: when a copy
// is new, when it names other paths, and again after some scans.
func (r *finderRun) sizes(ctx context.Context) error {
	var ask []string
	var due []*found
	for _, f := range r.found {
		looks := f.move.looks()
		if f.sized != 0 && r.scans-f.sized < openEvery && slices.Equal(looks, f.looked) {
			continue
		}
		f.sized, f.looked = r.scans, looks
		due = append(due, f)
		ask = append(ask, r.mayLook(f, f.files())...)
	}
	slices.Sort(ask)
	ask = slices.Compact(ask)
	if len(ask) == 0 {
		return nil
	}
	infos, err := r.cfg.Procs.StatFiles(ctx, ask...)
	if err != nil {
		return fmt.Errorf("look at sources and targets: %w", err)
	}
	for _, f := range due {
		f.sizes = map[string]observe.FileInfo{}
		for _, p := range r.mayLook(f, f.files()) {
			if info, ok := infos[p]; ok {
				f.sizes[p] = info
			}
		}
		f.takeHeld()
		r.beforehand(f)
	}
	return nil
}

// beforehand notes what the end of a copy is held against: when its target was last given what the copy gives it in the
// very end.
func (r *finderRun) beforehand(f *found) {
	if f.move.saves == "" {
		return
	}
	if d, ok := f.move.saved(f.sizes); ok && f.before.IsZero() {
		f.before = d.Modified
	}
	for _, other := range r.found {
		if other != f && other.move.saves != "" && other.move.target == f.move.target {
			f.shared, other.shared = true, true
		}
	}
}

// mayLook lists the paths of a copy that may be looked at and are not open, and each with "/.", by which folders are
// told.
func (r *finderRun) mayLook(f *found, open []observe.OpenFile) []string {
	if f.apart() {
		return nil
	}
	var paths []string
	for _, p := range f.move.looks() {
		if !r.places.mayAsk(p, open) {
			continue
		}
		paths = append(paths, strings.TrimSuffix(p, "/")+"/.")
		if f.job.end != nil || !f.holds(p) {
			paths = append(paths, p)
		}
	}
	return paths
}

// holds tells whether the size of a path is known from an open file.
func (f *found) holds(p string) bool {
	return slices.ContainsFunc(f.parts, func(s *suspect) bool {
		for _, h := range s.held {
			if h.path == p && h.stat.Path != "" {
				return true
			}
		}
		return false
	})
}

// takeHeld puts the sizes of the open files under their paths.
func (f *found) takeHeld() {
	for _, s := range f.parts {
		for _, h := range s.held {
			if h.stat.Path != "" {
				h.stat.Size = h.size
				f.sizes[h.path] = h.stat
				f.remember(h)
			}
		}
	}
}
