package watchers

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ronda/internal/faults"
	"ronda/internal/observe"
)

// These tests make real faults: a frozen file system, a full one, a memory limit, a quota, a dead peer. They
// need root, and clean up behind themselves.

func procTestWithRunner(c *exec.Cmd) ProcessConfig {
	cfg := procTestOf(c)
	cfg.Runner = procTestShell{}
	return cfg
}

// A file system that is frozen answers no write; when it is let go, nothing hinders any more.
func TestProcessFrozenDisk(t *testing.T) {
	t.Parallel()
	disk := faults.NewDisk(t, 32)
	c := procTestStart(t, "bash", "-c", `exec 7>"$1/data"; while :; do echo data >&7; sleep 0.02; done`, "sh", disk.Dir)
	w := procTestRun(t, procTestOf(c))
	w.source(t, observe.SourceUp)
	disk.Freeze(t)
	p := w.blocked(t, observe.BlockerStorage)
	if p.State != "D" || p.Call != "write" || p.Target != disk.Dir+"/data" {
		t.Fatalf("%+v", p)
	}
	for _, want := range []string{"waits for a frozen file system (ext4 /dev/loop", " at " + disk.Dir + ")", "write to " + disk.Dir + "/data does not return (D, "} {
		if !strings.Contains(p.Waits, want) {
			t.Fatalf("%q is not in %q", want, p.Waits)
		}
	}
	disk.Thaw(t)
	w.proc(t, "it goes on", func(p observe.Proc) bool { return p.PID == c.Process.Pid && p.Blocker == "" })
}

// A thread that hangs tells for its process, though the main thread only waits.
func TestProcessFrozenDiskInAThread(t *testing.T) {
	t.Parallel()
	disk := faults.NewDisk(t, 32)
	disk.Freeze(t)
	c := procTestStart(t, "python3", "-c", `import threading,sys
t=threading.Thread(target=lambda: open(sys.argv[1]+"/data","w")); t.start(); t.join()`, disk.Dir)
	w := procTestRun(t, procTestOf(c))
	p := w.blocked(t, observe.BlockerStorage)
	if p.State != "D" || !strings.HasPrefix(p.Waits, "waits for a frozen file system: openat does not return (D, ") {
		t.Fatalf("%+v", p)
	}
	disk.Thaw(t)
	procTestExit(t, w)
}

// The program behind a FUSE file system does not answer; it is the file system's fault, not a disk's.
func TestProcessFuseHangs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	end := faults.Hang(t, dir)
	c := procTestStart(t, "cat", dir+"/x")
	w := procTestRun(t, procTestOf(c))
	p := w.blocked(t, observe.BlockerStorage)
	if !strings.HasPrefix(p.Waits, "waits for the program behind a FUSE file system: openat does not return (waiting, request_wait_answer") {
		t.Fatalf("%+v", p)
	}
	end()
	procTestExit(t, w)
}

// A process that waits for the child that it has started with vfork stands in state D as well. No disk has to
// do with it, and none is blamed.
func TestProcessInVfork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	faults.Set(t, dir+"/v.c", "#include <unistd.h>\nint main(void) { if (vfork() == 0) { for (;;) sleep(600); } return 0; }\n")
	faults.Sh(t, `gcc -o "$1/v" "$1/v.c"`, dir)
	c := procTestStart(t, dir+"/v")
	w := procTestRun(t, procTestOf(c))
	p := w.blocked(t, observe.BlockerStorage)
	if p.State != "D" || p.Call != "vfork" || !strings.Contains(p.Waits, "started with vfork") || strings.Contains(p.Waits, "disk") {
		t.Fatalf("%+v", p)
	}
}

// A disk that is slow answers, however long one call takes: nothing hinders.
func TestProcessSlowDiskIsNotBlocked(t *testing.T) {
	disk := faults.NewDisk(t, 64)
	group := faults.NewGroup(t, "blkio")
	faults.Set(t, group+"/blkio.throttle.write_bps_device", faults.Sh(t, `cat /sys/class/block/"$(basename "$1")"/dev`, disk.Device)+" 1048576")
	faults.Set(t, group+"/blkio.throttle.read_bps_device", faults.Sh(t, `cat /sys/class/block/"$(basename "$1")"/dev`, disk.Device)+" 1048576")
	c := procTestStart(t, "sh", "-c", `echo $$ >"$2/cgroup.procs"; dd if=/dev/zero of="$1/data" bs=8M count=2 oflag=direct status=none`, "sh", disk.Dir, group)
	cfg := procTestOf(c)
	cfg.Every = time.Second // so long, the disk answers between any two samples
	w := procTestRun(t, cfg)
	deep, still := 0, ""
	w.until(t, "the end of a slow copy", func(ps []observe.Payload) bool {
		deep = 0
		all := procTestSamples(ps)
		for _, s := range all {
			for _, p := range s.Procs {
				if p.State == "D" {
					deep++
				}
				if p.Blocker != "" {
					still = p.Waits
				}
			}
		}
		if len(all) == 0 {
			return false
		}
		last := all[len(all)-1]
		return still != "" || last.Exit != nil
	})
	if still != "" || deep == 0 {
		t.Fatalf("blocked: %q, samples in state D: %d\n%s", still, deep, procTestDump(w.all()))
	}
}

// A program that cannot write and says nothing of it: its file is on a file system that is full.
func TestProcessDiskFull(t *testing.T) {
	for _, kind := range []string{"tries again", "sleeps", "fills it by itself"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			disk := faults.NewDisk(t, 20)
			if kind != "fills it by itself" {
				disk.Fill(t)
			}
			pause := "0.05"
			if kind == "sleeps" {
				pause = "600"
			}
			c := procTestStart(t, "python3", "-c", `import os,sys,time
fd=os.open(sys.argv[1]+"/data", os.O_WRONLY|os.O_CREAT)
while True:
    try: os.write(fd, b"x"*200000)
    except OSError: time.sleep(`+pause+`)`, disk.Dir)
			w := procTestRun(t, procTestWithRunner(c))
			p := w.blocked(t, observe.BlockerFull)
			if !strings.HasPrefix(p.Waits, "cannot write to "+disk.Dir+"/data: its file system is full (ext4 /dev/loop") {
				t.Fatalf("%+v", p)
			}
			if kind == "sleeps" {
				return
			}
			standsStill(t, w)
			if kind == "fills it by itself" {
				return
			}
			disk.Empty(t)
			w.proc(t, "it goes on", func(p observe.Proc) bool { return p.PID == c.Process.Pid && p.Blocker == "" })
		})
	}
}

// standsStill follows forty more attempts to write to a full disk: none of them is written, although each counts so
// until it is taken back, and what stands in the way stays in sight.
func standsStill(t *testing.T, w *procTestWatch) {
	t.Helper()
	from := len(procTestSamples(w.all()))
	w.until(t, "forty attempts", func(ps []observe.Payload) bool {
		all := procTestSamples(ps)
		return len(all) > from && all[len(all)-1].IO.Calls-all[from-1].IO.Calls >= 40
	})
	all := procTestSamples(w.all())[from-1:]
	if wrote := all[len(all)-1].IO.Write - all[0].IO.Write; wrote > 3<<20 { // what is in flight at a sample is not yet taken back
		t.Fatalf("%d bytes written to a full disk:\n%s", wrote, procTestDump(w.all()))
	}
	for _, s := range all {
		for _, p := range s.Procs {
			if p.Blocker != observe.BlockerFull {
				t.Fatalf("not blocked any more: %+v", p)
			}
		}
	}
}

// After an error a file system takes no more writes.
func TestProcessDiskReadOnly(t *testing.T) {
	t.Parallel()
	disk := faults.NewDisk(t, 20)
	c := procTestStart(t, "bash", "-c", `exec 7>"$1/data"; while :; do echo data >&7; sleep 0.05; done 2>/dev/null`, "sh", disk.Dir)
	w := procTestRun(t, procTestWithRunner(c))
	w.source(t, observe.SourceUp)
	disk.Break(t)
	p := w.blocked(t, observe.BlockerFull)
	if !strings.HasPrefix(p.Waits, "cannot write to "+disk.Dir+"/data: its file system has become read-only (ext4 /dev/loop") {
		t.Fatalf("%+v", p)
	}
}

// A quota that leaves nearly nothing of a processor shows as the share of the time that it takes.
func TestProcessThrottled(t *testing.T) {
	group := faults.NewGroup(t, "cpu")
	c := procTestStart(t, "sh", "-c", "while :; do :; done")
	cfg := procTestOf(c)
	cfg.Every = 500 * time.Millisecond
	w := procTestRun(t, cfg)
	w.source(t, observe.SourceUp)
	faults.Set(t, group+"/cpu.cfs_quota_us", "3000")
	faults.Set(t, group+"/cgroup.procs", strconv.Itoa(c.Process.Pid)) // it is moved while it is watched
	share := func(what string, ok func(float64) bool) {
		w.until(t, what, func(ps []observe.Payload) bool {
			all := procTestSamples(ps)
			return len(all) > 0 && ok(all[len(all)-1].Throttled)
		})
	}
	share("throttled", func(s float64) bool { return s >= 0.9 })
	faults.Set(t, group+"/cpu.cfs_quota_us", "-1")
	share("let go", func(s float64) bool { return s < 0.1 })
}

// The kernel kills for want of memory: the root itself, or a child whose end the shell passes on.
func TestProcessOutOfMemory(t *testing.T) {
	const hog = `x=bytearray(0)
while True: x.extend(bytes(1<<20))`
	for kind, script := range map[string]string{
		"root":  `exec python3 -c "$1"`,
		"child": `python3 -c "$1"`,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			group := faults.NewGroup(t, "memory")
			faults.Set(t, group+"/memory.limit_in_bytes", strconv.Itoa(48<<20))
			// The parent reaps nothing, so that the kernel's word on the end can be read.
			c := procTestStart(t, "sh", "-c", `mkfifo go; sh -c 'read x <go; echo $$ >"$2/cgroup.procs"; `+script+`' sh "$1" "$2" & echo $! >pid; exec sleep 600`, "sh", hog, group)
			pid := procTestPID(t, filepath.Join(c.Dir, "pid"))
			w := procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{PID: pid}, Runner: procTestShell{}})
			w.until(t, "the count of kills before", func(ps []observe.Payload) bool {
				all := procTestSamples(ps)
				return len(all) > 0 && all[len(all)-1].OOMKills != nil
			})
			faults.Set(t, filepath.Join(c.Dir, "go"), "x\n")
			end := procTestExit(t, w)
			if !end.Exit.Known || !end.Exit.OOM || end.Exit.Signal != "SIGKILL" && end.Exit.Code != 137 {
				t.Fatalf("%+v", *end.Exit)
			}
		})
	}
}

// Someone who is killed by hand was not killed for want of memory, though another process was meanwhile.
func TestProcessKilledWhileOthersRunOutOfMemory(t *testing.T) {
	group := faults.NewGroup(t, "memory")
	faults.Set(t, group+"/memory.limit_in_bytes", strconv.Itoa(16<<20))
	c := procTestStart(t, "sh", "-c", `sleep 600 & echo $! >pid; exec sleep 601`)
	pid := procTestPID(t, filepath.Join(c.Dir, "pid"))
	w := procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{PID: pid}, Runner: procTestShell{}})
	w.until(t, "the count of kills before", func(ps []observe.Payload) bool {
		all := procTestSamples(ps)
		return len(all) > 0 && all[len(all)-1].OOMKills != nil
	})
	out, err := exec.Command("sh", "-c", `echo $$ >"$1/cgroup.procs"; exec tail /dev/zero`, "sh", group).CombinedOutput() //nolint:noctx // ended by the kernel
	if err == nil {
		t.Fatalf("the other one was not killed: %s", out)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if end := procTestExit(t, w); !end.Exit.Known || end.Exit.OOM || end.Exit.Signal != "SIGKILL" {
		t.Fatalf("%+v", *end.Exit)
	}
}

// A TCP peer that does not answer any more is named, with the number of retransmissions.
func TestProcessDeadPeer(t *testing.T) {
	cable := faults.NewCable(t)
	server := procTestStart(t, "ip", "netns", "exec", cable.B, "python3", "-c", `import socket
s=socket.create_server(("`+cable.Addr+`",5544)); open("port","w").write("5544\n")
c,_=s.accept()
while c.recv(65536): pass`)
	procTestPID(t, filepath.Join(server.Dir, "port"))
	c := procTestStart(t, "ip", "netns", "exec", cable.A, "python3", "-c", `import socket,time
s=socket.create_connection(("`+cable.Addr+`",5544))
while True: s.sendall(b"x"*1000000); time.sleep(0.05)`)
	w := procTestRun(t, procTestOf(c))
	w.source(t, observe.SourceUp)
	cable.Pull(t)
	p := w.blocked(t, observe.BlockerPeer)
	if !strings.HasPrefix(p.Waits, "waits for its peer "+cable.Addr+":5544, which does not answer: ") {
		t.Fatalf("%+v", p)
	}
	cable.Plug(t)
	w.proc(t, "it goes on", func(p observe.Proc) bool { return p.PID == c.Process.Pid && p.Blocker == "" })
}
