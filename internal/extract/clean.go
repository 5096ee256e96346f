package extract

import (
	"strings"
	"unicode/utf8"
)

// longest is how much of a line is looked at, in bytes.
const longest = 4 << 10

// binary tells whether text is no text: it holds control characters that no terminal is sent, or is to a good
// part bytes that are no UTF-8. Numbers in such a line are chance. A log in another encoding has single such
// bytes, and one that was truncated while it was written begins with zeros.
func binary(text string) bool {
	const sent = 1<<0 | 1<<'\a' | 1<<'\b' | 1<<'\t' | 1<<'\n' | 1<<'\v' | 1<<'\f' | 1<<'\r' | 1<<0x0e | 1<<0x0f | 1<<0x1b
	broken := 0
	for _, r := range text {
		if r < ' ' && sent>>r&1 == 0 {
			return true
		}
		if r == utf8.RuneError {
			broken++
		}
	}
	return broken >= 2 && broken*4 > utf8.RuneCountInString(text)
}

// clean removes what a terminal would obey, and of a repainted line all but its last state. It tells whether
// the line is no text. Of a line that paints over itself all is looked at: its newest state stands at its end.
func clean(text string) (cleaned string, garbage bool) {
	if len(text) > longest && strings.IndexByte(text, '\b') < 0 {
		text = text[:longest]
	}
	found := oddities(text)
	if garbage = found != 0 && binary(text); found&obey == 0 {
		return text, garbage
	}
	if i := strings.LastIndexByte(strings.TrimRight(text, "\r\n \t"), '\r'); i >= 0 {
		text = text[i+1:]
	}
	var s screen
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == 0x1b:
			end := escape(text, i)
			s.obeys(text[i:end])
			i = end
		case c == '\b':
			s.back()
			i++
		case c >= 0x80 && c < 0xa0 && s.at > 0 && !s.anew && s.out[s.at-1] == 0xc2: // see c1; bytes may have met here
			s.at--
			s.out = s.out[:s.at]
			i++
		case c == '\t' || c >= ' ' && c != 0x7f:
			s.put(c)
			i++
		default:
			i++
		}
	}
	return string(s.out[:min(len(s.out), longest)]), garbage
}

// screen is one line of a terminal while it is written. What is written over stays until something is.
type screen struct {
	out  []byte
	at   int  // where the next byte goes
	anew bool // the next byte begins the line anew, or another one
}

// put writes a byte: over what stands there, or at the end.
func (s *screen) put(c byte) {
	switch {
	case s.anew:
		s.out, s.at, s.anew = s.out[:0], 0, false
	case s.at < len(s.out) && (c >= 0x80 || s.out[s.at] >= 0x80):
		s.out = s.out[:s.at] // what is no single byte replaces the rest
	case s.at < len(s.out):
		s.out[s.at] = c
		s.at++
		return
	}
	s.out = append(s.out, c)
	s.at++
}

// back moves one character back.
func (s *screen) back() {
	for s.at > 0 {
		s.at--
		if s.out[s.at]&0xc0 != 0x80 {
			return
		}
	}
}

// obeys takes in an escape sequence: those that move to the beginning of the line or to another one, or that erase
// the line, let what follows begin anew.
func (s *screen) obeys(seq string) {
	if len(seq) < 3 || seq[1] != '[' {
		return
	}
	arg := seq[2 : len(seq)-1]
	switch seq[len(seq)-1] {
	case 'K':
		s.anew = s.anew || arg == "2"
	case 'G':
		s.anew = s.anew || arg == "" || arg == "0" || arg == "1"
	case 'A', 'B', 'E', 'F', 'H', 'f', 'J', 'd':
		s.anew = true
	}
}

// c1 tells whether one of the control characters U+0080 to U+009F stands at i: some terminals obey them.
func c1(text string, i int) bool {
	return text[i] == 0xc2 && i+1 < len(text) && text[i+1] >= 0x80 && text[i+1] < 0xa0
}

// odd maps bytes to what is odd about them: obey marks control characters other than a tab, wide the bytes of
// characters beyond ASCII.
var odd = func() (t [256]uint8) {
	for c := range 256 {
		switch {
		case c < ' ' && c != '\t' || c == 0x7f:
			t[c] = obey
		case c >= 0x80:
			t[c] = wide
		}
	}
	return t
}()

const (
	obey = 1 << iota
	wide
)

// oddities tells what is odd in text.
func oddities(text string) uint8 {
	found := uint8(0)
	for i := range len(text) {
		found |= odd[text[i]]
	}
	if found == wide {
		for i := range len(text) {
			if c1(text, i) {
				return found | obey
			}
		}
	}
	return found
}

// escape returns the index behind the escape sequence that starts at i (ECMA-48: CSI, string and two-byte
// sequences). One that does not end takes the rest of the line with it.
func escape(text string, i int) int {
	if i++; i >= len(text) {
		return i
	}
	switch text[i] {
	case '[':
		for i++; i < len(text); i++ {
			if c := text[i]; c >= 0x40 && c <= 0x7e {
				return i + 1
			}
		}
		return i
	case ']', 'P', 'X', '^', '_':
		for i++; i < len(text); i++ {
			if text[i] == 0x07 {
				return i + 1
			}
			if text[i] == 0x1b {
				return min(i+2, len(text))
			}
		}
		return i
	case '(', ')', '*', '+', '#', '%', ' ':
		return min(i+2, len(text))
	}
	return i + 1
}

// spoken returns what a structured line says in words, the value of its message: {"level":"info","msg":"Starting …"},
// level=info msg="Starting …"; any other line as it is.
func spoken(body string) string {
	for _, key := range [...]string{`"msg":"`, `"message":"`, `msg="`} {
		i := strings.Index(body, key)
		if i < 0 || i > 0 && letter(body[i-1]) || key[0] == '"' && body[0] != '{' {
			continue
		}
		value := body[i+len(key):]
		for end := 0; end < len(value); end++ {
			switch value[end] {
			case '\\':
				end++
			case '"':
				return value[:end]
			}
		}
	}
	return body
}

func digit(c byte) bool  { return c-'0' < 10 }
func letter(c byte) bool { return c|0x20-'a' < 26 || c == '_' || c >= 0x80 }
