package tui

import "strings"

// fewGlyphs tells whether a terminal of this type (TERM) draws only the 256 glyphs that a PC has had since
// 1981, code page 437: the Linux console, as on a server's own screen, and the hardware terminals.
func fewGlyphs(term string) bool {
	return term == "linux" || term == "ansi" || strings.HasPrefix(term, "vt")
}

// newPlainGlyphs replaces the signs of the screen by such as these terminals have. Each is of one cell.
func newPlainGlyphs() *strings.Replacer {
	return strings.NewReplacer(
		"━", "=", "╸", "-", "⋯", "~", "…", "~", "–", "-", "−", "-", "×", "x",
		"▁", "_", "▂", "_", "▃", "▄", "▅", "▄", "▆", "█", "▇", "█",
		"▸", ">", "◐", "~", "↻", "@", "✗", "x", "✓", "√", "●", "•", "□", "?", "\ufffd", "?",
	)
}
