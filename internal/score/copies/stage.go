package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
)

// stage is where one copy is made: its folder with from/ and to/, its processes, and the displays of the tools.
type stage struct {
	dir      string
	copying  []*exec.Cmd // the copy; when all have ended, it has
	helpers  []*exec.Cmd // servers
	watching []*exec.Cmd // the tools that look at it from outside
	displays map[string]*display
	throttle throttle
	main     int  // the process that reads the source
	told     bool // copy.log holds what the copy tells of itself
	reading  sync.WaitGroup
	open     []io.Closer
}

func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }

// lay makes the source of the copy, on a disk of its own or in the stage's folder.
func (s *stage) lay(j job) error {
	if j.disk == (speed{}) {
		return j.from(s.path("from"))
	}
	d, err := slowDisk(j.name, s.path("from"), j.from, j.disk.rate, j.disk.iops)
	if err != nil {
		return err
	}
	s.throttle = d
	return nil
}

// begin starts cmd as a part of the copy. What the display of that name shows is read from its output.
func (s *stage) begin(cmd *exec.Cmd, shows string, read func(string) (string, bool)) error {
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	if shows != "" {
		from, to, err := os.Pipe()
		if err != nil {
			return fmt.Errorf("start %s: %w", cmd.Path, err)
		}
		log, err := os.Create(s.path("copy.log"))
		if err != nil {
			return fmt.Errorf("start %s: %w", cmd.Path, err)
		}
		cmd.Stderr = to
		if cmd.Stdout == nil {
			cmd.Stdout = to
		}
		s.told = true
		s.open = append(s.open, log)
		s.follow(shows, read, from, log)
		defer to.Close() //nolint:errcheck // the process has its own
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	s.copying = append(s.copying, cmd)
	return nil
}

func (s *stage) follow(name string, read func(string) (string, bool), from io.ReadCloser, log io.Writer) {
	d := &display{read: read}
	s.displays[name] = d
	s.reading.Go(func() {
		d.follow(from, log)
		_ = from.Close()
	})
}

// look starts a tool that looks at the copy from outside.
func (s *stage) look(ctx context.Context, name string, read func(string) (string, bool), cmd ...string) error {
	c := exec.CommandContext(ctx, cmd[0], cmd[1:]...)
	c.Env = append(os.Environ(), "LC_ALL=C", "TERM=vt100", "COLUMNS=200", "LINES=24")
	from, to, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	defer to.Close() //nolint:errcheck // the process has its own
	c.Stdout, c.Stderr = to, to
	if err := c.Start(); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	s.watching = append(s.watching, c)
	s.follow(name, read, from, io.Discard)
	return nil
}

// onlookers starts progress and pv -d beside a copy of one file: of several they show the end of the file at hand,
// and not that of the copy.
func (s *stage) onlookers(ctx context.Context) error {
	pid := strconv.Itoa(s.main)
	err := s.look(ctx, "progress", progressLine, "script", "-qfc", "progress -m -p "+pid, "/dev/null")
	if _, shows := s.displays["pv"]; err == nil && !shows {
		err = s.look(ctx, "pv", pvLine, "pv", "-f", "-w", "150", "-d", pid)
	}
	return err
}

// wait waits for the copy, and tells how it ended.
func (s *stage) wait() error {
	var err error
	for _, c := range s.copying {
		if e := c.Wait(); e != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", filepath.Base(c.Path), e))
		}
	}
	return err
}

// kill ends the copy where it still runs; wait tells when it has.
func (s *stage) kill() {
	for _, c := range s.copying {
		_ = c.Process.Kill()
	}
}

// clear ends what still runs, and takes away what lies outside of the folder.
func (s *stage) clear() error {
	for _, c := range s.copying {
		if c.ProcessState == nil {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
	}
	for _, c := range append(s.watching, s.helpers...) {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
	}
	s.reading.Wait()
	for _, c := range s.open {
		_ = c.Close()
	}
	if s.throttle == nil {
		return nil
	}
	return s.throttle.close()
}
