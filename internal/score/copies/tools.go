package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// onDisk lets a command run where it has only the slow disk's share.
func (s *stage) onDisk(cmd ...string) []string {
	if d, ok := s.throttle.(*disk); ok {
		return d.within(cmd...)
	}
	return cmd
}

// reads starts the one process of a copy from a slow disk.
func (s *stage) reads(ctx context.Context, shows string, read func(string) (string, bool), cmd ...string) error {
	cmd = s.onDisk(cmd...)
	c := exec.CommandContext(ctx, cmd[0], cmd[1:]...)
	if err := s.begin(c, shows, read); err != nil {
		return err
	}
	s.main = c.Process.Pid
	return nil
}

func rsync(ctx context.Context, s *stage) error {
	return s.reads(ctx, "rsync", rsyncLine, "rsync", "-a", "--info=progress2", "--outbuf=N", s.path("from")+"/", s.path("to")+"/")
}

func cp(ctx context.Context, s *stage) error {
	return s.reads(ctx, "", nil, "cp", "-a", s.path("from")+"/.", s.path("to"))
}

// cpWithin copies within one file system: the kernel copies in calls of up to 2 GB, in which no position moves.
func cpWithin(ctx context.Context, s *stage) error {
	return s.reads(ctx, "", nil, "cp", s.path("from/disk0.img"), s.path("from/copy.img"))
}

func dd(ctx context.Context, s *stage) error {
	return s.reads(ctx, "", nil, "dd", "if="+s.path("from/disk0.img"), "of="+s.path("to/disk0.img"), "bs=64K")
}

// pv writes a file at a rate that pv keeps itself.
func pv(rate int64) func(context.Context, *stage) error {
	return func(ctx context.Context, s *stage) error {
		to, err := os.Create(s.path("to/disk0.img"))
		if err != nil {
			return fmt.Errorf("make the target: %w", err)
		}
		s.open = append(s.open, to)
		c := exec.CommandContext(ctx, "pv", "-f", "-w", "100", "-L", strconv.FormatInt(rate, 10), s.path("from/disk0.img"))
		c.Stdout = to
		if err := s.begin(c, "pv", pvLine); err != nil {
			return err
		}
		s.main, s.throttle = c.Process.Pid, &valve{c.Process.Pid}
		return nil
	}
}

// tar copies a tree through a pipe in which pv knows how much there is.
func tar(ctx context.Context, s *stage) error {
	size, err := exec.CommandContext(ctx, "du", "-sb", s.path("from")).Output()
	if err != nil {
		return fmt.Errorf("measure the source: %w", err)
	}
	var n int64
	if _, err := fmt.Sscan(string(size), &n); err != nil {
		return fmt.Errorf("measure the source: %w", err)
	}
	read1, write1, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make a pipe: %w", err)
	}
	read2, write2, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make a pipe: %w", err)
	}
	cmd := s.onDisk("tar", "-C", s.path("from"), "-cf", "-", ".")
	pack := exec.CommandContext(ctx, cmd[0], cmd[1:]...)
	pack.Stdout = write1
	gauge := exec.CommandContext(ctx, "pv", "-f", "-w", "100", "-s", strconv.FormatInt(n, 10))
	gauge.Stdin, gauge.Stdout = read1, write2
	unpack := exec.CommandContext(ctx, "tar", "-C", s.path("to"), "-xf", "-")
	unpack.Stdin = read2
	defer closeAll(read1, write1, read2, write2) // the processes have their own
	if err := s.begin(pack, "", nil); err != nil {
		return err
	}
	s.main = pack.Process.Pid
	if err := s.begin(gauge, "pv", pvLine); err != nil {
		return err
	}
	return s.begin(unpack, "", nil)
}

func closeAll(all ...*os.File) {
	for _, f := range all {
		_ = f.Close()
	}
}

// rsyncOver sends a file to an rsync server over a slow line.
func rsyncOver(rate int64) func(context.Context, *stage) error {
	return func(ctx context.Context, s *stage) error {
		port, err := freePort()
		if err != nil {
			return err
		}
		conf := "use chroot = no\nuid = 0\ngid = 0\n[to]\npath = " + s.path("to") + "\nread only = no\n"
		if err := os.WriteFile(s.path("rsyncd.conf"), []byte(conf), 0o600); err != nil {
			return fmt.Errorf("start the rsync server: %w", err)
		}
		server := exec.CommandContext(ctx, "rsync", "--daemon", "--no-detach", "--address=127.0.0.1", "--port="+port, "--config="+s.path("rsyncd.conf"), "--log-file="+s.path("rsyncd.log"))
		server.Dir = "/"
		if err := server.Start(); err != nil {
			return fmt.Errorf("start the rsync server: %w", err)
		}
		s.helpers = append(s.helpers, server)
		if err := answers(ctx, "127.0.0.1:"+port); err != nil {
			return err
		}
		l, err := slowLine("127.0.0.1:"+port, rate)
		if err != nil {
			return err
		}
		s.throttle = l
		c := exec.CommandContext(ctx, "rsync", "-a", "--info=progress2", "--outbuf=N", "--sockopts=SO_SNDBUF=65536", s.path("from")+"/", "rsync://127.0.0.1:"+l.port()+"/to/")
		if err := s.begin(c, "rsync", rsyncLine); err != nil {
			return err
		}
		s.main = c.Process.Pid
		return nil
	}
}

// pvOver sends a file with pv and socat over a slow line.
func pvOver(rate int64) func(context.Context, *stage) error {
	return func(ctx context.Context, s *stage) error {
		port, err := freePort()
		if err != nil {
			return err
		}
		server := exec.CommandContext(ctx, "socat", "-u", "TCP-LISTEN:"+port+",bind=127.0.0.1,reuseaddr,rcvbuf=65536", "OPEN:"+s.path("to/disk0.img")+",creat")
		if err := server.Start(); err != nil {
			return fmt.Errorf("start the receiver: %w", err)
		}
		s.helpers = append(s.helpers, server)
		time.Sleep(500 * time.Millisecond) // it takes one connection only, so none can be spent on a trial
		l, err := slowLine("127.0.0.1:"+port, rate)
		if err != nil {
			return err
		}
		s.throttle = l
		read, write, err := os.Pipe()
		if err != nil {
			return fmt.Errorf("make a pipe: %w", err)
		}
		defer closeAll(read, write) // the processes have their own
		c := exec.CommandContext(ctx, "pv", "-f", "-w", "100", s.path("from/disk0.img"))
		c.Stdout = write
		if err := s.begin(c, "pv", pvLine); err != nil {
			return err
		}
		s.main = c.Process.Pid
		send := exec.CommandContext(ctx, "socat", "-u", "-", "TCP:127.0.0.1:"+l.port()+",sndbuf=65536")
		send.Stdin = read
		return s.begin(send, "", nil)
	}
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // listens at once
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close() //nolint:errcheck // nothing was sent
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// answers waits until somebody listens at the address.
func answers(ctx context.Context, address string) error {
	var err error
	for range 100 {
		var c net.Conn
		if c, err = (&net.Dialer{}).DialContext(ctx, "tcp", address); err == nil {
			return c.Close()
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("wait for the server: %w", err)
}
