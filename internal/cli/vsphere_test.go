//go:build linux

package cli

import (
	"crypto/tls"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/types"

	"ronda/internal/observe"
)

// vCenter is govmomi's simulated vCenter, over TLS with its own certificate, with one virtual machine's tasks.
type vCenter struct {
	t     *testing.T
	url   *url.URL
	admin *govmomi.Client
	vm    types.ManagedObjectReference
}

const (
	vCenterUser = "ronda@vsphere.local"
	vCenterPass = "correct-horse-battery"
)

func startVCenter(t *testing.T) *vCenter {
	t.Helper()
	m := simulator.VPX()
	if err := m.Create(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Remove)
	m.Service.TLS = new(tls.Config)
	m.Service.Listen = &url.URL{User: url.UserPassword("set", "so that logins are checked")}
	m.Map().SessionManager().ValidLogin = func(l *types.Login) bool {
		return l.UserName == "admin" || l.UserName == vCenterUser && l.Password == vCenterPass
	}
	list := m.Map().ExtensionManager().ExtensionList
	list[0].TaskList = append(list[0].TaskList, types.ExtensionTaskTypeInfo{TaskID: "VirtualMachine.clone"})
	s := m.Service.NewServer()
	t.Cleanup(s.Close)
	u := *s.URL
	u.User = url.UserPassword("admin", "x")
	admin, err := govmomi.NewClient(t.Context(), &u, true)
	if err != nil {
		t.Fatal(err)
	}
	return &vCenter{t: t, url: s.URL, admin: admin, vm: m.Map().Any("VirtualMachine").Reference()}
}

// clone begins a clone, which the simulator names after the machine's number.
func (v *vCenter) clone() *object.Task {
	v.t.Helper()
	answer, err := methods.CreateTask(v.t.Context(), v.admin.Client, &types.CreateTask{
		This: *v.admin.ServiceContent.TaskManager, Obj: v.vm, TaskTypeId: "VirtualMachine.clone",
	})
	if err != nil {
		v.t.Fatal(err)
	}
	task := object.NewTask(v.admin.Client, answer.Returnval.Task)
	deadline := time.Now().Add(30 * time.Second)
	for task.SetState(v.t.Context(), types.TaskInfoStateRunning, nil, nil) != nil { // it is there in a moment
		if time.Now().After(deadline) {
			v.t.Fatal("the task does not run")
		}
		time.Sleep(20 * time.Millisecond)
	}
	return task
}

// terminal is a ronda on a terminal of its own.
type terminal struct {
	t   *testing.T
	cmd *exec.Cmd
	pty *os.File

	mu    sync.Mutex
	heard strings.Builder
	ended chan struct{}
}

func onTerminal(t *testing.T, home string, args ...string) *terminal {
	t.Helper()
	s := &terminal{t: t, cmd: exec.CommandContext(t.Context(), program(t), args...), ended: make(chan struct{})}
	s.cmd.Env = append(os.Environ(), "HOME="+home, "XDG_STATE_HOME=", "SSH_AUTH_SOCK=", "TZ=UTC")
	var err error
	if s.pty, err = pty.Start(s.cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.pty.Close() })
	go func() {
		defer close(s.ended)
		buf := make([]byte, 4096)
		for {
			n, err := s.pty.Read(buf)
			s.mu.Lock()
			s.heard.Write(buf[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return s
}

func (s *terminal) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard.String()
}

func (s *terminal) until(pattern string) {
	s.t.Helper()
	re := regexp.MustCompile(pattern)
	deadline := time.Now().Add(90 * time.Second)
	for !re.MatchString(s.text()) {
		if time.Now().After(deadline) {
			s.t.Fatalf("no %q: heard\n%s", pattern, s.text())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (s *terminal) say(text string) {
	s.t.Helper()
	if _, err := s.pty.WriteString(text + "\n"); err != nil {
		s.t.Fatal(err)
	}
}

// TestWatchVSphere watches a clone as a new user would: the certificate is shown and confirmed, the password asked for,
// the clone followed to its error. Nothing that is shown or written holds the password. The next night nothing is asked.
func TestWatchVSphere(t *testing.T) {
	t.Parallel()
	v := startVCenter(t)
	dir := t.TempDir()
	planFile, record := filepath.Join(dir, "plan.yaml"), filepath.Join(dir, "s.jsonl")
	text := "title: clones\ntasks:\n- name: archive clone\n  vsphere: {url: https://" + v.url.Host + ", user: " + vCenterUser + ", task: clone}\n" +
		"transfers:\n- {name: all tasks, vsphere: {url: " + v.url.Host + "}}\n"
	if err := os.WriteFile(planFile, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := onTerminal(t, dir, "watch", planFile, "--headless", "--until-done", "--record", record)
	s.until(`Is it the right one\? Type yes or no: $`)
	for _, part := range []string{v.url.Host, "no authority that this machine trusts has signed it", "SHA-256", "known_vcenters"} {
		if !strings.Contains(s.text(), part) {
			t.Errorf("the question lacks %q:\n%s", part, s.text())
		}
	}
	s.say("yes")
	s.until("Password of " + vCenterUser + " at " + v.url.Host + ": $")
	s.say(vCenterPass)
	s.until(`no clone runs at`)
	task := v.clone()
	if err := task.UpdateProgress(t.Context(), 37); err != nil {
		t.Fatal(err)
	}
	s.until(`archive clone: 37 %`)
	fault := &types.LocalizedMethodFault{Fault: &types.DuplicateName{Name: "archive2"}, LocalizedMessage: "The name 'archive2' already exists."}
	if err := task.SetState(t.Context(), types.TaskInfoStateError, nil, fault); err != nil {
		t.Fatal(err)
	}
	s.until(`archive clone: FAILED.*The name 'archive2' already exists`)
	_ = s.cmd.Process.Signal(os.Interrupt)
	<-s.ended
	_ = s.cmd.Wait()
	written, err := os.ReadFile(record)
	if err != nil || strings.Contains(string(written), vCenterPass) || strings.Contains(s.text(), vCenterPass) {
		t.Errorf("the password is written or shown: %v\n%s", err, s.text())
	}
	states := map[observe.TransferState]bool{}
	all, _ := recorded(t, record)
	for _, o := range all {
		if p, ok := o.Payload.(observe.Transfer); ok && o.Task == "archive clone" {
			states[p.State] = true
		}
	}
	if !states[observe.TransferRunning] || !states[observe.TransferFailed] {
		t.Errorf("recorded %v", states)
	}

	keep := filepath.Join(dir, "secret")
	if err := os.WriteFile(keep, []byte(vCenterPass+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text = strings.Replace(text, "task: clone", "task: clone, password_command: cat "+keep, 1)
	if err := os.WriteFile(planFile, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	again := onTerminal(t, dir, "watch", planFile, "--headless", "--record", filepath.Join(dir, "again.jsonl"))
	again.until(`no clone runs at`)
	if strings.Contains(again.text(), "Type yes or no") {
		t.Errorf("asked again:\n%s", again.text())
	}
	_ = again.cmd.Process.Signal(os.Interrupt)
	<-again.ended
	_ = again.cmd.Wait()
}
