package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// A panic in Update or View must neither reach bubbletea nor be followed by another.
func TestGuardEndsTheProgramAfterAPanic(t *testing.T) {
	for name, breakIt := range map[string]func(*guard){
		"in Update": func(g *guard) { g.st = nil; g.Update(keyPress("n")) },
		"in View":   func(g *guard) { g.st = nil; g.frame = nil; g.View() },
		"in a command": func(g *guard) {
			g.cfg.Do = func(Intent) { panic("on \x1b[31mpurpose") }
			g.Update(g.want(Pause{})())
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := &guard{model: drive(t, sketch(), 80, 24)}
			whole := g.View().Content
			breakIt(g)
			if g.err == nil || !strings.Contains(g.err.Error(), "panic: ") || strings.Contains(g.err.Error(), "\x1b") {
				t.Fatalf("the panic is kept as %v", g.err)
			}
			if g.View().Content != whole {
				t.Error("the last whole frame does not stay")
			}
			_, cmd := g.Update(keyPress("j"))
			if cmd == nil {
				t.Fatal("the program goes on")
			}
			if _, ok := cmd().(tea.QuitMsg); !ok {
				t.Fatal("the program does not end")
			}
		})
	}
}
