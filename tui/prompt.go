package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"ronda/internal/words"
)

// purpose is what a line is typed for.
type purpose int

const (
	forNote purpose = iota
	forFilter
	forAnswer
)

// prompt is a line that is being typed.
type prompt struct {
	purpose  purpose
	question *Question // what is answered; nil otherwise
	input    textinput.Model
	keys     promptKeys
}

// inputStyles are a palette for the line that is typed. The cursor is drawn, and stands still: a blinking
// one would wake the program twice a second.
func inputStyles(p palette) textinput.Styles {
	state := textinput.StyleState{Text: p.text, Prompt: p.brand}
	return textinput.Styles{Focused: state, Blurred: state}
}

// newPrompt begins a line on a screen of w columns; q is the question it answers, or nil.
func newPrompt(does purpose, q *Question, st *styles, w int) *prompt {
	const limit = 4096
	p := &prompt{purpose: does, question: q, input: textinput.New(), keys: newPromptKeys()}
	p.input.CharLimit = limit
	// It would start whatever clipboard program there is. What the terminal pastes comes as a message.
	p.input.KeyMap.Paste.SetEnabled(false)
	if p.secret() {
		p.input.EchoMode = textinput.EchoNone
	}
	p.input.SetStyles(st.input)
	p.input.Focus()
	p.fit(w)
	return p
}

func (p *prompt) secret() bool { return p.question != nil && p.question.Secret }

// fit makes the line fit a screen of w columns, its cursor in sight.
func (p *prompt) fit(w int) {
	p.input.Prompt = p.label()
	if width(p.input.Prompt) > w/2 {
		p.input.Prompt = "> "
	}
	if p.secret() {
		return // a secret takes no room: blanks would tell its length
	}
	const around = 3 // a blank before the label, the cursor, and a blank at the end
	at := p.input.Position()
	p.input.SetWidth(max(w-width(p.input.Prompt)-around, 1))
	p.input.CursorEnd() // the input finds the part in sight anew only from its end
	p.input.SetCursor(at)
}

// outcome is how a key left a prompt.
type outcome int

const (
	typing outcome = iota
	entered
	dismissed
)

// press edits the line.
func (p *prompt) press(msg tea.KeyPressMsg) outcome {
	switch {
	case key.Matches(msg, p.keys.enter):
		return entered
	case key.Matches(msg, p.keys.dismiss):
		return dismissed
	}
	if !p.secret() {
		msg.Text = words.Clean(msg.Text)
	}
	p.input, _ = p.input.Update(msg)
	return typing
}

// paste adds text, on one line. A secret is taken as it is.
func (p *prompt) paste(text string) {
	text = strings.TrimRight(text, "\r\n") // often copied along
	if !p.secret() {
		text = words.Clean(strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(text))
	}
	p.input, _ = p.input.Update(tea.PasteMsg{Content: text})
}

// label says what is to be typed.
func (p *prompt) label() string {
	switch p.purpose {
	case forNote:
		return "note: "
	case forFilter:
		return "show lines with: "
	case forAnswer:
		switch {
		case p.question.Confirm:
			return "yes or no: "
		case p.question.Secret:
			return "not shown while you type, enter sends: "
		}
		return "answer: "
	default:
		return ""
	}
}

// row draws the line on w cells.
func (p *prompt) row(w int) string { return ansi.Truncate(" "+p.input.View(), w, "") }

// questionRows draws a question above the row where it is answered, in at most h rows.
func questionRows(c scene, q *Question, w, h int) []string {
	rows := []string{rule(c.st, w, []part{{c.st.caution, " " + clean(q.Title) + " ", 0}}, part{})}
	for line := range strings.SplitSeq(q.Text, "\n") {
		for _, part := range wrapText(clean(line), w-4) {
			rows = append(rows, newRow(w, "").put("", "   ").put(c.st.text, part).line())
		}
	}
	return rows[:min(len(rows), max(h, 1))]
}
