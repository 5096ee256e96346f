package plan

import (
	"regexp"
	"strings"

	"ronda/internal/observe"
)

// The jobs of virtual machines that are asked by a command on the task's host.

func (b *builder) libvirt(l *libvirt) *observe.LibvirtRef {
	if l == nil {
		return nil
	}
	if !l.Domain.isSet() && !l.broken {
		b.problem(l.place, "domain: the name that virsh list shows", "libvirt has no domain")
	}
	for _, w := range []struct {
		key string
		t   text
	}{{"domain", l.Domain}, {"disk", l.Disk}, {"uri", l.URI}} {
		b.word(w.t, w.key)
	}
	b.secret(l.URI, "uri")
	return &observe.LibvirtRef{Domain: l.Domain.text, Disk: l.Disk.text, URI: l.URI.text}
}

var (
	proxmoxNode = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*$`)
	// upid is what Proxmox calls a task by: UPID:node:pid:pstart:start:type:id:user: and nothing after it.
	upid   = regexp.MustCompile(`^UPID:[A-Za-z0-9-]+:[0-9A-Fa-f]{8,}:[0-9A-Fa-f]{8,}:[0-9A-Fa-f]{8}:\w+:[^:\s]*:[^:\s]+:$`)
	number = regexp.MustCompile(`^[1-9][0-9]{0,9}$`)
)

func (b *builder) proxmox(p *proxmox) *observe.ProxmoxRef {
	if p == nil {
		return nil
	}
	ref := observe.ProxmoxRef{Node: p.Node.text, Task: p.Task.text, VM: p.VM.text}
	if !p.broken && !p.Task.isSet() && !p.VM.isSet() {
		b.problem(p.place, "vm: 100, or task: UPID:…", "proxmox says neither of which virtual machine nor which task")
	}
	if p.Task.text != "" && !upid.MatchString(p.Task.text) {
		b.problem(p.Task.place, "copy it from the task's page: UPID:pve1:0003A1B2:…:", "task: %q is not a task of Proxmox", p.Task.text)
	} else if p.Task.text != "" && ref.Node == "" {
		ref.Node = strings.Split(p.Task.text, ":")[1]
	}
	if p.VM.text != "" && !number.MatchString(p.VM.text) {
		b.problem(p.VM.place, "its number, such as 100", "vm: %q is not the number of a virtual machine", p.VM.text)
	}
	switch {
	case ref.Node == "" && !p.broken && p.VM.isSet():
		b.problem(p.place, "node: the name that hostname prints there", "proxmox has no node")
	case ref.Node != "" && !proxmoxNode.MatchString(ref.Node):
		b.problem(p.Node.place, "the name that hostname prints there", "node: %q is not the name of a node", ref.Node)
	}
	return &ref
}

// word checks a text that becomes one argument of a command.
func (b *builder) word(t text, key string) {
	switch {
	case strings.ContainsAny(t.text, "\n\t"):
		b.problem(t.place, "", "%s must be one line", key)
	case strings.HasPrefix(t.text, "-"):
		b.problem(t.place, "", "%s: %q would be taken for an option", key, t.text)
	}
}
