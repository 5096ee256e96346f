package tui

import (
	"context"
	"flag"
	"fmt"
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

// Flags to look at the screen without the rest of the program:
//
//	go test ./tui -show sketch -w 120 -h 40 -press l    # a frame on standard output
//	go test -c -o t ./tui && ./t -show tasks -live      # the screen itself
var (
	show      = flag.String("show", "", `scene to draw: "sketch", "verdicts", "nolog", "crowd", "copies", "plan", "many" or "tasks"`)
	showW     = flag.Int("w", 80, "columns of -show")
	showH     = flag.Int("h", 24, "rows of -show")
	showLight = flag.Bool("light", false, "light background for -show")
	showMono  = flag.Bool("mono", false, "no colours for -show")
	showPress = flag.String("press", "", "keys pressed before -show")
	showLive  = flag.Bool("live", false, "run the screen on -show, with a snapshot every second")
)

// TestMain draws a scene to look at when -show is given.
func TestMain(m *testing.M) {
	flag.Parse()
	if *show == "" {
		os.Exit(m.Run())
	}
	scene := map[string]func() *fold.Snapshot{
		"sketch": sketch, "verdicts": verdictsScene, "nolog": noLogScene, "crowd": crowdScene, "copies": copiesScene, "plan": planScene,
		"many": func() *fold.Snapshot { return manyCopies(200) }, "tasks": func() *fold.Snapshot { return manyTasks(20) },
	}[*show]
	if *showLive {
		if err := Run(context.Background(), liveConfig(scene)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	mod := drive(nilTB{}, scene(), *showW, *showH)
	mod.st = newStyles(theme{light: *showLight, mono: *showMono})
	for _, r := range *showPress {
		mod.Update(keyPress(string(r)))
	}
	if _, err := os.Stdout.WriteString(mod.View().Content); err != nil {
		os.Exit(1)
	}
}

// liveConfig shows a scene that moves with the clock, with a new snapshot every second. It is quiet: only
// times change.
func liveConfig(scene func() *fold.Snapshot) Config {
	began := time.Now()
	now := func() time.Time { return night().Add(time.Since(began)) }
	snap := scene()
	return Config{
		Snapshot: func() *fold.Snapshot {
			if at := now().Truncate(time.Second); at.After(snap.At) {
				next := *snap
				next.At = at
				snap = &next
			}
			return snap
		},
		Do: func(Intent) {}, Now: now, Location: time.UTC, Version: "test",
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
