package tui

import "strings"

// fewGlyphs tells whether a terminal of this type (TERM) draws only the 256 glyphs that a PC has had since
// 1981, code page 437: the Linux console, as on a server's own screen, and the hardware terminals.
func fewGlyphs(term string) bool {
	return term == "linux" || term == "ansi" || strings.HasPrefix(term, "vt")
}

// plainGlyphs replaces the signs of the screen by such as a terminal of this type has, each of one cell. It
// is nil for terminals that have all.
func plainGlyphs(term string) *strings.Replacer {
	if !fewGlyphs(term) {
		return nil
	}
	return strings.NewReplacer(
		"━", "=", "╸", "-", "⋯", "~", "…", "~", "–", "-", "−", "-", "×", "x",
		"▁", "_", "▂", "_", "▃", "▄", "▅", "▄", "▆", "█", "▇", "█",
		"▸", ">", "◐", "~", "↻", "@", "✗", "x", "✓", "√", "●", "•", "□", "?", "\ufffd", "?",
	)
}
