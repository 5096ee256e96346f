package tui

import (
	"slices"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
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
	purpose purpose
	text    []rune
	at      int // place of the cursor in text
	// question is what is answered; nil otherwise.
	question *Question
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
	switch msg.String() {
	case "enter":
		return entered
	case "esc", "ctrl+c":
		return dismissed
	case "left", "ctrl+b":
		p.at = max(p.at-1, 0)
	case "right", "ctrl+f":
		p.at = min(p.at+1, len(p.text))
	case "home", "ctrl+a":
		p.at = 0
	case "end", "ctrl+e":
		p.at = len(p.text)
	case "backspace", "ctrl+h":
		p.remove(p.at - 1)
	case "delete", "ctrl+d":
		p.remove(p.at)
	case "ctrl+u":
		p.text, p.at = slices.Clone(p.text[p.at:]), 0
	case "ctrl+k":
		p.text = p.text[:p.at]
	case "ctrl+w":
		from := p.at
		for from > 0 && p.text[from-1] == ' ' {
			from--
		}
		for from > 0 && p.text[from-1] != ' ' {
			from--
		}
		p.text, p.at = slices.Delete(p.text, from, p.at), from
	default:
		p.insert(msg.Text)
	}
	return typing
}

func (p *prompt) remove(i int) {
	if i >= 0 && i < len(p.text) {
		p.text, p.at = slices.Delete(p.text, i, i+1), i
	}
}

// insert adds typed or pasted text. Line ends become blanks, other control characters are dropped.
func (p *prompt) insert(text string) {
	const limit = 4096
	text = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ").Replace(text)
	for _, r := range text {
		if len(p.text) < limit && !unicode.IsControl(r) {
			p.text = slices.Insert(p.text, p.at, r)
			p.at++
		}
	}
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

// promptRow draws the line; cursor is the column that is typed in.
func promptRow(c scene, p *prompt, w int) (line string, cursor int) {
	r := newRow(w, "").put("", " ").put(c.st.brand, p.label())
	cursor = w - r.room
	if p.question != nil && p.question.Secret {
		return r.line(), min(cursor, w-1)
	}
	// The end near the cursor stays in sight when the line is longer than the row.
	before := []rune(clean(string(p.text[:p.at]) + "|")) // the bar keeps blanks at the end
	before = before[:len(before)-1]
	room := max(r.room-2, 1)
	for len(before) > 0 && width(string(before)) > room {
		before = before[1:]
	}
	cursor += width(string(before))
	return r.put(c.st.text, string(before)).put(c.st.text, clean(string(p.text[p.at:]))).line(), min(cursor, w-1)
}

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
