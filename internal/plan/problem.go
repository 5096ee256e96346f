package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// Problem is one thing that is wrong, or worth knowing, in a plan. All of its text is safe to print on a
// terminal: control characters of the source are replaced.
type Problem struct {
	File    string
	Line    int    // from 1; 0 when it belongs to no line
	Column  int    // from 1, in characters; 0 when it belongs to no line
	Message string // what is wrong, one clause
	Hint    string // what to try; may be empty
	Excerpt string // the source line with its number, and a caret beneath; empty without a line
}

// String returns the problem as it is shown: position and message, the excerpt, the hint.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(printable(p.File))
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": " + p.Message)
	if p.Excerpt != "" {
		b.WriteString("\n" + p.Excerpt)
	}
	if p.Hint != "" {
		b.WriteString("\n  try: " + p.Hint)
	}
	return b.String()
}

// ProblemList is the error of a plan that cannot be used: everything that is wrong with it, in the order of
// the file.
type ProblemList struct { //nolint:errname // it is a list of problems first, and an error by the way
	problems []Problem
}

// Problems returns the problems in the order of the file. The caller must not change the slice.
func (l *ProblemList) Problems() []Problem { return l.problems }

// shownProblems bounds the text of a ProblemList: nobody reads more of them at once.
const shownProblems = 20

// Error returns the problems one after the other, with excerpts and hints; of very many only the first.
func (l *ProblemList) Error() string {
	var b strings.Builder
	for i, p := range l.problems {
		if i == shownProblems {
			fmt.Fprintf(&b, "\nand %d more", len(l.problems)-i)
			break
		}
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(p.String())
	}
	return b.String()
}

// place is a position in the source; the zero place belongs to what does not stand in it.
type place struct{ line, column int }

func (p place) isSet() bool { return p.line > 0 }

// section is the place of a mapping, and whether something is wrong inside it: then what it lacks is likely
// to be what is misspelt, and is not told twice.
type section struct {
	place
	broken bool
}

func (s *section) put(at place, broken bool) { s.place, s.broken = at, broken }

func sortProblems(list []Problem) {
	slices.SortStableFunc(list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// excerptWidth bounds the shown part of a source line, in terminal cells.
const excerptWidth = 100

// excerpt shows the line at a place, and a caret beneath the place.
func excerpt(lines []string, at place) string {
	if at.line < 1 || at.line > len(lines) {
		return ""
	}
	runes := []rune(lines[at.line-1])
	caret := min(max(at.column-1, 0), len(runes))
	begin, end := max(caret-excerptWidth*3/4, 0), min(caret+excerptWidth, len(runes))
	for i := begin; i < end; i++ {
		runes[i] = printableRune(runes[i])
	}
	for ansi.StringWidth(string(runes[begin:caret])) > excerptWidth*3/4 {
		begin++
	}
	before, after := string(runes[begin:caret]), string(runes[caret:end])
	if begin > 0 {
		before = "…" + before
	}
	gutter := fmt.Sprintf("  %4d | ", at.line)
	pad := strings.Repeat(" ", ansi.StringWidth(before))
	line := ansi.Truncate(before+after, excerptWidth, "…")
	return gutter + line + "\n" + strings.Repeat(" ", len(gutter)-2) + "| " + pad + "^"
}

// printable replaces what must not reach a terminal. The number of characters stays, so that columns hold.
func printable(s string) string {
	return strings.Map(printableRune, s)
}

func printableRune(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case unicode.IsPrint(r):
		return r
	}
	return unicode.ReplacementChar
}
