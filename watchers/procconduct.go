package watchers

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// conductors are those of the writers' ancestors that run other jobs beside this one: a script that migrates
// three databases at once, each into its own log. What the others work must not count for this one, so the
// way up ends before such a parent. One that writes the log itself is a part of its job however many children
// it has; a child that only passes on what it reads, or sleeps, is no job. stats holds the writers and their
// ancestors.
func (f *finder) conductors(ctx context.Context, stats map[int]procStat, writers []int) (map[int]bool, error) {
	var files []string
	for pid := range stats {
		if pid > 1 {
			files = append(files, procFile(pid, "task/*/children"))
		}
	}
	texts, err := f.cfg.Procs.ReadFiles(ctx, files...)
	if err != nil {
		return nil, fmt.Errorf("read the children of a log's writers: %w", err)
	}
	beside := map[int]int{} // child → parent
	for file, text := range texts {
		for word := range strings.FieldsSeq(text) {
			if child, err := strconv.Atoi(word); err == nil {
				if _, known := stats[child]; !known {
					beside[child] = pidOf(file)
				}
			}
		}
	}
	others, err := f.stats(ctx, keys(beside)...)
	if err != nil {
		return nil, err
	}
	found := map[int]bool{}
	for child, st := range others {
		parent := stats[beside[child]]
		idles := st.name == "sleep" && st.group == parent.group // as a script lets it run beside
		if !st.ended() && !filter(st.name) && !idles {
			found[parent.pid] = true
		}
	}
	for _, pid := range writers {
		delete(found, pid)
	}
	return found, nil
}
