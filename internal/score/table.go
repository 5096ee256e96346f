package score

import (
	"fmt"
	"strings"
)

// Table is one table of scores, as it stands in docs/judge.md.
type Table struct {
	Title   string // a heading, without its mark
	Text    string // what must be known to read it, in one paragraph; may be empty
	Columns []string
	Rows    [][]string // each as long as Columns; a cell holds no line break
	Notes   []string   // what falls short of its target, and why; said beneath the table
}

// Markdown is the table as Markdown, with an empty line at its end.
func (t Table) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n", t.Title)
	if t.Text != "" {
		fmt.Fprintf(&b, "%s\n\n", t.Text)
	}
	row := func(cells []string) {
		for _, c := range cells {
			b.WriteString("| " + strings.ReplaceAll(c, "|", "\\|") + " ")
		}
		b.WriteString("|\n")
	}
	row(t.Columns)
	b.WriteString(strings.Repeat("| --- ", len(t.Columns)) + "|\n")
	for _, r := range t.Rows {
		row(r)
	}
	b.WriteString("\n")
	for _, n := range t.Notes {
		fmt.Fprintf(&b, "- %s\n", n)
	}
	if len(t.Notes) > 0 {
		b.WriteString("\n")
	}
	return b.String()
}
