package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// ink is a way to draw text: the SGR sequence that starts it; empty for the terminal's own look. Painting
// is two string joins: a frame has hundreds of cells, and a style library costs microseconds for each.
type ink string

// on returns the text drawn with the ink. The text must be clean.
func (k ink) on(text string) string {
	if k == "" || text == "" {
		return text
	}
	return string(k) + text + ansi.ResetStyle
}

// and returns an ink that adds another's attributes.
func (k ink) and(other ink) ink { return k + other }

// styles are the inks by what they mean. They are made once a theme. Colours are numbers of the 256-colour
// palette above 15: these look the same in every terminal, and inside tmux.
type styles struct {
	text, bold, dim, faint ink // faint: rules and empty cells, which may be overlooked
	brand                  ink
	good, calm, warn, bad  ink
	lost                   ink // what cannot be seen
	alarm                  ink // a word that a person should look at once: filled
	caution                ink // the same, one step below
	chosen                 ink // background of the selected row
	match                  ink // what a filter found
	bar, spark             ink
}

// theme is what the terminal is like.
type theme struct {
	light bool // has a light background
	mono  bool // shows no colours: weight and reverse video take their place
}

func newStyles(th theme) *styles {
	if th.mono {
		return monoStyles()
	}
	number := func(onLight, onDark uint8) ansi.IndexedColor {
		if th.light {
			return ansi.IndexedColor(onLight)
		}
		return ansi.IndexedColor(onDark)
	}
	pick := func(onLight, onDark uint8) ink {
		return ink(ansi.NewStyle().ForegroundColor(number(onLight, onDark)).String())
	}
	ground := func(onLight, onDark uint8) ink {
		return ink(ansi.NewStyle().BackgroundColor(number(onLight, onDark)).String())
	}
	bold := ink(ansi.NewStyle().Bold().String())
	return &styles{
		bold:    bold,
		dim:     pick(242, 246),
		faint:   pick(250, 239),
		brand:   bold.and(pick(130, 215)),
		good:    pick(28, 114),
		calm:    pick(25, 117),
		warn:    pick(130, 221),
		bad:     bold.and(pick(160, 203)),
		lost:    pick(91, 183),
		alarm:   bold.and(pick(231, 231)).and(ground(160, 160)),
		caution: bold.and(pick(231, 16)).and(ground(130, 214)),
		chosen:  ground(254, 236),
		match:   ink(ansi.NewStyle().Underline(true).Bold().String()),
		bar:     pick(25, 110),
		spark:   pick(245, 250),
	}
}

func monoStyles() *styles {
	bold, faint := ink(ansi.NewStyle().Bold().String()), ink(ansi.NewStyle().Faint().String())
	filled := ink(ansi.NewStyle().Bold().Reverse(true).String())
	return &styles{
		bold: bold, brand: bold, bad: bold, dim: faint, faint: faint, alarm: filled, caution: filled,
		match: ink(ansi.NewStyle().Underline(true).Bold().String()),
	}
}

// verdictLook is how a verdict is drawn: a glyph of one cell, and the ink of the word.
type verdictLook struct {
	glyph string
	ink   ink
}

func (s *styles) verdict(v observe.Verdict) verdictLook {
	switch v {
	case observe.Pending:
		return verdictLook{"·", s.dim}
	case observe.Progressing:
		return verdictLook{"▲", s.good}
	case observe.Quiet:
		return verdictLook{"◐", s.calm}
	case observe.Slowing:
		return verdictLook{"▼", s.warn}
	case observe.Blocked:
		return verdictLook{"!", s.alarm}
	case observe.Looping:
		return verdictLook{"↻", s.caution}
	case observe.Stalled:
		return verdictLook{"■", s.alarm}
	case observe.Blind:
		return verdictLook{"?", s.lost}
	case observe.Failed:
		return verdictLook{"✗", s.alarm}
	case observe.Done:
		return verdictLook{"✓", s.good}
	default:
		return verdictLook{" ", s.text} // no ruling yet, or one from a newer program
	}
}

// meaning is the verdict in a few words, for the help.
func meaning(v observe.Verdict) string {
	switch v {
	case observe.Pending:
		return "not started, or not looked at long enough"
	case observe.Progressing:
		return "something new was seen in time"
	case observe.Quiet:
		return "nothing new, but its processes or session work"
	case observe.Slowing:
		return "goes on, far slower than before or than its deadline needs"
	case observe.Blocked:
		return "waits for something that was seen: input, a lock, space"
	case observe.Looping:
		return "talks, but says the same again and again"
	case observe.Stalled:
		return "in full sight: no progress, no work, no known reason"
	case observe.Blind:
		return "cannot be seen; what was known stays, dated"
	case observe.Failed:
		return "ended without success"
	case observe.Done:
		return "ended well"
	default:
		return ""
	}
}

// verdicts are all verdicts, in the order of the help.
func verdicts() []observe.Verdict {
	return []observe.Verdict{
		observe.Progressing, observe.Quiet, observe.Slowing, observe.Blocked, observe.Looping,
		observe.Stalled, observe.Blind, observe.Failed, observe.Done, observe.Pending,
	}
}

func (s *styles) severity(l fold.LogLine) ink {
	switch {
	case l.Backlog && l.Severity < fold.Warning:
		return s.dim
	case l.Severity == fold.Error:
		return s.bad
	case l.Severity == fold.Warning:
		return s.warn
	case l.Severity == fold.Notice:
		return s.bold
	default:
		return s.text
	}
}

// link is how a link's state is drawn.
func (s *styles) link(state fold.LinkState) verdictLook {
	switch state {
	case fold.LinkUp:
		return verdictLook{"●", s.good}
	case fold.LinkLate:
		return verdictLook{"◐", s.warn}
	case fold.LinkDown:
		return verdictLook{"○", s.bad}
	case fold.LinkNever:
		return verdictLook{"·", s.dim}
	default:
		return verdictLook{"·", s.dim}
	}
}

// repeat is strings.Repeat that takes a negative count for none.
func repeat(s string, n int) string { return strings.Repeat(s, max(n, 0)) }
