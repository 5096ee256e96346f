//go:build unix

package probes

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"syscall"
	"time"
)

// shell runs commands on this machine, as a Runner promises.
type shell struct{}

func (shell) Run(ctx context.Context, command string) (stdout, stderr []byte, code int, err error) {
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err = cmd.Run()
	if ctx.Err() != nil {
		return nil, nil, 0, ctx.Err()
	}
	if _, ok := errors.AsType[*exec.ExitError](err); ok {
		err = nil
	}
	return cut(out.Bytes()), cut(complaints.Bytes()), cmd.ProcessState.ExitCode(), err
}

func cut(b []byte) []byte { return b[:min(len(b), 64<<10)] }
