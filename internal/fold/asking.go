package fold

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"ronda/internal/judge"
	"ronda/internal/observe"
)

// asking is what a process waits for at its terminal, with the question quoted as far as it can be seen: in the
// command line of a dialog box, or as the last thing that the log shows.
func (t *task) asking(p observe.Proc) *judge.Blocker {
	b := &judge.Blocker{Class: p.Blocker}
	question := t.telling.asks
	if t.partial != nil {
		question = brief(lastState(t.partial.Text))
	}
	if _, screen, ok := strings.Cut(p.Waits, ": “"); ok { // the watcher has read it from the terminal
		question = strings.TrimSuffix(screen, "”")
	}
	switch box := dialog(p); {
	case box != "":
		b.Text = fmt.Sprintf("waits for input: “%s” (%s)", brief(box), processName(p))
	case pager(p.Name):
		b.Text = fmt.Sprintf("waits for input in a pager, which the key q leaves (%s)", processName(p))
	case legible(question):
		b.Text = fmt.Sprintf("waits for input: “%s” (%s)", brief(question), processName(p))
	default:
		b.Text = fmt.Sprintf("%s (pid %d) %s", p.Name, p.PID, waits(p))
	}
	return b
}

// legible tells whether a text holds a word: what is left of a painted screen does not.
func legible(text string) bool {
	run := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			run++
		} else {
			run = 0
		}
		if run >= 2 {
			return true
		}
	}
	return false
}

func pager(name string) bool {
	switch name {
	case "less", "more", "most", "pager", "pg":
		return true
	default:
		return false
	}
}

// dialog is the text of the dialog box that a process shows, by its command line: whiptail and dialog take it as
// the argument of the kind of box, before its height and width. Empty for all others.
func dialog(p observe.Proc) string {
	if p.Name != "whiptail" && p.Name != "dialog" && p.Name != "cdialog" {
		return ""
	}
	args := strings.Fields(p.Command)
	for i, a := range args {
		switch a {
		case "--yesno", "--msgbox", "--inputbox", "--passwordbox", "--menu", "--checklist", "--radiolist", "--textbox":
			return boxText(args[i+1:])
		}
	}
	return ""
}

func boxText(args []string) string {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	for i := range args {
		if i > 0 && i+1 < len(args) && whole(args[i]) && whole(args[i+1]) {
			return strings.Join(args[:i], " ")
		}
	}
	return strings.Join(args, " ") + "…" // the command line was cut
}

func whole(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}
