//go:build unix

package probes

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
)

// fake is a directory on PATH with a command that answers, by the words it is called with, what a test put there, and
// writes down how it was called.
type fake struct {
	t    *testing.T
	dir  string
	tool string
}

func newFake(t *testing.T, tool string) *fake {
	t.Helper()
	f := &fake{t: t, dir: t.TempDir(), tool: tool}
	script := `#!/bin/sh
here=$(dirname "$0")
{ for word; do printf '%s\n' "$word"; done; echo "locale $LC_ALL"; echo --; } >>"$here/calls"
for answer in "$here"/answers/*; do
	want=$(basename "$answer" | tr '+' '/')
	case "$*" in *"$want"*) cat "$answer"; exit 0 ;; esac
done
echo "error: failed to get domain" >&2
exit 1
`
	if err := os.WriteFile(filepath.Join(f.dir, tool), []byte(script), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(f.dir, "answers"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", f.dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return f
}

// answer puts an answer for calls that hold the words; with none it is taken away.
func (f *fake) answer(words, text string) {
	f.t.Helper()
	file := filepath.Join(f.dir, "answers", strings.ReplaceAll(words, "/", "+"))
	if text == "" {
		_ = os.Remove(file)
		return
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// recorded is what the real tool printed.
func (f *fake) recorded(name string) string {
	f.t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", f.tool, name))
	if err != nil {
		f.t.Fatal(err)
	}
	return string(text)
}

func (f *fake) calls() []string {
	f.t.Helper()
	text, err := os.ReadFile(filepath.Join(f.dir, "calls"))
	if err != nil {
		f.t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "--\n"), "--\n")
}

func job(t *testing.T, task observe.Task) Probe {
	t.Helper()
	p, err := ForJob(task, &host{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func asks(t *testing.T, p Probe, want observe.Payload) {
	t.Helper()
	if diff := cmp.Diff(want, p.Probe(t.Context())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func jobAmount(what, by string, done, total float64, unit string) []observe.Amount {
	return []observe.Amount{{Of: observe.AmountJob, What: what, Done: done, Total: total, Unit: unit, By: by}}
}

// strange is a name that a shell would take apart, or worse.
const strange = `it's a $(touch PWNED) "disk"; reboot #`

// TestDomainJob follows a backup from before its start to its end, with what virsh really printed.
func TestDomainJob(t *testing.T) {
	f := newFake(t, "virsh")
	p := job(t, observe.Task{Libvirt: &observe.LibvirtRef{Domain: strange, URI: "qemu:///system"}})
	const asked, ended = "domjobinfo", "--completed --keep-completed"
	f.answer(asked, f.recorded("none.txt"))
	asks(t, p, observe.Source{State: observe.SourceWaiting, Why: "no job of " + strange + " runs"})
	call := []string{"--readonly", "--quiet", "--connect", "qemu:///system", "domjobinfo", "--domain", strange, "locale C"}
	if got := strings.Split(strings.TrimSuffix(f.calls()[0], "\n"), "\n"); !slices.Equal(got, call) {
		t.Errorf("called with %q, want %q", got, call)
	}
	f.answer(asked, f.recorded("domjobinfo.txt"))
	running := observe.Transfer{
		ID: "Backup", Tool: "backup", Source: strange, State: observe.TransferRunning, Detail: "Backup",
		Amounts: jobAmount(strange, "virsh domjobinfo", 2<<30-854<<20, 2<<30, "bytes"),
	}
	asks(t, p, running)

	f.answer(ended, f.recorded("completed.txt")) // its name comes before that of the other
	f.answer(asked, f.recorded("none.txt"))
	done := running
	done.State, done.Amounts = observe.TransferDone, jobAmount(strange, "virsh domjobinfo", 256<<20, 256<<20, "bytes")
	asks(t, p, done)
	f.answer(ended, f.recorded("aborted.txt"))
	asks(t, p, observe.Transfer{ID: "Backup", Tool: "backup", Source: strange, State: observe.TransferCancelled, Detail: "Operation canceled"})
	f.answer(ended, f.recorded("none.txt"))
	gone := running
	gone.State, gone.Detail = observe.TransferGone, "libvirt does not tell how it ended"
	asks(t, p, gone)
	if _, err := os.Stat("PWNED"); err == nil {
		t.Error("the name was run")
	}
}

// TestDomainJobWithoutSize: a backup in pull mode does not tell how far it is.
func TestDomainJobWithoutSize(t *testing.T) {
	f := newFake(t, "virsh")
	f.answer("domjobinfo", f.recorded("pull.txt"))
	p := job(t, observe.Task{Libvirt: &observe.LibvirtRef{Domain: "a"}})
	asks(t, p, observe.Transfer{ID: "Backup", Tool: "backup", Source: "a", State: observe.TransferRunning, Detail: "Backup"})
}

func TestBlockJob(t *testing.T) {
	f := newFake(t, "virsh")
	p := job(t, observe.Task{Libvirt: &observe.LibvirtRef{Domain: "mail", Disk: "vda"}})
	f.answer("blockjob", "\n")
	asks(t, p, observe.Source{State: observe.SourceWaiting, Why: "no job of the disk vda of mail runs"})
	f.answer("blockjob", f.recorded("blockjob.txt"))
	running := observe.Transfer{
		ID: "Block Copy", Tool: "block copy", Source: "mail vda", State: observe.TransferRunning, Detail: "Block Copy",
		Amounts: jobAmount("mail vda", "virsh blockjob", 33554432, 268435456, "bytes"),
	}
	asks(t, p, running)
	f.answer("blockjob", f.recorded("blockjob-ready.txt"))
	running.Amounts = jobAmount("mail vda", "virsh blockjob", 268435456, 268435456, "bytes")
	running.Detail = "Block Copy has copied all, and keeps the copy in step until virsh blockjob ends it with --pivot or --abort"
	asks(t, p, running)
	f.answer("blockjob", "\n")
	running.State, running.Detail = observe.TransferGone, "libvirt does not tell how it ended"
	asks(t, p, running)
	f.answer("blockjob", "")
	asks(t, p, observe.Source{State: observe.SourceFailed, Why: "virsh: failed to get domain"})
}

// TestJobNoTool: a host without the tool is said to be one.
func TestJobNoTool(t *testing.T) {
	t.Setenv("PATH", "/nowhere")
	asks(t, job(t, observe.Task{Libvirt: &observe.LibvirtRef{Domain: "mail"}}), observe.Source{State: observe.SourceFailed, Why: "virsh: there is none on this host"})
	if _, err := ForJob(observe.Task{Name: "x"}, &host{}); err == nil {
		t.Error("a task without a job was taken")
	}
}

const upid = "UPID:pve1:0003A1B2:0123ABCD:66A1B2C3:qmclone:100:root@pam:"

// TestProxmox follows the newest task of a machine. The answers are written after the API's documentation.
func TestProxmox(t *testing.T) {
	f := newFake(t, "pvesh")
	p := job(t, observe.Task{Proxmox: &observe.ProxmoxRef{Node: "pve1", VM: "100"}})
	const list, status, log = "/tasks --output", "/status", "/log"
	f.answer(list, `[{"upid":"UPID:old","starttime":1,"endtime":2,"status":"OK","type":"qmstart"}]`)
	asks(t, p, observe.Source{State: observe.SourceWaiting, Why: "no task of 100 runs on pve1"})
	f.answer(list, `[{"upid":"UPID:older","starttime":5,"type":"vzdump"},{"upid":"`+upid+`","starttime":"9","type":"qmclone"}]`)
	f.answer(status, `{"upid":"`+upid+`","type":"qmclone","id":"100","status":"running"}`)
	f.answer(log, `[{"n":1,"t":"no content"}]`)
	want := observe.Transfer{ID: upid, Tool: "qmclone", Source: "100", State: observe.TransferRunning}
	asks(t, p, want)
	f.answer(log, `[{"n":1,"t":"trying to acquire lock..."}]`)
	want.State, want.Detail = observe.TransferQueued, "trying to acquire lock..."
	asks(t, p, want)
	f.answer(log, `[{"n":1,"t":"trying to acquire lock..."},{"n":2,"t":" OK"},{"n":3,"t":"transferred 4.0 GiB of 32.0 GiB (12.50%)"},{"n":4,"t":"password=hunter2"}]`)
	want.State, want.Detail = observe.TransferRunning, ""
	want.Amounts = jobAmount("", "the task's log", 4<<30, 32<<30, "bytes")
	asks(t, p, want)
	last := f.calls()[len(f.calls())-1]
	if got := strings.Split(last, "\n"); !slices.Equal(got[:7], []string{"get", "/nodes/pve1/tasks/" + upid + "/log", "--output-format", "json", "--start", "1", "--limit"}) {
		t.Errorf("called with %q", got)
	}
	f.answer(log, `[]`)
	asks(t, p, want) // nothing new is as before
	for exit, end := range map[string]observe.Transfer{
		"OK":                    {State: observe.TransferDone},
		"WARNINGS: 2":           {State: observe.TransferDone, Detail: "with warnings: 2"},
		"interrupted by signal": {State: observe.TransferCancelled, Detail: "interrupted by signal"},
		"unexpected status":     {State: observe.TransferGone, Detail: "Proxmox does not tell how it ended"},
		"clone failed: unable to create image: not enough space": {State: observe.TransferFailed, Detail: "clone failed: unable to create image: not enough space"},
	} {
		f.answer(status, `{"upid":"`+upid+`","type":"qmclone","id":"100","status":"stopped","exitstatus":"`+exit+`"}`)
		one := job(t, observe.Task{Proxmox: &observe.ProxmoxRef{Node: "pve1", Task: upid}})
		end.ID, end.Tool, end.Source = upid, "qmclone", "100"
		asks(t, one, end)
	}
	f.answer(status, "this is no JSON")
	asks(t, p, observe.Source{State: observe.SourceFailed, Why: "pvesh: its answer is not what was asked for: this is no JSON"})
}

func TestProxmoxLines(t *testing.T) {
	for line, want := range map[string][2]float64{
		"transferred 4.0 GiB of 32.0 GiB (12.50%)":                                                             {4 << 30, 32 << 30},
		"drive-scsi0: transferred 512.0 MiB of 1.0 TiB (0.05%) in 3s":                                          {512 << 20, 1 << 40},
		"INFO:  12% (3.5 GiB of 32.0 GiB) in 30s, read: 133.0 MiB/s, write: 120.1 MiB/s":                       {3.5 * (1 << 30), 32 << 30},
		"transferred: 1073741824 bytes remaining: 33285996544 bytes total: 34359738368 bytes progression: 3 %": {1 << 30, 32 << 30},
		"migration active, transferred 1.0 GiB of 8.0 GiB VM-state, 112.3 MiB/s":                               {1 << 30, 8 << 30},
		"progress 12% (read 4123168768 bytes, duration 23 sec)":                                                {12, 100},
	} {
		a, ok := pveAmount(line)
		if !ok || a.Done != want[0] || a.Total != want[1] {
			t.Errorf("%s: %+v, %v", line, a, ok)
		}
	}
	for _, line := range []string{"", "create full clone of drive scsi0", "transferred 4 GiB of 0 B", "100 of 200 files", "progress 300%"} {
		if a, ok := pveAmount(line); ok {
			t.Errorf("%q: %+v", line, a)
		}
	}
}
