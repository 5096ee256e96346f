package watchers

import (
	"testing"

	"ronda/internal/observe"
)

func TestMoveOfOpenFiles(t *testing.T) {
	files := []observe.OpenFile{{Path: "/a/big.img", Pos: 500, Size: 2000}, {Path: "/a/small", Pos: 1, Size: 10}, {Path: "/b/big.img", Size: 700, Write: true}}
	m, ok := recognize(procFacts{pid: 7, name: "cp", exe: "cp", command: "cp /a/big.img /b", cwd: "/", links: map[int]string{1: "/dev/pts/1"}, files: files})
	if !ok || !m.leader || m.target == "" || len(m.sources) != 1 || m.sources[0] != "/a/big.img" {
		t.Fatalf("cp with two files open is %+v, %v", m, ok)
	}
	if got := m.looks(); len(got) != 3 {
		t.Fatalf("looks at %q", got)
	}
	sizes := map[string]observe.FileInfo{"/b": {}, "/b/.": {}}
	if !isDir(sizes, "/b") || isDir(sizes, "/a") {
		t.Fatal("folders are not told from files")
	}
	m.total, m.totalBy, m.estimate, m.unknown = 2000, "size of /a/big.img", false, ""
	all := m.amounts(files, &observe.ProcessIO{ReadChars: 512, WriteChars: 500}, sizes)
	if len(all) == 0 {
		t.Fatal("nothing tells how far it is")
	}
	if state, detail := m.complete(moveEnd{exit: observe.Exit{Known: true, Code: 1}, amounts: all, files: files, sizes: sizes}); state != observe.TransferFailed {
		t.Fatalf("its end is %q %q", state, detail)
	}
	for _, k := range kernelMoves(map[string]string{}) {
		t.Fatalf("found %+v in nothing", kernelMove{k.move, k.id, k.name, k.state, k.detail, k.amounts})
	}
	if got := kernelFiles(); len(got) > 10 {
		t.Fatalf("reads %q", got)
	}
	if _, ok := recognize(procFacts{name: "sshd", command: "sshd: /usr/sbin/sshd -D"}); ok {
		t.Fatal("a daemon is no copy")
	}
}
