package watchers

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
)

// topmost returns those of procs that have no ancestor among them, oldest first.
func topmost(procs []procStat, stats map[int]procStat) []procStat {
	in := map[int]bool{}
	for _, st := range procs {
		in[st.pid] = true
	}
	var tops []procStat
	for _, st := range procs {
		if !hasAncestor(st, stats, in) {
			tops = append(tops, st)
		}
	}
	sort.Slice(tops, func(i, j int) bool {
		a, b := tops[i], tops[j]
		return a.start < b.start || a.start == b.start && a.pid < b.pid
	})
	return tops
}

func hasAncestor(st procStat, stats map[int]procStat, among map[int]bool) bool {
	for range 100 { // a loop of parents can only come from a torn reading
		if st.parent <= 0 {
			return false
		}
		if among[st.parent] {
			return true
		}
		parent, ok := stats[st.parent]
		if !ok {
			return false
		}
		st = parent
	}
	return false
}

// taboo returns what is never to be taken: ronda, and those who started it.
func (f *finder) taboo(stats map[int]procStat) map[int]bool { return withAncestors(f.cfg.Self, stats) }

// withAncestors returns pids and those who started them.
func withAncestors(pids []int, stats map[int]procStat) map[int]bool {
	off := map[int]bool{}
	for _, pid := range pids {
		off[pid] = true
		for st, ok := stats[pid]; ok && st.parent > 0 && !off[st.parent]; st, ok = stats[st.parent] {
			off[st.parent] = true
		}
	}
	return off
}

// stats reads the stat files of pids.
func (f *finder) stats(ctx context.Context, pids ...int) (map[int]procStat, error) {
	files := make([]string, 0, len(pids))
	for _, pid := range pids {
		files = append(files, procFile(pid, "stat"))
	}
	return readStats(ctx, f.cfg.Procs, files...)
}

// lineage reads the stat files of pids, of all their ancestors, and of ronda's own.
func (f *finder) lineage(ctx context.Context, pids ...int) (map[int]procStat, error) {
	all := map[int]procStat{}
	ask := append(slices.Clip(pids), f.cfg.Self...)
	for range 40 {
		if len(ask) == 0 {
			break
		}
		stats, err := f.stats(ctx, ask...)
		if err != nil {
			return nil, err
		}
		next := map[int]bool{}
		maps.Copy(all, stats)
		for _, st := range stats {
			if _, known := all[st.parent]; !known && st.parent > 0 {
				next[st.parent] = true
			}
		}
		ask = keys(next)
	}
	return all, nil
}

func readStats(ctx context.Context, procs Procs, files ...string) (map[int]procStat, error) {
	if len(files) == 0 {
		return nil, nil //nolint:nilnil // a nil map is an empty one
	}
	texts, err := procs.ReadFiles(ctx, files...)
	if err != nil {
		return nil, fmt.Errorf("read /proc/PID/stat: %w", err)
	}
	stats := make(map[int]procStat, len(texts))
	for file, text := range texts {
		if st, ok := parseStat(text); ok && st.pid == pidOf(file) {
			stats[st.pid] = st
		}
	}
	return stats, nil
}
