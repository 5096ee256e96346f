//go:build unix

package host

import (
	"os"
	"os/exec"
	"syscall"
)

const shellPath = "/bin/sh"

// ownGroup makes the command the head of a process group, and the whole group end with it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// signalled returns the signal that ended a process.
func signalled(s *os.ProcessState) (int, bool) {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return int(w.Signal()), true
	}
	return 0, false
}
