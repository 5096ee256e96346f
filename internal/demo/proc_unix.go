//go:build unix

package demo

import (
	"os/exec"
	"syscall"
)

// ownGroup makes the job a process group, and ends the whole group with it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// ownSession leaves the grouping to the session that the job's own terminal brings.
func ownSession(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{} }
