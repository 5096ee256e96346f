package watchers

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ronda/internal/observe"
)

// These tests make real faults: a frozen file system, a full one, a memory limit, a quota, a dead peer. They
// need root, and clean up behind themselves.

// procTestSh runs a command line that prepares or repairs something, and returns what it printed.
func procTestSh(t *testing.T, script string, args ...string) string {
	t.Helper()
	out, err := exec.Command("sh", append([]string{"-ec", script, "sh"}, args...)...).CombinedOutput() //nolint:noctx // short
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return strings.TrimSpace(string(out))
}

// procTestDisk makes a file system of its own on a loop device, and returns where it is mounted and its device.
func procTestDisk(t *testing.T, mebibytes int) (dir, device string) {
	t.Helper()
	at := t.TempDir()
	dir, img := filepath.Join(at, "disk"), filepath.Join(at, "img")
	procTestSh(t, `mkdir "$1"; truncate -s "$3M" "$2"; PATH=$PATH:/usr/sbin:/sbin; mkfs.ext4 -qF "$2"; mount -o loop,errors=remount-ro "$2" "$1"`, dir, img, strconv.Itoa(mebibytes))
	t.Cleanup(func() {
		procTestPoll(t, "the file system is unmounted", func() bool {
			err := syscall.Unmount(dir, 0)
			return err == nil || errors.Is(err, syscall.EINVAL)
		})
	})
	return dir, procTestSh(t, `PATH=$PATH:/usr/sbin:/sbin; losetup -n -O NAME -j "$1"`, img)
}

// procTestGroup makes a control group of version 1, which is removed when the test ends.
func procTestGroup(t *testing.T, controller string) string {
	t.Helper()
	dir := "/sys/fs/cgroup/" + controller + "/ronda-test-" + strconv.Itoa(os.Getpid()) + "-" + strings.ToLower(filepath.Base(t.Name()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatalf("no control group of version 1 can be made here, which takes root and a writable /sys/fs/cgroup/%s: %v", controller, err)
	}
	t.Cleanup(func() {
		procTestPoll(t, "the group "+dir+" is empty", func() bool {
			err := os.Remove(dir)
			return err == nil || errors.Is(err, fs.ErrNotExist)
		})
	})
	return dir
}

func procTestSet(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func procTestWithRunner(c *exec.Cmd) ProcessConfig {
	cfg := procTestOf(c)
	cfg.Runner = procTestShell{}
	return cfg
}

// A file system that is frozen answers no write; when it is let go, nothing hinders any more.
func TestProcessFrozenDisk(t *testing.T) {
	t.Parallel()
	disk, _ := procTestDisk(t, 32)
	c := procTestStart(t, "bash", "-c", `exec 7>"$1/data"; while :; do echo data >&7; sleep 0.02; done`, "sh", disk)
	w := procTestRun(t, procTestOf(c))
	w.source(t, observe.SourceUp)
	procTestSh(t, `fsfreeze -f "$1"`, disk)
	thaw := func() { _ = exec.Command("fsfreeze", "-u", disk).Run() } //nolint:noctx // short
	t.Cleanup(thaw)
	p := w.blocked(t, observe.BlockerStorage)
	if p.State != "D" || p.Call != "write" || p.Target != disk+"/data" {
		t.Fatalf("%+v", p)
	}
	for _, want := range []string{"waits for a frozen file system (ext4 /dev/loop", " at " + disk + ")", "write to " + disk + "/data does not return (D, "} {
		if !strings.Contains(p.Waits, want) {
			t.Fatalf("%q is not in %q", want, p.Waits)
		}
	}
	thaw()
	w.proc(t, "it goes on", func(p observe.Proc) bool { return p.PID == c.Process.Pid && p.Blocker == "" })
}

// A thread that hangs tells for its process, though the main thread only waits.
func TestProcessFrozenDiskInAThread(t *testing.T) {
	t.Parallel()
	disk, _ := procTestDisk(t, 32)
	procTestSh(t, `fsfreeze -f "$1"`, disk)
	thaw := func() { _ = exec.Command("fsfreeze", "-u", disk).Run() } //nolint:noctx // short
	t.Cleanup(thaw)
	c := procTestStart(t, "python3", "-c", `import threading,sys
t=threading.Thread(target=lambda: open(sys.argv[1]+"/data","w")); t.start(); t.join()`, disk)
	w := procTestRun(t, procTestOf(c))
	p := w.blocked(t, observe.BlockerStorage)
	if p.State != "D" || !strings.HasPrefix(p.Waits, "waits for a frozen file system: openat does not return (D, ") {
		t.Fatalf("%+v", p)
	}
	thaw()
	procTestExit(t, w)
}

// A process that waits for the child that it has started with vfork stands in state D as well. No disk has to
// do with it, and none is blamed.
func TestProcessInVfork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	procTestSet(t, dir+"/v.c", "#include <unistd.h>\nint main(void) { if (vfork() == 0) { for (;;) sleep(600); } return 0; }\n")
	procTestSh(t, `gcc -o "$1/v" "$1/v.c"`, dir)
	c := procTestStart(t, dir+"/v")
	w := procTestRun(t, procTestOf(c))
	p := w.blocked(t, observe.BlockerStorage)
	if p.State != "D" || p.Call != "vfork" || !strings.Contains(p.Waits, "started with vfork") || strings.Contains(p.Waits, "disk") {
		t.Fatalf("%+v", p)
	}
}

// A disk that is slow answers, however long one call takes: nothing hinders.
func TestProcessSlowDiskIsNotBlocked(t *testing.T) {
	disk, device := procTestDisk(t, 64)
	group := "/sys/fs/cgroup/blkio/ronda-test-" + strconv.Itoa(os.Getpid())
	if err := os.Mkdir(group, 0o755); err != nil {
		t.Fatalf("no control group of version 1 can be made here: %v", err)
	}
	t.Cleanup(func() { procTestPoll(t, "the group is empty", func() bool { return os.Remove(group) == nil }) })
	procTestSet(t, group+"/blkio.throttle.write_bps_device", procTestSh(t, `cat /sys/class/block/"$(basename "$1")"/dev`, device)+" 1048576")
	procTestSet(t, group+"/blkio.throttle.read_bps_device", procTestSh(t, `cat /sys/class/block/"$(basename "$1")"/dev`, device)+" 1048576")
	c := procTestStart(t, "sh", "-c", `echo $$ >"$2/cgroup.procs"; dd if=/dev/zero of="$1/data" bs=8M count=2 oflag=direct status=none`, "sh", disk, group)
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
	for _, kind := range []string{"tries again", "sleeps"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			disk, _ := procTestDisk(t, 20)
			procTestSh(t, `dd if=/dev/zero of="$1/filler" bs=64k 2>/dev/null || dd if=/dev/zero of="$1/filler2" bs=1k 2>/dev/null || true`, disk)
			pause := "0.05"
			if kind == "sleeps" {
				pause = "600"
			}
			c := procTestStart(t, "python3", "-c", `import os,sys,time
fd=os.open(sys.argv[1]+"/data", os.O_WRONLY|os.O_CREAT)
while True:
    try: os.write(fd, b"x"*65536)
    except OSError: time.sleep(`+pause+`)`, disk)
			w := procTestRun(t, procTestWithRunner(c))
			p := w.blocked(t, observe.BlockerFull)
			if !strings.HasPrefix(p.Waits, "cannot write to "+disk+"/data: its file system is full (ext4 /dev/loop") {
				t.Fatalf("%+v", p)
			}
			if kind == "sleeps" {
				return
			}
			procTestSh(t, `rm -f "$1"/filler*`, disk)
			w.proc(t, "it goes on", func(p observe.Proc) bool { return p.PID == c.Process.Pid && p.Blocker == "" })
		})
	}
}

// After an error a file system takes no more writes.
func TestProcessDiskReadOnly(t *testing.T) {
	t.Parallel()
	disk, device := procTestDisk(t, 20)
	c := procTestStart(t, "bash", "-c", `exec 7>"$1/data"; while :; do echo data >&7; sleep 0.05; done 2>/dev/null`, "sh", disk)
	w := procTestRun(t, procTestWithRunner(c))
	w.source(t, observe.SourceUp)
	procTestSet(t, "/sys/fs/ext4/"+filepath.Base(device)+"/trigger_fs_error", "1")
	p := w.blocked(t, observe.BlockerFull)
	if !strings.HasPrefix(p.Waits, "cannot write to "+disk+"/data: its file system has become read-only (ext4 /dev/loop") {
		t.Fatalf("%+v", p)
	}
}

// A quota that leaves nearly nothing of a processor shows as the share of the time that it takes.
func TestProcessThrottled(t *testing.T) {
	group := procTestGroup(t, "cpu")
	c := procTestStart(t, "sh", "-c", "while :; do :; done")
	cfg := procTestOf(c)
	cfg.Every = 500 * time.Millisecond
	w := procTestRun(t, cfg)
	w.source(t, observe.SourceUp)
	procTestSet(t, group+"/cpu.cfs_quota_us", "3000")
	procTestSet(t, group+"/cgroup.procs", strconv.Itoa(c.Process.Pid)) // it is moved while it is watched
	share := func(what string, ok func(float64) bool) {
		w.until(t, what, func(ps []observe.Payload) bool {
			all := procTestSamples(ps)
			return len(all) > 0 && ok(all[len(all)-1].Throttled)
		})
	}
	share("throttled", func(s float64) bool { return s >= 0.9 })
	procTestSet(t, group+"/cpu.cfs_quota_us", "-1")
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
			group := procTestGroup(t, "memory")
			procTestSet(t, group+"/memory.limit_in_bytes", strconv.Itoa(48<<20))
			// The parent reaps nothing, so that the kernel's word on the end can be read.
			c := procTestStart(t, "sh", "-c", `mkfifo go; sh -c 'read x <go; echo $$ >"$2/cgroup.procs"; `+script+`' sh "$1" "$2" & echo $! >pid; exec sleep 600`, "sh", hog, group)
			pid := procTestPID(t, filepath.Join(c.Dir, "pid"))
			w := procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{PID: pid}, Runner: procTestShell{}})
			w.until(t, "the count of kills before", func(ps []observe.Payload) bool {
				all := procTestSamples(ps)
				return len(all) > 0 && all[len(all)-1].OOMKills != nil
			})
			procTestSet(t, filepath.Join(c.Dir, "go"), "x\n")
			end := procTestExit(t, w)
			if !end.Exit.Known || !end.Exit.OOM || end.Exit.Signal != "SIGKILL" && end.Exit.Code != 137 {
				t.Fatalf("%+v", *end.Exit)
			}
		})
	}
}

// Someone who is killed by hand was not killed for want of memory, though another process was meanwhile.
func TestProcessKilledWhileOthersRunOutOfMemory(t *testing.T) {
	group := procTestGroup(t, "memory")
	procTestSet(t, group+"/memory.limit_in_bytes", strconv.Itoa(16<<20))
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

// procTestNet makes two network namespaces with a cable between them, and returns their names and the
// address of the second.
func procTestNet(t *testing.T) (a, b, addr string) {
	t.Helper()
	id := strconv.Itoa(os.Getpid())
	a, b = "ronda-a"+id, "ronda-b"+id
	t.Cleanup(func() {
		for _, ns := range []string{a, b} {
			_ = exec.Command("ip", "netns", "del", ns).Run() //nolint:noctx // short
		}
	})
	procTestSh(t, `PATH=$PATH:/usr/sbin:/sbin
ip netns add "$1"; ip netns add "$2"
ip link add ve0 netns "$1" type veth peer name ve1 netns "$2"
ip -n "$1" addr add 10.199.9.1/24 dev ve0; ip -n "$1" link set ve0 up
ip -n "$2" addr add 10.199.9.2/24 dev ve1; ip -n "$2" link set ve1 up`, a, b)
	return a, b, "10.199.9.2"
}

// A TCP peer that does not answer any more is named, with the number of retransmissions.
func TestProcessDeadPeer(t *testing.T) {
	a, b, addr := procTestNet(t)
	server := procTestStart(t, "ip", "netns", "exec", b, "python3", "-c", `import socket
s=socket.create_server(("`+addr+`",5544)); open("port","w").write("5544\n")
c,_=s.accept()
while c.recv(65536): pass`)
	procTestPID(t, filepath.Join(server.Dir, "port"))
	c := procTestStart(t, "ip", "netns", "exec", a, "python3", "-c", `import socket,time
s=socket.create_connection(("`+addr+`",5544))
while True: s.sendall(b"x"*1000000); time.sleep(0.05)`)
	w := procTestRun(t, procTestOf(c))
	w.source(t, observe.SourceUp)
	procTestSh(t, `PATH=$PATH:/usr/sbin:/sbin; ip -n "$1" link set ve1 down`, b)
	p := w.blocked(t, observe.BlockerPeer)
	if !strings.HasPrefix(p.Waits, "waits for its peer "+addr+":5544, which does not answer: ") {
		t.Fatalf("%+v", p)
	}
	procTestSh(t, `PATH=$PATH:/usr/sbin:/sbin; ip -n "$1" link set ve1 up`, b)
	w.proc(t, "it goes on", func(p observe.Proc) bool { return p.PID == c.Process.Pid && p.Blocker == "" })
}
