package agent

import (
	"errors"
	"fmt"
	"path"
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

// kernelText tells whether p names files that the kernel writes: small ones that neither block nor end
// late. Others are read with more care.
func kernelText(p string) bool {
	return (strings.HasPrefix(p, "/proc/") || strings.HasPrefix(p, "/sys/")) && !strings.Contains(p, "/..")
}

// nulSeparated tells whether p names files that hold NUL bytes between their words.
func nulSeparated(p string) bool {
	base := path.Base(p)
	return base == "cmdline" || base == "environ"
}
