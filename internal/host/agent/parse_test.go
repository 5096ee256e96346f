package agent

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
)

// decode does to a word of a request what the far side does.
func decode(t *testing.T, w string) string {
	t.Helper()
	if !strings.HasPrefix(w, "=") && !strings.HasPrefix(w, "~") {
		return w
	}
	var b strings.Builder
	for w = w[1:]; w != ""; {
		if w[0] != '\\' {
			b.WriteByte(w[0])
			w = w[1:]
			continue
		}
		n, err := strconv.ParseUint(w[2:5], 8, 8)
		if err != nil || w[1] != '0' {
			t.Fatalf("no octal escape: %q", w)
		}
		b.WriteByte(byte(n))
		w = w[5:]
	}
	return b.String()
}

// Whatever a path holds, its word holds nothing that a shell would act on, and comes out as the path.
func FuzzWord(f *testing.F) {
	for _, p := range []string{"/var/log/x.log", "/a b", "$(x)", "`x`", "=x", "~", "*", "[!a]", "\n", `\0101`, "\xff", "-n", "{a,b}", "#", "!"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p string) {
		w, g := word(p), glob(p)
		if decode(t, w) != p || decode(t, g) != p {
			t.Errorf("%q becomes %q and %q", p, w, g)
		}
		for _, c := range strings.TrimPrefix(w, "=") {
			if !strings.ContainsRune(ordinary+`\`, c) {
				t.Errorf("%q holds %q", w, c)
			}
		}
		for _, c := range strings.TrimPrefix(g, "~") {
			if !strings.ContainsRune(ordinary+`\*?[]`, c) {
				t.Errorf("%q holds %q", g, c)
			}
		}
	})
}

// What a host answers can be anything: it is understood or refused, and names nothing that was not asked for.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{
		"+ 1 2\n/proc/1/stat:1 (init) S\n/proc/1/io:rchar: 1\n/proc/1/io:wchar: 2\n/proc/77/stat:x", "+3 5:/a/hello\n4 0:/b/c",
		"+2\n3:/a14:/a.21:2:3:4.5\n1:3:4:5.000000001", "+1\n9:/a:1:2:3\n1:2:3:4", "0 0\n1:2:3:4\n1:2:3:4", "+1\n", "+", "",
		"-sh: 1: cannot open /x: No such file", "lrwx------ 1 0 0 64 Jan  1  2026 3 -> /a\\040b\\n", "+\n/proc/1/fd:\ntotal 0\nl 1 2 3 4 5 6 7 a -> b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		plain, globs := []string{"/proc/1/stat", "/proc/1/io"}, []string{"/proc/[0-9]*/stat"}
		files := make(map[string]string)
		lines(files, s, plain, globs)
		for p := range files {
			if p != plain[0] && p != plain[1] && !matches(globs[0], p) {
				t.Errorf("a file that nobody asked for: %q", p)
			}
		}
		_ = lengths(files, s) // an error is an answer
		if list, ok := siblings(s); ok {
			for _, f := range list {
				if f.Size < 0 || strings.ContainsAny(f.Ident, " \n") {
					t.Errorf("took in %+v", f)
				}
			}
		}
		if info, err := opened("/x", s); err == nil && (info.Path != "/x" || info.Size < 0) {
			t.Errorf("took in %+v", info)
		}
		_, _, _ = link(s)
		_ = unescape(s)
		if q := (&noise{tail: []byte(s)}).String(); strings.ContainsAny(q, "\x1b\n\r\a\u202e\u009b") {
			t.Errorf("not fit to show: %q", q)
		}
	})
}

func TestLines(t *testing.T) {
	files := make(map[string]string)
	lines(files, "+ 1 2\n/a:b:c:text: with colons\n/a:b:c:\n/a:b:c:/a:b:more\n/g/x:/g/y:z", []string{"/empty", "/a:b:c"}, []string{"/g/*"})
	want := map[string]string{"/empty": "", "/a:b:c": "text: with colons\n\n/a:b:more", "/g/x": "/g/y:z"}
	if len(files) != len(want) {
		t.Errorf("got %q", files)
	}
	for p, text := range want {
		if files[p] != text {
			t.Errorf("%s: got %q, want %q", p, files[p], text)
		}
	}
}

func TestKernelText(t *testing.T) {
	for p, want := range map[string]bool{
		"/proc/uptime": true, "/proc/1/stat": true, "/proc/[0-9]*/stat": true, "/proc/1/task/*/children": true, "/proc/1/fdinfo/*": true, "/proc/1/net/tcp": true,
		"/sys/fs/ext4/*/errors_count": true, "/proc/pressure/io": true,
		"/proc/1/fd/0": false, "/proc/1/fd/*": false, "/proc/1/*/0": false, "/proc/1/[f]d/0": false, "/proc/1/root/etc/passwd": false, "/proc/1/cwd/x": false,
		"/proc/1/task/1/fd/3": false, "/proc/kmsg": false, "/proc/../etc/passwd": false, "/sys/../etc/passwd": false, "/var/run/x.pid": false, "proc/1/stat": false, "/proc": false,
	} {
		if KernelText(p) != want {
			t.Errorf("%s: not %v", p, want)
		}
	}
}

func TestSlice(t *testing.T) {
	var file [20_000]byte
	for i := range file {
		file[i] = byte(i * 7)
	}
	for _, c := range []struct{ off, n, block int }{{0, 10, 64}, {63, 2, 64}, {64, 8192, 64}, {100, 8193, 4096}, {4096, 9000, 4096}, {19_999, 1, 64}} {
		from := c.off / c.block * c.block
		got := slice(file[from:], strconv.Itoa(c.n)+" 0", int64(c.off))
		if want := file[c.off:min(c.off+c.n, len(file))]; string(got) != string(want) {
			t.Errorf("%+v: %d bytes that differ", c, len(got))
		}
	}
	if got := slice(nil, "10 0", 70); len(got) != 0 { // the file was cut meanwhile
		t.Errorf("got %q", got)
	}
}

func TestSortSiblings(t *testing.T) {
	hour := time.Unix(3600, 0)
	list := []observe.FileInfo{
		{Path: "x.10"}, {Path: "x-20261122"}, {Path: "x.2"}, {Path: "x-20261124"}, {Path: "x.old"}, {Path: "x.1"}, {Path: "x.9", Modified: hour},
	}
	SortSiblings(list)
	var got []string
	for _, f := range list {
		got = append(got, f.Path)
	}
	if diff := cmp.Diff([]string{"x.9", "x.1", "x.2", "x.10", "x.old", "x-20261124", "x-20261122"}, got); diff != "" {
		t.Error(diff)
	}
}
