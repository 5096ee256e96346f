package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// lastRow is the row that is typed in.
func lastRow(m *model) string {
	rows := strings.Split(strings.TrimSuffix(plainFrame(m), "\n"), "\n")
	return rows[len(rows)-1]
}

func TestPromptEdits(t *testing.T) {
	ctrl := func(r rune) tea.KeyPressMsg { return tea.KeyPressMsg{Code: r, Mod: tea.ModCtrl} }
	d := newDesk(t, sketch(), 80, 24)
	d.press("n")
	d.Update(tea.PasteMsg{Content: "one two three\n"})
	d.Update(ctrl('w'))
	if got, want := lastRow(d.model), " note: one two"; got != want {
		t.Fatalf("after deleting a word: %q, want %q", got, want)
	}
	d.press("home")
	d.Update(tea.KeyPressMsg{Code: 'd', Mod: tea.ModAlt}) // the next word
	d.Update(ctrl('d'))
	d.press("x")
	d.Update(ctrl('v')) // the clipboard is not asked
	d.press("end", "enter")
	d.requireAsked(t, Mark{Text: "xtwo"})
}

// The place that is typed at must be in sight, however long the line and however often the size changes.
func TestPromptKeepsItsCursorInSight(t *testing.T) {
	d := newDesk(t, sketch(), 80, 24)
	d.press("n")
	for i := range 60 {
		d.Update(tea.PasteMsg{Content: fmt.Sprintf("%d,", i)})
	}
	for _, w := range []int{80, 30, 120, 25} {
		d.Update(tea.WindowSizeMsg{Width: w, Height: 24})
		requireFits(t, d.model, w, 24)
		if row := lastRow(d.model); !strings.HasSuffix(row, "58,59,") {
			t.Fatalf("%d columns: the end is not in sight: %q", w, row)
		}
	}
	d.press("home")
	for _, w := range []int{25, 80, 30} {
		d.Update(tea.WindowSizeMsg{Width: w, Height: 24})
		requireFits(t, d.model, w, 24)
		if row := lastRow(d.model); !strings.Contains(row, ": 0,1,") {
			t.Fatalf("%d columns: the beginning is not in sight: %q", w, row)
		}
	}
}

// A secret leaves no trace in any frame: not its text, and not its length.
func TestSecretIsNotDrawnAndNotKept(t *testing.T) {
	d := newDesk(t, sketch(), 80, 24)
	d.cfg.Question = func() *Question { return &Question{ID: 1, Title: "Sign in", Text: "password", Secret: true} }
	d.Update(d.fetch())
	empty := d.View().Content
	d.Update(tea.PasteMsg{Content: "tr0ub4dor\u202e&3\r\n"})
	d.press("x")
	if got := d.View().Content; got != empty {
		t.Fatalf("the frame tells of the secret:\n%q\nempty:\n%q", got, empty)
	}
	p := d.prompt
	d.press("enter")
	d.requireAsked(t, Answer{ID: 1, OK: true, Text: "tr0ub4dor\u202e&3x"})
	if d.prompt != nil || p.input.Value() != "" {
		t.Fatal("the secret is kept")
	}
	d.press("n", "up", "down")
	if strings.Contains(d.View().Content, "tr0ub4dor") || d.prompt.input.Value() != "" {
		t.Fatal("the secret comes back in another prompt")
	}
}

// Without room for its label a secret's prompt still shows where one types.
func TestPromptOnATinyScreen(t *testing.T) {
	d := newDesk(t, sketch(), 20, 5)
	d.press("/", "a", "b")
	if got, want := lastRow(d.model), " > ab"; got != want {
		t.Fatalf("row %q, want %q", got, want)
	}
}

func TestNote(t *testing.T) {
	d := newDesk(t, sketch(), 80, 24)
	d.press("n", "q", "o", "space", "x", "backspace", "n", "enter")
	d.requireAsked(t, Mark{Text: "qo n"})
	d.press("n", "a", "esc", "n", "space", "enter")
	d.requireAsked(t, Mark{Text: "qo n"})
	d.press("n")
	d.Update(tea.PasteMsg{Content: "two\nlines\x1b[31m"})
	d.press("home", "-", "end", ".", "enter")
	d.requireAsked(t, Mark{Text: "qo n"}, Mark{Text: "-two lines."})
}

func TestQuestions(t *testing.T) {
	d := newDesk(t, sketch(), 80, 24)
	q := &Question{ID: 7, Title: "host key of mail3", Text: "ED25519 SHA256:abc is new. Trust it?", Confirm: true}
	d.cfg.Question = func() *Question { return q }
	d.Update(d.fetch())
	if f := plainFrame(d.model); !strings.Contains(f, "SHA256:abc") || !strings.Contains(f, "yes or no:") {
		t.Fatalf("the question is not shown:\n%s", f)
	}
	d.press("y", "enter", "j", "enter", "enter") // slips answer nothing
	d.requireAsked(t)
	d.press("y", "e", "s", "enter")
	d.requireAsked(t, Answer{ID: 7, OK: true})
	d.Update(d.fetch()) // still returned until it was taken up
	if d.prompt != nil {
		t.Fatal("the question is asked again")
	}

	q = &Question{ID: 8, Title: "password of root@mail1", Text: "The link was lost.", Secret: true}
	d.Update(d.fetch())
	d.press("h", "u", "n", "2", "q")
	if f := d.View().Content; strings.Contains(f, "hun2") {
		t.Fatal("a secret is shown")
	}
	d.press("enter")
	d.requireAsked(t, Answer{ID: 7, OK: true}, Answer{ID: 8, OK: true, Text: "hun2q"})

	q = &Question{ID: 9, Title: "user", Text: "as whom?"}
	d.Update(d.fetch())
	d.press("a", "esc")
	if got := d.asked[2]; got != Intent(Answer{ID: 9}) {
		t.Fatalf("esc: %#v", got)
	}
	q = &Question{ID: 10, Title: "gone", Text: "?"}
	d.Update(d.fetch())
	q = nil
	d.Update(d.fetch())
	if d.prompt != nil {
		t.Fatal("a question that is no longer asked stays")
	}
}

// What is typed into a note must not answer a question that comes up meanwhile.
func TestAQuestionWaitsForWhoIsTyping(t *testing.T) {
	d := newDesk(t, sketch(), 80, 24)
	d.press("n", "s", "a", "i", "d")
	d.cfg.Question = func() *Question { return &Question{ID: 1, Title: "host key", Text: "?", Confirm: true} }
	d.Update(d.fetch())
	d.press("space", "y", "e", "s", "enter")
	d.requireAsked(t, Mark{Text: "said yes"})
	d.Update(d.fetch())
	d.press("n", "o", "enter")
	d.requireAsked(t, Mark{Text: "said yes"}, Answer{ID: 1})
}
