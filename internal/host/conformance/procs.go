package conformance

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func smallFiles(s suite) {
	t, h := s.t, s.h
	dir := t.TempDir()
	big := strings.Repeat("0123456789abcde\n", 20<<10)
	files := map[string]string{
		"a.pid": "812\n", "b.pid": "813", "empty": "", "nul": "a\x00b\x00", "lines": "one\n\ntwo\n", "big": big, "sp ace.pid": "7\n",
	}
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	if err := mkfifo(filepath.Join(dir, "fifo")); err != nil {
		t.Fatal(err)
	}
	got, err := h.ReadFiles(t.Context(), dir+"/*.pid", dir+"/empty", dir+"/nul", dir+"/lines", dir+"/none", dir+"/fifo", dir, dir+"/big", dir+"/none[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		dir + "/a.pid": "812", dir + "/b.pid": "813", dir + "/sp ace.pid": "7", dir + "/empty": "", dir + "/nul": "a b ", dir + "/lines": "one\n\ntwo",
		dir + "/big": big[:256<<10-1],
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got, err := h.ReadFiles(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("nothing: %v, %v", got, err)
	}
}

func procFiles(s suite) {
	t, h := s.t, s.h
	pid := start(t, nil, "sleep", "600")
	p := fmt.Sprintf("/proc/%d", pid)
	for range 3 { // the second time the question is known
		got, err := h.ReadFiles(t.Context(), p+"/stat", p+"/status", p+"/io", p+"/task/*/comm", p+"/task/[0-9]*/children", p+"/none",
			"/proc/[0-9]*/none", "/proc/uptime", "/sys/kernel/mm/transparent_hugepage/../none")
		if err != nil {
			t.Fatal(err)
		}
		stat := got[p+"/stat"]
		if !strings.HasPrefix(stat, fmt.Sprintf("%d (sleep) ", pid)) || strings.HasSuffix(stat, "\n") {
			t.Errorf("stat: %q", stat)
		}
		if io := got[p+"/io"]; !strings.HasPrefix(io, "rchar: ") || strings.Count(io, "\n") != 6 || !strings.Contains(io, "\nread_bytes: ") {
			t.Errorf("io: %q", io)
		}
		if !strings.Contains(got[p+"/status"], "\nPPid:") || got[fmt.Sprintf("%s/task/%d/comm", p, pid)] != "sleep" || got["/proc/uptime"] == "" {
			t.Errorf("got %q", got)
		}
		delete(got, fmt.Sprintf("%s/task/%d/children", p, pid)) // empty: may be absent, as a pattern found it
		if len(got) != 5 {
			t.Errorf("got %q", got)
		}
	}
	// A file that holds nothing is there.
	children := fmt.Sprintf("%s/task/%d/children", p, pid)
	got, err := h.ReadFiles(t.Context(), children, p+"/none")
	if text, ok := got[children]; err != nil || !ok || text != "" || len(got) != 1 {
		t.Errorf("got %q, %v", got, err)
	}
}

// A process that waits for input keeps what comes: nobody takes it on the way through /proc.
func inputIsLeft(s suite) {
	t, h := s.t, s.h
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Close(), w.Close() }) // what is in it is read below
	pid := start(t, r, "sleep", "600")
	if _, err := w.WriteString("answer\n"); err != nil {
		t.Fatal(err)
	}
	regular, err := os.Open("/etc/passwd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = regular.Close() }) // it was only read
	reader := start(t, regular, "sleep", "600")
	p, q := fmt.Sprintf("/proc/%d", pid), fmt.Sprintf("/proc/%d/fd/0", reader)
	got, err := h.ReadFiles(t.Context(), p+"/fd/0", p+"/fd/*", p+"/*/0", p+"/task/*/fd/0", q)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := got[q]; !ok || len(got) < 1 || got[p+"/fd/0"] != "" {
		t.Errorf("got %q", got)
	}
	buf := make([]byte, 100)
	if n, err := r.Read(buf); err != nil || string(buf[:n]) != "answer\n" {
		t.Errorf("what is left of its input: %q, %v", buf[:n], err)
	}
}

func commandLines(s suite) {
	t, h := s.t, s.h
	pid := start(t, nil, "sleep", "600", "601", "602")
	odd := start(t, nil, "sh", "-c", "read x; : 'two words'\n\n\xff /proc/1/cmdline:x")
	p := fmt.Sprintf("/proc/%d/cmdline", pid)
	got, err := h.ReadFiles(t.Context(), p, fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		t.Fatal(err)
	}
	if got[p] != "sleep 600 601 602 " || !strings.Contains(got[fmt.Sprintf("/proc/%d/environ", pid)], "PATH=") {
		t.Errorf("got %q", got)
	}
	all, err := h.ReadFiles(t.Context(), "/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	want := "sh -c read x; : 'two words'\n\n\xff /proc/1/cmdline:x "
	if line := all[fmt.Sprintf("/proc/%d/cmdline", odd)]; line != want || all[p] != got[p] {
		t.Errorf("got %q, want %q; and %q", line, want, all[p])
	}
}

func links(s suite) {
	t, h := s.t, s.h
	dir := t.TempDir()
	target := filepath.Join(dir, "target -> ü\n\t\\x")
	write(t, target, "")
	f, err := os.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // it was only read
	pid := start(t, f, "sleep", "600")
	fd := fmt.Sprintf("/proc/%d/fd", pid)
	got, err := h.ReadLinks(t.Context(), fd, fmt.Sprintf("/proc/%d/fdinfo", pid), filepath.Join(dir, "none"))
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]string)
	entries, err := os.ReadDir(fd)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		to, err := os.Readlink(filepath.Join(fd, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		want[filepath.Join(fd, e.Name())] = to
	}
	// A host whose ls shows no control characters may show others in their place.
	if o, plain := want[fd+"/0"], got[fd+"/0"]; o == target && plain != o && len(plain) >= 8 && strings.HasPrefix(plain, dir+"/target -> ") {
		t.Logf("the host shows %q as %q", o, plain)
		got[fd+"/0"] = o
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	one, err := h.ReadLinks(t.Context(), fd)
	if err != nil || len(one) != len(want) {
		t.Errorf("one directory: %q, %v", one, err)
	}
}

func holders(s suite) {
	t, h := s.t, s.h
	dir := t.TempDir()
	for _, name := range []string{"x.log", "x [1]*?.log", `b\n.log`, "it's.log"} {
		path := filepath.Join(dir, name)
		write(t, path, "")
		handle, _ := mustOpen(t, h, path) // ours does not count
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		first, second := start(t, f, "sleep", "600"), start(t, f, "sleep", "600")
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		pids, err := h.Holders(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		want := []int{first, second}
		slices.Sort(want)
		if diff := cmp.Diff(want, pids); diff != "" {
			t.Errorf("%q: %s", name, diff)
		}
		link := filepath.Join(dir, "link"+strconv.Itoa(len(name)))
		if err := os.Symlink(path, link); err != nil {
			t.Fatal(err)
		}
		if pids, err := h.Holders(t.Context(), link); err != nil || len(pids) != 2 {
			t.Errorf("through a link: %v, %v", pids, err)
		}
		h.CloseFile(handle)
	}
	if pids, err := h.Holders(t.Context(), filepath.Join(dir, "none")); err != nil || len(pids) != 0 {
		t.Errorf("nothing: %v, %v", pids, err)
	}
}

func stat(s suite) {
	t, h := s.t, s.h
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	write(t, path, "12345")
	if err := os.Symlink(path, path+"-link"); err != nil {
		t.Fatal(err)
	}
	_, info := mustOpen(t, h, path)
	got, err := h.StatFiles(t.Context(), path, path+"-none", path+"-link", dir)
	if err != nil {
		t.Fatal(err)
	}
	info.Allocated = got[path].Allocated // who opens a file is not told everywhere
	if got[path] != info || got[path+"-link"].Ident != info.Ident || got[path+"-link"].Size != 5 || got[dir].Ident == "" || len(got) != 3 {
		t.Errorf("got %+v", got)
	}
	if got, err := h.StatFiles(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("nothing: %v, %v", got, err)
	}
	holes := filepath.Join(dir, "holes")
	if err := errors.Join(os.WriteFile(holes, make([]byte, 64<<10), 0o600), os.Truncate(holes, 8<<20)); err != nil {
		t.Fatal(err)
	}
	got, err = h.StatFiles(t.Context(), holes)
	if err != nil {
		t.Fatal(err)
	}
	if f := got[holes]; f.Size != 8<<20 || runtime.GOOS != "windows" && (f.Allocated < 64<<10 || f.Allocated > 1<<20) {
		t.Errorf("a file with holes: %+v", f)
	}
}

// start starts a process that waits, with stdin as its input, and ends it with the test. It returns when the
// process has come to rest.
func start(t *testing.T, stdin *os.File, name string, args ...string) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	if stdin != nil {
		cmd.Stdin = stdin
	} else {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdin = r
		t.Cleanup(func() { _, _ = r.Close(), w.Close() }) // nothing was written
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() }) // it is to be gone, that is all
	settled := fmt.Sprintf("%d (%s) S ", cmd.Process.Pid, name)
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(string(text), settled) {
			return cmd.Process.Pid
		}
		<-time.After(5 * time.Millisecond)
	}
	t.Fatalf("%s does not come to rest", name)
	return 0
}
