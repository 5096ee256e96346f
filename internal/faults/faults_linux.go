package faults

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a machine under load may take for what takes a moment.
const patience = 60 * time.Second

// Poll waits until ok, and fails the test when that takes longer than a minute. what says what was waited for.
func Poll(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	for end := time.Now().Add(patience); !ok(); {
		if time.Now().After(end) {
			tb.Fatalf("not seen: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Sh runs a short command line with the arguments $1 …, and returns what it printed. It fails the test when the
// command fails.
func Sh(tb testing.TB, script string, args ...string) string {
	tb.Helper()
	out, err := sh(script, args...).CombinedOutput()
	if err != nil {
		tb.Fatalf("%s %q: %v\n%s", script, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func sh(script string, args ...string) *exec.Cmd {
	c := exec.Command("sh", append([]string{"-ec", script, "sh"}, args...)...) //nolint:noctx // short, or ended by its test
	c.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	return c
}

// Set writes a file, as those that the kernel takes its orders from.
func Set(tb testing.TB, file, text string) {
	tb.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// Disk is a file system of its own on a loop device. It is mounted at Dir.
type Disk struct{ Dir, Device string }

// NewDisk makes an ext4 file system of so many mebibytes. An error makes it read-only.
func NewDisk(tb testing.TB, mebibytes int) Disk {
	tb.Helper()
	at := tb.TempDir()
	d := Disk{Dir: filepath.Join(at, "disk")}
	img := filepath.Join(at, "img")
	Sh(tb, `mkdir "$1"; truncate -s "$3M" "$2"; mkfs.ext4 -qF "$2"; mount -o loop,errors=remount-ro "$2" "$1"`, d.Dir, img, strconv.Itoa(mebibytes))
	tb.Cleanup(func() {
		_ = sh(`fsfreeze -u "$1"`, d.Dir).Run() // it fails where nothing is frozen
		Poll(tb, "the file system is unmounted", func() bool {
			err := syscall.Unmount(d.Dir, 0)
			return err == nil || errors.Is(err, syscall.EINVAL)
		})
	})
	d.Device = Sh(tb, `losetup -n -O NAME -j "$1"`, img)
	return d
}

// Freeze lets no write in until Thaw.
func (d Disk) Freeze(tb testing.TB) {
	tb.Helper()
	Sh(tb, `fsfreeze -f "$1"`, d.Dir)
}

// Thaw lets writes in again.
func (d Disk) Thaw(tb testing.TB) {
	tb.Helper()
	Sh(tb, `fsfreeze -u "$1"`, d.Dir)
}

// Fill leaves no free block, not even for root.
func (d Disk) Fill(tb testing.TB) {
	tb.Helper()
	Sh(tb, `for size in 64k 1k; do dd if=/dev/zero of="$1/filler$size" bs=$size 2>/dev/null || true; done`, d.Dir)
}

// Empty takes away what Fill has written.
func (d Disk) Empty(tb testing.TB) {
	tb.Helper()
	Sh(tb, `rm -f "$1"/filler*`, d.Dir)
}

// Break makes the kernel find an error on the file system, which becomes read-only for it.
func (d Disk) Break(tb testing.TB) {
	tb.Helper()
	Set(tb, "/sys/fs/ext4/"+filepath.Base(d.Device)+"/trigger_fs_error", "1")
}

// hanging is a FUSE file system that answers no question but the first.
const hanging = `import os,sys,ctypes,struct
fd=os.open("/dev/fuse",os.O_RDWR)
if ctypes.CDLL(None).mount(b"hanging",sys.argv[1].encode(),b"fuse.hanging",0,b"fd=%d,rootmode=40000,user_id=0,group_id=0"%fd): sys.exit("no FUSE here")
while True:
    _,op,unique=struct.unpack("<IIQ",os.read(fd,1<<17)[:16])
    if op==26: # FUSE_INIT
        os.write(fd,struct.pack("<IiQIIIIHHIIHHIIII",16+64,0,unique,7,31,0,0,12,12,1<<16,1,32,0,0,0,0,0)+bytes(64-48))
`

// Hang mounts a file system at the empty folder dir whose program answers nothing, and returns what ends it: whoever waits
// for it is told of an error then.
func Hang(tb testing.TB, dir string) (end func()) {
	tb.Helper()
	c := exec.Command("python3", "-c", hanging, dir) //nolint:noctx // ended below
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		tb.Fatal(err)
	}
	end = sync.OnceFunc(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		_ = syscall.Unmount(dir, syscall.MNT_DETACH)
	})
	tb.Cleanup(end)
	Poll(tb, "the file system that hangs is mounted", func() bool {
		mounts, err := os.ReadFile("/proc/self/mounts")
		return err == nil && strings.Contains(string(mounts), "hanging "+dir+" fuse.hanging ")
	})
	return end
}

// NewGroup makes a control group of version 1 for a controller ("cpu", "memory", "blkio") and returns its folder. Whoever
// is in it must have ended when the test does.
func NewGroup(tb testing.TB, controller string) string {
	tb.Helper()
	name := strings.Map(func(r rune) rune {
		if r == '/' || r == ' ' {
			return '-'
		}
		return r
	}, tb.Name())
	dir := "/sys/fs/cgroup/" + controller + "/ronda-" + strconv.Itoa(os.Getpid()) + "-" + name
	if err := os.Mkdir(dir, 0o755); err != nil {
		tb.Fatalf("no control group can be made: that takes root, and version 1 of control groups at /sys/fs/cgroup/%s: %v", controller, err)
	}
	tb.Cleanup(func() {
		Poll(tb, "the group "+dir+" is empty", func() bool {
			err := os.Remove(dir)
			return err == nil || errors.Is(err, fs.ErrNotExist)
		})
	})
	return dir
}

// Cable is a network of two namespaces, each with one end of a cable.
type Cable struct {
	A, B string // the names of the namespaces, for "ip netns exec"
	Addr string // of B
}

// NewCable makes one. There can be one at a time in a process.
func NewCable(tb testing.TB) Cable {
	tb.Helper()
	id := strconv.Itoa(os.Getpid())
	c := Cable{"ronda-a" + id, "ronda-b" + id, "10.199.9.2"}
	tb.Cleanup(func() {
		for _, ns := range []string{c.A, c.B} {
			_ = sh(`ip netns del "$1"`, ns).Run()
		}
	})
	Sh(tb, `ip netns add "$1"; ip netns add "$2"
ip netns exec "$1" sysctl -qw net.ipv4.tcp_rto_max_ms=5000 2>/dev/null || true # since Linux 6.15; TCP else tries again later and later
ip link add ve0 netns "$1" type veth peer name ve1 netns "$2"
ip -n "$1" addr add 10.199.9.1/24 dev ve0; ip -n "$1" link set ve0 up
ip -n "$2" addr add 10.199.9.2/24 dev ve1; ip -n "$2" link set ve1 up`, c.A, c.B)
	return c
}

// Pull takes the cable out at B.
func (c Cable) Pull(tb testing.TB) { tb.Helper(); Sh(tb, `ip -n "$1" link set ve1 down`, c.B) }

// Plug puts it in again.
func (c Cable) Plug(tb testing.TB) { tb.Helper(); Sh(tb, `ip -n "$1" link set ve1 up`, c.B) }
