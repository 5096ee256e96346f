package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"ronda/internal/fold"
)

// numbered is a log of n lines that say their numbers.
func numbered(n int) []fold.LogLine {
	out := make([]fold.LogLine, n)
	for i := range out {
		out[i] = fold.LogLine{At: night(), Text: fmt.Sprintf("line %d", i)}
	}
	return out
}

// seen is what of a log is in sight.
func seen(p *logPane, v fold.LogView, w, h int) []string {
	rows := p.rows(scene{now: night(), loc: night().Location(), st: newStyles(theme{})}, &fold.TaskView{Log: v}, w, h)
	for i := range rows {
		rows[i] = strings.TrimSpace(ansi.Strip(rows[i]))
	}
	return rows
}

func requireSeen(tb testing.TB, p *logPane, v fold.LogView, first, last string) {
	tb.Helper()
	rows := seen(p, v, 50, 10)
	if rows[0] != first || rows[9] != last {
		tb.Fatalf("in sight %q to %q, want %q to %q", rows[0], rows[9], first, last)
	}
}

func TestLogScrolls(t *testing.T) {
	const w, h = 50, 10
	p, v := &logPane{}, fold.NewLogView(numbered(100), nil)
	requireSeen(t, p, v, "line 90", "line 99")
	p.scroll(v, -8, w, h)
	requireSeen(t, p, v, "line 82", "line 91")
	if n := p.below(v, w, h); n != 8 {
		t.Fatalf("%d lines below, want 8", n)
	}
	v = fold.NewLogView(numbered(150), nil) // the text stands still while lines come
	requireSeen(t, p, v, "line 82", "line 91")
	p.toTop(v, w, h)
	requireSeen(t, p, v, "line 0", "line 9")
	p.scroll(v, -5, w, h)
	requireSeen(t, p, v, "line 0", "line 9")
	p.scroll(v, 1000, w, h)
	requireSeen(t, p, v, "line 140", "line 149")
	v = fold.NewLogView(numbered(160), nil) // at the end it follows again
	requireSeen(t, p, v, "line 150", "line 159")
}

func TestLogKeepsItsPlaceWhenOldLinesGo(t *testing.T) {
	p, v := &logPane{}, fold.NewLogView(numbered(9_000), nil)
	p.scrolled, p.top = true, 8_000
	requireSeen(t, p, v, "line 8000", "line 8009")
	v = fold.NewLogView(numbered(12_000), nil)
	if v.First() == 0 {
		t.Fatal("the log keeps all lines: this test tests nothing")
	}
	requireSeen(t, p, v, "line 8000", "line 8009")
	p.top = 1
	first := fmt.Sprintf("line %d", v.First())
	if rows := seen(p, v, 50, 10); rows[0] != first {
		t.Fatalf("in sight from %q, want the oldest, %q", rows[0], first)
	}
}

func TestLogPartialLineStandsLast(t *testing.T) {
	p, v := &logPane{}, fold.NewLogView(numbered(100), &fold.LogLine{Text: "Overwrite? [y/N]"})
	requireSeen(t, p, v, "line 91", "Overwrite? [y/N]")
}

func TestLogWraps(t *testing.T) {
	lines := numbered(20)
	lines[18].Text = strings.Repeat("x", 100)
	p, v := &logPane{wrap: true}, fold.NewLogView(lines, nil)
	rows := seen(p, v, 50, 10)
	if rows[9] != "line 19" || rows[0] != "line 12" || !strings.HasPrefix(rows[7], "xxx") || rows[8] != "xxxx" {
		t.Fatalf("in sight:\n%s", strings.Join(rows, "\n"))
	}
	lines[19].Text = strings.Repeat("y", 2000) // one line larger than the page: its end is seen
	rows = seen(p, fold.NewLogView(lines, nil), 50, 10)
	if !strings.HasPrefix(rows[9], "y") || !strings.HasPrefix(rows[0], "y") {
		t.Fatalf("in sight:\n%s", strings.Join(rows, "\n"))
	}
}

func TestLogFilter(t *testing.T) {
	lines := numbered(300)
	lines[150].Gap, lines[150].Text = true, "skipped 3 MB"
	lines[299].Text = "\x1b[31mline 77\x1b[0m again"
	v := fold.NewLogView(lines, nil)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"line 77", []string{"line 77", "⋯ skipped 3 MB", "line 77 again"}},
		{"LINE 77", []string{"⋯ skipped 3 MB"}}, // a capital letter: case matters
		{"e 7[78]$", []string{"line 77", "line 78", "⋯ skipped 3 MB"}},
		{"[", []string{"⋯ skipped 3 MB"}}, // no regular expression: the text itself
	} {
		p := &logPane{filter: newFilter(c.text)}
		p.filter.look(v)
		rows := seen(p, v, 50, len(c.want)+1)
		if got := rows[:len(c.want)]; strings.Join(got, "|") != strings.Join(c.want, "|") || rows[len(c.want)] != "" {
			t.Errorf("filter %q: in sight %q, want %q", c.text, rows, c.want)
		}
	}
	if newFilter("") != nil {
		t.Error("an empty text is a filter")
	}
}

func TestFilterLooksAtNewLinesOnly(t *testing.T) {
	f := newFilter("line")
	f.look(fold.NewLogView(numbered(100), nil))
	v := fold.NewLogView(numbered(12_000), nil)
	f.look(v)
	if f.next != 12_000 || int64(len(f.matches)) != v.End()-v.First() || f.matches[0] != v.First() {
		t.Fatalf("looked to %d, %d lines from %d", f.next, len(f.matches), f.matches[0])
	}
	f.look(fold.NewLogView(numbered(3), nil)) // a replay went back
	if len(f.matches) != 3 {
		t.Fatalf("%d lines after going back, want 3", len(f.matches))
	}
}

func TestFilterByKeys(t *testing.T) {
	d := newDesk(t, sketch(), 80, 24)
	d.press("/", "p", "o", "r", "t", "enter")
	if f := plainFrame(d.model); !strings.Contains(f, "/port") || strings.Contains(f, "Verified schema") {
		t.Fatalf("frame:\n%s", f)
	}
	d.press("esc")
	if !strings.Contains(plainFrame(d.model), "Verified schema") {
		t.Fatal("esc does not drop the filter")
	}
}
