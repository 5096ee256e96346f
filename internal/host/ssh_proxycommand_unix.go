//go:build unix

package host

import (
	"os/exec"
	"syscall"
)

// shellCommand runs command as ssh does, in a process group that can be killed as a whole.
func shellCommand(command string) *exec.Cmd {
	cmd := exec.Command("/bin/sh", "-c", "exec "+command) //nolint:noctx // it lives as long as the connection, which kills it
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
