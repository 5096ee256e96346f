// Package conformance is the test that everything must pass that reaches the files and the processes of a
// host: each promise of the interfaces that watchers declare, against real files. It is for tests only.
package conformance

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ronda/internal/observe"
)

// Host is what is tested.
type Host interface {
	OpenFile(ctx context.Context, path string) (handle int, info observe.FileInfo, err error)
	ReadFile(ctx context.Context, handle int, off int64, limit int) (observe.FileRead, error)
	CloseFile(handle int)
	Siblings(ctx context.Context, path string) ([]observe.FileInfo, error)
	ReadFiles(ctx context.Context, patterns ...string) (map[string]string, error)
	ReadLinks(ctx context.Context, dirs ...string) (map[string]string, error)
	Holders(ctx context.Context, path string) ([]int, error)
	StatFiles(ctx context.Context, paths ...string) (map[string]observe.FileInfo, error)
}

// Run runs the whole suite against a host that sees this machine's files.
func Run(t *testing.T, h Host) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(suite)
	}{
		{"open", open},
		{"open refuses", openRefuses},
		{"read", read},
		{"any bytes", anyBytes},
		{"growing", growing},
		{"rename and create", renameAndCreate},
		{"copy and truncate", copyTruncate},
		{"removed", removed},
		{"replaced by a directory", replacedByDirectory},
		{"closed handles", closedHandles},
		{"siblings", siblings},
		{"siblings of nothing", siblingsOfNothing},
		{"hostile names", hostileNames},
		{"many files", manyFiles},
		{"small files", smallFiles},
		{"proc files", procFiles},
		{"command lines", commandLines},
		{"input is left alone", inputIsLeft},
		{"links", links},
		{"holders", holders},
		{"stat", stat},
		{"ended context", endedContext},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(suite{t, h}) })
	}
}

// suite is one test on one host.
type suite struct {
	t *testing.T
	h Host
}

// write makes a file, or replaces what is in it.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// add writes on at the end of a file.
func add(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func mustOpen(t *testing.T, h Host, path string) (int, observe.FileInfo) {
	t.Helper()
	handle, info, err := h.OpenFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.CloseFile(handle) })
	return handle, info
}

// wants reads and compares the bytes, and returns the rest of the answer.
func wants(t *testing.T, h Host, handle int, off int64, limit int, want string) observe.FileRead {
	t.Helper()
	r, err := h.ReadFile(t.Context(), handle, off, limit)
	if err != nil {
		t.Fatal(err)
	}
	if string(r.Data) != want {
		t.Fatalf("%d bytes from %d: got %.200q, want %.200q", limit, off, r.Data, want)
	}
	return r
}

func open(s suite) {
	t, h := s.t, s.h
	path := filepath.Join(t.TempDir(), "x.log")
	write(t, path, "hello\n")
	before := time.Now().Add(-time.Minute)
	_, info := mustOpen(t, h, path)
	if info.Path != path || info.Size != 6 || info.Modified.Before(before) || !strings.Contains(info.Ident, ":") {
		t.Errorf("got %+v", info)
	}
	link := path + "-link"
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, same := mustOpen(t, h, link); same.Ident != info.Ident {
		t.Errorf("through a link it is %s, not %s", same.Ident, info.Ident)
	}
}

func openRefuses(s suite) {
	t, h := s.t, s.h
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := mkfifo(fifo); err != nil {
		t.Fatal(err)
	}
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "file"), "")
	for _, c := range []struct {
		path string
		is   error
	}{
		{filepath.Join(dir, "none"), fs.ErrNotExist},
		{filepath.Join(dir, "none", "at", "all"), fs.ErrNotExist},
		{fifo, nil},
		{dir, nil},
		{"/dev/null", nil},
		{loop, nil},
		{"", nil},
		{"a\x00b", nil},
	} {
		_, _, err := h.OpenFile(t.Context(), c.path)
		if err == nil {
			t.Errorf("open %q: no error", c.path)
		}
		if c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("open %q: %v is not %v", c.path, err, c.is)
		}
		if err != nil && errors.Is(err, fs.ErrClosed) {
			t.Errorf("open %q: %v passes for a lost link", c.path, err)
		}
	}
}

func read(s suite) {
	t, h := s.t, s.h
	path := filepath.Join(t.TempDir(), "x.log")
	text := strings.Repeat("0123456789abcdef\n", 5000) // 85,000 bytes
	write(t, path, text)
	handle, info := mustOpen(t, h, path)
	for _, c := range [][2]int{
		{0, 10},
		{0, 85000},
		{0, 1 << 20},
		{1, 1},
		{63, 2},
		{64, 64},
		{65, 200},
		{4095, 3},
		{4097, 9000},
		{12345, 54321},
		{84999, 1},
		{84999, 100},
		{84000, 8193},
		{70000, 8192},
		{0, 0},
		{85000, 10},
		{85001, 10},
		{1 << 40, 10},
	} {
		from := min(c[0], len(text))
		r := wants(t, h, handle, int64(c[0]), c[1], text[from:min(from+c[1], len(text))])
		if r.File.Ident != info.Ident || r.File.Size != 85000 || r.Path == nil || r.Path.Ident != info.Ident {
			t.Errorf("got %+v, path %+v", r.File, r.Path)
		}
	}
	if _, err := h.ReadFile(t.Context(), handle, -1, 10); err == nil {
		t.Error("a negative offset: no error")
	}
	// The same question again has the same answer.
	for range 3 {
		wants(t, h, handle, 85000, 1000, "")
		wants(t, h, handle, 0, 16, text[:16])
	}
}

func anyBytes(s suite) {
	t, h := s.t, s.h
	path := filepath.Join(t.TempDir(), "x.log")
	var all [256]byte
	for i := range all {
		all[i] = byte(i)
	}
	for _, text := range []string{
		string(all[:]), strings.Repeat(string(all[:]), 300), strings.Repeat("\x00", 100_000), "\n", "\n\n\n", "no end",
		"=\n:5\n~\n", strings.Repeat("\n0123456789abcdef0123456789abcdef e\n", 100), "\x1b]0;title\x07\r\n",
	} {
		write(t, path, text)
		handle, _ := mustOpen(t, h, path)
		wants(t, h, handle, 0, 1<<20, text)
		if len(text) > 3 {
			wants(t, h, handle, 3, len(text)-3, text[3:])
		}
		h.CloseFile(handle)
	}
}

func growing(s suite) {
	t, h := s.t, s.h
	path := filepath.Join(t.TempDir(), "x.log")
	write(t, path, "")
	handle, _ := mustOpen(t, h, path)
	off := int64(0)
	for i := range 50 {
		text := strings.Repeat("x", i*7) + "\n"
		wants(t, h, handle, off, 4096, "")
		add(t, path, text)
		r := wants(t, h, handle, off, 4096, text)
		if off += int64(len(text)); r.File.Size != off {
			t.Fatalf("size %d after %d bytes", r.File.Size, off)
		}
	}
}

func renameAndCreate(s suite) {
	t, h := s.t, s.h
	path := filepath.Join(t.TempDir(), "x.log")
	write(t, path, "old\n")
	handle, info := mustOpen(t, h, path)
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	if r := wants(t, h, handle, 0, 100, "old\n"); r.Path != nil || r.File.Ident != info.Ident {
		t.Errorf("renamed: the file is %+v, at its path is %+v", r.File, r.Path)
	}
	write(t, path, "new, and longer\n")
	add(t, path+".1", "late\n") // its writer has not noticed
	r := wants(t, h, handle, 4, 100, "late\n")
	if r.Path == nil || r.Path.Ident == info.Ident || r.Path.Size != 16 || r.File.Size != 9 {
		t.Errorf("created: the file is %+v, at its path is %+v", r.File, r.Path)
	}
	next, _ := mustOpen(t, h, path)
	wants(t, h, next, 0, 100, "new, and longer\n")
}

func copyTruncate(s suite) {
	t, h := s.t, s.h
	path := filepath.Join(t.TempDir(), "x.log")
	write(t, path, "a long first text\n")
	handle, info := mustOpen(t, h, path)
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	r := wants(t, h, handle, 18, 100, "")
	if r.File.Size != 0 || r.Path == nil || r.Path.Ident != info.Ident {
		t.Errorf("truncated: the file is %+v, at its path is %+v", r.File, r.Path)
	}
	add(t, path, "short\n")
	if r := wants(t, h, handle, 0, 100, "short\n"); r.File.Size != 6 {
		t.Errorf("written again: the file is %+v", r.File)
	}
}

func removed(s suite) {
	t, h := s.t, s.h
	path := filepath.Join(t.TempDir(), "x.log")
	write(t, path, "text\n")
	handle, info := mustOpen(t, h, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if r := wants(t, h, handle, 0, 100, "text\n"); r.Path != nil || r.File.Ident != info.Ident {
		t.Errorf("removed: the file is %+v, at its path is %+v", r.File, r.Path)
	}
}

func replacedByDirectory(s suite) {
	t, h := s.t, s.h
	path := filepath.Join(t.TempDir(), "x.log")
	write(t, path, "text\n")
	handle, info := mustOpen(t, h, path)
	if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
		t.Fatal(err)
	}
	if r := wants(t, h, handle, 0, 100, "text\n"); r.Path == nil || r.Path.Ident == info.Ident {
		t.Errorf("at its path is %+v", r.Path)
	}
}

func closedHandles(s suite) {
	t, h := s.t, s.h
	path := filepath.Join(t.TempDir(), "x.log")
	write(t, path, "text\n")
	handle, _ := mustOpen(t, h, path)
	h.CloseFile(handle)
	h.CloseFile(handle)
	h.CloseFile(99999)
	if _, err := h.ReadFile(t.Context(), handle, 0, 10); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a closed handle: %v", err)
	}
}

func endedContext(s suite) {
	t, h := s.t, s.h
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := h.OpenFile(ctx, "/etc/passwd"); !errors.Is(err, context.Canceled) {
		t.Errorf("open: %v", err)
	}
	if _, err := h.ReadFiles(ctx, "/proc/uptime"); !errors.Is(err, context.Canceled) {
		t.Errorf("read: %v", err)
	}
	if got, err := h.ReadFiles(t.Context(), "/proc/uptime"); err != nil || len(got) != 1 {
		t.Errorf("afterwards: %v, %v", got, err)
	}
}
