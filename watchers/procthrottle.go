package watchers

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// throttle measures how much of the time a control group's quota keeps its processes from running, from
// cpu.stat: throttled_usec of version 2, throttled_time (in nanoseconds) of version 1. A quota may stand at
// the process's own group or at one above it.
type throttle struct {
	groups string           // what /proc/PID/cgroup said of the members that were asked
	read   int              // tick at which it was asked
	files  []string         // the cpu.stat of each group that has a quota, or may get one
	totals map[string]int64 // microseconds, by file
	at     int64            // uptime of the sample before in milliseconds
	share  float64
}

// The control groups of so many members are asked for, every so many samples: a process can be moved.
const (
	groupMembers = 4
	groupsEvery  = 10
)

// readGroups finds out which control groups may throttle the tree.
func (t *throttle) readGroups(ctx context.Context, j *job) error {
	if t.read != 0 && (j.tick-t.read < groupsEvery || j.still > 0) {
		return nil
	}
	t.read = max(j.tick, 1)
	var files []string
	for _, m := range movers(j.tree.order, false) {
		if len(files) < groupMembers-1 && m.stat.pid != j.root.pid {
			files = append(files, procFile(m.stat.pid, "cgroup"))
		}
	}
	files = append(files, procFile(j.root.pid, "cgroup"))
	texts, err := j.procs.ReadFiles(ctx, files...)
	if err != nil {
		return fmt.Errorf("read control groups: %w", err)
	}
	own := map[string]bool{}
	for _, text := range texts {
		for _, dir := range cpuGroups(text) {
			own[dir] = true
		}
	}
	groups := make([]string, 0, len(own))
	for dir := range own {
		groups = append(groups, dir)
	}
	slices.Sort(groups)
	if all := strings.Join(groups, "\n"); all != t.groups {
		t.groups, t.at = all, 0
		return t.choose(ctx, j, groups)
	}
	return nil
}

// choose takes the members' own groups, and those above them that have a quota now.
func (t *throttle) choose(ctx context.Context, j *job, groups []string) error {
	t.files, t.totals = nil, map[string]int64{}
	var quotas []string
	for _, dir := range groups {
		t.files = append(t.files, dir+"/cpu.stat")
		for above := path.Dir(dir); !cgroupRoot(above); above = path.Dir(above) {
			quotas = append(quotas, above+"/cpu.max", above+"/cpu.cfs_quota_us")
		}
	}
	if len(quotas) == 0 {
		return nil
	}
	texts, err := j.procs.ReadFiles(ctx, quotas...)
	if err != nil {
		return fmt.Errorf("read the quotas of control groups: %w", err)
	}
	for _, file := range sortedKeys(texts) {
		if quota := firstWord(texts[file]); quota != "max" && quota != "-1" && quota != "" {
			if stat := path.Dir(file) + "/cpu.stat"; !slices.Contains(t.files, stat) {
				t.files = append(t.files, stat)
			}
		}
	}
	return nil
}

// cpuGroups returns the directories of the control groups that a /proc/PID/cgroup text names. The root
// group has no quota.
func cpuGroups(text string) []string {
	var dirs []string
	if p := cgroupPath(text, ""); p != "" && p != "/" {
		dirs = append(dirs, "/sys/fs/cgroup"+p)
	}
	if p := cgroupPath(text, "cpu"); p != "" && p != "/" {
		dirs = append(dirs, "/sys/fs/cgroup/cpu"+p)
	}
	return dirs
}

func cgroupRoot(dir string) bool {
	return dir == "/sys/fs/cgroup" || dir == "/sys/fs/cgroup/cpu" || len(dir) < len("/sys/fs/cgroup")
}

// set puts in what was read. Where several groups throttle, the one that does it most tells.
func (t *throttle) set(texts map[string]string, uptime int64) {
	share := 0.0
	for _, file := range t.files {
		total := throttled(texts[file])
		if before, ok := t.totals[file]; ok && t.at > 0 && uptime > t.at {
			share = max(share, float64(total-before)/1000/float64(uptime-t.at))
		}
		if t.totals == nil {
			t.totals = map[string]int64{}
		}
		t.totals[file] = total
	}
	if t.at > 0 && uptime > t.at {
		t.share = float64(int(min(max(share, 0), 1)*100+0.5)) / 100
	}
	t.at = uptime
}

// throttled reads the microseconds from a cpu.stat text.
func throttled(text string) int64 {
	for _, f := range [...]struct {
		name string
		unit int64
	}{{"throttled_usec", 1}, {"throttled_time", 1000}} {
		v, _ := field(text, f.name)
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n / f.unit
		}
	}
	return 0
}
