package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// maxStream is how much of each of a command's streams is kept, in bytes. The rest is read and dropped, so
// that the command never waits for us.
const maxStream = 64 << 10

// Run runs a command line with /bin/sh, or on Windows with the sh on the PATH, and nothing on its standard
// input. It returns each stream cut at 64 KiB and the exit code; of a command that a signal ended that is 128
// and the signal, as a shell says it. The command is the head of its own process group, which is killed when
// ctx ends; the error is then ctx's. Children that hold the streams after the command has ended are waited
// for two seconds, and left alone.
func (l *Local) Run(ctx context.Context, command string) (stdout, stderr []byte, code int, err error) {
	return l.RunWith(ctx, nil, command)
}

// RunWith is Run with further environment variables, each as NAME=value. What is in them stands on no command line;
// root and this user can see it while the command runs.
func (l *Local) RunWith(ctx context.Context, env []string, command string) (stdout, stderr []byte, code int, err error) {
	shell, err := exec.LookPath(shellPath)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("run a command: no POSIX shell on this machine; install one that is called sh: %w", err)
	}
	var out, errs capped
	cmd := exec.CommandContext(ctx, shell, "-c", command)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if len(env) > 0 {
		cmd.Env = append(os.Environ(), env...)
	}
	cmd.WaitDelay = 2 * time.Second
	ownGroup(cmd)
	err = cmd.Run()
	if ctx.Err() != nil {
		return out.kept, errs.kept, 0, fmt.Errorf("run a command: %w", ctx.Err())
	}
	_, exited := errors.AsType[*exec.ExitError](err)
	if err != nil && !exited && !errors.Is(err, exec.ErrWaitDelay) {
		return nil, nil, 0, fmt.Errorf("run a command: %w", err)
	}
	code = cmd.ProcessState.ExitCode()
	if sig, ok := signalled(cmd.ProcessState); ok {
		code = 128 + sig
	}
	return out.kept, errs.kept, code, nil
}

// capped keeps the first maxStream bytes that are written to it.
type capped struct{ kept []byte }

func (c *capped) Write(p []byte) (int, error) {
	c.kept = append(c.kept, p[:min(len(p), maxStream-len(c.kept))]...)
	return len(p), nil
}
