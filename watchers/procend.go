package watchers

import (
	"context"
	"fmt"

	"ronda/internal/observe"
)

// ending is how a job's root ended.
type ending struct {
	exit   observe.Exit
	never  bool // it was gone before the first sample
	unseen bool // it only may have ended: processes of others are not shown
}

// gone finds out how the root ended. A torn answer is no end: it is asked once more.
func (j *job) gone(ctx context.Context) error {
	stat := procFile(j.root.pid, "stat")
	texts, err := j.procs.ReadFiles(ctx, procUptime, stat, procFile(j.root.pid, "io"), "/proc/vmstat")
	if err != nil {
		return fmt.Errorf("read /proc: %w", err)
	}
	up := parseUptime(texts[procUptime])
	if up == 0 {
		return fmt.Errorf("read /proc/uptime: no answer while process %d seems to be gone", j.root.pid)
	}
	st, ok := parseStat(texts[stat])
	alive := ok && st.start == j.root.start
	if alive && !st.ended() {
		return nil
	}
	j.uptime = up
	j.end = &ending{unseen: j.host.hidden && !ok && !j.meters.hasIO}
	exit := &j.end.exit
	if _, readable := parseIO(texts[procFile(j.root.pid, "io")]); alive && readable {
		exit.Known = true // to others the kernel shows a status of 0
		exit.Code, exit.Signal = st.status>>8&0xff, signalName(st.status&0x7f)
	}
	before := j.oom
	if n, ok := oomKills(texts["/proc/vmstat"]); ok {
		j.oom = &n
		exit.OOM = before != nil && j.killedForMemory(ctx, n, *before, *exit)
	}
	if !exit.Known && j.cfg.Ref.Unit != "" && j.cfg.Runner != nil {
		return j.askUnit(ctx, exit)
	}
	return nil
}

// signalName names a signal by its number on Linux; "" for 0.
func signalName(n int) string {
	names := [...]string{
		"", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV",
		"SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU",
		"SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
	}
	if n >= 0 && n < len(names) {
		return names[n]
	}
	return fmt.Sprintf("signal %d", n)
}
