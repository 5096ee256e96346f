package tui

import (
	"strings"

	"charm.land/bubbles/v2/help"
	"charm.land/bubbles/v2/textinput"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// theme is what the terminal is like.
type theme struct {
	light bool // has a light background
	mono  bool // shows no colours: weight and reverse video take their place
}

// palette is how things look, by what they mean. It is the only place where a look is chosen. The zero
// style is the terminal's own look.
type palette struct {
	text, bold, dim, faint lipgloss.Style // faint: rules and empty cells, which may be overlooked
	brand                  lipgloss.Style
	good, calm, warn, bad  lipgloss.Style
	lost                   lipgloss.Style // what cannot be seen
	alarm                  lipgloss.Style // a word that a person should look at once: filled
	caution                lipgloss.Style // the same, one step below
	chosen                 lipgloss.Style // ground and text of the selected row
	match                  lipgloss.Style // what a filter found
	bar, spark             lipgloss.Style
}

// newPalette chooses the looks for a theme. Colours are numbers of the 256-colour palette above 15: these
// look the same in every terminal, and inside tmux.
func newPalette(th theme) palette {
	plain := lipgloss.NewStyle()
	bold := plain.Bold(true)
	match := bold.Underline(true)
	if th.mono {
		faint, filled := plain.Faint(true), bold.Reverse(true)
		return palette{
			bold: bold, brand: bold, bad: bold, dim: faint, faint: faint, alarm: filled, caution: filled, match: match,
		}
	}
	choose := lipgloss.LightDark(!th.light)
	colour := func(s lipgloss.Style, onLight, onDark string) lipgloss.Style {
		return s.Foreground(choose(lipgloss.Color(onLight), lipgloss.Color(onDark)))
	}
	// A ground always comes with a foreground: a terminal that does not tell what it is like (tmux often does
	// not) may be light where dark was assumed, and its own text on our ground would not be seen.
	ground := func(s lipgloss.Style, onLight, onDark string) lipgloss.Style {
		return s.Background(choose(lipgloss.Color(onLight), lipgloss.Color(onDark)))
	}
	return palette{
		bold:    bold,
		dim:     colour(plain, "242", "246"),
		faint:   colour(plain, "250", "239"),
		brand:   colour(bold, "130", "215"),
		good:    colour(plain, "28", "114"),
		calm:    colour(plain, "25", "117"),
		warn:    colour(plain, "130", "221"),
		bad:     colour(bold, "160", "203"),
		lost:    colour(plain, "91", "183"),
		alarm:   ground(colour(bold, "231", "231"), "160", "160"),
		caution: ground(colour(bold, "231", "16"), "130", "214"),
		chosen:  ground(colour(plain, "16", "255"), "254", "236"),
		match:   match,
		bar:     colour(plain, "25", "110"),
		spark:   colour(plain, "248", "245"),
	}
}

// ink is a style as the terminal is told it: the SGR sequence that starts it; empty for the terminal's own
// look. A frame has hundreds of cells, and rendering each with its style would cost microseconds; painting
// with an ink is two string joins.
type ink string

// inkOf takes the ink out of a rendered sample.
func inkOf(s lipgloss.Style) ink {
	const sample = "x"
	before, _, _ := strings.Cut(s.Render(sample), sample)
	return ink(before)
}

// on returns the text drawn with the ink. The text must be clean.
func (k ink) on(text string) string {
	if k == "" || text == "" {
		return text
	}
	return string(k) + text + ansi.ResetStyle
}

// and returns an ink that adds another's attributes.
func (k ink) and(other ink) ink { return k + other }

// styles are a palette made ready to draw with, once a theme: an ink for every look, and what the
// components from outside draw with.
type styles struct {
	text, bold, dim, faint ink
	brand                  ink
	good, calm, warn, bad  ink
	lost, alarm, caution   ink
	chosen, match          ink
	bar, spark             ink

	help  help.Model
	input textinput.Styles
}

func newStyles(th theme) *styles {
	p := newPalette(th)
	return &styles{
		text: inkOf(p.text), bold: inkOf(p.bold), dim: inkOf(p.dim), faint: inkOf(p.faint),
		brand: inkOf(p.brand),
		good:  inkOf(p.good), calm: inkOf(p.calm), warn: inkOf(p.warn), bad: inkOf(p.bad),
		lost: inkOf(p.lost), alarm: inkOf(p.alarm), caution: inkOf(p.caution),
		chosen: inkOf(p.chosen), match: inkOf(p.match),
		bar: inkOf(p.bar), spark: inkOf(p.spark),
		help:  newHelp(p),
		input: inputStyles(p),
	}
}

// repeat is strings.Repeat that takes a negative count for none.
func repeat(s string, n int) string { return strings.Repeat(s, max(n, 0)) }
