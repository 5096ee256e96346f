package agent

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// word puts a path into a request so that nothing in it can act on a shell: the bytes of an ordinary name
// stand as they are, all others as octal escapes for printf %b, and a word with escapes says so by its first
// byte.
func word(p string) string {
	return escape(p, '=', "")
}

// glob puts a pattern into a request. Of its bytes only * ? [ and ] have a meaning.
func glob(p string) string {
	return escape(p, '~', "*?[]")
}

const ordinary = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.-,+:@%"

func escape(p string, sign byte, also string) string {
	var b strings.Builder
	plain := true
	for i := range len(p) {
		if c := p[i]; strings.IndexByte(ordinary, c) >= 0 || strings.IndexByte(also, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\0%03o`, c)
			plain = false
		}
	}
	if plain {
		return b.String()
	}
	return string(sign) + b.String()
}

// isPattern tells whether the far side's shell expands p.
func isPattern(p string) bool { return strings.ContainsAny(p, "*[") }

// checkPath refuses what is no path anywhere.
func checkPath(p string) error {
	switch {
	case p == "":
		return errors.New("the path is empty")
	case strings.IndexByte(p, 0) >= 0:
		return errors.New("the path holds a NUL byte")
	case len(p) > maxPath:
		return fmt.Errorf("the path is longer than %d bytes", maxPath)
	}
	return nil
}

// maxPath is what Linux takes, in bytes.
const maxPath = 4096

// KernelText tells whether p, a path or a pattern, names only files that the kernel writes: small ones that
// neither block nor end late. Others are read with more care. What leads from /proc to the files of a process
// is none: to read from its pipe or terminal would take from it what it waits for.
func KernelText(p string) bool {
	if strings.Contains(p, "/..") {
		return false
	}
	if strings.HasPrefix(p, "/sys/") {
		return true
	}
	words := strings.Split(p, "/")
	if len(words) < 3 || words[0] != "" || words[1] != "proc" {
		return false
	}
	for i, w := range words[2:] {
		before := words[i+1]
		switch {
		case isPattern(w) && !slices.Contains(plainBelow, before), slices.Contains(notText, w):
			return false
		}
	}
	return true
}

// plainBelow are the directories of /proc in which every name is that of a text or of a process.
var plainBelow = []string{"proc", "task", "fdinfo", "net", "pressure"}

// notText are names in /proc that lead elsewhere, or block, or do not end.
var notText = []string{"fd", "root", "cwd", "exe", "map_files", "mem", "kmsg", "kcore", "pagemap"}

// nulSeparated tells whether p names files that hold NUL bytes between their words.
func nulSeparated(p string) bool {
	base := path.Base(p)
	return base == "cmdline" || base == "environ"
}
