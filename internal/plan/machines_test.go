package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
	"ronda/internal/plan"
)

// TestVSphere: an address is written in one form, and what is said once of how to log in holds for all that name it.
// Nothing of the login stands in the plan that is recorded.
func TestVSphere(t *testing.T) {
	shown := strings.TrimSuffix(strings.Repeat("AB:", 32), ":")
	p, conn := mustDecode(t, `hosts: {bastion: }
tasks:
- {name: a, vsphere: {url: VCenter.example.com, entity: archive, task: clone}}
- {name: b, vsphere: {url: 'https://vcenter.example.com/ui/', user: ronda@vsphere.local, password_env: VC, fingerprint: 'sha256 Fingerprint=`+shown+`', task: task-12}}
- {name: c, host: bastion, vsphere: {url: vcenter.example.com, user: other, password_command: cat /root/pw}}
- {name: d, vsphere: {url: 'http://127.0.0.1:8989', user: u}}
transfers:
- {vsphere: {url: vcenter.example.com, task: clone}, match: ^mail}
`)
	want := []observe.VSphereRef{
		{URL: "https://vcenter.example.com", Entity: "archive", Task: "clone"},
		{URL: "https://vcenter.example.com", Task: "task-12"},
		{URL: "https://vcenter.example.com"},
		{URL: "http://127.0.0.1:8989"},
	}
	for i, task := range p.Tasks {
		if diff := cmp.Diff(&want[i], task.VSphere); diff != "" {
			t.Errorf("%s (-want +got):\n%s", task.Name, diff)
		}
	}
	finder := []observe.Finder{{
		Name: "tasks of vcenter.example.com", Match: "^mail",
		VSphere: &observe.VSphereRef{URL: "https://vcenter.example.com", Task: "clone"},
	}}
	if diff := cmp.Diff(finder, p.Finders); diff != "" {
		t.Errorf("finders (-want +got):\n%s", diff)
	}
	one := plan.VSphere{User: "ronda@vsphere.local", PasswordEnv: "VC", Fingerprint: strings.Repeat("ab", 32)}
	if diff := cmp.Diff(map[string]plan.VSphere{
		"a": one, "b": one, "tasks of vcenter.example.com": one, "c": {User: "other", PasswordCommand: "cat /root/pw"}, "d": {User: "u"},
	}, conn.VSphere); diff != "" {
		t.Errorf("logins (-want +got):\n%s", diff)
	}
}

func TestVirtualMachines(t *testing.T) {
	const task = "UPID:pve1:0003A1B2:0123ABCD:66A1B2C3:qmclone:100:root@pam:"
	p, _ := mustDecode(t, `hosts: {kvm1: }
tasks:
- {name: a, host: kvm1, libvirt: {domain: "it's 1", disk: vda, uri: 'qemu:///system'}}
- {name: b, proxmox: {vm: 100, node: pve1}}
- {name: c, proxmox: {task: '`+task+`'}}
`)
	if diff := cmp.Diff(&observe.LibvirtRef{Domain: "it's 1", Disk: "vda", URI: "qemu:///system"}, p.Tasks[0].Libvirt); diff != "" {
		t.Error(diff)
	}
	for i, want := range []observe.ProxmoxRef{{Node: "pve1", VM: "100"}, {Node: "pve1", Task: task}} {
		if diff := cmp.Diff(&want, p.Tasks[i+1].Proxmox); diff != "" {
			t.Error(diff)
		}
	}
}
