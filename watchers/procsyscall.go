package watchers

import (
	"strconv"
	"strings"
)

// sysCall is what /proc/PID/syscall says of a thread that waits.
type sysCall struct {
	known  bool   // the thread waits, and we may know where
	name   string // "read"; empty for a call without a name here, and outside of one
	args   [6]uint64
	inCall bool // it waits within a system call
}

// parseSyscall reads /proc/PID/syscall: "running", "-1 SP PC" (it waits, but not in a call: stopped, a page
// fault), or the call's number and six arguments. A 32 bit process on a 64 bit kernel has other numbers;
// its calls are misnamed, which the demands on the arguments and targets make harmless.
func parseSyscall(text, machine string) sysCall {
	f := strings.Fields(text)
	if len(f) == 0 || f[0] == "running" {
		return sysCall{}
	}
	nr, err := strconv.Atoi(f[0])
	if err != nil {
		return sysCall{}
	}
	c := sysCall{known: true}
	if nr < 0 || len(f) < 7 {
		return c
	}
	c.inCall, c.name = true, callName(machine, nr)
	for i := range c.args {
		c.args[i], err = strconv.ParseUint(f[i+1], 0, 64)
		if err != nil {
			return sysCall{}
		}
	}
	return c
}

// fd returns the file descriptor that the call works on, by its first argument, or -1.
func (c sysCall) fd() int {
	switch c.name {
	case "read", "readv", "pread64", "preadv", "write", "writev", "pwrite64", "pwritev",
		"connect", "accept", "accept4", "sendto", "recvfrom", "sendmsg", "recvmsg",
		"fcntl", "flock", "fsync", "fdatasync", "sync_file_range", "ftruncate", "fallocate", "syncfs",
		"ioctl", "lseek", "getdents64", "copy_file_range", "sendfile", "splice":
		if c.args[0] <= 1<<24 {
			return int(c.args[0])
		}
	case "select", "pselect6":
		// A wait for one descriptor by number below 1 can only be one for descriptor 0: readline, whiptail.
		if c.args[0] == 1 {
			return 0
		}
	}
	return -1
}

// forever tells whether a poll or select waits without a timeout.
func (c sysCall) forever() bool {
	switch c.name {
	case "poll":
		return int32(uint32(c.args[2]&0xffffffff)) < 0 //nolint:gosec // the kernel takes an int: the low half, signed
	case "ppoll":
		return c.args[2] == 0
	case "select", "pselect6":
		return c.args[4] == 0
	default:
		return false
	}
}

// setsLock tells whether the call waits for a lock on a file: flock, or fcntl with F_SETLKW or F_OFD_SETLKW.
func (c sysCall) setsLock() bool {
	return c.name == "flock" || c.name == "fcntl" && (c.args[1] == 7 || c.args[1] == 38)
}

// callName names a system call by the machine's table; "" for a call that tells nothing here, and on
// other machines. Sources: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
func callName(machine string, nr int) string {
	switch machine {
	case "x86_64", "amd64":
		return callX86(nr)
	case "aarch64", "arm64", "riscv64":
		return callGeneric(nr)
	default:
		return ""
	}
}
