package tui

import "slices"

// action is what a key asks for.
type action int

const (
	actNone action = iota
	actQuit
	actHelp
	actBack
	actLog
	actEvidence
	actDown
	actUp
	actNextTask
	actPrevTask
	actAlarm
	actPageDown
	actPageUp
	actTop
	actBottom
	actFilter
	actWrap
	actTimes
	actNote
	actRetry
	actMouse
	actPause
	actSeekBack
	actSeekOn
	actSeekFarBack
	actSeekFarOn
	actFaster
	actSlower
)

// binding ties keys to an action. The help and the last row of the screen are made from the bindings.
type binding struct {
	do     action
	keys   []string // as bubbletea names them
	shown  string   // the keys, for a person
	help   string   // what it does
	brief  string   // the same in a word, for the last row; empty: not shown there
	replay bool     // only there
}

// bindings are all keys, in the order of the help.
func bindings() []binding {
	return []binding{
		{actHelp, []string{"?", "f1"}, "?", "this help", "help", false},
		{actDown, []string{"j", "down"}, "j ↓", "next task; in the log one line down", "", false},
		{actUp, []string{"k", "up"}, "k ↑", "task before; in the log one line up", "", false},
		{actNextTask, []string{"tab"}, "tab", "next task, in every view", "task", false},
		{actPrevTask, []string{"shift+tab"}, "shift+tab", "task before, in every view", "", false},
		{actAlarm, []string{"a"}, "a", "next task in trouble; ronda shows it until you choose another", "trouble", false},
		{actLog, []string{"l", "enter"}, "l enter", "the log on the whole screen, and back", "log", false},
		{actEvidence, []string{"e"}, "e", "all evidence, sources and processes, and back", "evidence", false},
		{actBack, []string{"esc"}, "esc", "back; on the board: drop the filter, follow the log", "", false},
		{actFilter, []string{"/"}, "/", "show only lines with a text or regular expression", "filter", false},
		{actPageUp, []string{"pgup", "b", "ctrl+b", "ctrl+u"}, "pgup b", "log one page up", "", false},
		{actPageDown, []string{"pgdown", "f", "ctrl+f", "ctrl+d"}, "pgdn f", "log one page down", "", false},
		{actTop, []string{"g", "home"}, "g home", "oldest line that is kept", "", false},
		{actBottom, []string{"G", "shift+g", "end"}, "G end", "newest line, and follow", "", false},
		{actWrap, []string{"w"}, "w", "break long lines, or cut them", "", false},
		{actTimes, []string{"t"}, "t", "times beside the lines, or not", "", false},
		{actNote, []string{"n"}, "n", "write a note into the record", "note", false},
		{actRetry, []string{"r"}, "r", "try a lost host again now", "", false},
		{actMouse, []string{"m"}, "m", "leave the mouse to the terminal, to copy text", "", false},
		{actPause, []string{"space"}, "space", "stop the replay, and go on", "pause", true},
		{actSeekBack, []string{"left"}, "←", "a minute back", "", true},
		{actSeekOn, []string{"right"}, "→", "a minute on", "", true},
		{actSeekFarBack, []string{"shift+left", "["}, "shift+← [", "ten minutes back", "", true},
		{actSeekFarOn, []string{"shift+right", "]"}, "shift+→ ]", "ten minutes on", "", true},
		{actFaster, []string{"+", "="}, "+", "twice as fast", "faster", true},
		{actSlower, []string{"-"}, "-", "half as fast", "slower", true},
		{actQuit, []string{"q", "ctrl+c"}, "q", "quit; what is watched is left alone", "quit", false},
	}
}

// lookUp finds what a key asks for.
func lookUp(keys []binding, pressed string, replay bool) action {
	for _, b := range keys {
		if (replay || !b.replay) && slices.Contains(b.keys, pressed) {
			return b.do
		}
	}
	return actNone
}
