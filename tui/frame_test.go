package tui

import (
	"flag"
	"os"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ronda/internal/fold"
)

// drive is a model that was shown a snapshot on a screen of this size.
func drive(tb testing.TB, snap *fold.Snapshot, w, h int) *model {
	tb.Helper()
	m := newModel(Config{
		Snapshot: func() *fold.Snapshot { return snap },
		Do:       func(Intent) {},
		Now:      night,
		Location: time.UTC,
		Version:  "test",
	})
	m.Update(tea.WindowSizeMsg{Width: w, Height: h})
	m.Update(m.fetch())
	return m
}

var show = flag.String("show", "", `draw a frame on standard output: "sketch" or "verdicts", with -w, -h, -light and -press`)

var (
	showW     = flag.Int("w", 80, "columns of -show")
	showH     = flag.Int("h", 24, "rows of -show")
	showLight = flag.Bool("light", false, "light background for -show")
	showPress = flag.String("press", "", "keys pressed before -show")
)

// TestMain draws a frame to look at when -show is given.
func TestMain(m *testing.M) {
	flag.Parse()
	if *show == "" {
		os.Exit(m.Run())
	}
	snap := sketch()
	if *show == "verdicts" {
		snap = verdictsScene()
	}
	mod := drive(nilTB{}, snap, *showW, *showH)
	mod.st = newStyles(!*showLight)
	for _, r := range *showPress {
		mod.Update(keyPress(string(r)))
	}
	if _, err := os.Stdout.WriteString(mod.View().Content); err != nil {
		os.Exit(1)
	}
}

type nilTB struct{ testing.TB }

func (nilTB) Helper() {}

// keyPress is the message of a key as bubbletea names it.
func keyPress(name string) tea.KeyPressMsg {
	special := map[string]tea.Key{
		"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab},
		"shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}, "down": {Code: tea.KeyDown}, "up": {Code: tea.KeyUp},
		"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "pgup": {Code: tea.KeyPgUp},
		"pgdown": {Code: tea.KeyPgDown}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
		"backspace": {Code: tea.KeyBackspace}, "delete": {Code: tea.KeyDelete}, "space": {Code: tea.KeySpace, Text: " "},
		"ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+u": {Code: 'u', Mod: tea.ModCtrl}, "ctrl+w": {Code: 'w', Mod: tea.ModCtrl},
		"ctrl+k": {Code: 'k', Mod: tea.ModCtrl},
	}
	if k, ok := special[name]; ok {
		return tea.KeyPressMsg(k)
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}
