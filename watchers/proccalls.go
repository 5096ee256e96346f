package watchers

// callX86 names a system call of 64 bit x86.
func callX86(nr int) string {
	names := [...]string{
		0: "read", 1: "write", 2: "open", 3: "close", 4: "stat", 5: "fstat",
		6: "lstat", 7: "poll", 8: "lseek", 9: "mmap", 11: "munmap", 16: "ioctl",
		17: "pread64", 18: "pwrite64", 19: "readv", 20: "writev", 23: "select", 26: "msync",
		34: "pause", 35: "nanosleep", 40: "sendfile", 42: "connect", 43: "accept", 44: "sendto",
		45: "recvfrom", 46: "sendmsg", 47: "recvmsg", 56: "clone", 57: "fork", 58: "vfork",
		59: "execve", 61: "wait4", 65: "semop", 70: "msgrcv", 72: "fcntl", 73: "flock",
		74: "fsync", 75: "fdatasync", 76: "truncate", 77: "ftruncate", 82: "rename", 83: "mkdir",
		84: "rmdir", 87: "unlink", 128: "rt_sigtimedwait", 130: "rt_sigsuspend", 162: "sync", 165: "mount",
		166: "umount2", 202: "futex", 208: "io_getevents", 217: "getdents64", 219: "restart_syscall", 220: "semtimedop",
		230: "clock_nanosleep", 232: "epoll_wait", 247: "waitid", 257: "openat", 262: "newfstatat", 263: "unlinkat",
		264: "renameat", 270: "pselect6", 271: "ppoll", 275: "splice", 277: "sync_file_range", 281: "epoll_pwait",
		285: "fallocate", 288: "accept4", 295: "preadv", 296: "pwritev", 306: "syncfs", 316: "renameat2",
		326: "copy_file_range", 332: "statx", 426: "io_uring_enter", 435: "clone3", 441: "epoll_pwait2",
	}
	if nr < 0 || nr >= len(names) {
		return ""
	}
	return names[nr]
}

// callGeneric names a system call of the machines with the generic table: arm64, riscv64.
func callGeneric(nr int) string {
	names := [...]string{
		4: "io_getevents", 22: "epoll_pwait", 25: "fcntl", 29: "ioctl", 32: "flock", 35: "unlinkat",
		38: "renameat", 39: "umount2", 40: "mount", 45: "truncate", 46: "ftruncate", 47: "fallocate",
		56: "openat", 57: "close", 61: "getdents64", 62: "lseek", 63: "read", 64: "write",
		65: "readv", 66: "writev", 67: "pread64", 68: "pwrite64", 69: "preadv", 70: "pwritev",
		71: "sendfile", 72: "pselect6", 73: "ppoll", 76: "splice", 79: "newfstatat", 80: "fstat",
		81: "sync", 82: "fsync", 83: "fdatasync", 84: "sync_file_range", 95: "waitid", 98: "futex",
		101: "nanosleep", 115: "clock_nanosleep", 128: "restart_syscall", 133: "rt_sigsuspend", 137: "rt_sigtimedwait", 188: "msgrcv",
		192: "semtimedop", 193: "semop", 202: "accept", 203: "connect", 206: "sendto", 207: "recvfrom",
		211: "sendmsg", 212: "recvmsg", 215: "munmap", 220: "clone", 221: "execve", 222: "mmap",
		227: "msync", 242: "accept4", 260: "wait4", 267: "syncfs", 276: "renameat2", 285: "copy_file_range",
		291: "statx", 426: "io_uring_enter", 435: "clone3", 441: "epoll_pwait2",
	}
	if nr < 0 || nr >= len(names) {
		return ""
	}
	return names[nr]
}
