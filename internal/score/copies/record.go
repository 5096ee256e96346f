package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"ronda/internal/observe"
	"ronda/internal/score"
)

// longest bounds one copy.
const longest = 6 * time.Minute

// record makes one copy, with everybody watching, and packs what was seen; it returns the packed size in bytes.
func (r *recorder) record(ctx context.Context, j job) (size int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	s := &stage{dir: filepath.Join(r.root, j.name), displays: map[string]*display{}}
	if err := os.MkdirAll(s.path("from"), 0o755); err != nil {
		return 0, fmt.Errorf("make its folder: %w", err)
	}
	defer os.RemoveAll(s.dir) //nolint:errcheck // the next recording writes over it
	if err := errors.Join(os.Mkdir(s.path("to"), 0o755), s.lay(j)); err != nil {
		return 0, errors.Join(err, s.clear())
	}
	marks, err := r.play(ctx, j, s)
	if err = errors.Join(err, s.clear()); err != nil {
		return 0, err
	}
	return r.pack(j.name, s.path("session.jsonl"), marks)
}

// play lets the copy run, and notes each second what is shown of it.
func (r *recorder) play(ctx context.Context, j job, s *stage) (marks []observe.Observation, err error) {
	begun := time.Now()
	if err := j.start(ctx, s); err != nil {
		return nil, err
	}
	ronda, err := r.watch(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { _ = ronda.Process.Kill(); _ = ronda.Wait() }()
	if several := strings.Contains(j.name, "-huge-") || strings.Contains(j.name, "-tree-"); !several {
		if err := s.onlookers(ctx); err != nil {
			return nil, err
		}
	}
	marks = append(marks, score.Event{At: begun.UTC(), Task: score.CopyTask, Word: score.Begun}.Mark())
	ended := make(chan error, 1)
	var waiting sync.WaitGroup
	waiting.Go(func() { ended <- s.wait() })
	defer func() { s.kill(); waiting.Wait() }() // of a copy that ended nothing is left to kill
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	turns := j.turns
	for {
		select {
		case err := <-ended:
			if err != nil {
				return nil, err
			}
			marks = append(marks, score.Event{At: time.Now().UTC(), Task: score.CopyTask, Word: score.Ended, Detail: "done"}.Mark())
			time.Sleep(3 * time.Second) // so that ronda sees it too
			_ = ronda.Process.Signal(os.Interrupt)
			_ = ronda.Wait() // its exit code tells the verdict
			return marks, nil
		case now := <-tick.C:
			for _, name := range slices.Sorted(maps.Keys(s.displays)) {
				marks = append(marks, observe.Observation{At: now.UTC(), Payload: observe.Mark{By: name, Text: s.displays[name].now()}})
			}
			if len(turns) > 0 && now.Sub(begun) >= turns[0].at {
				if err := s.throttle.set(turns[0].rate); err != nil {
					return nil, err
				}
				turns = turns[1:]
			}
		}
	}
}

// watch starts ronda on the copy: it finds it by itself, and follows what it tells where it tells something.
func (r *recorder) watch(ctx context.Context, s *stage) (*exec.Cmd, error) {
	plan := fmt.Sprintf("title: a copy\ntransfers: [{name: found, match: '%s'}]\n", s.path("from"))
	if s.told {
		plan += fmt.Sprintf("tasks: [{name: %s, log: %s}]\n", score.CopyLogTask, s.path("copy.log"))
	}
	if err := os.WriteFile(s.path("plan.yaml"), []byte(plan), 0o600); err != nil {
		return nil, fmt.Errorf("write the plan: %w", err)
	}
	cmd := exec.CommandContext(ctx, r.program, "watch", "--headless", "--record", s.path("session.jsonl"), s.path("plan.yaml"))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start ronda: %w", err)
	}
	return cmd, nil
}
