package watchers

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// byUnit asks systemd for the unit's main process and its control group.
func (f *finder) byUnit(ctx context.Context, unit string) (finding, error) {
	if f.cfg.Runner == nil {
		return finding{state: observe.SourceFailed, why: "units cannot be asked for here: name the process with --match or --pid"}, nil
	}
	show, why, err := showUnit(ctx, f.cfg.Runner, unit)
	if err != nil {
		return finding{}, err
	}
	if why != "" {
		return finding{state: observe.SourceFailed, why: why}, nil
	}
	if show["LoadState"] == "not-found" {
		return waiting("systemd knows no unit %s; systemctl list-units shows their names", unit), nil
	}
	group := cgroupFile(show["ControlGroup"])
	pid := 0
	for _, key := range []string{"MainPID", "ControlPID"} {
		if pids := parsePIDs(show[key]); pid == 0 && len(pids) > 0 {
			pid = pids[0]
		}
	}
	var pids []int
	if pid != 0 {
		pids = []int{pid}
	} else if len(group) > 0 {
		texts, err := f.cfg.Procs.ReadFiles(ctx, group...)
		if err != nil {
			return finding{}, fmt.Errorf("read the processes of unit %s: %w", unit, err)
		}
		for _, text := range texts {
			pids = append(pids, parsePIDs(text)...)
		}
	}
	stats, err := f.lineage(ctx, pids...)
	if err != nil {
		return finding{}, err
	}
	var procs []procStat
	for _, p := range pids {
		st, ok := stats[p]
		if _, left := f.leftBy(st, stats); ok && (p == pid || !left) { // systemd knows its main process
			procs = append(procs, st)
		}
	}
	procs = topmost(procs, stats)
	if len(procs) == 0 {
		return waiting("unit %s is %s (%s): it has no process", unit, show["ActiveState"], show["SubState"]), nil
	}
	root := procs[0]
	return finding{root: ident{root.pid, root.start}, found: "unit " + unit, group: show["ControlGroup"]}, nil
}

// showUnit asks for a unit's properties. why says in words what keeps systemd from answering.
func showUnit(ctx context.Context, run Runner, unit string) (show map[string]string, why string, err error) {
	out, errs, code, err := run.Run(ctx, "systemctl show -p LoadState,ActiveState,SubState,MainPID,ControlPID,ControlGroup,ExecMainPID,ExecMainCode,ExecMainStatus,Result -- "+quoteShell(unit))
	if err != nil {
		return nil, "", fmt.Errorf("ask systemd for unit %s: %w", unit, err)
	}
	if code != 0 {
		text := printable(firstLine(string(errs)), 200)
		if code == 127 {
			text = "there is no systemctl on this host"
		}
		return nil, fmt.Sprintf("unit %s: %s; name the process with --match or --pid", unit, text), nil
	}
	show = map[string]string{}
	for line := range strings.Lines(string(out)) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			show[k] = printable(v, 512)
		}
	}
	return show, "", nil
}

// cgroupFile returns where the processes of a control group stand, in the unified hierarchy and in that of
// systemd under version 1.
func cgroupFile(group string) []string {
	if group == "" || group == "/" {
		return nil
	}
	files := []string{"/sys/fs/cgroup" + group + "/cgroup.procs", "/sys/fs/cgroup/systemd" + group + "/cgroup.procs"}
	if !strings.ContainsAny(group, `*?[]\`) { // systemd escapes names with \, which a pattern would take apart
		files = append(files, "/sys/fs/cgroup"+group+"/*/cgroup.procs")
	}
	return files
}

// askUnit asks systemd how a unit's main process ended; its codes are those of waitid(2).
func (j *job) askUnit(ctx context.Context, exit *observe.Exit) error {
	show, why, err := showUnit(ctx, j.cfg.Runner, j.cfg.Ref.Unit)
	if err != nil || why != "" || show["ExecMainPID"] != strconv.Itoa(j.root.pid) {
		return err
	}
	const exited, killed, dumped = "1", "2", "3"
	status := 0
	if n := parsePIDs(show["ExecMainStatus"]); len(n) > 0 {
		status = n[0]
	}
	switch show["ExecMainCode"] {
	case exited:
		exit.Known, exit.Code = true, status
	case killed, dumped:
		exit.Known, exit.Signal = true, signalName(status)
	default:
	}
	exit.OOM = exit.OOM || show["Result"] == "oom-kill"
	return nil
}
