package watchers

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// mount is a line of /proc/PID/mountinfo, as far as it is needed.
type mount struct {
	device   string // major:minor, as /proc/diskstats names it; of some file systems it is made up
	point    string
	kind     string // "ext4", "nfs4"
	source   string // what is mounted: "/dev/sda1", "nas:/export"
	readOnly bool   // the whole file system takes no writes any more
}

// parseMounts reads a mountinfo text by mount id (proc(5)).
func parseMounts(text string) map[string]mount {
	mounts := map[string]mount{}
	for line := range strings.Lines(text) {
		left, right, ok := strings.Cut(line, " - ")
		l, r := strings.Fields(left), strings.Fields(right)
		if !ok || len(l) < 6 || len(r) < 1 {
			continue
		}
		m := mount{device: l[2], point: printable(unescape(l[4]), 256), kind: printable(r[0], 32)}
		if len(r) > 1 {
			m.source = printable(unescape(r[1]), 256)
		}
		if len(r) > 2 {
			for option := range strings.SplitSeq(r[2], ",") {
				switch option {
				case "ro", "emergency_ro", "shutdown": // the latter two are of ext4, after an error
					m.readOnly = true
				}
			}
		}
		mounts[l[0]] = m
	}
	return mounts
}

// unescape undoes what the kernel does to blanks in the paths of mountinfo: \040 is a space.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// local tells whether no network and no other program answers for the file system: to look at a file on it
// cannot hang, while its disk lives.
func (m mount) local() bool {
	switch m.kind {
	case "ext2", "ext3", "ext4", "xfs", "btrfs", "tmpfs", "ramfs", "f2fs", "jfs", "reiserfs", "zfs", "overlay", "aufs", "vfat", "exfat", "bcachefs":
		return true
	default:
		return false
	}
}

// remote tells whether the file system is one that another machine or another program answers for.
func (m mount) remote() bool {
	switch m.kind {
	case "nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "lustre", "9p", "afs", "ocfs2", "gfs2", "beegfs", "gpfs", "orangefs", "coda",
		"virtiofs", "vboxsf", "vmhgfs":
		return true
	default:
		return strings.HasPrefix(m.kind, "fuse")
	}
}

// String names the file system as a person knows it.
func (m mount) String() string {
	if m.source == "" || m.source == "none" || m.source == m.kind {
		return m.kind + " at " + m.point
	}
	return m.kind + " " + m.source + " at " + m.point
}

// readMounts reads the mounts that a process sees, by their ids. To read them asks no file system.
func (j *job) readMounts(ctx context.Context, pid int) (map[string]mount, error) {
	file := procFile(pid, "mountinfo")
	texts, err := j.procs.ReadFiles(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return parseMounts(texts[file]), nil
}

// pulses reads from /proc/diskstats how many requests each device has completed, by major:minor: its fields
// are those of Documentation/admin-guide/iostats.rst of the kernel.
func pulses(text string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) >= 11 {
			pulse := f[3] + "/" + f[7]
			if len(f) >= 19 {
				pulse += "/" + f[18] // flushes
			}
			all[f[0]+":"+f[1]] = pulse
		}
	}
	return all
}

// received reads from /proc/PID/mountstats how many answers have come for the NFS mounted at a point.
func received(text, point string) (string, bool) {
	mine := false
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch {
		case len(f) > 4 && f[0] == "device":
			mine = unescape(f[4]) == point
		case mine && len(f) > 8 && f[0] == "xprt:" && (f[1] == "tcp" || f[1] == "rdma"):
			return f[8], true
		case mine && len(f) > 5 && f[0] == "xprt:" && f[1] == "udp":
			return f[5], true
		}
	}
	return "", false
}
