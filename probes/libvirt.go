package probes

import (
	"context"
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// virsh is the command's head: read-only, so that libvirt itself refuses whatever would change something.
func virsh(ref observe.LibvirtRef) []string {
	words := []string{"virsh", "--readonly", "--quiet"}
	if ref.URI != "" {
		words = append(words, "--connect", ref.URI)
	}
	return words
}

// fields reads lines of "name: value" or "name=value" with the separator sep.
func fields(text, sep string) map[string]string {
	found := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(line, sep); ok {
			found[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return found
}

// domainJob asks for the job of a whole virtual machine: a migration, save, dump or backup (virsh domjobinfo).
type domainJob struct {
	asker
	ref  observe.LibvirtRef
	last *observe.Transfer // while it ran; nil: none was seen
}

func newDomainJob(ref observe.LibvirtRef, h Runner) *domainJob {
	return &domainJob{asker: asker{"virsh", h}, ref: ref}
}

// Probe asks once. Only of a job that was seen to run it is asked how it ended: the figures of one that ended before
// would still be there.
func (p *domainJob) Probe(ctx context.Context) observe.Payload {
	text, failed := p.ask(ctx, append(virsh(p.ref), "domjobinfo", "--domain", p.ref.Domain)...)
	if failed != nil {
		return *failed
	}
	job := fields(text, ":")
	if kind := job["Job type"]; kind != "None" && kind != "" {
		t := p.transfer(job)
		if t.State == observe.TransferRunning {
			p.last = &t
		}
		return t
	}
	if p.last == nil {
		return observe.Source{State: observe.SourceWaiting, Why: detail("no job of " + p.ref.Domain + " runs")}
	}
	return p.ended(ctx)
}

// ended asks how the job ended. The figures are kept: reading them would otherwise remove them.
func (p *domainJob) ended(ctx context.Context) observe.Payload {
	t := *p.last
	text, failed := p.ask(ctx, append(virsh(p.ref), "domjobinfo", "--domain", p.ref.Domain, "--completed", "--keep-completed")...)
	job := fields(text, ":")
	if failed != nil || job["Operation"] != p.last.Detail {
		t.State, t.Detail = observe.TransferGone, "libvirt does not tell how it ended"
		return t
	}
	return p.transfer(job)
}

func (p *domainJob) transfer(job map[string]string) observe.Transfer {
	operation := job["Operation"]
	t := observe.Transfer{
		ID: operation, Tool: strings.ToLower(operation), Source: p.ref.Domain, State: observe.TransferRunning, Detail: operation,
	}
	switch job["Job type"] {
	case "Completed":
		t.State = observe.TransferDone
	case "Failed":
		t.State = observe.TransferFailed
	case "Cancelled":
		t.State = observe.TransferCancelled
	}
	if why := job["Error message"]; why != "" {
		t.Detail = detail(why)
		t.State = observe.TransferFailed
		if strings.Contains(strings.ToLower(why), "cancel") {
			t.State = observe.TransferCancelled
		}
	}
	for _, what := range []string{"Data", "File"} { // of a migration with its disks, Data holds both
		total, ok := size(job[what+" total"])
		left, known := size(job[what+" remaining"])
		if ok && known && total > 0 {
			t.Amounts = []observe.Amount{{Of: observe.AmountJob, What: p.ref.Domain, Done: max(total-left, 0), Total: total, Unit: "bytes", By: "virsh domjobinfo"}}
			break
		}
	}
	return t
}

// blockJob asks for the job of one disk: a copy, pull, commit or backup of it (virsh blockjob).
type blockJob struct {
	asker
	ref  observe.LibvirtRef
	last *observe.Transfer // nil: none was seen
}

func newBlockJob(ref observe.LibvirtRef, h Runner) *blockJob {
	return &blockJob{asker: asker{"virsh", h}, ref: ref}
}

// Probe asks once.
func (p *blockJob) Probe(ctx context.Context) observe.Payload {
	text, failed := p.ask(ctx, append(virsh(p.ref), "blockjob", "--domain", p.ref.Domain, "--path", p.ref.Disk, "--raw")...)
	if failed != nil {
		return *failed
	}
	job := fields(text, "=")
	what := p.ref.Domain + " " + p.ref.Disk
	if job["type"] == "" {
		if p.last == nil {
			return observe.Source{State: observe.SourceWaiting, Why: detail("no job of the disk " + p.ref.Disk + " of " + p.ref.Domain + " runs")}
		}
		t := *p.last
		t.State, t.Detail = observe.TransferGone, "libvirt does not tell how it ended"
		return t
	}
	t := observe.Transfer{ID: job["type"], Tool: strings.ToLower(job["type"]), Source: what, State: observe.TransferRunning, Detail: job["type"]}
	done, errDone := strconv.ParseFloat(job["cur"], 64)
	total, errTotal := strconv.ParseFloat(job["end"], 64)
	if errDone == nil && errTotal == nil && total > 0 {
		t.Amounts = []observe.Amount{{Of: observe.AmountJob, What: what, Done: done, Total: total, Unit: "bytes", By: "virsh blockjob"}}
		if done >= total {
			t.Detail = job["type"] + " has copied all, and keeps the copy in step until virsh blockjob ends it with --pivot or --abort"
		}
	}
	p.last = &t
	return t
}
