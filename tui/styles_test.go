package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// An ink must draw what its style renders: the sample it was taken from must be like any text.
func TestInksDrawWhatTheirStylesRender(t *testing.T) {
	const anything, letter = "a word, ━╸ and more", "w" // lipgloss underlines each letter for itself
	for _, th := range []theme{{}, {light: true}, {mono: true}} {
		p, s := newPalette(th), newStyles(th)
		for i, look := range []struct {
			style lipgloss.Style
			ink   ink
			text  string
		}{
			{p.text, s.text, anything},
			{p.bold, s.bold, anything},
			{p.dim, s.dim, anything},
			{p.faint, s.faint, anything},
			{p.brand, s.brand, anything},
			{p.good, s.good, anything},
			{p.calm, s.calm, anything},
			{p.warn, s.warn, anything},
			{p.bad, s.bad, anything},
			{p.lost, s.lost, anything},
			{p.alarm, s.alarm, anything},
			{p.caution, s.caution, anything},
			{p.chosen, s.chosen, anything},
			{p.match, s.match, letter},
			{p.bar, s.bar, anything},
			{p.spark, s.spark, anything},
		} {
			if got, want := look.ink.on(look.text), look.style.Render(look.text); got != want {
				t.Errorf("%+v, look %d: ink draws %q, style %q", th, i, got, want)
			}
		}
	}
}

// A terminal may be light where dark was assumed, or the other way round: its own text on a ground of ours
// would not be seen.
func TestEveryGroundComesWithAForeground(t *testing.T) {
	for _, th := range []theme{{}, {light: true}} {
		m := drive(t, verdictsScene(), 120, 40)
		m.setTheme(th)
		grounds := 0
		for row := range strings.SplitSeq(m.View().Content, "\n") {
			for cell := range strings.SplitSeq(row, ansi.ResetStyle) {
				if strings.Contains(cell, "48;5;") {
					grounds++
					if !strings.Contains(cell, "38;5;") {
						t.Errorf("%+v: %q is in the terminal's own colour", th, cell)
					}
				}
			}
		}
		if grounds == 0 {
			t.Errorf("%+v: no ground was drawn", th)
		}
	}
}

// The Linux console has the glyphs of code page 437 and no others. Names and log lines are as they are.
func TestPlainGlyphs(t *testing.T) {
	const cp437 = "─│┬┴├┤┼═█▄▌▐▀░▒▓■▲▼►◄↑↓→←↕•○◘◙·≈√±≤≥≡«»Σ"
	d := newDesk(t, verdictsScene(), 120, 40)
	d.Update(tea.EnvMsg{"TERM=linux"})
	for _, key := range []string{"esc", "e", "?", "G"} {
		d.press(key)
		for _, r := range plainFrame(d.model) {
			if r >= 0x80 && !strings.ContainsRune(cp437, r) {
				t.Errorf("%s: the console has no %q", key, r)
			}
		}
		requireFits(t, d.model, 120, 40)
	}
	for term, want := range map[string]bool{"linux": true, "vt220": true, "xterm-256color": false, "tmux": false, "": false} {
		if fewGlyphs(term) != want {
			t.Errorf("few glyphs on %q: %v", term, !want)
		}
	}
}

func TestWidthIsThatOfTheTerminal(t *testing.T) {
	for r := range rune(0x3000) {
		if s := "x" + string(r) + "y"; single(r) && r >= ' ' && r != 0x7f && width(s) != ansi.StringWidth(s) {
			t.Fatalf("%U: %d cells, want %d", r, width(s), ansi.StringWidth(s))
		}
	}
}
