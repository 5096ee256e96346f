package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// action is what a key asks for.
type action int

const (
	actNone action = iota
	actQuit
	actHelp
	actBack
	actLog
	actEvidence
	actThen
	actThenOn
	actDown
	actUp
	actNextTask
	actPrevTask
	actAlarm
	actRoom
	actPlan
	actUnfold
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
	key.Binding        // its help is what the help page says
	do          action // what the keys ask for
	brief       string // the same in a word, for the last row; empty: not shown there
}

func bind(do action, shown, help, brief string, keys ...string) binding {
	return binding{key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, help)), do, brief}
}

// short is the binding as the last row shows it: one key and one word.
func (b binding) short() key.Binding {
	shown, _, _ := strings.Cut(b.Help().Key, " ")
	return key.NewBinding(key.WithKeys(b.Keys()...), key.WithHelp(shown, b.brief))
}

// ofReplay tells whether the action moves a replay in time.
func (a action) ofReplay() bool { return a >= actPause && a <= actSlower }

// bindings are all keys, in the order of the help. Those that move in time are only there in a replay.
func bindings(replay bool) []binding {
	all := []binding{
		bind(actHelp, "?", "this help", "help", "?", "f1"),
		bind(actDown, "j ↓", "next task; in the log one line down", "", "j", "down"),
		bind(actUp, "k ↑", "task before; in the log one line up", "", "k", "up"),
		bind(actNextTask, "tab", "next task, in every view", "task", "tab"),
		bind(actPrevTask, "shift+tab", "task before, in every view", "", "shift+tab"),
		bind(actAlarm, "a", "next in trouble, without room or late; shown until you choose", "trouble", "a"),
		bind(actLog, "l enter", "the log on the whole screen, and back", "log", "l", "enter"),
		bind(actEvidence, "e", "all evidence, sources and processes, and back", "evidence", "e"),
		bind(actRoom, "v", "room on all volumes: what is left, who writes, when it is full", "room", "v"),
		bind(actPlan, "p", "the plan: planned against actual for every step", "plan", "p"),
		bind(actUnfold, "d", "copies that ended well: one by one, or in one row", "", "d"),
		bind(actThen, "x", "what was known when it got stuck; again: the time before", "then", "x"),
		bind(actThenOn, "X", "the same, onwards to the present", "", "X", "shift+x"),
		bind(actBack, "esc", "back; on the board: drop the filter, follow the log", "", "esc"),
		bind(actFilter, "/", "show only lines with a text or regular expression", "filter", "/"),
		bind(actPageUp, "pgup b", "log one page up", "", "pgup", "b", "ctrl+b", "ctrl+u"),
		bind(actPageDown, "pgdn f", "log one page down", "", "pgdown", "f", "ctrl+f", "ctrl+d"),
		bind(actTop, "g home", "oldest line that is kept", "", "g", "home"),
		bind(actBottom, "G end", "newest line, and follow", "", "G", "shift+g", "end"),
		bind(actWrap, "w", "break long lines, or cut them", "", "w"),
		bind(actTimes, "t", "times beside the lines, or not", "", "t"),
		bind(actNote, "n", "write a note into the record", "note", "n"),
		bind(actRetry, "r", "try a lost host again now", "", "r"),
		bind(actMouse, "m", "leave the mouse to the terminal, to copy text", "", "m"),
		bind(actPause, "space", "stop the replay, and go on", "pause", "space"),
		bind(actSeekBack, "←", "a minute back", "", "left"),
		bind(actSeekOn, "→", "a minute on", "", "right"),
		bind(actSeekFarBack, "shift+← [", "ten minutes back", "", "shift+left", "["),
		bind(actSeekFarOn, "shift+→ ]", "ten minutes on", "", "shift+right", "]"),
		bind(actFaster, "+", "twice as fast", "faster", "+", "="),
		bind(actSlower, "-", "half as fast", "slower", "-"),
		bind(actQuit, "q", "quit; what is watched is left alone", "quit", "q", "ctrl+c"),
	}
	for i := range all {
		all[i].SetEnabled(replay || !all[i].do.ofReplay())
	}
	return all
}

// lookUp finds what a key asks for.
func lookUp(keys []binding, pressed tea.KeyPressMsg) action {
	for _, b := range keys {
		if key.Matches(pressed, b.Binding) {
			return b.do
		}
	}
	return actNone
}

// promptKeys are the keys that end a line which is typed. All others edit it.
type promptKeys struct{ enter, dismiss, quit key.Binding }

func newPromptKeys() promptKeys {
	return promptKeys{
		enter:   key.NewBinding(key.WithKeys("enter")),
		dismiss: key.NewBinding(key.WithKeys("esc", "ctrl+c")),
		quit:    key.NewBinding(key.WithKeys("ctrl+c")),
	}
}
