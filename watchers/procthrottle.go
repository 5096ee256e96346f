package watchers

import (
	"strconv"
)

// throttle measures how much of the time a control group's quota keeps its processes from running, from
// cpu.stat: throttled_usec of version 2, throttled_time (in nanoseconds) of version 1.
type throttle struct {
	file  []string
	total int64 // microseconds
	at    int64 // uptime of the sample before in milliseconds
	share float64
}

// newThrottle returns the throttle of the control group that a /proc/PID/cgroup text names. The root group
// has no quota.
func newThrottle(cgroup string) throttle {
	var t throttle
	if p := cgroupPath(cgroup, ""); p != "" && p != "/" {
		t.file = append(t.file, "/sys/fs/cgroup"+p+"/cpu.stat")
	}
	if p := cgroupPath(cgroup, "cpu"); p != "" && p != "/" {
		t.file = append(t.file, "/sys/fs/cgroup/cpu"+p+"/cpu.stat")
	}
	return t
}

func (t *throttle) set(texts map[string]string, uptime int64) {
	var total int64
	for _, file := range t.file {
		for name, unit := range map[string]int64{"throttled_usec": 1, "throttled_time": 1000} {
			v, _ := field(texts[file], name)
			if n, err := strconv.ParseInt(v, 10, 64); err == nil {
				total += n / unit
			}
		}
	}
	if t.at > 0 && uptime > t.at {
		share := float64(total-t.total) / 1000 / float64(uptime-t.at)
		t.share = min(max(share, 0), 1)
		t.share = float64(int(t.share*100+0.5)) / 100
	}
	t.total, t.at = total, uptime
}
