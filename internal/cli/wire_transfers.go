package cli

import (
	"fmt"
	"os"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/watchers"
)

// finder makes the source that looks for the transfers of a host. What it found earlier in this session keeps its
// name.
func (w *wiring) finder(f observe.Finder, p observe.Plan) error {
	m, err := w.on(f.Host)
	if err != nil {
		return fmt.Errorf("finder %q: %w", f.Name, err)
	}
	cfg := watchers.FinderConfig{Procs: m, Runner: m, Name: f.Name, Match: f.Match, Taken: taken(p)}
	before := w.found.of(f.Name)
	cfg.Names, cfg.Left = before.names, before.left
	for _, other := range p.Finders {
		if other.Name != f.Name && f.Host != "" {
			cfg.Suffix = "@" + f.Host // two hosts may well run the same copy
		}
	}
	if f.Host == "" {
		cfg.Self, cfg.Near = []int{os.Getpid()}, true
	}
	if room := w.room(f.Host, m); room != nil {
		cfg.Targets = func(paths []string) { room.Want("finder "+f.Name, paths...) }
	}
	source, err := watchers.NewFinder(cfg)
	if err != nil {
		return fmt.Errorf("finder %q: %w", f.Name, err)
	}
	w.add(observe.Origin{Host: f.Host, Source: f.Name}, source)
	return nil
}

// taken are the names that nothing that is found may have.
func taken(p observe.Plan) []string {
	var names []string
	for _, t := range p.Tasks {
		names = append(names, t.Name)
	}
	for _, s := range p.Services {
		names = append(names, s.Name)
	}
	for _, f := range p.Finders {
		names = append(names, f.Name)
	}
	return names
}

// foundEarlier is what finders found earlier in a session that is resumed, by finder.
type foundEarlier map[string]*foundBefore

// foundBefore is what one finder found, by ID: what it is called, and what was said last of those that had not ended.
type foundBefore struct {
	names map[string]string
	left  map[string]observe.Transfer
}

// of is what a finder found.
func (e foundEarlier) of(finder string) *foundBefore {
	if e[finder] == nil {
		e[finder] = &foundBefore{names: map[string]string{}, left: map[string]observe.Transfer{}}
	}
	return e[finder]
}

// note takes in what a session file tells of a transfer that was found.
func (e foundEarlier) note(task string, t observe.Transfer) {
	if t.Finder == "" || t.ID == "" {
		return
	}
	f := e.of(t.Finder)
	f.names[t.ID] = task
	switch t.State {
	case observe.TransferQueued, observe.TransferRunning, "":
		f.left[t.ID] = t
	default:
		delete(f.left, t.ID)
	}
}

// nothingFound tells whether all finders of a watch still look for the first transfer.
func nothingFound(s *fold.Snapshot) bool {
	found := 0
	for _, f := range s.Finders {
		found += f.Found
	}
	return len(s.Finders) > 0 && found == 0
}
