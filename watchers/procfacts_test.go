package watchers

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Lines of a mountinfo, the last three as Linux 6.18 wrote them after an error, for a bind mount and for a
// path with a blank.
func TestParseMounts(t *testing.T) {
	got := parseMounts(`22 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
30 22 0:31 / /mnt/nas rw,relatime shared:7 - nfs4 nas:/export rw,vers=4.2,hard
43 27 7:0 / /tmp/try/mnt rw,relatime - ext4 /dev/loop0 rw,errors=remount-ro,emergency_ro
44 27 7:0 / /srv ro,relatime - ext4 /dev/loop0 ro
45 27 0:44 / /a\040b rw - tmpfs none rw
torn
`)
	want := map[string]mount{
		"22": {device: "254:0", point: "/", kind: "ext4", source: "/dev/vda"},
		"30": {device: "0:31", point: "/mnt/nas", kind: "nfs4", source: "nas:/export"},
		"43": {device: "7:0", point: "/tmp/try/mnt", kind: "ext4", source: "/dev/loop0", readOnly: true},
		"44": {device: "7:0", point: "/srv", kind: "ext4", source: "/dev/loop0", readOnly: true},
		"45": {device: "0:44", point: "/a b", kind: "tmpfs", source: "none"},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(mount{})); d != "" {
		t.Error(d)
	}
	if got["30"].String() != "nfs4 nas:/export at /mnt/nas" || got["45"].String() != "tmpfs at /a b" {
		t.Errorf("%s, %s", got["30"], got["45"])
	}
	if got["30"].local() || !got["30"].remote() || !got["43"].local() || got["43"].remote() || !(mount{kind: "fuse.sshfs"}).remote() {
		t.Error("who answers for a file system is told wrongly")
	}
}

// The answers of a disk and of an NFS server are counted; nothing else is.
func TestPulse(t *testing.T) {
	disks := pulses("   7       0 loop0 87 0 1382 3 24 8 852 9 0 4 19 0 0 0 0 17 6\n 254       0 vda 1 2 3 4 5 6 7 8 9 10 11\ntorn 1\n")
	if d := cmp.Diff(map[string]string{"7:0": "87/24/17", "254:0": "1/5"}, disks); d != "" {
		t.Error(d)
	}
	const stats = `device /dev/vda mounted on / with fstype ext4
device nas:/old mounted on /mnt/old with fstype nfs4 statvers=1.1
	xprt:	tcp 1 1 1 0 0 7 6 0 7 0 2 0 0
device nas:/export mounted on /mnt/nas with fstype nfs4 statvers=1.1
	age:	10
	xprt:	tcp 832 0 1 0 11 12346 12345 0 12345 0 2 0 0
`
	if n, ok := received(stats, "/mnt/nas"); n != "12345" || !ok {
		t.Errorf("%q %v", n, ok)
	}
	if n, ok := received(stats, "/"); ok {
		t.Errorf("the root is no NFS, but has received %q", n)
	}
}

// The quota may stand at a group above; version 1 counts nanoseconds, version 2 microseconds.
func TestThrottle(t *testing.T) {
	w := throttle{files: []string{"/v2", "/above"}}
	text := func(v2, above string) map[string]string {
		return map[string]string{"/v2": "usage_usec 9\nnr_throttled 3\nthrottled_usec " + v2 + "\n", "/above": "nr_throttled 3\nthrottled_time " + above + "\n"}
	}
	w.set(text("1000000", "0"), 50_000)
	if w.share != 0 {
		t.Errorf("one sample tells no share, but %v", w.share)
	}
	w.set(text("1950000", "100000000"), 51_000)
	if w.share != 0.95 {
		t.Errorf("version 2: %v", w.share)
	}
	w.set(text("1950000", "850000000"), 52_000)
	if w.share != 0.75 {
		t.Errorf("version 1, in a group above: %v", w.share)
	}
	w.set(text("x", ""), 53_000)
	if w.share != 0 {
		t.Errorf("torn texts: %v", w.share)
	}
	if d := cmp.Diff([]string{"/sys/fs/cgroup/a/b", "/sys/fs/cgroup/cpu/c"}, cpuGroups("4:cpu,cpuacct:/c\n0::/a/b\n")); d != "" {
		t.Error(d)
	}
	if got := cpuGroups("1:cpu:/\n0::/\n"); got != nil {
		t.Errorf("the root group has a quota: %q", got)
	}
}

// What is reserved for root does not help others; what ext4 keeps for itself helps nobody.
func TestParseSpace(t *testing.T) {
	for line, want := range map[string][2]bool{ // for others, for root
		"100 200 20480 1024 /proc/9/fd/3": {false, false},
		"0 1433 20480 1024 /proc/9/fd/3":  {true, false},
		"0 409 20480 1024 /proc/9/fd/3":   {true, true},
		"0 0 0 4096 /proc/9/fd/3":         {false, false}, // procfs and the like have no blocks
	} {
		for i, root := range []bool{false, true} {
			link, s, ok := parseSpace(line, func(pid int) bool { return root && pid == 9 })
			if !ok || link != "/proc/9/fd/3" || s.full != want[i] {
				t.Errorf("%q, root %v: %q %+v %v", line, root, link, s, ok)
			}
		}
	}
	for _, line := range []string{"", "0 0 0 0", "0 0 0 0 /etc/passwd", "x 0 0 0 /proc/9/fd/3", "-1 0 0 0 /proc/9/fd/3"} {
		if _, _, ok := parseSpace(line, effectiveRootNever); ok {
			t.Errorf("%q was understood", line)
		}
	}
}

func effectiveRootNever(int) bool { return false }
