package tui

import (
	"math"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ronda/internal/words"
)

// ellipsis marks what was cut off.
const ellipsis = "…"

// width returns how many cells clean text takes.
func width(s string) int {
	n := 0
	for _, r := range s {
		if !single(r) {
			return ansi.StringWidth(s)
		}
		n++
	}
	return n
}

// single tells whether r takes one cell for certain: ASCII, dashes and quotes, arrows, lines and blocks. Most of a
// frame is made of these, and telling graphemes apart takes half the time of a frame.
func single(r rune) bool {
	return r < 0x80 || r >= 0x2010 && r <= 0x2027 || r >= 0x2190 && r <= 0x21ff || r >= 0x2500 && r <= 0x259f
}

// clip cuts clean text to at most w cells.
func clip(s string, w int) string {
	switch {
	case w <= 0:
		return ""
	case len(s) <= w || width(s) <= w: // a byte takes at most one cell
		return s
	default:
		return ansi.Truncate(s, w, ellipsis)
	}
}

// middle cuts clean text in its middle to at most w cells, so that the share head of them shows its beginning, and
// the others its end: of a command and a path the end tells as much.
func middle(s string, w int, head float64) string {
	const least = 12 // with less, neither end says anything
	n := width(s)
	if n <= w || w < least {
		return clip(s, w)
	}
	left := int(math.Round(float64(w-1) * head))
	text := ansi.Truncate(s, left, "") + ellipsis + ansi.TruncateLeft(s, n-(w-1-left), "")
	return ansi.Truncate(text, w, "") // half of a wide character counts as a whole one
}

// clean makes text from outside fit to be drawn, on one line.
func clean(s string) string { return strings.TrimRight(words.Clean(s), " ") }

// row collects the cells of one row of the screen. It never grows beyond its width.
type row struct {
	b      strings.Builder
	room   int // cells left
	ground ink // lies under all cells
}

func newRow(w int, ground ink) *row { return &row{room: max(w, 0), ground: ground} }

// put adds clean text, cut to the room that is left.
func (r *row) put(k ink, text string) *row {
	text = clip(text, r.room)
	r.room -= width(text)
	r.b.WriteString(r.ground.and(k).on(text))
	return r
}

// cell adds text in a column of w cells, at its left.
func (r *row) cell(k ink, text string, w int) *row {
	w = min(w, r.room)
	text = clip(text, w)
	pad := w - width(text)
	return r.put(k, text).space(pad)
}

// cellRight adds text in a column of w cells, at its right.
func (r *row) cellRight(k ink, text string, w int) *row {
	w = min(w, r.room)
	text = clip(text, w)
	return r.space(w-width(text)).put(k, text)
}

// space adds n blanks.
func (r *row) space(n int) *row { return r.put("", repeat(" ", min(n, r.room))) }

// rest moves on so that exactly w cells are left.
func (r *row) rest(w int) *row { return r.space(r.room - w) }

// line ends the row. Only a row with a ground is filled up to its width.
func (r *row) line() string {
	if r.ground != "" {
		r.space(r.room)
	}
	return r.b.String()
}

// part is a piece of a row that may be left out when room is short: the greatest rank goes first, and a
// part of rank 0 stays.
type part struct {
	ink  ink
	text string
	rank int
}

// partsWidth returns the cells that parts take when sep stands between them.
func partsWidth(parts []part, sep string) int {
	n := 0
	for i, p := range parts {
		if i > 0 {
			n += width(sep)
		}
		n += width(p.text)
	}
	return n
}

// choose leaves out parts by rank until the others fit into w cells.
func choose(parts []part, sep string, w int) []part {
	kept := make([]part, 0, len(parts))
	for _, p := range parts {
		if p.text != "" {
			kept = append(kept, p)
		}
	}
	for partsWidth(kept, sep) > w {
		worst := -1
		for i, p := range kept {
			if p.rank > 0 && (worst < 0 || p.rank >= kept[worst].rank) {
				worst = i
			}
		}
		if worst < 0 {
			break
		}
		kept = append(kept[:worst], kept[worst+1:]...)
	}
	return kept
}

// putParts adds parts with sep between them.
func (r *row) putParts(parts []part, sep string, sepInk ink) *row {
	for i, p := range parts {
		if i > 0 {
			r.put(sepInk, sep)
		}
		r.put(p.ink, p.text)
	}
	return r
}

// rule draws a line across w cells with a title at its left and a remark at its right.
func rule(s *styles, w int, title []part, remark part) string {
	r := newRow(w, "").put(s.faint, "─")
	if len(title) > 0 {
		r.put("", " ")
	}
	const ends = 6 // the rule's own cells and blanks around title and remark
	room := w - ends
	if remark.text != "" && width(remark.text)+partsWidth(title, " · ") > room {
		remark.text = ""
	}
	r.putParts(choose(title, " · ", room), " · ", s.faint)
	if len(title) > 0 {
		r.put("", " ")
	}
	if remark.text == "" {
		return r.put(s.faint, repeat("─", r.room)).line()
	}
	dashes := r.room - width(remark.text) - 3
	return r.put(s.faint, repeat("─", dashes)).put("", " ").put(remark.ink, remark.text).put(s.faint, " ─").line()
}

// wrapText breaks clean text into lines of at most w cells, at blanks where there are any; into one that is empty
// where there is no room.
func wrapText(s string, w int) []string {
	if w <= 0 {
		return []string{""}
	}
	if width(s) <= w {
		return []string{s}
	}
	return strings.Split(ansi.Wrap(s, w, ""), "\n")
}

// exactly makes rows h rows: cut, or filled with empty ones.
func exactly(rows []string, h int) []string {
	h = max(h, 0)
	if len(rows) > h {
		return rows[:h]
	}
	for len(rows) < h {
		rows = append(rows, "")
	}
	return rows
}

// plural is the number with its noun.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return words.Count(float64(n)) + " " + many
}
