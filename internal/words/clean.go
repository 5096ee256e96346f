package words

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	escape      = 0x1b
	tabWidth    = 8
	maxMarks    = 4 // combining marks on one letter; more is mischief
	placeholder = '□'
)

// Clean makes one line of strange text safe to draw: nothing of what it returns is obeyed by a terminal,
// and every terminal gives it the same width.
//
//   - Escape sequences are removed with all that belongs to them: CSI, OSC, DCS, APC, PM, SOS and the short
//     ones, in their 7-bit form and as the C1 characters U+0080 to U+009F (the grammar is ECMA-48's). One
//     that does not end stays to be read, its escape character made visible: what is hidden is not true.
//   - Other control characters, line ends too, become their visible symbols (␀ … ␡); tabs become blanks up
//     to the next multiple of eight columns.
//   - Characters that are not seen (zero-width, bidi controls, variation selectors, tags, fillers) are removed.
//   - Invalid UTF-8 and what no font has become U+FFFD; parts of clusters that terminals measure differently
//     (skin tones, regional indicators, conjoining Hangul, spacing marks) become □.
//
// Plain ASCII is returned as it is, without an allocation. The time is linear in len(s). Clean is idempotent.
func Clean(s string) string {
	i := 0
	for i < len(s) && s[i] >= 0x20 && s[i] < 0x7f {
		i++
	}
	if i == len(s) {
		return s
	}
	c := cleaner{column: i}
	c.out.Grow(len(s) + tabWidth)
	c.out.WriteString(s[:i])
	for i < len(s) {
		if n := sequence(s[i:]); n > 0 {
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		c.rune(r)
		i += n
	}
	return c.out.String()
}

// cleaner collects the clean text and knows in which column it is.
type cleaner struct {
	out    strings.Builder
	column int
	marks  int // combining marks since the last letter
}

func (c *cleaner) rune(r rune) {
	switch {
	case r >= 0x20 && r < 0x7f:
		c.put(r, 1)
	case r == '\t':
		n := tabWidth - c.column%tabWidth
		c.out.WriteString("        "[:n])
		c.column, c.marks = c.column+n, 0
	case r < 0x20:
		c.put(r+0x2400, 1)
	case r == 0x7f:
		c.put('␡', 1)
	case unseen(r):
	case awkward(r):
		c.put(placeholder, 1)
	case unicode.Is(unicode.Mn, r):
		c.mark(r)
	case r == utf8.RuneError || !unicode.IsGraphic(r):
		c.put(utf8.RuneError, 1)
	case wide(r):
		c.put(r, 2)
	default:
		c.put(r, 1)
	}
}

func (c *cleaner) put(r rune, width int) {
	c.out.WriteRune(r)
	c.column += width
	c.marks = 0
}

// mark keeps a combining mark where there is a letter for it: at the start of a line it would join what
// stands before the line on the screen.
func (c *cleaner) mark(r rune) {
	if c.column == 0 || c.marks >= maxMarks {
		return
	}
	c.out.WriteRune(r)
	c.marks++
}

// unseen tells whether r shows nothing by itself and only changes how other characters are shown.
func unseen(r rune) bool {
	switch {
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef, r >= 0x180b && r <= 0x180f:
		return true // variation selectors: they make a narrow character wide, or not
	case r == 0x034f, r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0:
		return true // joiner and fillers
	case unicode.Is(unicode.Me, r):
		return true // enclosing marks: the keycap makes a digit wide, or not
	}
	return unicode.Is(unicode.Cf, r) // format controls: zero-width, bidi, soft hyphen, tags
}

// awkward tells whether r joins its neighbours to a cluster whose width terminals and libraries do not
// agree on.
func awkward(r rune) bool {
	switch {
	case r >= 0x1f3fb && r <= 0x1f3ff: // skin tones
	case r >= 0x1f1e6 && r <= 0x1f1ff: // regional indicators: flags
	case r >= 0x1100 && r <= 0x11ff, r >= 0xa960 && r <= 0xa97f, r >= 0xd7b0 && r <= 0xd7ff: // conjoining Hangul
	case unicode.Is(unicode.Mc, r): // spacing marks
	case r == 0x0e33, r == 0x0eb3: // Thai and Lao sara am, which is drawn like one
	case r == 0xff9e, r == 0xff9f: // halfwidth voicing marks
	default:
		return linker(r) || prepended(r)
	}
	return true
}

// linker tells whether r joins two consonants to one cluster: InCB=Linker of Unicode 16.
func linker(r rune) bool {
	switch r {
	case 0x094d, 0x09cd, 0x0acd, 0x0b4d, 0x0c4d, 0x0d4d, 0x1039, 0x17d2, 0x1a60, 0x1bab, 0xaaf6,
		0x10a3f, 0x11133, 0x113d0, 0x1193e, 0x11a47, 0x11a99, 0x11f42:
		return true
	}
	return false
}

// prepended tells whether r joins the letter after it: Grapheme_Cluster_Break=Prepend of Unicode 16, without
// the format controls.
func prepended(r rune) bool {
	switch r {
	case 0x0d4e, 0x111c2, 0x111c3, 0x113d1, 0x1193f, 0x11941, 0x11a84, 0x11a85, 0x11a86, 0x11a87, 0x11a88, 0x11a89, 0x11d46, 0x11f02:
		return true
	}
	return false
}

// wide tells roughly whether r takes two columns. It only serves to find the next tab stop.
func wide(r rune) bool {
	return r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff ||
		r >= 0xff00 && r <= 0xff60 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000 && r <= 0x3fffd
}
