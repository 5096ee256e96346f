package watchers

import (
	"path"
	"strings"
)

// Whoever watches a job by a pattern has the pattern in his own command line, and so have those who started him:
// timeout, sudo, nohup, a shell with -c, the client of a terminal multiplexer. None of them is the job.

// notTheJob returns those of stats that are not the job although they match: ronda itself and every other one that
// watches by a pattern that matches, those who started them, and what they started, the commands they ask with.
func (f *finder) notTheJob(hits map[int]string, stats map[int]procStat) map[int]bool {
	rondas, wrappers := append([]int(nil), f.cfg.Self...), []int(nil)
	for _, pid := range keys(hits) {
		switch at := rondaAt(hits[pid]); {
		case at == 0:
			rondas = append(rondas, pid)
		case at > 0:
			wrappers = append(wrappers, pid)
		}
	}
	off := withAncestors(rondas, stats)
	among := map[int]bool{}
	for _, pid := range rondas {
		among[pid] = true
	}
	for pid, st := range stats {
		if hasAncestor(st, stats, among) {
			off[pid] = true
		}
	}
	for _, pid := range wrappers {
		off[pid] = true
	}
	return off
}

// rondaAt returns the place of "ronda watch" among the words of a command line: 0 is ronda itself, whatever its file
// is called (ronda-1.4), more is one who starts it; -1: it is not there.
func rondaAt(command string) int {
	words := strings.Fields(command)
	for i := 1; i < len(words); i++ {
		if words[i] == "watch" && strings.Contains(path.Base(words[i-1]), "ronda") {
			return i - 1
		}
	}
	return -1
}
