//go:build !unix

package host

import "os/exec"

// shellCommand runs command as ssh does on Windows.
func shellCommand(command string) *exec.Cmd {
	return exec.Command("cmd.exe", "/c", command) //nolint:noctx // it lives as long as the connection, which kills it
}

func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
