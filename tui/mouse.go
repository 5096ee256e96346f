package tui

import tea "charm.land/bubbletea/v2"

// click selects a task, or opens the page of the title that was clicked.
func (m *model) click(at tea.Mouse) {
	if m.prompt != nil || m.page != pageBoard || at.Button != tea.MouseLeft || m.look.snap == nil {
		return
	}
	m.chosen = true
	l := m.layout()
	switch {
	case l.tasks.holds(at.X, at.Y):
		p := m.places()
		i := firstTask(p.rows(), p.at(m.selected), l.tasks.h) + at.Y - l.tasks.y
		switch {
		case i < len(p.tasks):
			m.choose(p.tasks[i])
		case p.folded > 0 && i == len(p.tasks):
			m.unfold = true
		}
	case l.room.holds(at.X, at.Y):
		m.turnTo(pageRoom)
	case l.log.holds(at.X, at.Y) && at.Y == l.log.y:
		m.turnTo(pageLog)
	case l.why.holds(at.X, at.Y) && at.Y == l.why.y:
		m.turnTo(pageEvidence)
	}
}

// wheel moves through the tasks under the mouse, and otherwise through the log.
func (m *model) wheel(at tea.Mouse) {
	step := 3
	switch at.Button {
	case tea.MouseWheelUp:
		step = -step
	case tea.MouseWheelDown:
	default:
		return
	}
	if m.prompt != nil || m.look.snap == nil {
		return
	}
	m.chosen = true
	switch {
	case m.page.ofText():
		m.scrollText(actNone, step)
	case m.page == pageBoard && m.layout().tasks.holds(at.X, at.Y):
		p := m.places()
		if i := p.at(m.selected) + step/3; i >= 0 && i < len(p.tasks) {
			m.choose(p.tasks[i])
		}
	default:
		if t, a := m.task(), m.logArea(); t != nil {
			m.log.scroll(t.Log, int64(step), a.w, a.h-1)
		}
	}
}
