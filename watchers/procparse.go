package watchers

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The kernel's texts under /proc, read without trust: any of them may be cut short, come from a process
// that chose its own name, or be from a kernel older or newer than those known here. What cannot be read is
// reported as not there. The forms are those of proc(5) of Linux.

// tickMS is the length of a clock tick in /proc, in milliseconds: USER_HZ is 100 on every Linux that
// matters here.
const tickMS = 10

// procStat is what /proc/PID/stat says, as far as it is needed.
type procStat struct {
	pid     int
	name    string
	state   byte
	parent  int
	group   int
	session int
	tty     int // device number of the controlling terminal; 0: none
	front   int // the terminal's foreground group; -1: none
	faults  uint64
	reaped  uint64 // minor faults of reaped children: it moves when children come and go
	cpu     int64  // own and reaped children's, in ticks
	threads int
	start   int64 // ticks since boot
	status  int   // a zombie's wait status, where we may know it
}

// parseStat reads /proc/PID/stat. The name may hold anything, spaces and ") " too: it ends at the last ")".
func parseStat(text string) (procStat, bool) {
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open < 1 || end < open {
		return procStat{}, false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(text[:open]))
	f := strings.Fields(text[end+1:])
	if err != nil || pid <= 0 || len(f) < 20 || len(f[0]) != 1 {
		return procStat{}, false
	}
	st := procStat{pid: pid, name: printable(text[open+1:end], 64), state: f[0][0]}
	ok := true
	num := func(i int) int64 { // field i of proc(5), from 3
		v, err := strconv.ParseInt(f[i-3], 10, 64)
		ok = ok && err == nil
		return v
	}
	count := func(i int) uint64 {
		v, err := strconv.ParseUint(f[i-3], 10, 64)
		ok = ok && err == nil
		return v
	}
	st.parent, st.group, st.session = int(num(4)), int(num(5)), int(num(6))
	st.tty, st.front = int(num(7)), int(num(8))
	st.faults, st.reaped = count(10)+count(12), count(11)+count(13)
	st.cpu = num(14) + num(15) + num(16) + num(17)
	st.threads, st.start = int(num(20)), num(22)
	if len(f) > 49 {
		st.status = int(num(52))
	}
	return st, ok
}

// foreground tells whether the process is in its terminal's foreground group.
func (s procStat) foreground() bool { return s.tty != 0 && s.group == s.front }

// ended tells whether only the process's entry is left, which its parent has not taken.
func (s procStat) ended() bool { return s.state == 'Z' || s.state == 'X' }

// ttyName names the controlling terminal by its device number (Documentation/admin-guide/devices.txt of
// the kernel): "pts/3", "tty1", "ttyS0", "console"; "" when there is none or its kind is not known.
func ttyName(dev int) string {
	major, minor := dev>>8&0xfff, dev&0xff|dev>>12&0xfff00
	switch {
	case major >= 136 && major <= 143:
		return "pts/" + strconv.Itoa(minor+(major-136)<<8)
	case major == 4 && minor < 64:
		return "tty" + strconv.Itoa(minor)
	case major == 4:
		return "ttyS" + strconv.Itoa(minor-64)
	case major == 5 && minor == 1:
		return "console"
	default:
		return ""
	}
}

// isTerminal tells whether a descriptor's target is a terminal's own side; a pseudo terminal's master is
// not.
func isTerminal(target string) bool {
	name, ok := strings.CutPrefix(target, "/dev/")
	if !ok || strings.HasSuffix(name, " (deleted)") {
		return false
	}
	if n, ok := strings.CutPrefix(name, "pts/"); ok {
		_, err := strconv.Atoi(n)
		return err == nil
	}
	return name == "console" || strings.HasPrefix(name, "tty")
}

// procIO is what /proc/PID/io says. What was written is what was meant for the storage without what was taken
// back before it got there (cancelled_write_bytes of proc(5)): each write that a full disk refuses counts as written
// and as taken back. It falls when a file is removed or cut short, and is below 0 in one who does so with what
// others wrote; meter makes a total of it that never falls.
type procIO struct {
	readChars, writeChars, calls, read, write int64
}

// parseIO reads /proc/PID/io, in which every field stands on its own line.
func parseIO(text string) (procIO, bool) {
	var (
		io   procIO
		seen int
	)
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		v, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			continue
		}
		seen++
		switch name {
		case "rchar":
			io.readChars = v
		case "wchar":
			io.writeChars = v
		case "syscr", "syscw":
			io.calls += v
		case "read_bytes":
			io.read = v
		case "write_bytes":
			io.write += v
		case "cancelled_write_bytes":
			io.write -= v
			seen-- // not asked for, so that a kernel without it is read too
		default:
			seen--
		}
	}
	return io, seen == 6
}

// parsePIDs reads a list of pids: task/*/children, cgroup.procs, a pid file.
func parsePIDs(text string) []int {
	var pids []int
	for f := range strings.FieldsSeq(text) {
		if pid, err := strconv.Atoi(f); err == nil && pid > 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// parseUptime reads the milliseconds since boot from /proc/uptime; 0 when it is not there.
func parseUptime(text string) int64 {
	f, _, _ := strings.Cut(text, " ")
	s, err := strconv.ParseFloat(f, 64)
	if err != nil || s < 0 || s > 1e10 {
		return 0
	}
	return int64(s*1000 + 0.5)
}

// procLock is a file lock of which somebody waits for the release.
type procLock struct {
	kind    string // FLOCK, POSIX, OFDLCK, LEASE
	ident   string // major:minor:inode in the kernel's own hexadecimal form
	holder  int    // 0 or -1: not to be said
	waiters []int
}

// parseLocks reads /proc/locks: "1: FLOCK ADVISORY WRITE 4711 fe:00:99 0 EOF" is a lock that is held, and
// the rows of the same number with an arrow wait for it.
func parseLocks(text string) []procLock {
	var locks []procLock
	last := ""
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		waits := f[1] == "->"
		if waits {
			f = append(f[:1], f[2:]...)
		}
		if len(f) < 6 {
			continue
		}
		pid, err := strconv.Atoi(f[4])
		if err != nil {
			continue
		}
		switch {
		case !waits:
			locks = append(locks, procLock{kind: f[1], ident: f[5], holder: pid})
			last = f[0]
		case f[0] == last:
			l := &locks[len(locks)-1]
			l.waiters = append(l.waiters, pid)
		}
	}
	return locks
}

// lockOf returns the lock that pid waits for.
func lockOf(locks []procLock, pid int) (procLock, bool) {
	for _, l := range locks {
		if slices.Contains(l.waiters, pid) {
			return l, true
		}
	}
	return procLock{}, false
}

// fdInfo is what /proc/PID/fdinfo/N says of a descriptor.
type fdInfo struct {
	pos   int64
	flags int64
	mount string // mount id; empty before Linux 3.15
	inode string // of the file; empty before Linux 5.14
}

// writes tells whether the descriptor was opened for writing.
func (f fdInfo) writes() bool { return f.flags&3 != 0 }

// parseFDInfo reads /proc/PID/fdinfo/N. The flags are octal.
func parseFDInfo(text string) (fdInfo, bool) {
	var (
		fi   fdInfo
		seen int
	)
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		var err error
		switch name {
		case "pos":
			fi.pos, err = strconv.ParseInt(value, 10, 64)
			seen++
		case "flags":
			fi.flags, err = strconv.ParseInt(value, 8, 64)
			seen++
		case "mnt_id":
			fi.mount = value
		case "ino":
			fi.inode = value
		}
		if err != nil {
			return fdInfo{}, false
		}
	}
	return fi, seen == 2
}

// cgroupPath returns the process's place in the unified hierarchy ("0::/x"), or in that of the named
// controller of version 1, from /proc/PID/cgroup; "" when there is none.
func cgroupPath(text, controller string) string {
	for line := range strings.Lines(text) {
		f := strings.SplitN(strings.TrimRight(line, "\n"), ":", 3)
		if len(f) < 3 {
			continue
		}
		if controller == "" && f[0] == "0" && f[1] == "" {
			return f[2]
		}
		for name := range strings.SplitSeq(f[1], ",") {
			if controller != "" && name == controller {
				return f[2]
			}
		}
	}
	return ""
}

// field returns the value of "name value" or "name: value" in a text of such lines.
func field(text, name string) (string, bool) {
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(line, name); ok && v != "" && strings.IndexByte(":= \t", v[0]) >= 0 {
			return strings.Trim(v, ":= \t\r\n"), true
		}
	}
	return "", false
}

// printable returns s as it may be recorded: valid UTF-8 without control characters, cut to limit bytes.
func printable(s string, limit int) string {
	bad := func(r rune) bool {
		return r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
	}
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "")
	}
	if strings.IndexFunc(s, bad) < 0 {
		return s
	}
	s = strings.Map(func(r rune) rune {
		if bad(r) {
			return '?'
		}
		return r
	}, s)
	return s
}
