package tui

import (
	"fmt"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"

	"ronda/internal/words"
)

// guard is the model as bubbletea sees it: one that never panics. What panics within is kept as an error,
// and the screen is closed in order. Bubbletea's own way with a panic closes the terminal under the
// goroutine that reads it, and prints over whatever is on it.
type guard struct {
	*model
	last tea.View // the last frame that was drawn whole
	err  error    // the first panic; nil while all is well
}

// panicMsg brings the panic of a command.
type panicMsg struct{ err error }

// Update takes in a message, and ends the program once something has panicked.
func (g *guard) Update(msg tea.Msg) (_ tea.Model, cmd tea.Cmd) {
	defer func() {
		g.keep(recover())
		if g.err != nil {
			cmd = tea.Quit
		}
	}()
	switch msg := msg.(type) {
	case panicMsg:
		g.err = msg.err
	default:
		if g.err == nil {
			_, cmd = g.model.Update(msg)
		}
	}
	return g, cmd
}

// View draws the frame. When that panics the frame before stays, and the next message, which is at most a
// look away, ends the program.
func (g *guard) View() tea.View {
	defer func() { g.keep(recover()) }()
	if g.err == nil {
		g.last = g.model.View()
	}
	return g.last
}

// keep keeps the first panic; none is nil.
func (g *guard) keep(recovered any) {
	if recovered != nil && g.err == nil {
		g.err = panicError(recovered)
	}
}

// caught makes a panic of a command its message. It must be deferred by the command itself.
func caught(msg *tea.Msg) {
	if r := recover(); r != nil {
		*msg = panicMsg{panicError(r)}
	}
}

// panicError says what panicked and where, for a report of the fault. The value may hold text from outside.
func panicError(recovered any) error {
	return fmt.Errorf("panic: %s\n\n%s", words.Clean(fmt.Sprint(recovered)), debug.Stack())
}
