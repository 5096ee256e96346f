package watchers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ronda/internal/observe"
)

// toolTree makes a folder with so many files of 256 KiB.
func toolTree(t *testing.T, dir string, files int) string {
	t.Helper()
	for i := range files {
		sub := filepath.Join(dir, fmt.Sprintf("part %d", i%3))
		if err := os.MkdirAll(sub, 0o755); err != nil {
			t.Fatal(err)
		}
		finderFile(t, filepath.Join(sub, fmt.Sprintf("f%d", i)), 256<<10)
	}
	return dir
}

// TestFinderKnowsRealTools runs real copies, all at once and slowed down by their own means, and looks at what is
// said of each while it runs and when it is gone.
func TestFinderKnowsRealTools(t *testing.T) {
	dir := t.TempDir()
	mail := toolTree(t, filepath.Join(dir, "mail"), 24) // 6 MiB
	image := finderFile(t, filepath.Join(dir, "disk.img"), 6<<20)
	large := finderFile(t, filepath.Join(dir, "disk.raw"), 48<<20) // qemu-img reads 16 MiB ahead
	var killed *exec.Cmd
	for _, copies := range []struct{ name, command string }{
		{"rsync", `exec rsync -a --bwlimit=1000 mail to-rsync`},
		{"tar", `tar cf - mail | pv -q -L 1m | gzip -1 > mail.tgz`},
		{"rclone", `exec rclone copy --config /dev/null --bwlimit 1M mail to-rclone`},
		{"qemu-img", `exec qemu-img convert -r 8M -f raw -O qcow2 disk.raw disk.qcow2`},
		{"pv", `pv -q -L 1m disk.img | zstd -q -1 > disk.zst`},
		{"killed", `exec rsync -a --bwlimit=300 disk.img to-nowhere/`},
	} {
		c := finderStart(t, "sh", "-c", "cd "+quoteShell(dir)+"; "+copies.command)
		if copies.name == "killed" {
			killed = c
		}
	}
	w := finderRunTest(t, FinderConfig{Match: "mail|disk", Runner: procTestShell{}})
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, c := range []struct {
		tool, source, target string
		of                   observe.AmountOf
		total                float64 // at least
		state                observe.TransferState
		words                string
	}{
		{"rsync", image, in("to-nowhere"), observe.AmountTarget, 6 << 20, observe.TransferFailed, "rsync ended with exit code"},
		{"rsync", mail, in("to-rsync"), observe.AmountSource, 6 << 20, observe.TransferDone, "holds 24 files of 6.3 MB"},
		{"tar", mail, in("mail.tgz"), observe.AmountSource, 6 << 20, observe.TransferGone, "only be known by reading"},
		{"rclone", mail, in("to-rclone"), observe.AmountSource, 6 << 20, observe.TransferDone, "holds 24 files"},
		{"qemu-img", large, in("disk.qcow2"), observe.AmountSource, 48 << 20, observe.TransferDone, "exit code 0"},
		{"pv", image, in("disk.zst"), observe.AmountSource, 6 << 20, observe.TransferGone, "only be known by reading"},
	} {
		mine := func() (list []observe.Transfer) {
			for _, all := range w.transfers {
				if all[0].Tool == c.tool && all[0].Source == c.source {
					list = append(list, all...)
				}
			}
			return list
		}
		if c.state == observe.TransferFailed {
			w.until(t, "that it moves", func() bool {
				seen := map[float64]bool{}
				for _, now := range mine() {
					seen[amountOf(now, c.of).Done] = true
				}
				return len(seen) > 3
			})
			_ = killed.Process.Kill()
		}
		w.until(t, c.tool+" of "+c.source+" at its end", func() bool {
			list := mine()
			return len(list) > 0 && list[len(list)-1].State != observe.TransferRunning
		})
		w.mu.Lock()
		list := mine()
		end, moved, known := list[len(list)-1], 0, false
		for i, now := range list[:len(list)-1] {
			a := amountOf(now, c.of)
			if i > 0 && a.Done > amountOf(list[i-1], c.of).Done {
				moved++
			}
			known = known || a.Total >= c.total && a.Total <= c.total*1.1 && a.By != ""
		}
		if end.Target != c.target || moved < 2 || !known {
			t.Errorf("%s > %s: moved %d times, total known %v; the last: %+v", c.source, end.Target, moved, known, list[len(list)-2])
		}
		if end.State != c.state || !strings.Contains(end.Detail, c.words) {
			t.Errorf("%s of %s ended %s, %q", c.tool, c.source, end.State, end.Detail)
		}
		w.mu.Unlock()
	}
}

// TestQuestionsOfRealFiles asks the shell what a finder asks.
func TestQuestionsOfRealFiles(t *testing.T) {
	dir := t.TempDir()
	tree := toolTree(t, filepath.Join(dir, "it's a tree"), 5)
	if err := os.Link(filepath.Join(tree, "part 0", "f0"), filepath.Join(tree, "again")); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(tree, "part 1", "f1"), 8<<20); err != nil { // a hole
		t.Fatal(err)
	}
	run := func(command string) string {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", command).Output()
		if err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		return string(out)
	}
	s, ok := parseSum(run(sumCommand(1000, []string{tree})))
	if want := int64(4*256<<10 + 8<<20); !ok || s.files != 5 || s.bytes != want || s.allocated < 5*256<<10 || s.allocated > 2<<20 || s.denied != "" {
		t.Errorf("added up: %+v, want %d bytes in 5 files", s, want)
	}
	if s, _ := parseSum(run(sumCommand(1000, []string{tree}, "f1", "f[23]"))); s.files != 2 {
		t.Errorf("without three of them: %+v", s)
	}
	if s, _ := parseSum(run(sumCommand(1000, []string{tree, filepath.Join(dir, "none")}))); s.files != 5 || !strings.Contains(s.denied, "none") {
		t.Errorf("with one that is not there: %+v", s)
	}
	if s, _ := parseSum(run(sumCommand(1000, []string{tree, "/proc/self/fdinfo", "/sys/kernel/mm"}))); s.files != 5 || s.denied != "" {
		t.Errorf("with the kernel's own files: %+v", s)
	}
	if s, _ := parseSum(run(sumCommand(3, []string{tree}))); s.denied != "there are more than 3 files" {
		t.Errorf("of too many: %+v", s)
	}
	m := move{tool: "cp", sources: []string{tree}}
	m.answer(run(strings.Replace(sumCommand(1000, []string{tree}), "timeout 120", "timeout 0.0001", 1)))
	if m.sum.known || !strings.Contains(m.unknown, sumCut) {
		t.Errorf("cut short it is %+v, %q", m.sum, m.unknown)
	}
	archive := filepath.Join(dir, "x.tar")
	run("tar cf " + quoteShell(archive) + " " + quoteShell(tree))
	for _, want := range []observe.TransferState{observe.TransferDone, observe.TransferFailed} {
		m, _ := recognize(running("tar cf "+archive+" "+tree, nil))
		q, ok := m.lastQuestion(nil)
		if state, words := m.closed(run(q.command)); !ok || state != want {
			t.Errorf("an archive: %s, %q, want %s", state, words, want)
		}
		run("truncate -s -20k " + quoteShell(archive))
	}
	for _, target := range []string{filepath.Join(dir, "new"), dir} { // it becomes the copy, or holds it
		m := move{tool: "cp", sources: []string{tree}, target: target, sum: s}
		if target == dir {
			m.target = filepath.Join(dir, "new")
			if err := os.Mkdir(m.target, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		run("cp -a " + quoteShell(tree) + " " + quoteShell(m.target))
		q, ok := m.lastQuestion(nil)
		if state, words := m.trees(run(q.command)); !ok || state != observe.TransferDone {
			t.Errorf("cp to %s: %s, %q", m.target, state, words)
		}
		run("rm -r " + quoteShell(m.target))
	}
	for text, want := range map[string]string{"insert into t;\n-- Dump completed on 2026-11-25  3:20:00\n": endClosed, "insert into t": endUnclosed, "": endUnclosed} {
		file := filepath.Join(dir, "it's.sql")
		if err := os.WriteFile(file, []byte(strings.Repeat("x", 500)+text), 0o600); err != nil {
			t.Fatal(err)
		}
		q, ok := move{tool: "mysqldump", target: file, closing: "-- Dump completed", way: wayGrow}.lastQuestion(nil)
		if got := strings.TrimSpace(run(q.command)); !ok || got != want {
			t.Errorf("%q ends %s, want %s", text, got, want)
		}
	}
}

// Only what lies on local file systems all the way down is added up.
func TestTreesThatMayBeWalked(t *testing.T) {
	p := places{far: true, deep: []mount{{point: "/srv/mail/nfs", kind: "nfs4"}, {point: "/mnt/b", kind: "nfs4"}, {point: "/", kind: "ext4"}}}
	open := []observe.OpenFile{{Path: "/srv/www/a/1"}, {Path: "/srv/mail/b/2"}, {Path: "/mnt/b/x"}}
	for top, want := range map[string]bool{"/srv/www": true, "/srv/www/a": true, "/srv/mail": false, "/mnt/b": false, "/link": false, "/": false} {
		if got := p.mayWalk(top, open); got != want {
			t.Errorf("%s: %v", top, got)
		}
	}
	p.far, p.deep = false, p.deep[2:]
	if !p.mayWalk("/link", nil) {
		t.Error("where nothing is far, all may be looked at")
	}
}
