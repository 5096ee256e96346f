package host

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"

	"golang.org/x/sys/windows"

	"ronda/internal/observe"
)

// openShared opens a path for reading so that others may write, rename and remove it meanwhile, which os.Open
// does not allow them.
func openShared(path string) (*os.File, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE, nil,
		windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL|windows.FILE_FLAG_BACKUP_SEMANTICS, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), nil
}

func openRegular(path string) (*os.File, observe.FileInfo, error) {
	f, err := openShared(path)
	if err != nil {
		return nil, observe.FileInfo{}, err
	}
	fi, err := f.Stat()
	if err == nil && !fi.Mode().IsRegular() {
		err = errIrregular
	}
	var info observe.FileInfo
	if err == nil {
		info, err = statOpen(f, path)
	}
	if err != nil {
		_ = f.Close() // it was only read
		return nil, observe.FileInfo{}, err
	}
	return f, info, nil
}

// statOpen tells what an open file is. Its identity is the volume's serial number and the file's index.
func statOpen(f *os.File, path string) (observe.FileInfo, error) {
	fi, err := f.Stat()
	if err != nil {
		return observe.FileInfo{}, err
	}
	var by windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &by); err != nil {
		return observe.FileInfo{}, err
	}
	ident := fmt.Sprintf("%d:%d", by.VolumeSerialNumber, uint64(by.FileIndexHigh)<<32|uint64(by.FileIndexLow))
	return observe.FileInfo{Path: path, Ident: ident, Size: fi.Size(), Modified: fi.ModTime()}, nil
}

func statPath(path string) (observe.FileInfo, fs.FileMode, error) {
	f, err := openShared(path)
	if err != nil {
		return observe.FileInfo{}, 0, err
	}
	defer func() { _ = f.Close() }() // it was only read
	fi, err := f.Stat()
	if err != nil {
		return observe.FileInfo{}, 0, err
	}
	info, err := statOpen(f, path)
	return info, fi.Mode(), err
}

func readSmall(path string, buf []byte) ([]byte, bool) {
	f, _, err := openRegular(path)
	if err != nil {
		return buf, false
	}
	defer func() { _ = f.Close() }() // it was only read
	buf, err = io.ReadAll(io.LimitReader(f, maxSmall))
	return buf, err == nil
}

const shellPath = "sh"

// ownGroup does nothing here: a command is ended by itself, and its children may outlive it.
func ownGroup(*exec.Cmd) {}

// signalled is not known here.
func signalled(*os.ProcessState) (int, bool) { return 0, false }
