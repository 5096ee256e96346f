package watchers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ronda/internal/observe"
)

// shown writes amounts in short.
func shown(all []observe.Amount) string {
	var parts []string
	for _, a := range all {
		s := fmt.Sprintf("%s %.0f", a.Of, a.Done)
		if a.Total > 0 {
			s += fmt.Sprintf("/%.0f", a.Total)
		}
		if a.Estimate {
			s += "~"
		}
		if a.Unit != "bytes" {
			s += " " + a.Unit
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, ", ")
}

func TestAmounts(t *testing.T) {
	read := func(p string, pos, size int64) observe.OpenFile {
		return observe.OpenFile{Path: p, Pos: pos, Size: size}
	}
	written := func(p string, pos, size int64) observe.OpenFile {
		return observe.OpenFile{Path: p, Pos: pos, Size: size, Write: true}
	}
	type infos = map[string]observe.FileInfo
	io := &observe.ProcessIO{Read: 30, Write: 40, ReadChars: 500, WriteChars: 450}
	for _, c := range []struct {
		why     string
		command string
		links   map[int]string
		files   []observe.OpenFile
		sizes   infos
		sum     treeSize
		want    string
	}{
		{
			"cp's positions stand still while the kernel copies", "cp a b", nil,
			[]observe.OpenFile{read("/w/a", 0, 1000), written("/w/b", 0, 400)},
			infos{"/w/a": {Size: 1000}, "/w/b": {Size: 400}},
			treeSize{},
			"target 400/1000, io 500",
		},
		{
			"a file with holes: only what holds data is moved", "cp a b", nil,
			[]observe.OpenFile{read("/w/a", 0, 1e6), written("/w/b", 0, 9e5)},
			infos{"/w/a": {Size: 1e6, Allocated: 8192}, "/w/b": {Size: 9e5, Allocated: 4096}},
			treeSize{},
			"target 4096/8192~, io 500",
		},
		{
			"holes that are filled", "cp --sparse=never a b", nil,
			[]observe.OpenFile{read("/w/a", 9e5, 1e6), written("/w/b", 9e5, 9e5)},
			infos{"/w/a": {Size: 1e6, Allocated: 8192}, "/w/b": {Size: 9e5, Allocated: 9e5}},
			treeSize{},
			"target 900000/1000000, source 900000/1000000, io 500",
		},
		{
			"into a folder", "cp a /mnt", nil, nil,
			infos{"/w/a": {Size: 1000}, "/mnt": {Size: 4096}, "/mnt/.": {}, "/mnt/a": {Size: 300}},
			treeSize{},
			"target 300/1000, io 500",
		},
		{
			"a target that had its size before", "dd if=a of=b conv=notrunc bs=10", nil,
			[]observe.OpenFile{read("/w/a", 300, 1000), written("/w/b", 290, 1000)},
			infos{"/w/a": {Size: 1000}, "/w/b": {Size: 1000}},
			treeSize{},
			"target 290/1000, source 300/1000, io 500",
		},
		{
			"a part of the source to a part of the target", "dd if=a of=b bs=10 count=20 skip=10 seek=5", nil,
			[]observe.OpenFile{read("/w/a", 250, 1000), written("/w/b", 190, 190)},
			infos{"/w/a": {Size: 1000}},
			treeSize{},
			"target 140/200, source 150/200, io 500",
		},
		{
			"a count beyond the end of the source", "dd if=a of=b bs=10 count=9999", nil,
			[]observe.OpenFile{read("/w/a", 250, 1000), written("/w/b", 190, 190)},
			infos{"/w/a": {Size: 1000}},
			treeSize{},
			"target 190/1000, source 250/1000, io 500",
		},
		{
			"disks have a size that no file system tells", "dd if=/dev/vg/home of=/dev/sdb",
			map[int]string{0: "/dev/dm-3", 1: "/dev/sdb"},
			[]observe.OpenFile{read("/dev/dm-3", 250, 1000), written("/dev/sdb", 240, 4000)},
			nil,
			treeSize{},
			"target 240/1000, source 250/1000, io 500",
		},
		{
			"nothing has an end but the target", "dd if=/dev/zero of=/dev/sdb",
			map[int]string{0: "/dev/zero", 1: "/dev/sdb"},
			[]observe.OpenFile{written("/dev/sdb", 240, 4000)},
			nil,
			treeSize{},
			"target 240/4000, io 500",
		},
		{
			"rsync's temporary file, its room taken beforehand", "rsync --preallocate a /mnt/", nil,
			[]observe.OpenFile{read("/w/a", 300, 1000), written("/mnt/.a.Xy12Zz", 256, 1000)},
			infos{"/w/a": {Size: 1000}, "/mnt": {}, "/mnt/.": {}},
			treeSize{},
			"target 256/1000, source 300/1000, io 500",
		},
		{
			"a tree: the open file is not the whole", "rsync -a /srv/mail/ /mnt/mail", nil,
			[]observe.OpenFile{read("/srv/mail/1", 9, 10), written("/mnt/mail/.1.Xy12Zz", 8, 8)},
			infos{"/srv/mail/": {}, "/srv/mail/.": {}},
			treeSize{known: true, files: 12, bytes: 5000},
			"source 500/5000~, io 500",
		},
		{
			"a tree not added up yet", "cp -r /srv/mail /mnt", nil,
			[]observe.OpenFile{written("/mnt/mail/1", 0, 800)},
			infos{"/srv/mail": {}, "/srv/mail/.": {}},
			treeSize{},
			"target 1250, io 500",
		},
		{"how large the far file is, nobody here knows", "scp b:/srv/a .", nil, []observe.OpenFile{written("/w/a", 700, 700)}, nil, treeSize{}, "target 700, io 500"},
		{
			"a compressed target is no measure", "gzip -k a", nil,
			[]observe.OpenFile{read("/w/a", 500, 1000), written("/w/a.gz", 100, 100)},
			infos{"/w/a": {Size: 1000}, "/w/a.gz": {Size: 100}},
			treeSize{},
			"source 500/1000, target 100, io 500",
		},
		{"several files, which are removed in turn", "gzip a b c", nil, []observe.OpenFile{read("/w/b", 5, 10)}, infos{"/w/b": {Size: 10}, "/w/c": {Size: 20}}, treeSize{}, "files 1/3 files, io 500"},
		{
			"several files that stay", "xz -k a b c", nil,
			[]observe.OpenFile{read("/w/b", 5, 10)},
			infos{"/w/a": {Size: 100}, "/w/b": {Size: 10}, "/w/c": {Size: 20}},
			treeSize{},
			"source 105/130, files 1/3 files, io 500",
		},
		{
			"an archive from a tree", "tar czf /b/x.tgz /srv", nil,
			[]observe.OpenFile{read("/srv/1", 5, 10), written("/b/x.tgz", 70, 70)},
			infos{"/srv": {}, "/srv/.": {}, "/b/x.tgz": {Size: 70}},
			treeSize{known: true, files: 3, bytes: 2000},
			"source 500/2000~, target 70, io 500",
		},
		{
			"an archive that is unpacked", "tar xf /b/x.tar", nil,
			[]observe.OpenFile{read("/b/x.tar", 600, 2000), written("/w/srv/1", 5, 5)},
			infos{"/b/x.tar": {Size: 2000}, "/w": {}, "/w/.": {}},
			treeSize{},
			"source 600/2000, io 500",
		},
		{"a dump has no total", "mysqldump mail", map[int]string{1: "/b/x.sql"}, []observe.OpenFile{written("/b/x.sql", 77, 77)}, infos{"/b/x.sql": {Size: 77}}, treeSize{}, "target 77, io 500"},
		{"a dump that is loaded", "mysql mail", map[int]string{0: "/b/x.sql"}, []observe.OpenFile{read("/b/x.sql", 60, 77)}, infos{"/b/x.sql": {Size: 77}}, treeSize{}, "source 60/77, io 500"},
		{"pg_restore reads ahead of what it does", "pg_restore -d mail /b/x.dump", nil, []observe.OpenFile{read("/b/x.dump", 60, 77)}, infos{"/b/x.dump": {Size: 77}}, treeSize{}, "source 60/77~, io 500"},
		{
			"neither position nor size of an image tells", "qemu-img convert -O raw a.qcow2 b.raw", nil,
			[]observe.OpenFile{read("/w/a.qcow2", 3000, 900), written("/w/b.raw", 0, 9000)},
			infos{"/w/a.qcow2": {Size: 900, Allocated: 880}, "/w/b.raw": {Size: 9000, Allocated: 300}},
			treeSize{},
			"source 500/880~, target 300, io 500",
		},
	} {
		t.Run(c.why, func(t *testing.T) {
			m, ok := recognize(running(c.command, c.links, c.files...))
			if !ok {
				t.Fatal("it is no copy")
			}
			m.sum = c.sum
			all := m.amounts(c.files, io, c.sizes)
			if got := shown(all); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			for _, a := range all {
				if a.Total > 0 && a.By == "" || a.What == "" {
					t.Errorf("%+v does not say of what or whence", a)
				}
			}
		})
	}
}

// A compressor behind what reads a file: the target's size is no measure of it.
func TestAmountsThroughAPipe(t *testing.T) {
	files := []observe.OpenFile{{Path: "/srv/a", Pos: 400, Size: 1000}, {PID: 8, Path: "/b/a.gz", Pos: 90, Size: 90, Write: true}}
	m, _ := recognize(running("cat /srv/a", map[int]string{1: "pipe:[1]"}, files[0]))
	z, _ := recognize(running("gzip -1", map[int]string{0: "pipe:[1]", 1: "/b/a.gz"}, files[1]))
	m.join(z)
	if got := shown(m.amounts(files, nil, map[string]observe.FileInfo{"/srv/a": {Size: 1000}, "/b/a.gz": {Size: 90}})); got != "source 400/1000, target 90" {
		t.Errorf("got %q", got)
	}
	m, _ = recognize(running("mysqldump mail", map[int]string{1: "pipe:[1]"}))
	p, _ := recognize(running("pv -s 2000", map[int]string{0: "pipe:[1]", 1: "pipe:[2]"}))
	m.join(p)
	m.join(z)
	got := m.amounts(files[1:], &observe.ProcessIO{WriteChars: 800}, map[string]observe.FileInfo{"/b/a.gz": {Size: 90}})
	if shown(got) != "target 800/2000~, io 800" || m.target != "/b/a.gz" || m.unknown == "" {
		t.Errorf("got %q to %q, %q", shown(got), m.target, m.unknown)
	}
	if _, ok := m.lastQuestion(nil); ok {
		t.Error("a compressed dump is not read to its end")
	}
	if state, words := m.closed(endUnclosed); state != observe.TransferGone {
		t.Errorf("what went through others is judged: %s, %q", state, words)
	}
}

func TestEndsOfCopies(t *testing.T) {
	type infos = map[string]observe.FileInfo
	at := time.Unix(1000, 0)
	target := func(done, total float64) []observe.Amount {
		return []observe.Amount{{Of: observe.AmountTarget, Done: done, Total: total, Unit: "bytes"}}
	}
	read := func(done, total float64) []observe.Amount {
		return []observe.Amount{{Of: observe.AmountSource, Done: done, Total: total, Unit: "bytes"}}
	}
	for _, c := range []struct {
		why, command string
		end          moveEnd
		state        observe.TransferState
		words        string // a part of the detail
	}{
		{"as large as its source", "cp a b", moveEnd{sizes: infos{"/w/a": {Size: 1000}, "/w/b": {Size: 1000}}}, observe.TransferDone, "/w/b holds 1.0 kB"},
		{"too small", "cp a b", moveEnd{sizes: infos{"/w/a": {Size: 4e9}, "/w/b": {Size: 12e8}}}, observe.TransferFailed, "/w/b holds 1.2 GB of 4.0 GB"},
		{"not there", "cp a b", moveEnd{sizes: infos{"/w/a": {Size: 10}}}, observe.TransferGone, "renamed or removed"},
		{"its exit code is worth more than sizes", "cp a b", moveEnd{exit: observe.Exit{Known: true, Code: 1}, sizes: infos{"/w/a": {Size: 1}, "/w/b": {Size: 1}}}, observe.TransferFailed, "exit code 1"},
		{"exit code 0 and a target too small", "cp a b", moveEnd{exit: observe.Exit{Known: true}, sizes: infos{"/w/a": {Size: 9}, "/w/b": {Size: 1}}}, observe.TransferFailed, "holds 1 B of 9 B"},
		{"killed", "rsync -a /a /b", moveEnd{exit: observe.Exit{Known: true, Signal: "SIGTERM"}}, observe.TransferFailed, "ended by SIGTERM"},
		{"files that vanished are usual", "rsync -a /a /b", moveEnd{exit: observe.Exit{Known: true, Code: 24}}, observe.TransferDone, "vanished"},
		{"not all", "rsync -a /a /b", moveEnd{exit: observe.Exit{Known: true, Code: 23}}, observe.TransferFailed, "could not copy all"},
		{"moved", "mv a /mnt/", moveEnd{amounts: target(10, 10), sizes: infos{"/mnt": {}, "/mnt/.": {}, "/mnt/a": {Size: 10}}}, observe.TransferDone, "/w/a is gone"},
		{"not moved", "mv a /mnt/", moveEnd{sizes: infos{"/w/a": {Size: 10}, "/mnt": {}, "/mnt/.": {}, "/mnt/a": {Size: 4}}}, observe.TransferFailed, "still there"},
		{"gone, and too small where it is now", "mv a /mnt/", moveEnd{amounts: target(4, 10), sizes: infos{"/mnt": {}, "/mnt/.": {}, "/mnt/a": {Size: 4}}}, observe.TransferFailed, "4 B of 10 B"},
		{"moved, and its writer began a new file", "mv a /mnt/", moveEnd{amounts: target(9, 10), anew: []string{"/w/a"}, sizes: infos{"/mnt": {}, "/mnt/.": {}, "/mnt/a": {Size: 10}}}, observe.TransferDone, "/w/a now is another file"},
		{"moved, and what is there now is larger", "mv a /mnt/", moveEnd{amounts: target(9, 10), sizes: infos{"/w/a": {Size: 11}, "/mnt": {}, "/mnt/.": {}, "/mnt/a": {Size: 10}}}, observe.TransferDone, "/w/a now is another file"},
		{"moved, and gone from there too", "mv a /mnt/b", moveEnd{amounts: target(10, 10), sizes: infos{"/mnt": {}, "/mnt/.": {}}}, observe.TransferGone, "renamed or removed"},
		{"a folder moved to a name that was free", "mv a /mnt/b", moveEnd{sizes: infos{"/mnt/b": {}, "/mnt/b/.": {}}}, observe.TransferDone, "/mnt/b is there"},
		{"packed, and renamed", "gzip a", moveEnd{sizes: infos{}}, observe.TransferGone, "renamed or removed"},
		{"a folder of dumps that was renamed", "mydumper -o d", moveEnd{sizes: infos{}}, observe.TransferGone, "renamed or removed"},
		{"packed in place", "gzip a", moveEnd{sizes: infos{"/w/a.gz": {Size: 4}}}, observe.TransferDone, "is gone, as gzip leaves it"},
		{"packed half", "gzip a", moveEnd{sizes: infos{"/w/a": {Size: 9}, "/w/a.gz": {Size: 4}}}, observe.TransferFailed, "did not come to its end"},
		{"packed, with the source kept", "gzip -k a", moveEnd{sizes: infos{"/w/a": {Size: 9, Modified: at}, "/w/a.gz": {Size: 4, Modified: at}}}, observe.TransferDone, "the time of its source"},
		{"packed half, with the source kept", "gzip -k a", moveEnd{sizes: infos{"/w/a": {Size: 9, Modified: at}, "/w/a.gz": {Size: 4, Modified: at.Add(1)}}}, observe.TransferFailed, "not been given"},
		{"through a pipe nothing tells", "gzip -c a", moveEnd{sizes: infos{"/w/a": {Size: 9}}}, observe.TransferGone, "only be known by reading it"},
		{"an archive is never read", "tar cf x.tar a", moveEnd{sizes: infos{"/w/x.tar": {Size: 9}}}, observe.TransferGone, "only be known by reading it"},
		{"an archiver's own word", "tar cf x.tar a", moveEnd{exit: observe.Exit{Known: true}}, observe.TransferDone, "exit code 0"},
		{"a dump with its last line", "mysqldump -r x.sql mail", moveEnd{answer: endClosed + "\n"}, observe.TransferDone, "ends with mysqldump's last line"},
		{"a dump without", "mysqldump -r x.sql mail", moveEnd{answer: endUnclosed + "\n"}, observe.TransferFailed, "not whole"},
		{"a folder of dumps with its last file", "mydumper -o d", moveEnd{sizes: infos{"/w/d": {}, "/w/d/.": {}, "/w/d/metadata": {Size: 9}}}, observe.TransferDone, "/w/d/metadata is there"},
		{"a folder of dumps that was left", "mydumper -o d", moveEnd{sizes: infos{"/w/d": {}, "/w/d/.": {}, "/w/d/metadata.partial": {Size: 9}}}, observe.TransferFailed, "did not come to its end"},
		{"a base backup without its manifest", "pg_basebackup -D d", moveEnd{sizes: infos{"/w/d": {}, "/w/d/.": {}}}, observe.TransferFailed, "/w/d/backup_manifest is not there"},
		{"sent elsewhere", "scp a b:/srv", moveEnd{sizes: infos{"/w/a": {Size: 9}}}, observe.TransferGone, "what has arrived at b:/srv is known only there"},
		{"sent elsewhere, and broken off", "scp a b:/srv", moveEnd{followed: 20, amounts: read(3, 10), sizes: infos{"/w/a": {Size: 10}}}, observe.TransferFailed, "3 B of 10 B"},
		{"sent elsewhere in a moment", "scp a b:/srv", moveEnd{followed: 2, amounts: read(3, 10), sizes: infos{"/w/a": {Size: 10}}}, observe.TransferGone, "known only there"},
		{"a name that cannot be asked for", "cp a b?x", moveEnd{asked: []string{"/w/a"}, amounts: target(3, 10), sizes: infos{"/w/a": {Size: 10}}}, observe.TransferGone, "its name cannot be asked for"},
		{"an archive with its mark", "tar cf x.tar a", moveEnd{answer: endClosed}, observe.TransferDone, "the mark that tar writes last"},
		{"trees alike", "cp -r /a /b", moveEnd{answer: "3 100 4096 \n3 100 8192 \n"}, observe.TransferDone, "3 files of 100 B"},
		{"a tree with less", "cp -r /a /b", moveEnd{answer: "3 100 4096 \n2 90 8192 \n"}, observe.TransferFailed, "2 of 3 files"},
		{"a tree that may not be read in full", "cp -r /a /b", moveEnd{answer: "3 100 4096 find: ‘/a/x’: Permission denied\n2 90 8192 \n"}, observe.TransferGone, "/a/x"},
		{"nothing may be looked at", "cp a nfs/b", moveEnd{}, observe.TransferGone, ""},
		{"onto a disk, all of it", "dd if=a of=/dev/sdb", moveEnd{amounts: target(10, 10), sizes: infos{"/w/a": {Size: 10}}}, observe.TransferDone, "all 10 B"},
		{"onto a disk, not known", "dd if=a of=/dev/sdb", moveEnd{amounts: target(7, 10), sizes: infos{"/w/a": {Size: 10}}}, observe.TransferGone, "7 B of 10 B"},
	} {
		t.Run(c.why, func(t *testing.T) {
			m, ok := recognize(running(c.command, map[int]string{1: "/dev/pts/1"}))
			if !ok {
				t.Fatal("it is no copy")
			}
			if c.end.sizes != nil && c.end.asked == nil {
				c.end.asked = m.looks()
			}
			if state, words := m.complete(c.end); state != c.state || !strings.Contains(words, c.words) {
				t.Errorf("%s, %q", state, words)
			}
		})
	}
}
