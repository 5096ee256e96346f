package watchers

import (
	"bytes"
	"testing"
)

func BenchmarkSplit(b *testing.B) {
	for name, line := range map[string]string{"plain": "\n", "crlf": "\r\n"} {
		b.Run(name, func(b *testing.B) {
			chunk := bytes.Repeat([]byte("2026-11-24T20:28:12Z mail1 zmsetup[4711]: Migrating mboxgroup7.  This can take a substantial amount of time... 137 bytes of it are a mean"+line), 256<<10/137)
			b.SetBytes(int64(len(chunk)))
			b.ReportAllocs()
			var s splitter
			n := 0
			for b.Loop() {
				s.split(chunk, func(piece) { n++ })
			}
		})
	}
}
