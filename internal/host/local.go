package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"ronda/internal/host/agent"
	"ronda/internal/observe"
)

// Local is this machine, asked in this process: it implements what watchers and probes need of a host. It
// starts nothing by itself and polls nothing. All methods are safe for concurrent use. The zero value is not
// usable; see NewLocal.
type Local struct {
	mu   sync.Mutex
	open map[int]*localFile
	next int
}

// localFile is an open file and the path that it was opened by.
type localFile struct {
	*os.File
	path string
}

// NewLocal returns this machine.
func NewLocal() *Local { return &Local{open: make(map[int]*localFile)} }

// Close closes all files that are still open.
func (l *Local) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for h, f := range l.open {
		errs = append(errs, f.Close())
		delete(l.open, h)
	}
	return errors.Join(errs...)
}

// errIrregular refuses what would block or has no bytes to follow.
var errIrregular = errors.New("not a regular file")

// OpenFile opens a regular file for reading and follows symbolic links. A fifo, a device or a directory is
// refused, and never waited for. On Windows the file may be renamed and removed by others meanwhile, as
// elsewhere.
func (l *Local) OpenFile(ctx context.Context, path string) (int, observe.FileInfo, error) {
	if err := ctx.Err(); err != nil {
		return 0, observe.FileInfo{}, err
	}
	f, info, err := openRegular(path)
	if err != nil {
		return 0, observe.FileInfo{}, fmt.Errorf("open %q: %w", path, unwrapPath(err))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	l.open[l.next] = &localFile{f, path}
	return l.next, info, nil
}

// ReadFile looks at an open file, at what stands under its path now, and reads at most limit bytes from off.
// An unknown handle is an error that matches fs.ErrClosed.
func (l *Local) ReadFile(ctx context.Context, h int, off int64, limit int) (observe.FileRead, error) {
	if err := ctx.Err(); err != nil {
		return observe.FileRead{}, err
	}
	l.mu.Lock()
	f := l.open[h]
	l.mu.Unlock()
	if f == nil {
		return observe.FileRead{}, fmt.Errorf("read file %d: %w", h, fs.ErrClosed)
	}
	no := func(err error) (observe.FileRead, error) {
		return observe.FileRead{}, fmt.Errorf("read %q: %w", f.path, unwrapPath(err))
	}
	if off < 0 || limit < 0 {
		return no(fmt.Errorf("%d bytes from %d: %w", limit, off, fs.ErrInvalid))
	}
	var read observe.FileRead
	var err error
	if read.File, err = statOpen(f.File, f.path); err != nil {
		return no(err)
	}
	if at, _, err := statPath(f.path); err == nil {
		read.Path = &at
	}
	if n := min(int64(limit), read.File.Size-off); n > 0 {
		read.Data = make([]byte, n)
		got, err := f.ReadAt(read.Data, off)
		if err != nil && !errors.Is(err, io.EOF) { // it may have been cut meanwhile
			return no(err)
		}
		read.Data = read.Data[:got]
	}
	return read, nil
}

// CloseFile gives a handle back. An unknown one is ignored.
func (l *Local) CloseFile(h int) {
	l.mu.Lock()
	f := l.open[h]
	delete(l.open, h)
	l.mu.Unlock()
	if f != nil {
		_ = f.Close() // it was only read
	}
}

// compressed are the endings of files that a rotation has compressed.
const compressed = " .gz .xz .bz2 .zst .lz4 .lzma .zip .Z "

// Siblings lists the regular files whose names are path with something after it, newest first, compressed
// ones left out. At most 1024 are listed.
func (l *Local) Siblings(ctx context.Context, path string) ([]observe.FileInfo, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the files beside %q: %w", path, unwrapPath(err))
	}
	var list []observe.FileInfo
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, base) || name == base || strings.Contains(compressed, " "+filepath.Ext(name)+" ") {
			continue
		}
		info, mode, err := statPath(dir + name)
		if err == nil && mode.IsRegular() && len(list) < maxSiblings {
			list = append(list, info)
		}
	}
	agent.SortSiblings(list)
	return list, nil
}

// maxSiblings bounds the list of rotated files.
const maxSiblings = 1024

// StatFiles returns what the files are, by path, following links. What is missing, or may not be looked at,
// is absent.
func (l *Local) StatFiles(ctx context.Context, paths ...string) (map[string]observe.FileInfo, error) {
	files := make(map[string]observe.FileInfo, len(paths))
	for _, p := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if info, _, err := statPath(p); err == nil {
			files[p] = info
		}
	}
	return files, nil
}

// DialContext connects from this machine.
func (l *Local) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

// unwrapPath takes the reason out of an error that repeats the path.
func unwrapPath(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}
