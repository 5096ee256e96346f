package words

// The C1 controls that open a sequence or end one, as code points.
const (
	c1DCS = 0x90
	c1SOS = 0x98
	c1CSI = 0x9b
	c1ST  = 0x9c
	c1OSC = 0x9d
	c1PM  = 0x9e
	c1APC = 0x9f
)

// sequence returns the length of the escape sequence that s begins with, in bytes; 0 when there is none, or
// when it does not end properly.
func sequence(s string) int {
	intro, n := introducer(s)
	switch intro {
	case 0:
		return 0
	case c1CSI:
		return control(s, n)
	case c1DCS, c1SOS, c1OSC, c1PM, c1APC:
		return str(s, n)
	case c1ST:
		return n
	}
	return 0
}

// introducer returns which C1 control s begins with, in either form, and its length; a short escape
// sequence (ESC c, ESC ( B) is returned as c1ST, which means just as little on its own.
func introducer(s string) (c1 byte, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	if s[0] == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f {
		return s[1], 2
	}
	if s[0] != escape {
		return 0, 0
	}
	if s[1] >= 0x40 && s[1] <= 0x5f {
		switch c := s[1] + 0x40; c {
		case c1CSI, c1DCS, c1SOS, c1OSC, c1PM, c1APC:
			return c, 2
		}
	}
	n = 1
	for n < len(s) && s[n] >= 0x20 && s[n] <= 0x2f {
		n++
	}
	if n < len(s) && s[n] >= 0x30 && s[n] <= 0x7e {
		return c1ST, n + 1
	}
	return 0, 0
}

// control returns where the control sequence ends whose parameters start at n: parameter bytes, intermediate
// bytes, one final byte.
func control(s string, n int) int {
	for n < len(s) && s[n] >= 0x30 && s[n] <= 0x3f {
		n++
	}
	for n < len(s) && s[n] >= 0x20 && s[n] <= 0x2f {
		n++
	}
	if n < len(s) && s[n] >= 0x40 && s[n] <= 0x7e {
		return n + 1
	}
	return 0
}

// str returns where the control string ends whose text starts at n. A string ends with ST or BEL, and is
// broken off by any other escape or C1 character, which is then looked at for itself. The line's end is no
// end of a string: what was meant to follow is not there, so nothing of it may be hidden.
func str(s string, n int) int {
	for ; n < len(s); n++ {
		switch c := s[n]; {
		case c == 0x07:
			return n + 1
		case c == escape:
			if n+1 < len(s) && s[n+1] == '\\' {
				return n + 2
			}
			return n
		case c == '\n':
			return 0
		case c == 0xc2 && n+1 < len(s) && s[n+1] >= 0x80 && s[n+1] <= 0x9f:
			if s[n+1] == c1ST {
				return n + 2
			}
			return n
		}
	}
	return 0
}
