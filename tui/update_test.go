package tui

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// desk is a model together with what it asked for.
type desk struct {
	*model
	asked []Intent
}

func newDesk(tb testing.TB, snap *fold.Snapshot, w, h int) *desk {
	tb.Helper()
	d := &desk{model: drive(tb, snap, w, h)}
	d.cfg.Do = func(i Intent) { d.asked = append(d.asked, i) }
	return d
}

// press sends keys and carries out what they ask for. It tells whether the program is to end.
func (d *desk) press(keys ...string) bool {
	quit := false
	for _, k := range keys {
		_, cmd := d.Update(keyPress(k))
		quit = d.carryOut(cmd) || quit
	}
	return quit
}

// carryOut runs a command and those within it, as bubbletea does.
func (d *desk) carryOut(cmd tea.Cmd) bool {
	if cmd == nil {
		return false
	}
	msg := cmd()
	if _, ok := msg.(tea.QuitMsg); ok {
		return true
	}
	quit := false
	if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice { // a batch or a sequence
		for i := range v.Len() {
			if inner, ok := reflect.TypeAssert[tea.Cmd](v.Index(i)); ok {
				quit = d.carryOut(inner) || quit
			}
		}
	}
	return quit
}

func (d *desk) requireAsked(tb testing.TB, want ...Intent) {
	tb.Helper()
	if !reflect.DeepEqual(d.asked, want) {
		tb.Fatalf("asked for %#v, want %#v", d.asked, want)
	}
}

func TestSelection(t *testing.T) {
	d := newDesk(t, sketch(), 80, 24)
	if d.selected != 1 {
		t.Fatalf("began at task %d, want the first that has not ended", d.selected)
	}
	for i, step := range []struct {
		key  string
		want int
	}{{"j", 2}, {"down", 3}, {"tab", 4}, {"j", 0}, {"k", 4}, {"up", 3}, {"shift+tab", 2}, {"a", 2}} {
		if d.press(step.key); d.selected != step.want {
			t.Fatalf("step %d, %s: task %d, want %d", i, step.key, d.selected, step.want)
		}
	}
	d = newDesk(t, verdictsScene(), 80, 24)
	if d.selected != 6 {
		t.Fatalf("began at task %d, want the one that alarms", d.selected)
	}
	if d.press("a"); d.selected != 7 {
		t.Fatalf("a: task %d, want the next that alarms", d.selected)
	}
}

// Until the person chooses, the screen shows where a look is wanted; then it stays with his choice.
func TestSelectionGoesToTroubleUntilThePersonChooses(t *testing.T) {
	snap := sketch()
	d := newDesk(t, snap, 80, 24)
	trouble := func(i int, v observe.Verdict) {
		next := *snap
		next.Tasks = slices.Clone(snap.Tasks)
		next.Tasks[i].Verdict = v
		d.cfg.Snapshot = func() *fold.Snapshot { return &next }
		d.Update(d.fetch())
	}
	if trouble(3, observe.Stalled); d.selected != 3 {
		t.Fatalf("selected %d, want the stalled task", d.selected)
	}
	if trouble(3, observe.Progressing); d.selected != 3 {
		t.Fatalf("selected %d: it left a task that runs", d.selected)
	}
	if trouble(3, observe.Done); d.selected != 1 {
		t.Fatalf("selected %d: it stays with a task that has ended", d.selected)
	}
	d.press("j")
	if trouble(3, observe.Failed); d.selected != 2 {
		t.Fatalf("selected %d: it left what the person chose", d.selected)
	}
}

// At the start tasks are seen one after the other, in any order: the selection does not run after them.
func TestSelectionStaysWithTheFirstTaskWhileOthersBegin(t *testing.T) {
	for _, before := range []observe.Verdict{"", observe.Pending} {
		snap := manyTasks(4)
		for i := range snap.Tasks {
			snap.Tasks[i].Verdict = before
		}
		d := newDesk(t, snap, 80, 24)
		next := *snap
		next.Tasks = slices.Clone(snap.Tasks)
		next.Tasks[2].Verdict = observe.Progressing
		d.cfg.Snapshot = func() *fold.Snapshot { return &next }
		if d.Update(d.fetch()); d.selected != 0 {
			t.Errorf("from %q: selected %d, want the first task", before, d.selected)
		}
	}
}

func TestPages(t *testing.T) {
	d := newDesk(t, sketch(), 80, 24)
	for i, step := range []struct {
		key  string
		want page
	}{
		{"l", pageLog},
		{"l", pageBoard},
		{"enter", pageLog},
		{"e", pageEvidence},
		{"esc", pageBoard},
		{"?", pageHelp},
		{"?", pageBoard},
		{"e", pageEvidence},
		{"e", pageBoard},
	} {
		if d.press(step.key); d.page != step.want {
			t.Fatalf("step %d, %s: page %d, want %d", i, step.key, d.page, step.want)
		}
	}
}

func TestHelpScrolls(t *testing.T) {
	d := newDesk(t, sketch(), 80, 24)
	d.press("?")
	first := plainFrame(d.model)
	d.press("pgdown")
	if plainFrame(d.model) == first {
		t.Fatal("pgdown did nothing")
	}
	d.press("G")
	if !strings.Contains(plainFrame(d.model), "ronda test") {
		t.Fatal("the end of the help is not seen")
	}
	d.press("g")
	if plainFrame(d.model) != first {
		t.Fatal("g does not go back to the beginning")
	}
}

func TestQuitAtOnce(t *testing.T) {
	for _, key := range []string{"q", "ctrl+c"} {
		d := newDesk(t, sketch(), 80, 24)
		if !d.press(key) {
			t.Errorf("%s does not quit", key)
		}
		d.requireAsked(t, Quit{})
	}
}

func TestRetryOnlyLostHosts(t *testing.T) {
	d := newDesk(t, sketch(), 80, 24)
	d.press("r")
	d.requireAsked(t, Retry{Host: "backup"})
}

func TestReplayKeys(t *testing.T) {
	d := newDesk(t, sketch(), 100, 24)
	d.press("space", "left", "+")
	d.requireAsked(t) // live: time runs as it does
	d.cfg.Playback = func() Playback { return Playback{Speed: 60} }
	d.keys = bindings(true)
	d.Update(d.fetch())
	if !strings.Contains(plainFrame(d.model), "replay 60×") {
		t.Fatal("the speed is not shown")
	}
	d.press("space", "left", "right", "[", "]", "+", "-")
	d.requireAsked(t, Pause{}, Seek{By: -time.Minute}, Seek{By: time.Minute}, Seek{By: -10 * time.Minute},
		Seek{By: 10 * time.Minute}, Speed{Factor: 2}, Speed{Factor: 0.5})
	d.cfg.Playback = func() Playback { return Playback{Paused: true, Speed: 60} }
	d.Update(d.fetch())
	if !strings.Contains(plainFrame(d.model), "replay paused") {
		t.Fatal("the pause is not shown")
	}
}

func TestMouse(t *testing.T) {
	d := newDesk(t, sketch(), 80, 24)
	l := d.layout()
	d.Update(tea.MouseClickMsg{X: 5, Y: l.tasks.y + 3, Button: tea.MouseLeft})
	if d.selected != 3 {
		t.Fatalf("click: task %d, want 3", d.selected)
	}
	d.Update(tea.MouseWheelMsg{X: 5, Y: l.tasks.y, Button: tea.MouseWheelUp})
	if d.selected != 2 {
		t.Fatalf("wheel: task %d, want 2", d.selected)
	}
	d.Update(tea.MouseClickMsg{X: 5, Y: 200, Button: tea.MouseLeft})
	if d.press("m"); d.View().MouseMode != tea.MouseModeNone {
		t.Fatal("m does not leave the mouse to the terminal")
	}
}

// A frame is drawn again only when something on it may have changed.
func TestFrameIsKeptWhileNothingChanges(t *testing.T) {
	d := newDesk(t, sketch(), 80, 24)
	d.View()
	kept := d.frame
	d.Update(d.fetch())
	if d.frame != kept {
		t.Fatal("drawn again without a reason")
	}
	d.cfg.Now = func() time.Time { return night().Add(time.Second) }
	d.Update(d.fetch())
	if d.View(); d.frame == kept {
		t.Fatal("the clock stands still")
	}
	if !strings.Contains(plainFrame(d.model), "23:41:17") {
		t.Fatal("the clock is not shown")
	}
}

func TestPace(t *testing.T) {
	d := newDesk(t, sketch(), 80, 24)
	for range 5 {
		d.Update(d.fetch())
	}
	if d.pace != slowest {
		t.Fatalf("idle pace %v, want %v", d.pace, slowest)
	}
	for range 5 {
		snap := sketch()
		d.cfg.Snapshot = func() *fold.Snapshot { return snap }
		d.Update(d.fetch())
	}
	if d.pace != fastest {
		t.Fatalf("busy pace %v, want %v", d.pace, fastest)
	}
}

func TestBeforeTheFirstSnapshot(t *testing.T) {
	d := newDesk(t, nil, 80, 24)
	d.press("j", "l", "e", "?", "g", "G", "pgup", "r", "a", "/", "x", "enter", "esc", "w", "m")
	d.Update(tea.MouseClickMsg{X: 1, Y: 3, Button: tea.MouseLeft})
	d.Update(tea.MouseWheelMsg{X: 1, Y: 3, Button: tea.MouseWheelUp})
	if !strings.Contains(plainFrame(d.model), "waits for the first look") {
		t.Fatalf("frame:\n%s", plainFrame(d.model))
	}
	empty := newDesk(t, &fold.Snapshot{}, 80, 24)
	empty.press("j", "l", "l", "e", "?", "G", "?", "a", "/", "x", "enter", "pgup")
	requireFits(t, empty.model, 80, 24)
}

// x turns from the present to the newest scene, to the older one and to the present again; X the other way. A scene
// that comes meanwhile does not move the one that is looked at.
func TestLookBack(t *testing.T) {
	snap := verdictsScene()
	d := newDesk(t, snap, 110, 40)
	d.choose(8)
	newest, oldest := snap.Tasks[8].Scenes[1].At, snap.Tasks[8].Scenes[0].At
	require := func(want time.Time, page page) {
		t.Helper()
		if !d.then.Equal(want) || d.page != page {
			t.Fatalf("shows page %v of %v, want %v of %v", d.page, d.then, page, want)
		}
	}
	d.press("x")
	require(newest, pageEvidence)
	d.press("x")
	require(oldest, pageEvidence)
	snap.Tasks[8].Scenes = append(snap.Tasks[8].Scenes, stalledScene(time.Minute))
	if frame := plainFrame(d.model); !strings.Contains(frame, "known at 20:41:16") {
		t.Errorf("not the scene that was looked at:\n%s", frame)
	}
	snap.Tasks[8].Scenes = snap.Tasks[8].Scenes[:2]
	d.press("x")
	require(time.Time{}, pageEvidence)
	d.press("X")
	require(oldest, pageEvidence)
	d.press("esc")
	require(time.Time{}, pageBoard)
	d.choose(0)
	d.press("x") // nothing to look back at
	require(time.Time{}, pageBoard)
}
