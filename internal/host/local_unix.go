//go:build unix

package host

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"syscall"

	"ronda/internal/host/agent"
	"ronda/internal/observe"
)

// openRegular opens a regular file for reading. O_NONBLOCK keeps a fifo, or a device, that takes the file's
// place at the last moment from holding us up; to a regular file it means nothing.
func openRegular(path string) (*os.File, observe.FileInfo, error) {
	none := observe.FileInfo{}
	if _, mode, err := statPath(path); err != nil {
		return nil, none, err
	} else if !mode.IsRegular() {
		return nil, none, errIrregular
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, none, err
	}
	fi, err := f.Stat()
	if err == nil && !fi.Mode().IsRegular() {
		err = errIrregular
	}
	if err != nil {
		return nil, none, errors.Join(err, f.Close())
	}
	return f, describe(path, fi), nil
}

// statOpen tells what an open file is.
func statOpen(f *os.File, path string) (observe.FileInfo, error) {
	fi, err := f.Stat()
	if err != nil {
		return observe.FileInfo{}, err
	}
	return describe(path, fi), nil
}

// statPath tells what stands at a path, following links.
func statPath(path string) (observe.FileInfo, fs.FileMode, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return observe.FileInfo{}, 0, err
	}
	return describe(path, fi), fi.Mode(), nil
}

func describe(path string, fi fs.FileInfo) observe.FileInfo {
	info := observe.FileInfo{Path: path, Size: fi.Size(), Modified: fi.ModTime()}
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		info.Ident = strconv.FormatInt(int64(st.Dev), 10) + ":" + strconv.FormatUint(st.Ino, 10)
		info.Allocated = st.Blocks * 512
	}
	return info
}

// readSmall reads a file into buf, which may grow, with three system calls and nothing else: a sample reads
// dozens of files every second.
func readSmall(path string, buf []byte) ([]byte, bool) {
	if !agent.KernelText(path) {
		if _, mode, err := statPath(path); err != nil || !mode.IsRegular() {
			return buf, false
		}
	}
	fd, err := retry(func() (int, error) {
		return syscall.Open(path, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY|syscall.O_CLOEXEC, 0)
	})
	if err != nil {
		return buf, false
	}
	defer func() { _ = syscall.Close(fd) }() // it was only read
	if cap(buf) == 0 {
		buf = make([]byte, 0, 4<<10)
	}
	buf = buf[:0]
	for len(buf) < maxSmall {
		if len(buf) == cap(buf) {
			buf = append(buf, make([]byte, len(buf))...)[:len(buf)]
		}
		space := buf[len(buf):min(cap(buf), maxSmall)]
		n, err := retry(func() (int, error) { return syscall.Read(fd, space) })
		if err != nil {
			return buf, false
		}
		if n == 0 {
			break
		}
		buf = buf[:len(buf)+n]
	}
	return buf, true
}

// retry repeats a system call that a signal interrupted.
func retry(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}
