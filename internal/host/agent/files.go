package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"ronda/internal/observe"
)

// handle is an open file. With fd scratch it is not held open by the far side, for want of descriptors: it is
// opened for each look, and found by its identity where it was rotated to. Such a one is lost when it is
// removed.
type handle struct {
	path  string
	ident string
	fd    int
}

// Descriptors that the far side's shell holds files with. POSIX promises nine; shells that take more (bash,
// newer busybox) hold more.
const (
	firstFD, lastFD = 3, 8
	scratch         = 9
	firstMore       = 20
	lastMore        = 83
	bigBlock        = 4096 // the largest block that the far side reads in
)

// handles knows which files are open. It is not safe for concurrent use; its owner locks.
type handles struct {
	open  map[int]*handle
	next  int
	free  []int // descriptors, the next one to take last
	ended []int // descriptors to be closed with the next request
}

func newHandles() handles { return handles{open: make(map[int]*handle)} }

// allow fills in the descriptors that the far side has, by what it can do.
func (h *handles) allow(caps string) {
	if strings.Contains(caps, "f") {
		for fd := lastMore; fd >= firstMore; fd-- {
			h.free = append(h.free, fd)
		}
	}
	if strings.Contains(caps, "d") {
		for fd := lastFD; fd >= firstFD; fd-- {
			h.free = append(h.free, fd)
		}
	}
}

// take returns a descriptor to open a file with.
func (h *handles) take() int {
	if len(h.free) == 0 {
		return scratch
	}
	fd := h.free[len(h.free)-1]
	h.free = h.free[:len(h.free)-1]
	return fd
}

// give takes a descriptor back, to be closed.
func (h *handles) give(fd int) {
	if fd != scratch {
		h.ended = append(h.ended, fd)
		h.free = append(h.free, fd)
	}
}

// closing returns the descriptors to close now.
func (h *handles) closing() []int {
	fds := h.ended
	h.ended = nil
	return fds
}

// OpenFile implements watchers.Files. A fifo, a directory or a device is refused without opening it.
func (a *Agent) OpenFile(ctx context.Context, path string) (int, observe.FileInfo, error) {
	no := func(err error) (int, observe.FileInfo, error) {
		return 0, observe.FileInfo{}, fmt.Errorf("open %q: %w", path, err)
	}
	if err := checkPath(path); err != nil {
		return no(err)
	}
	a.mu.Lock()
	fd := a.handles.take()
	a.mu.Unlock()
	text := fmt.Sprintf("o %d %s", fd, word(path))
	if fd == scratch {
		text += " path"
	}
	r := &request{key: "o" + strconv.Itoa(fd), text: text}
	p, err := a.ask(ctx, r)
	if err != nil && r.handed {
		a.leave(r, func() { a.handles.give(fd) }) // it may still come open
		return no(err)
	}
	info := observe.FileInfo{}
	if err == nil {
		info, err = opened(path, p.text)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil {
		a.handles.give(fd)
		return no(err)
	}
	a.handles.next++
	a.handles.open[a.handles.next] = &handle{path: path, ident: info.Ident, fd: fd}
	return a.handles.next, info, nil
}

// opened reads the answer to an open.
func opened(path, text string) (observe.FileInfo, error) {
	switch {
	case strings.HasPrefix(text, "+\n"):
		return fileInfo(path, text[2:])
	case text == "irregular":
		return observe.FileInfo{}, errors.New("not a regular file")
	}
	// The shell's own words: "sh: 1: cannot open /x: No such file".
	words := strings.ToLower(plain(text))
	switch {
	case strings.HasSuffix(words, "permission denied"):
		return observe.FileInfo{}, fs.ErrPermission
	case strings.HasSuffix(words, "no such file"), strings.HasSuffix(words, "no such file or directory"),
		strings.HasSuffix(words, "nonexistent directory"), strings.HasSuffix(words, "not a directory"):
		return observe.FileInfo{}, fs.ErrNotExist
	}
	return observe.FileInfo{}, fmt.Errorf("the host says: %.200s", plain(strings.TrimPrefix(text, "-")))
}

// ReadFile implements watchers.Files. At most 4 MiB are read at once. The error matches fs.ErrClosed too when
// a file that could not be held open is gone from its place and from beside it.
func (a *Agent) ReadFile(ctx context.Context, h int, off int64, limit int) (observe.FileRead, error) {
	a.mu.Lock()
	f := a.handles.open[h]
	a.mu.Unlock()
	if f == nil {
		return observe.FileRead{}, fmt.Errorf("read file %d: %w", h, fs.ErrClosed)
	}
	no := func(err error) (observe.FileRead, error) {
		return observe.FileRead{}, fmt.Errorf("read %q: %w", f.path, err)
	}
	if off < 0 || limit < 0 {
		return no(fmt.Errorf("%d bytes from %d: %w", limit, off, fs.ErrInvalid))
	}
	limit = min(limit, maxData)
	text := fmt.Sprintf("p %d %s %d %d", f.fd, word(f.path), off, limit)
	if f.fd == scratch {
		text += " " + f.ident
	}
	p, err := a.ask(ctx, &request{key: "p" + strconv.Itoa(h), text: text, limit: limit})
	if err != nil {
		return no(err)
	}
	lines := strings.Split(p.text, "\n")
	if len(lines) < 2 {
		return no(fmt.Errorf("it is gone: %w", fs.ErrClosed))
	}
	file, err := fileInfo(f.path, lines[1])
	if err != nil {
		return no(err)
	}
	read := observe.FileRead{File: file}
	if len(lines) > 2 {
		at, err := fileInfo(f.path, lines[2])
		if err != nil {
			return no(err)
		}
		read.Path = &at
	}
	read.Data = slice(p.data, lines[0], off)
	return read, nil
}

// slice cuts the bytes asked for out of whole blocks: the far side reads them from the last block border
// before off, in small blocks when there is little.
func slice(data []byte, line string, off int64) []byte {
	num, _, _ := strings.Cut(line, " ")
	n, err := strconv.Atoi(num)
	if err != nil || n <= 0 {
		return nil
	}
	block := int64(64)
	if n > 8192 {
		block = bigBlock
	}
	head := min(int(off%block), len(data))
	return data[head:min(head+n, len(data))]
}

// CloseFile implements watchers.Files. The far side closes the file before it answers the next request.
func (a *Agent) CloseFile(h int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if f := a.handles.open[h]; f != nil {
		delete(a.handles.open, h)
		a.handles.give(f.fd)
	}
}

// Siblings implements watchers.Files. Files of the same second stand in the order of their names, as a
// rotation numbers or dates them. At most 1024 are listed.
func (a *Agent) Siblings(ctx context.Context, path string) ([]observe.FileInfo, error) {
	no := func(err error) ([]observe.FileInfo, error) {
		return nil, fmt.Errorf("list the files beside %q: %w", path, err)
	}
	if err := checkPath(path); err != nil {
		return no(err)
	}
	text := "l " + word(path)
	for range vanishing {
		p, err := a.ask(ctx, &request{key: text, text: text})
		if err != nil {
			return no(err)
		}
		if list, ok := siblings(p.text); ok {
			SortSiblings(list)
			return list, nil
		}
	}
	return no(errors.New("they change too fast"))
}

// vanishing is how often a list is asked for again when a file vanished while it was made.
const vanishing = 5

// siblings reads an answer: "+2", the names, each with its length before it, and as many lines that say what
// they are. It returns false when one of them vanished in between.
func siblings(text string) ([]observe.FileInfo, bool) {
	first, text, _ := strings.Cut(strings.TrimPrefix(text, "+"), "\n")
	count, _ := strconv.Atoi(first) // none is written as nothing
	var names []string
	for range count {
		num, rest, ok := strings.Cut(text, ":")
		n, err := strconv.Atoi(num)
		if !ok || err != nil || n < 0 || n > len(rest) {
			return nil, false
		}
		names, text = append(names, rest[:n]), rest[n:]
	}
	return infos(names, strings.TrimPrefix(text, "\n"))
}

// infos reads one line on each of the named files, in the same order.
func infos(names []string, text string) ([]observe.FileInfo, bool) {
	if len(names) == 0 {
		return nil, text == ""
	}
	lines := strings.Split(text, "\n")
	if len(lines) != len(names) {
		return nil, false
	}
	list := make([]observe.FileInfo, len(names))
	for i, name := range names {
		info, err := fileInfo(name, lines[i])
		if err != nil {
			return nil, false
		}
		list[i] = info
	}
	return list, true
}

// SortSiblings brings rotated files into their order, newest first. Where the time does not tell, a lower
// number and a later date are newer: x.1 before x.2 before x.10, x-20261124 before x-20261123.
func SortSiblings(list []observe.FileInfo) {
	slices.SortStableFunc(list, func(x, y observe.FileInfo) int {
		if c := y.Modified.Compare(x.Modified); c != 0 {
			return c
		}
		a, b := generation(x.Path), generation(y.Path)
		if a != b {
			return a - b
		}
		return strings.Compare(y.Path, x.Path)
	})
}

// generation is the number at the end of a rotated file's name: 1 is the newest. What ends otherwise, or in a
// date, has none and stands behind.
func generation(path string) int {
	digits := path[len(strings.TrimRight(path, "0123456789")):]
	if n, err := strconv.Atoi(digits); err == nil && len(digits) <= 4 {
		return n
	}
	return math.MaxInt
}

// fileInfo reads dev:ino:size:modified, and :blocks behind that where they were asked for.
func fileInfo(path, line string) (observe.FileInfo, error) {
	w := strings.Split(line, ":")
	blocks := int64(0)
	if len(w) == 5 {
		blocks, _ = strconv.ParseInt(w[4], 10, 64)
		w = w[:4]
	}
	if len(w) != 4 {
		w = make([]string, 4)
	}
	_, err1 := strconv.ParseUint(w[0], 10, 64)
	_, err2 := strconv.ParseUint(w[1], 10, 64)
	size, err3 := strconv.ParseInt(w[2], 10, 64)
	if err := errors.Join(err1, err2, err3); err != nil || size < 0 {
		return observe.FileInfo{}, fmt.Errorf("the host's word on a file is not understood: %q", clip([]byte(line), 80))
	}
	whole, part, _ := strings.Cut(w[3], ".")
	sec, _ := strconv.ParseInt(whole, 10, 64) // 0 where the host does not tell
	nano, _ := strconv.ParseInt((part + "000000000")[:9], 10, 64)
	info := observe.FileInfo{Path: path, Ident: w[0] + ":" + w[1], Size: size, Allocated: max(blocks, 0) * 512}
	if sec != 0 {
		info.Modified = time.Unix(sec, nano)
	}
	return info, nil
}
