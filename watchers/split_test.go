package watchers

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// logtestPiece is a piece that outlives the splitter's call.
type logtestPiece struct {
	Off       int64
	Text      string
	Truncated bool
}

func logtestSplit(chunks ...[]byte) (lines []logtestPiece, rest *splitter) {
	var s splitter
	for _, c := range chunks {
		s.split(bytes.Clone(c), func(p piece) {
			lines = append(lines, logtestPiece{p.off, string(p.text), p.truncated})
		})
	}
	return lines, &s
}

func TestSplit(t *testing.T) {
	long := strings.Repeat("x", MaxText)
	tests := map[string]struct {
		in      string
		want    []logtestPiece
		partial string // with a * when it was repainted
	}{
		"lines":                {"a\nbc\n", []logtestPiece{{0, "a", false}, {2, "bc", false}}, ""},
		"empty lines":          {"\n\na\n", []logtestPiece{{0, "", false}, {1, "", false}, {2, "a", false}}, ""},
		"rest":                 {"a\nbc", []logtestPiece{{0, "a", false}}, "bc"},
		"rest after a return":  {"\r\nbc", []logtestPiece{{1, "", false}}, "bc"},
		"rest after a repaint": {"a\r\x00\nbc", []logtestPiece{{3, "", false}}, "bc"},
		"crlf":                 {"a\r\n\r\nb\r\r\n", []logtestPiece{{0, "a", false}, {4, "", false}, {5, "b", false}}, ""},
		"repainted":            {" 1%\r 22%\r 100%\ndone\n", []logtestPiece{{9, " 100%", false}, {15, "done", false}}, ""},
		"repainted, return":    {" 1%\r 22%\r\n", []logtestPiece{{4, " 22%", false}}, ""},
		"repainted, rest":      {"a\n 1%\r 22%\r", []logtestPiece{{0, "a", false}}, " 22%*"},
		"return first":         {"\r 1%\r 2%", nil, " 2%*"},
		"hole":                 {"\x00\x00\x00a\x00b\nc\n", []logtestPiece{{3, "a\x00b", false}, {7, "c", false}}, ""},
		"as long as may be":    {long + "\na\n", []logtestPiece{{0, long, false}, {MaxText + 1, "a", false}}, ""},
		"longer":               {long + "yz\na\n", []logtestPiece{{0, long, true}, {MaxText + 3, "a", false}}, ""},
		"longer, then anew":    {long + "yz\ra\n", []logtestPiece{{MaxText + 3, "a", false}}, ""},
		"colours and no utf8":  {"\x1b[1m\xff\x1b[0m\n", []logtestPiece{{0, "\x1b[1m\xff\x1b[0m", false}}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{len(test.in), 1} {
				got, rest := logtestSplit(slices.Collect(slices.Chunk([]byte(test.in), size))...)
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("by %d bytes (-want +got):\n%s", size, diff)
				}
				p, repainted, _ := rest.partial()
				partial := string(p.text)
				if repainted {
					partial += "*"
				}
				if partial != test.partial {
					t.Errorf("by %d bytes: partial %q, want %q", size, partial, test.partial)
				}
			}
		})
	}
}

// logtestLines says what lines a text has, in the plainest way.
func logtestLines(in []byte) (lines []logtestPiece) {
	off := int64(0)
	for raw := range bytes.Lines(in) {
		start := off
		off += int64(len(raw))
		text, ended := bytes.CutSuffix(raw, []byte("\n"))
		if !ended {
			break
		}
		trimmed := bytes.TrimRight(text, "\r")
		if n := bytes.LastIndexByte(trimmed, '\r'); n >= 0 {
			start += int64(n) + 1
			trimmed = trimmed[n+1:]
		}
		full := len(trimmed)
		trimmed = bytes.TrimLeft(trimmed, "\x00")
		start += int64(full - len(trimmed))
		if len(trimmed) == 0 {
			start = off - 1
		}
		lines = append(lines, logtestPiece{start, string(trimmed[:min(len(trimmed), MaxText)]), len(trimmed) > MaxText})
	}
	return lines
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte("a\nb\r\nc\r d\r\n\x00\x00e\n\r\n\rf\n"), []byte{1, 2, 3})
	f.Add([]byte("\x00\r\x00\n\x00\x00"), []byte{2})
	f.Add([]byte(strings.Repeat("x", MaxText+2)+"\ny\n"), []byte{200, 0, 255})
	f.Add(bytes.Repeat([]byte("a line of a log\n"), 3000), []byte{255, 255})
	f.Fuzz(func(t *testing.T, in, cuts []byte) {
		var chunks [][]byte
		rest := in
		for _, c := range cuts {
			n := min(int(c)*int(c), len(rest))
			chunks = append(chunks, rest[:n])
			rest = rest[n:]
		}
		got, s := logtestSplit(append(chunks, rest)...)
		if want := logtestLines(in); !slices.Equal(want, got) {
			t.Errorf("lines (-want +got):\n%s", cmp.Diff(want, got))
		}
		if s.off != int64(len(in)) {
			t.Errorf("offset %d after %d bytes", s.off, len(in))
		}
		if len(s.buf) > MaxText {
			t.Errorf("holds %d bytes", len(s.buf))
		}
	})
}
