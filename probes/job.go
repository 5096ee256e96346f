package probes

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ronda/internal/observe"
)

// ForJob builds the probe that asks for a task's job of a virtual machine, from h: its libvirt or its proxmox. Its
// answers are observe.Transfer; an observe.Source where there is no such job, or no answer. It remembers what it saw last, to
// tell a job that ended from one that never was.
func ForJob(task observe.Task, h Runner) (Probe, error) {
	switch {
	case task.Libvirt != nil && task.Libvirt.Disk != "":
		return newBlockJob(*task.Libvirt, h), nil
	case task.Libvirt != nil:
		return newDomainJob(*task.Libvirt, h), nil
	case task.Proxmox != nil:
		return newProxmox(*task.Proxmox, h), nil
	}
	return nil, fmt.Errorf("task %q: there is no libvirt and no proxmox job", task.Name)
}

// JobEvery is how often the job of a task should be asked for. Every question to Proxmox starts a Perl program of some
// half a second of CPU time.
func JobEvery(task observe.Task) time.Duration {
	if task.Proxmox != nil {
		return 30 * time.Second
	}
	return 5 * time.Second
}

// asker runs the commands of a job's probe.
type asker struct {
	tool string // for messages: virsh, pvesh
	host Runner
}

// ask runs a command whose words are not the shell's. The source is why there is no answer; nil when there is one.
func (a asker) ask(ctx context.Context, words ...string) (string, *observe.Source) {
	w := newWatch(ctx)
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = shellWord(word)
	}
	stdout, stderr, code, err := a.host.Run(ctx, "LC_ALL=C "+strings.Join(quoted, " "))
	switch {
	case err != nil:
		return "", a.failed(w.refusal(ctx, err))
	case code == 127:
		return "", a.failed("there is none on this host")
	case code != 0:
		return "", a.failed(strings.TrimPrefix(exitWords(code, stdout, stderr), "exit code 1: "))
	}
	return string(stdout), nil
}

func (a asker) failed(why string) *observe.Source {
	return &observe.Source{State: observe.SourceFailed, Why: detail(a.tool + ": " + strings.TrimPrefix(why, "error: "))}
}

// shellWord is a text as one word for a POSIX shell.
func shellWord(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// units are the sizes that virsh and Proxmox write, all powers of 1024.
func unitBytes(unit string) (float64, bool) {
	switch strings.ToLower(strings.TrimSuffix(unit, "/s")) {
	case "b", "byte", "bytes", "":
		return 1, true
	case "kib", "kb", "k":
		return 1 << 10, true
	case "mib", "mb", "m":
		return 1 << 20, true
	case "gib", "gb", "g":
		return 1 << 30, true
	case "tib", "tb", "t":
		return 1 << 40, true
	}
	return 0, false
}

// size reads "1.166 GiB".
func size(text string) (float64, bool) {
	number, unit, _ := strings.Cut(strings.TrimSpace(text), " ")
	n, err := strconv.ParseFloat(number, 64)
	by, ok := unitBytes(strings.TrimSpace(unit))
	return n * by, err == nil && ok && n >= 0
}
