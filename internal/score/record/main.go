// Command record makes the recorded runs that the judge is scored on: it starts a real job, watches it with the real
// program, lets the job's script inject a real fault and lift it again, and packs what was recorded together with the
// truth. README.md beside the runs tells how. It needs Linux, root and what the scripts in jobs use.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	os.Exit(run())
}

func run() int {
	var r recorder
	flag.StringVar(&r.out, "o", "internal/score/testdata/runs", "folder for the packed runs")
	flag.StringVar(&r.jobs, "jobs", "internal/score/record/jobs", "folder of the scripts")
	flag.StringVar(&r.program, "program", "", "ronda as it was built; empty: go build it")
	flag.StringVar(&r.root, "dir", "/srv/demo", "folder in which the jobs work, each in one of its own; its name will stand in the runs")
	flag.BoolVar(&r.keep, "keep", false, "keep the unpacked session file, as NAME.raw.jsonl")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "record: what? go run ./internal/score/record NAME… (scripts of the jobs folder, without .sh); -h tells the flags")
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := r.all(ctx, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		return 1
	}
	return 0
}

// all records the named runs one after the other.
func (r *recorder) all(ctx context.Context, names []string) error {
	if r.program == "" {
		dir, err := os.MkdirTemp("", "record")
		if err != nil {
			return fmt.Errorf("make a folder for the program: %w", err)
		}
		defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder; the system clears it too
		r.program = filepath.Join(dir, "ronda")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", r.program, ".").CombinedOutput(); err != nil {
			return fmt.Errorf("build ronda: %w\n%s", err, out)
		}
	}
	program, err := filepath.Abs(r.program) // it is started in the job's folder
	if err != nil {
		return fmt.Errorf("find %s: %w", r.program, err)
	}
	r.program = program
	for _, name := range names {
		began := time.Now()
		size, err := r.record(ctx, name)
		if err != nil {
			return fmt.Errorf("record %s: %w", name, err)
		}
		fmt.Printf("%s: %s, %d bytes packed\n", name, time.Since(began).Round(time.Second), size)
	}
	return nil
}
