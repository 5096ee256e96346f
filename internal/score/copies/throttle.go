package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// throttle holds a copy at a known rate, in bytes a second. 0 stops it, where it can be stopped.
type throttle interface {
	set(rate int64) error
	close() error
}

// disk is a slow disk with the source of a copy on it: a file system in a file, and a control group that lets its
// processes read so many bytes a second from it.
type disk struct {
	folder, image, group string
	loop                 string // its block device: loop0
	device               string // its numbers: 7:0
}

// slowDisk mounts a new file system on folder and puts the source on it. Nothing of it is in memory afterwards. iops
// bounds the accesses a second; 0: it does not.
func slowDisk(name, folder string, source layout, rate, iops int64) (d *disk, err error) {
	d = &disk{folder: folder, image: folder + ".ext4", group: filepath.Join("/sys/fs/cgroup/blkio", "copies-"+name)}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	err = errors.Join(command("truncate", "-s", "700M", d.image), command("mkfs.ext4", "-qF", "-m", "0", "-i", "4096", d.image), d.mount())
	if err != nil {
		return d, err
	}
	if err := errors.Join(os.Remove(filepath.Join(folder, "lost+found")), source(folder), command("umount", folder), d.mount()); err != nil {
		return d, err
	}
	if err := os.Mkdir(d.group, 0o755); err != nil {
		return d, fmt.Errorf("make a control group: %w", err)
	}
	if iops > 0 {
		err = d.write("blkio.throttle.read_iops_device", iops)
	}
	return d, errors.Join(err, d.set(rate))
}

func (d *disk) mount() error {
	if err := command("mount", "-o", "loop", d.image, d.folder); err != nil {
		return err
	}
	out, err := exec.Command("findmnt", "-no", "SOURCE", d.folder).Output() //nolint:noctx // takes a moment
	if err != nil {
		return fmt.Errorf("find the device of %s: %w", d.folder, err)
	}
	d.loop = filepath.Base(strings.TrimSpace(string(out)))
	sys := filepath.Join("/sys/block", d.loop)
	device, err := os.ReadFile(filepath.Join(sys, "dev"))
	if err != nil {
		return fmt.Errorf("find the device of %s: %w", d.folder, err)
	}
	d.device = strings.TrimSpace(string(device))
	// As much as disks usually read ahead; with more, all comes in bursts of many seconds at these rates.
	if err := os.WriteFile(filepath.Join(sys, "queue/read_ahead_kb"), []byte("128"), 0o600); err != nil {
		return fmt.Errorf("set the read-ahead of %s: %w", d.loop, err)
	}
	return nil
}

// command runs a command that takes a moment.
func command(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil { //nolint:noctx // takes a moment
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

func (d *disk) set(rate int64) error { return d.write("blkio.throttle.read_bps_device", rate) }

func (d *disk) write(file string, n int64) error {
	if err := os.WriteFile(filepath.Join(d.group, file), []byte(d.device+" "+strconv.FormatInt(n, 10)), 0o600); err != nil {
		return fmt.Errorf("throttle the disk: %w", err)
	}
	return nil
}

// close unmounts the disk, and takes the group away once the last process has left: the kernel may take a moment.
func (d *disk) close() error {
	var err error
	for range 100 {
		err = nil
		if mounted(d.folder) {
			err = command("umount", d.folder)
		}
		if e := os.Remove(d.group); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, fmt.Errorf("take away the control group: %w", e))
		}
		if err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

func mounted(folder string) bool {
	return exec.Command("mountpoint", "-q", folder).Run() == nil //nolint:noctx // takes a moment
}

// within lets a command run in the group. Its process keeps its number.
func (d *disk) within(cmd ...string) []string {
	return append([]string{"/bin/sh", "-c", `echo 0 >"$0/cgroup.procs"; exec "$@"`, d.group}, cmd...)
}

// line is a slow network: whoever connects to it reaches the other end, at so many bytes a second towards it.
type line struct {
	listener net.Listener
	to       string
	rate     atomic.Int64
	running  sync.WaitGroup
	closed   chan struct{}
}

// slowLine listens on a free port and passes on to the address to.
func slowLine(to string, rate int64) (*line, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // listens at once
	if err != nil {
		return nil, fmt.Errorf("make a slow line: %w", err)
	}
	n := &line{listener: l, to: to, closed: make(chan struct{})}
	n.rate.Store(rate)
	n.running.Go(n.accept)
	return n, nil
}

func (l *line) port() string { _, p, _ := net.SplitHostPort(l.listener.Addr().String()); return p }

func (l *line) set(rate int64) error { l.rate.Store(rate); return nil }

func (l *line) close() error {
	close(l.closed)
	err := l.listener.Close()
	l.running.Wait()
	return err
}

func (l *line) accept() {
	for {
		from, err := l.listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", l.to) //nolint:noctx // this machine
		if err != nil {
			_ = from.Close()
			continue
		}
		shorten(from, to)
		l.running.Go(func() { l.pass(from, to) })
		l.running.Go(func() { _, _ = io.Copy(from, to); _ = from.Close() })
	}
}

// shorten makes the buffers small, so that what was sent is soon what went over the line.
func shorten(ends ...net.Conn) {
	for _, c := range ends {
		if t, ok := c.(*net.TCPConn); ok {
			_ = t.SetReadBuffer(64 << 10)
			_ = t.SetWriteBuffer(64 << 10)
		}
	}
}

// pass lets bytes through at the rate, in portions of a twentieth of a second.
func (l *line) pass(from, to net.Conn) {
	defer to.Close()   //nolint:errcheck // its other end sees that it is closed
	defer from.Close() //nolint:errcheck // likewise
	const portion = 20
	tick := time.NewTicker(time.Second / portion)
	defer tick.Stop()
	buf := make([]byte, 64<<10)
	owed := int64(0)
	for {
		select {
		case <-l.closed:
			return
		case <-tick.C:
		}
		for owed = min(owed+l.rate.Load()/portion, 2*l.rate.Load()/portion); owed > 0; {
			n, err := from.Read(buf[:min(owed, int64(len(buf)))])
			if n > 0 {
				if _, err := to.Write(buf[:n]); err != nil {
					return
				}
				owed -= int64(n)
			}
			if err != nil {
				return
			}
		}
	}
}

// valve is pv itself, which can be told another rate.
type valve struct{ pid int }

func (v *valve) set(rate int64) error {
	if out, err := exec.Command("pv", "-R", strconv.Itoa(v.pid), "-L", strconv.FormatInt(rate, 10)).CombinedOutput(); err != nil { //nolint:noctx // takes a moment
		return fmt.Errorf("tell pv another rate: %w\n%s", err, out)
	}
	return nil
}

func (v *valve) close() error { return nil }
