package watchers

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"ronda/internal/observe"
)

// The kernel counts its out-of-memory kills for the whole host, and says in its log which processes they
// were. Where the log may not be read, the count is believed of a process that is known to have been killed.

// oomAsk prints those lines of the kernel's log that name a process killed for want of memory, newest last.
const oomAsk = `dmesg 2>/dev/null | grep -E 'Killed process [0-9]+ |Killed process [0-9]+,' | tail -n 50; dmesg >/dev/null 2>&1 && echo read`

var oomLine = regexp.MustCompile(`\[\s*(\d+)(?:\.\d+)?\].*Killed process (\d+)`)

// oomPatient is how long the kernel's log is waited for.
const oomPatient = 5 * time.Second

// oomOurs tells whether the kernel killed one of the tree's processes for want of memory. known is false when its
// log cannot be read.
func (j *job) oomOurs(ctx context.Context) (ours, known bool) {
	if j.cfg.Runner == nil {
		return false, false
	}
	short, cancel := context.WithTimeout(ctx, oomPatient)
	defer cancel()
	out, _, code, err := j.cfg.Runner.Run(short, oomAsk)
	text := string(out)
	if err != nil || code != 0 || !strings.Contains(text, "\nread") && !strings.HasPrefix(text, "read") {
		return false, false
	}
	starts := map[int]int64{} // seconds since boot
	for _, m := range j.tree.order {
		starts[m.stat.pid] = m.stat.start * tickMS / 1000
	}
	for pid, start := range j.lost {
		starts[pid] = start * tickMS / 1000
	}
	for line := range strings.Lines(text) {
		hit := oomLine.FindStringSubmatch(line)
		if hit == nil {
			continue
		}
		at, err1 := strconv.ParseInt(hit[1], 10, 64)
		pid, err2 := strconv.Atoi(hit[2])
		if start, ok := starts[pid]; ok && err1 == nil && err2 == nil && at >= start {
			return true, true
		}
	}
	return false, true
}

// lose remembers a member that has ended, for the kernel's log may name it; the newest few are enough.
func (j *job) lose(m *member) {
	if j.lost == nil || len(j.lost) >= 64 {
		j.lost = map[int]int64{}
	}
	j.lost[m.stat.pid] = m.stat.start
}

// killedForMemory tells whether the root's end comes from a kill for want of memory: its own, or that of a
// child whose end a shell passes on as exit code 137.
func (j *job) killedForMemory(ctx context.Context, count, before int64, exit observe.Exit) bool {
	if count <= before || exit.Known && exit.Signal != "SIGKILL" && exit.Code != 128+9 {
		return false
	}
	if ours, readable := j.oomOurs(ctx); readable {
		return ours
	}
	return exit.Known
}

func oomKills(vmstat string) (int64, bool) {
	v, ok := field(vmstat, "oom_kill")
	if !ok {
		return 0, false
	}
	var n int64
	_, err := fmt.Sscan(v, &n)
	return n, err == nil
}
