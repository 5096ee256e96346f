package tui

import (
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"ronda/internal/fold"
)

func BenchmarkView(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {200, 60}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			m := drive(b, manyTasks(20), size[0], size[1])
			for b.Loop() {
				m.frame = nil
				m.View()
			}
		})
	}
}

// BenchmarkViewCopies is a frame of 200 copies, each found by itself.
func BenchmarkViewCopies(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {200, 60}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			m := drive(b, manyCopies(200), size[0], size[1])
			for b.Loop() {
				m.frame = nil
				m.View()
			}
		})
	}
}

// BenchmarkIdleTick is a tick that brings nothing new.
func BenchmarkIdleTick(b *testing.B) {
	m := drive(b, manyTasks(20), 80, 24)
	for b.Loop() {
		m.Update(m.fetch())
		m.View()
	}
}

// BenchmarkFeed is a frame of a log that grows by 50,000 lines a second, at ten frames a second, with a
// filter.
func BenchmarkFeed(b *testing.B) {
	const perFrame = 50_000 / 10
	lines := make([]fold.LogLine, 2*perFrame)
	for i := range lines {
		lines[i] = fold.LogLine{At: night(), Text: fmt.Sprintf("\x1b[32mINFO\x1b[0m copied object %d of 900000 in 12 ms", i)}
	}
	short, long := fold.NewLogView(lines[:perFrame], nil), fold.NewLogView(lines, nil)
	snaps := [2]*fold.Snapshot{sketch(), sketch()}
	snaps[0].Tasks[1].Log, snaps[1].Tasks[1].Log = short, long
	m := drive(b, snaps[0], 120, 40)
	m.Update(keyPress("/"))
	m.Update(tea.PasteMsg{Content: "object .*7"})
	m.Update(keyPress("enter"))
	n := 0
	m.cfg.Snapshot = func() *fold.Snapshot { n++; return snaps[n%2] }
	m.cfg.Now = func() time.Time { return night().Add(time.Duration(n) * time.Second / 10) }
	for b.Loop() {
		m.Update(m.fetch())
		m.View()
	}
}
