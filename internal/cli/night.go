package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"ronda/internal/fold"
	"ronda/internal/host"
	"ronda/internal/journal"
	"ronda/internal/observe"
	"ronda/internal/plan"
	"ronda/internal/session"
)

// night is a watch that is ready to run.
type night struct {
	*app
	flags   watchFlags
	plan    observe.Plan
	conn    plan.Connections
	file    *journal.Writer
	state   *fold.State
	resumed bool
	wiring  *wiring
	asker   *asker
	marks   chan observe.Mark
	latest  atomic.Pointer[fold.Snapshot]
	fresh   chan struct{}  // there is a newer snapshot
	said    *fold.Snapshot // up to which lines were printed; nil where there is a screen
}

// prepare opens the session file and wires the plan; nothing is watched yet.
func (a *app) prepare(ctx context.Context, p observe.Plan, conn plan.Connections, f watchFlags) (*night, error) {
	n := &night{
		app: a, flags: f, plan: p, conn: conn, state: fold.New(fold.Options{}), asker: newAsker(),
		marks: make(chan observe.Mark), fresh: make(chan struct{}, 1),
	}
	n.wiring = &wiring{
		local: host.NewLocal(), remote: map[string]*host.SSH{}, rooms: rooms{}, moved: moved{}, from: f.from.From,
		newest: map[string]*observe.Line{}, found: foundEarlier{}, followed: map[string]string{}, stdin: a.in,
	}
	n.wiring.databases = databases{a.databases, n.wiring.local}
	if err := n.open(); err != nil {
		return nil, err
	}
	if err := n.wire(ctx); err != nil {
		return nil, errors.Join(usage(err, ""), n.file.Close())
	}
	return n, nil
}

func (n *night) wire(ctx context.Context) error {
	err := n.wiring.hosts(ctx, n.plan, func(h observe.Host) host.Config {
		return host.Config{Name: h.Name, Address: h.Address, Jump: h.Jump, ConfigFile: n.flags.sshConfig, Ask: n.asker}
	})
	if err != nil {
		return err
	}
	for _, t := range n.plan.Tasks {
		if err := n.wiring.task(ctx, t); err != nil {
			return err
		}
		if err := n.wiring.volumes(t); err != nil {
			return err
		}
	}
	for _, f := range n.plan.Finders {
		if f.VSphere != nil {
			continue
		}
		if err := n.wiring.finder(f, n.plan); err != nil {
			return err
		}
	}
	if err := n.vSphere(); err != nil {
		return err
	}
	for _, s := range n.plan.Services {
		if err := n.wiring.service(s); err != nil {
			return err
		}
	}
	if len(n.wiring.entries) == 0 {
		return &exitError{exitNothing, errNothing, "ronda watch --help"}
	}
	return nil
}

// open starts a new session file, or resumes the one that --record names.
func (n *night) open() error {
	path := n.flags.record
	if path == "" {
		var err error
		if path, err = newFile(n.plan.Title); err != nil {
			return &exitError{exitNothing, err, "name a file with --record"}
		}
	}
	file, err := journal.Create(path)
	if errors.Is(err, fs.ErrExist) {
		n.resumed = true
		file, err = n.resume(path)
	}
	if err != nil {
		return &exitError{exitNothing, err, "name another file with --record"}
	}
	n.file = file
	return nil
}

func (n *night) resume(path string) (*journal.Writer, error) {
	file, read, err := journal.Resume(path, func(o observe.Observation) error {
		n.state.Apply(o)
		switch p := o.Payload.(type) {
		case observe.Line:
			if !p.Partial {
				n.wiring.newest[o.Task] = &p
			}
		case observe.Transfer:
			n.wiring.found.note(o.Task, p)
			if p.ID != "" {
				n.wiring.followed[o.Task] = p.ID
			}
			n.wiring.moved.note(o.Task, p)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	n.state.TakeChanges() // they stand in the file
	n.state.TakeScenes()
	if read.Torn > 0 {
		_, _ = fmt.Fprintf(n.err, "ronda: the last line of %s was torn by a crash: cut off %d bytes\n", path, read.Torn)
	}
	if read.Damaged > 0 {
		_, _ = fmt.Fprintf(n.err, "ronda: %d lines of %s cannot be read and are passed over\n", read.Damaged, path)
	}
	return file, nil
}

// stateDir is the folder of session files, and of what is to be remembered from night to night.
func stateDir() (string, error) {
	dir := os.Getenv("XDG_STATE_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the state directory: %w", err)
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "ronda"), nil
}

// newFile is the name of a new session file in the state directory.
func newFile(title string) (string, error) {
	dir, err := stateDir()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the state directory: %w", err)
	}
	name := time.Now().Format("2006-01-02-150405")
	if s := slug(title); s != "" {
		name += "-" + s
	}
	for i := 0; ; i++ {
		path := filepath.Join(dir, name+".jsonl")
		if i > 0 {
			path = filepath.Join(dir, fmt.Sprintf("%s-%d.jsonl", name, i+1))
		}
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return path, nil
		}
	}
}

// slug is a title as a part of a file's name.
func slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	s := strings.Join(words, "-")
	return s[:min(len(s), 40)]
}

// run watches until it ends, on a screen or line by line, and turns how it ended into the exit code.
func (n *night) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if n.flags.duration > 0 {
		t := time.AfterFunc(n.flags.duration, func() { cancel(errTimeUp) })
		defer t.Stop()
	}
	ended := make(chan error, 1)
	var why string
	go func() {
		var err error
		why, err = session.Run(ctx, n.session())
		cancel(errDone)
		ended <- err
	}()
	shown := n.show(ctx, cancel)
	cancel(errQuit)
	recorded := <-ended
	if n.said != nil {
		_ = n.say() // what came while the sources were closed; who reads may be gone
	}
	if err := n.file.Close(); recorded == nil {
		recorded = err
	}
	_ = n.wiring.local.Close() // only files that were read
	_, _ = fmt.Fprintf(n.err, "ronda: recorded in %s\n", n.file.Path())
	if shown != nil {
		return &exitError{exitNothing, shown, ""}
	}
	return n.verdict(why, recorded)
}

func (n *night) session() session.Config {
	return session.Config{
		Head:  observe.Session{Format: observe.Format, Version: buildVersion(), Title: n.plan.Title, Plan: n.plan, Resumed: n.resumed},
		State: n.state, Record: n.file, Entries: n.wiring.entries, Marks: n.marks,
		Publish: n.publish, Until: n.until,
	}
}

// publish keeps the newest snapshot and wakes who shows it; it never waits.
func (n *night) publish(s *fold.Snapshot) {
	n.latest.Store(s)
	select {
	case n.fresh <- struct{}{}:
	default:
	}
}

// until ends the watch when every task has ended, if that was asked for, and finders have found any.
func (n *night) until(s *fold.Snapshot) string {
	if !n.flags.untilDone || len(s.Tasks) == 0 || nothingFound(s) {
		return ""
	}
	for _, t := range s.Tasks {
		if t.Ended.IsZero() {
			return ""
		}
	}
	return errDone.Error()
}

// show runs the screen, or prints lines, until the watch ends or the person has enough.
func (n *night) show(ctx context.Context, cancel context.CancelCauseFunc) error {
	if n.flags.headless || !term.IsTerminal(int(n.out.Fd())) {
		return n.lines(ctx)
	}
	return n.screen(ctx, cancel)
}

// verdict is the exit code that the night deserves.
func (n *night) verdict(why string, recorded error) error {
	snap := n.latest.Load()
	if recorded != nil {
		_, _ = fmt.Fprintln(n.err, "ronda: the session file is not complete: "+recorded.Error())
	}
	if snap == nil {
		return nil
	}
	stuck, unclear, seen := false, false, len(snap.Tasks) == 0
	for _, t := range snap.Tasks {
		if t.Verdict == observe.Failed {
			return &exitError{code: exitFailed}
		}
		stuck = stuck || t.Verdict.Alarming()
		unclear = unclear || (!t.Ended.IsZero() && !t.Verdict.Ended())
		seen = seen || !t.Started.IsZero()
	}
	switch {
	case !seen && (why == errTimeUp.Error() || why == errDone.Error()): // not ended by the user
		return &exitError{exitNothing, errNothing, ""}
	case stuck && why == errTimeUp.Error(), unclear && why == errDone.Error():
		return &exitError{code: exitStuck}
	}
	return nil
}
