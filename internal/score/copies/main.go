// Command copies makes the recorded copies that ronda's ends are held against those of other tools on: it copies
// with the real tools, throttles them at known rates, watches them with the real program, and notes once a second
// what rsync, pv and progress show beside it. README.md beside the recordings tells how. It needs Linux, root, and
// Debian's rsync, pv, progress, tar and python3.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	os.Exit(run())
}

func run() int {
	var r recorder
	flag.StringVar(&r.out, "o", "internal/score/testdata/copies", "folder for the packed recordings")
	flag.StringVar(&r.program, "program", "", "ronda as it was built; empty: go build it")
	flag.StringVar(&r.root, "dir", "/srv/copies", "folder in which the copies work, each in one of its own; its name will stand in the recordings")
	flag.IntVar(&r.atOnce, "at-once", 4, "how many copies run at the same time; they are throttled, so few do not disturb each other")
	flag.BoolVar(&r.keep, "keep", false, "keep the unpacked session file, as NAME.raw.jsonl")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "copies: which? go run ./internal/score/copies PREFIX… such as report- or tune-; there are:")
		for _, j := range jobs() {
			fmt.Fprintf(os.Stderr, "  %s\n", j.name)
		}
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := r.all(ctx, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "copies:", err)
		return 1
	}
	return 0
}

// recorder knows where things are.
type recorder struct {
	out, program, root string
	atOnce             int
	keep               bool
}

// all records the copies whose names begin with one of the prefixes.
func (r *recorder) all(ctx context.Context, prefixes []string) error {
	if r.program == "" {
		dir, err := os.MkdirTemp("", "copies")
		if err != nil {
			return fmt.Errorf("make a folder for the program: %w", err)
		}
		defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder; the system clears it too
		r.program = filepath.Join(dir, "ronda")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", r.program, ".").CombinedOutput(); err != nil {
			return fmt.Errorf("build ronda: %w\n%s", err, out)
		}
	}
	program, err := filepath.Abs(r.program) // it is started in the copy's folder
	if err != nil {
		return fmt.Errorf("find %s: %w", r.program, err)
	}
	r.program = program
	var todo []job
	for _, j := range jobs() {
		for _, p := range prefixes {
			if strings.HasPrefix(j.name, p) {
				todo = append(todo, j)
				break
			}
		}
	}
	var (
		next    = make(chan job)
		workers sync.WaitGroup
		errs    = make([]error, max(1, r.atOnce))
	)
	for i := range errs {
		workers.Go(func() {
			for j := range next {
				began := time.Now()
				size, err := r.record(ctx, j)
				if err != nil {
					errs[i] = errors.Join(errs[i], fmt.Errorf("record %s: %w", j.name, err))
					continue
				}
				fmt.Printf("%s: %s, %d bytes packed\n", j.name, time.Since(began).Round(time.Second), size)
			}
		})
	}
	for _, j := range todo {
		if ctx.Err() != nil {
			break
		}
		next <- j
	}
	close(next)
	workers.Wait()
	return errors.Join(errs...)
}
