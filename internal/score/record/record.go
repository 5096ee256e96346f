package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// longest bounds one recording: a script that takes longer is given up.
const longest = 25 * time.Minute

// recorder knows where things are.
type recorder struct {
	out, jobs, program, root string
	keep                     bool
}

// record plays the script of that name and packs what was seen; it returns the packed size in bytes.
//
// A script is sourced by bash behind lib.sh, whose function record calls the script's own in the job's folder:
// prepare makes what the job works on, plan prints the plan that ronda watches it by, flags further flags for it, job
// runs it, injects the fault, lifts it, and tells the truth with mark; cleanup takes away what lies outside of the
// folder. Only plan and job are needed. The same shell starts ronda and the job, as a person's would: so ronda does
// not take the shell for a part of the job.
func (r *recorder) record(ctx context.Context, name string) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	dir := filepath.Join(r.root, name)
	if err := os.MkdirAll(r.root, 0o755); err != nil {
		return 0, fmt.Errorf("make the job's folder: %w", err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return 0, fmt.Errorf("make the job's folder (does the same run go on elsewhere?): %w", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // the next recording says so: it finds the folder
	private, err := os.MkdirTemp("", "record")
	if err != nil {
		return 0, fmt.Errorf("make a folder for the record: %w", err)
	}
	defer os.RemoveAll(private) //nolint:errcheck // a temporary folder; the system clears it too
	p := play{name: name, dir: dir, private: private, recorder: r}
	err = p.call(ctx, "record")
	if clean := p.call(context.WithoutCancel(ctx), "forget_all"); err != nil || clean != nil {
		return 0, errors.Join(err, clean)
	}
	return p.pack()
}

// play is one recording.
type play struct {
	name, dir, private string
	*recorder
}

func (p *play) session() string { return filepath.Join(p.private, "session.jsonl") }
func (p *play) marks() string   { return filepath.Join(p.private, "marks") }

// call runs one function of lib.sh with the script at hand.
func (p *play) call(ctx context.Context, function string) error {
	jobs, err := filepath.Abs(p.jobs)
	if err != nil {
		return fmt.Errorf("find %s: %w", p.jobs, err)
	}
	lib, script := filepath.Join(jobs, "lib.sh"), filepath.Join(jobs, p.name+".sh")
	cmd := exec.CommandContext(ctx, "bash", "-euc", `. "$1"; . "$2"; "$3"`, "bash", lib, script, function)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "NAME="+p.name, "RONDA="+p.program,
		"PRIVATE="+p.private, "SESSION="+p.session(), "MARKS="+p.marks())
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = time.Second // what the script left running holds its output open
	if err := cmd.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return fmt.Errorf("%s by %s: %w", function, script, err)
	}
	return nil
}
