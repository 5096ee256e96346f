package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"ronda/internal/fold"
)

// sizes are those that are looked after: tiny, the classic, a laptop, a wall.
func sizes() [][2]int { return [][2]int{{40, 10}, {80, 24}, {120, 40}, {200, 60}} }

// plainFrame is a frame without its colours and trailing blanks.
func plainFrame(m *model) string {
	rows := strings.Split(ansi.Strip(m.View().Content), "\n")
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	return strings.Join(rows, "\n") + "\n"
}

func TestGoldenFrames(t *testing.T) {
	scenes := map[string]func() *fold.Snapshot{"sketch": sketch, "verdicts": verdictsScene, "nolog": noLogScene}
	for name, scene := range scenes {
		for _, size := range sizes() {
			t.Run(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), func(t *testing.T) {
				golden.RequireEqual(t, plainFrame(drive(t, scene(), size[0], size[1])))
			})
		}
	}
}

func TestGoldenPages(t *testing.T) {
	for name, key := range map[string]string{"log": "l", "evidence": "e", "help": "?"} {
		for _, size := range [][2]int{{40, 10}, {80, 24}, {110, 30}} {
			t.Run(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), func(t *testing.T) {
				m := drive(t, verdictsScene(), size[0], size[1])
				m.choose(1)
				m.Update(keyPress(key))
				golden.RequireEqual(t, plainFrame(m))
			})
		}
	}
}

// What was known when a task got stuck, and then the time before.
func TestGoldenThen(t *testing.T) {
	for _, size := range [][2]int{{40, 10}, {80, 24}, {110, 30}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			m := drive(t, verdictsScene(), size[0], size[1])
			m.choose(8)
			m.Update(keyPress("x"))
			golden.RequireEqual(t, plainFrame(m))
		})
	}
}

// A link that is lost now was not lost then: what its sources saw stands as it was.
func TestThenIsNotNow(t *testing.T) {
	snap := verdictsScene()
	snap.Hosts = []fold.HostView{{Name: snap.Tasks[8].Host, State: fold.LinkDown}}
	m := drive(t, snap, 110, 30)
	m.choose(8)
	m.Update(keyPress("x"))
	if frame := plainFrame(m); !strings.Contains(frame, "● log      sees") || strings.Contains(frame, "unseen") {
		t.Errorf("its log was seen then, but\n%s", frame)
	}
}

// A task that is silent for longer than planned is marked, without an alarm.
func TestOverlongIsMarked(t *testing.T) {
	snap := sketch()
	if frame := plainFrame(drive(t, snap, 80, 24)); strings.Contains(frame, "QUIET 14 min+") {
		t.Errorf("marked without cause in\n%s", frame)
	}
	snap.Tasks[1].Overlong = true
	m := drive(t, snap, 80, 24)
	if frame := plainFrame(m); !strings.Contains(frame, "QUIET 14 min+") || strings.Contains(frame, "in trouble") {
		t.Errorf("not marked in\n%s", frame)
	}
	if st := newStyles(theme{}); st.task(&snap.Tasks[1]).ink != st.warn {
		t.Error("not in the colour of what is worth a look")
	}
}

func TestGoldenColours(t *testing.T) {
	for name, th := range map[string]theme{"dark": {}, "light": {light: true}, "mono": {mono: true}} {
		t.Run(name, func(t *testing.T) {
			m := drive(t, verdictsScene(), 80, 24)
			m.setTheme(th)
			golden.RequireEqual(t, m.View().Content+"\n")
		})
	}
}

// A task without a log shows what else is known of it; once a line comes, it has one.
func TestNoLogGivesItsRoomAway(t *testing.T) {
	snap := noLogScene()
	for _, size := range sizes()[1:] {
		m := drive(t, snap, size[0], size[1])
		frame := plainFrame(m)
		for _, want := range []string{"─ sources ─", "─ processes · ", "qemu-img convert"} {
			if !strings.Contains(frame, want) {
				t.Errorf("%v: no %q in\n%s", size, want, frame)
			}
		}
		if strings.Contains(frame, "no log") || strings.Contains(frame, "nothing read yet") {
			t.Errorf("%v: an empty log in\n%s", size, frame)
		}
	}
	snap.Tasks[0].Log = schemaLog()
	if frame := plainFrame(drive(t, snap, 80, 24)); !strings.Contains(frame, "Migrating mboxgroup7.  This") {
		t.Errorf("the log is not seen in\n%s", frame)
	}
}

// Every row of every page must fit at any size: a row too long would wrap and push the screen up.
func TestFramesFitAtEverySize(t *testing.T) {
	snaps := []*fold.Snapshot{verdictsScene(), noLogScene()}
	for w := 0; w <= 130; w += 5 {
		for h := 0; h <= 45; h += 3 {
			m := drive(t, snaps[(w/5+h/3)%2], w, h)
			for _, key := range []string{"", "l", "e", "x", "?"} {
				if key != "" {
					m.Update(keyPress(key))
				}
				requireFits(t, m, w, h)
				m.Update(keyPress("/"))
				requireFits(t, m, w, h)
				m.Update(keyPress("esc"))
			}
			m.cfg.Question = func() *Question {
				return &Question{ID: 1, Title: "Sign in", Text: "password of root@mail1", Secret: true}
			}
			m.Update(m.fetch())
			requireFits(t, m, w, h)
		}
	}
	requireFits(t, drive(t, snaps[0], 400, 120), 400, 120)
}

func requireFits(tb testing.TB, m *model, w, h int) {
	tb.Helper()
	v := m.View()
	if w == 0 || h == 0 {
		if v.Content != "" {
			tb.Fatalf("%dx%d: drew %q", w, h, v.Content)
		}
		return
	}
	rows := strings.Split(v.Content, "\n")
	if len(rows) != h {
		tb.Fatalf("%dx%d: %d rows", w, h, len(rows))
	}
	for i, r := range rows {
		if n := ansi.StringWidth(r); n > w {
			tb.Fatalf("%dx%d: row %d takes %d cells: %q", w, h, i, n, ansi.Strip(r))
		}
	}
}

// What is said by colour must be said by a word too.
func TestVerdictsReadWithoutColour(t *testing.T) {
	frame := plainFrame(drive(t, verdictsScene(), 80, 40))
	for _, v := range verdicts() {
		if !strings.Contains(frame, newStyles(theme{}).verdict(v).glyph) || !strings.Contains(frame, string(v)) {
			t.Errorf("%s has no glyph or no word on the board", v)
		}
	}
}
