package watchers

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// freshMost bounds how many processes that have come since the last look are asked who they are between two scans: of
// more, the next scan tells.
const freshMost = 64

// loadFile tells, behind the load, which pid was given away last (proc_loadavg(5)).
const loadFile = "/proc/loadavg"

// newcomers knows the processes that came after a look.
type newcomers struct {
	last  int   // the pid that was given away last; 0: not known
	young []int // too young to be judged
}

// fresh tells whether a process has come since the last look that may be a copy. It looks at new ones only: to look
// through all of them every second would cost more than it is worth.
func (r *finderRun) fresh(ctx context.Context) (bool, error) {
	texts, err := r.cfg.Procs.ReadFiles(ctx, procUptime, loadFile)
	if err != nil {
		return false, fmt.Errorf("read /proc: %w", err)
	}
	if up := parseUptime(texts[procUptime]); up > 0 {
		r.uptime = up
	}
	n := &r.scanner.newcomers
	pids, was := n.young, n.last
	fields := strings.Fields(texts[loadFile])
	if len(fields) > 4 {
		n.last, _ = strconv.Atoi(fields[4])
	}
	for pid := was + 1; was > 0 && pid <= n.last && len(pids) < freshMost; pid++ {
		pids = append(pids, pid)
	}
	if n.young = nil; len(pids) == 0 {
		return false, nil
	}
	var files []string
	for _, pid := range pids {
		files = append(files, procFile(pid, "stat"), procFile(pid, "status"))
	}
	if texts, err = r.cfg.Procs.ReadFiles(ctx, files...); err != nil {
		return false, fmt.Errorf("read /proc: %w", err)
	}
	for _, pid := range pids {
		st, ok := parseStat(texts[procFile(pid, "stat")])
		if !ok || st.ended() || !strings.Contains(texts[procFile(pid, "status")], "\nTgid:\t"+strconv.Itoa(pid)+"\n") { // a thread has a number too
			continue
		}
		r.scanner.all[pid] = st
		if r.uptime/tickMS-st.start < leastAge {
			n.young = append(n.young, pid)
		}
	}
	known := len(r.scanner.suspects)
	err = r.judge(ctx)
	return len(r.scanner.suspects) > known, err
}
