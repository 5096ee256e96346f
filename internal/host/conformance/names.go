package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
)

// HostileNames are names of files that act on a shell, a terminal or a parser that is careless with them.
func HostileNames() []string {
	return []string{
		"a b", " ", "'", `"`, `it's "x"`, "a\nb", "end\n", "\n", "$(touch executed)", "`touch executed`", "-n", "--", "-rf *",
		"*", "?", "[a]", "*?[a]", `\n`, `\`, `a\\b`, "%s", "%b", "$HOME", "~", "~root", ";touch executed", "&touch executed", "|touch executed",
		">executed", "#", "!", "a=b", "=x", "{a,b}", "\xff\xfe", "ümläut", "\x1b[31m", "\t", "a:b", "1:2:3:4", "5:x:7:8", " -> ", "x -> y", "x:", strings.Repeat("n", 250),
	}
}

func hostileNames(s suite) {
	t, h := s.t, s.h
	dir := t.TempDir()
	t.Chdir(dir)
	var paths []string
	for _, name := range HostileNames() {
		path := filepath.Join(dir, name)
		write(t, path, "I am "+name)
		paths = append(paths, path)
	}
	stats, err := h.StatFiles(t.Context(), paths...)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := h.ReadFiles(t.Context(), paths...)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range HostileNames() {
		path := paths[i]
		handle, info := mustOpen(t, h, path)
		wants(t, h, handle, 0, 1000, "I am "+name)
		h.CloseFile(handle)
		if stats[path].Ident != info.Ident || stats[path].Path != path || stats[path].Size != int64(len(name)+5) {
			t.Errorf("stat %q: got %+v, want %+v", name, stats[path], info)
		}
		if got, ok := texts[path]; !strings.ContainsAny(name, "*[") && (!ok || got != strings.TrimSuffix("I am "+name, "\n")) {
			t.Errorf("small file %q: got %q", name, got)
		}
		write(t, path+".1", "")
		list, err := h.Siblings(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, s := range list {
			found = found || s.Path == path+".1"
			if !strings.HasPrefix(s.Path, path) || s.Path == path {
				t.Errorf("beside %q: %q", path, s.Path)
			}
		}
		if !found {
			t.Errorf("beside %q: %+v", path, list)
		}
		if err := os.Remove(path + ".1"); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(paths) {
		t.Errorf("%d files are there, not %d: a name was executed", len(entries), len(paths))
	}
}

func siblings(s suite) {
	t, h := s.t, s.h
	dir := t.TempDir()
	path := filepath.Join(dir, "x.log")
	day := time.Now().Add(-24 * time.Hour).Truncate(time.Second)
	for i, name := range []string{"x.log", "x.log.1", "x.log.2", "x.log.3", "x.log-20261122", "x.log.4.gz", "x.log.5.xz", "x.log.6.zst", "x.logger", "y.log.1", "x.lo"} {
		p := filepath.Join(dir, name)
		write(t, p, name)
		if err := os.Chtimes(p, day, day.Add(-time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	// Rotations in one second: the number tells, or the date.
	for i, name := range []string{"x.log.10", "x.log.11", "x.log.9"} {
		p := filepath.Join(dir, name)
		write(t, p, name)
		if err := os.Chtimes(p, day, day.Add(-time.Hour)); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := os.Mkdir(path+".d", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := mkfifo(path + ".fifo"); err != nil {
		t.Fatal(err)
	}
	list, err := h.Siblings(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range list {
		names = append(names, filepath.Base(s.Path))
		handle, info := mustOpen(t, h, s.Path)
		h.CloseFile(handle)
		if s != info {
			t.Errorf("listed as %+v, opened as %+v", s, info)
		}
	}
	want := []string{"x.log.1", "x.log.2", "x.log.3", "x.log-20261122", "x.logger", "x.log.9", "x.log.10", "x.log.11"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
}

func siblingsOfNothing(s suite) {
	t, h := s.t, s.h
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "x.log"), filepath.Join(dir, "none", "x.log")} {
		if list, err := h.Siblings(t.Context(), path); err != nil || len(list) != 0 {
			t.Errorf("%v, %v", list, err)
		}
	}
}

// manyFiles are more than a POSIX shell has descriptors for. What is rotated away stays readable.
func manyFiles(s suite) {
	t, h := s.t, s.h
	dir := t.TempDir()
	const n = 30
	var handles [n]int
	path := func(i int) string { return filepath.Join(dir, fmt.Sprintf("many %d.log", i)) }
	for i := range n {
		write(t, path(i), fmt.Sprintf("file %d\n", i))
		handles[i], _ = mustOpen(t, h, path(i))
	}
	for i := range n {
		wants(t, h, handles[i], 0, 100, fmt.Sprintf("file %d\n", i))
		if i%3 == 0 {
			if err := os.Rename(path(i), path(i)+".1"); err != nil {
				t.Fatal(err)
			}
			write(t, path(i), "another\n")
		}
	}
	for i := range n {
		r := wants(t, h, handles[i], 5, 100, fmt.Sprintf("%d\n", i))
		if moved := r.Path == nil || r.Path.Ident != r.File.Ident; moved != (i%3 == 0) {
			t.Errorf("file %d: moved %v", i, moved)
		}
	}
	for i := range n { // closing frees what held them
		h.CloseFile(handles[i])
	}
	for i := range n {
		handle, _ := mustOpen(t, h, path(i))
		want := fmt.Sprintf("file %d\n", i)
		if i%3 == 0 {
			want = "another\n"
		}
		wants(t, h, handle, 0, 100, want)
		h.CloseFile(handle)
	}
}
