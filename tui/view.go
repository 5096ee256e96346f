package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// View draws the frame, when something has changed since the last one.
func (m *model) View() tea.View {
	if m.frame == nil {
		v := m.draw()
		m.frame = &v
	}
	return *m.frame
}

func (m *model) draw() tea.View {
	content := strings.Join(m.screen(), "\n")
	if m.plain != nil {
		content = m.plain.Replace(content)
	}
	v := tea.NewView(content)
	v.AltScreen = true
	v.WindowTitle = m.windowTitle()
	if !m.noMouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// screen is all rows.
func (m *model) screen() []string {
	if m.w < 1 || m.h < 1 {
		return nil
	}
	var rows []string
	switch {
	case m.look.snap == nil:
		rows = m.waiting()
	case m.page == pageBoard:
		rows = m.board()
	case m.page == pageLog:
		rows = m.logPage()
	default:
		rows = m.textPage()
	}
	rows = exactly(rows, m.h)
	if m.prompt != nil {
		m.overlay(rows)
	}
	return rows
}

// waiting is the screen before the first snapshot.
func (m *model) waiting() []string {
	text := m.st.brand.on(clip("ronda", m.w)) + "\n\n" + m.st.dim.on(clip("waits for the first look", m.w))
	return strings.Split(lipgloss.Place(m.w, m.h, lipgloss.Center, lipgloss.Center, text), "\n")
}

// overlay draws the open prompt over the last rows, with its question above.
func (m *model) overlay(rows []string) {
	rows[m.h-1] = m.prompt.row(m.w)
	if q := m.prompt.question; q != nil && m.h > 1 {
		asked := questionRows(m.scene(), q, m.w, m.h-1)
		copy(rows[m.h-1-len(asked):], asked)
	}
}

// layout lays out the board for what there is to show now.
func (m *model) layout() layout {
	c := m.scene()
	want := wants{
		links:    len(c.snap.Hosts) > 0 || len(c.snap.Services) > 0 && m.h < roomFrom,
		tasks:    m.places().rows(),
		groups:   groupsWanted(c.snap),
		room:     len(roomShown(c, m.tall())),
		services: servicesWanted(c, m.w, 4),
		note:     len(m.freshNote(2)), // a long one takes two rows
	}
	if want.tasks == 0 {
		want.tasks = len(noTaskRows(c, m.w))
	}
	if t := m.task(); t != nil {
		want.why, want.noLog = 1+len(whyRows(c, t, m.w, m.h)), noLog(c, t)
	}
	return arrange(m.w, m.h, want)
}

// freshNote is the newest note while it is news, or an alarm, in at most so many rows.
func (m *model) freshNote(most int) []string {
	const fresh = 10 * time.Minute
	c := m.scene()
	notes := c.snap.Notes
	for len(notes) > 0 && saidByRow(c, notes[len(notes)-1].Kind) {
		notes = notes[:len(notes)-1]
	}
	if len(notes) == 0 {
		return nil
	}
	n := notes[len(notes)-1]
	if c.now.Sub(n.At) >= fresh && !alarms(n) {
		return nil
	}
	return noteRow(c, n, m.w, most)
}

// saidByRow tells whether what a note of this kind says stands on the board anyhow, in the row of a group or a volume.
func saidByRow(c scene, kind observe.Kind) bool {
	return kind == observe.KindTransfer && hinted(c.snap) || kind == observe.KindVolume && len(roomShown(c, false)) > 0
}

func (m *model) board() []string {
	c, l := m.scene(), m.layout()
	rows := []string{titleRow(c, m.look.play, m.page == pageBoard, m.w)}
	if l.links.h > 0 {
		rows = append(rows, linksRow(c, m.w, l.services.h > 0))
	}
	p := m.places()
	if l.rule.h > 0 {
		var finders []part
		if p.rows() > 0 {
			finders = finderParts(c)
		}
		rows = append(rows, rule(c.st, m.w, finders, hiddenTasks(c, p, m.selected, l.tasks.h)))
	}
	rows = append(rows, tasksRows(c, p, m.selected, m.w, l.tasks.h)...)
	rows = append(rows, groupRows(c, m.w, l.groups.h)...)
	rows = append(rows, roomRows(c, m.w, l.room.h, m.tall())...)
	rows = append(rows, m.middle(c, l)...)
	if l.note.h > 0 {
		rows = append(rows, m.freshNote(l.note.h)...)
	}
	if l.services.h > 0 {
		rows = append(rows, exactly(servicesRows(c, m.w, l.services.h), l.services.h)...)
	}
	if l.foot.h > 0 {
		rows = append(rows, footerRow(c, m.keys, m.w))
	}
	return rows
}

// middle is why and log, one above the other or side by side.
func (m *model) middle(c scene, l layout) []string {
	t := m.task()
	if t == nil {
		return exactly(nil, l.why.h+l.log.h)
	}
	if noLog(c, t) {
		return detailPane(c, t, knownRows(c, t, l.why.w, l.why.h-2), l.why)
	}
	why := m.whyPane(c, l)
	log := m.logRows(c, l.log)
	if !l.beside {
		return append(why, log...)
	}
	rows := make([]string, 0, l.log.h)
	for i := range log { // lipgloss.JoinHorizontal would measure every row twice, and double the cost of a frame
		left := why[i]
		if pad := l.why.w - ansi.StringWidth(left); pad > 0 { // a row is styled: width is for clean text
			left += repeat(" ", pad)
		}
		edge := "│"
		if i == 0 {
			edge = "┬"
		}
		rows = append(rows, left+c.st.faint.on(edge)+log[i])
	}
	return rows
}

func (m *model) whyPane(c scene, l layout) []string {
	t := m.task()
	if l.why.h == 0 {
		return nil
	}
	if l.beside {
		return detailPane(c, t, detailRows(c, t, l.why.w, l.why.h-2), l.why)
	}
	rows := []string{whyTitle(c, t, l.why.w)}
	return exactly(append(rows, whyRows(c, t, l.why.w, l.why.h-1)...), l.why.h)
}

// detailPane is all of what is known of a task for which there is room. The reasons come first, and are
// chosen from where there is room for nothing else.
func detailPane(c scene, t *fold.TaskView, all []string, a area) []string {
	if a.h <= 0 {
		return nil
	}
	room := a.h - 1
	if len(all) > room && len(whyRows(c, t, a.w, unlimited)) >= room {
		all = whyRows(c, t, a.w, room)
	}
	if len(all) > room {
		all = all[: room-1 : room-1]
		for n := len(all); n > 0 && (all[n-1] == "" || strings.HasPrefix(ansi.Strip(all[n-1]), "─")); n-- {
			all = all[:n-1] // a title without what it is the title of
		}
		all = append(all, newRow(a.w, "").put("", "   ").put(c.st.dim, ellipsis+" more with e").line())
	}
	return exactly(append([]string{whyTitle(c, t, a.w)}, all...), a.h)
}

// noLog tells whether a task has no log to show: the plan names none, and none was read.
func noLog(c scene, t *fold.TaskView) bool {
	if _, partial := t.Log.Partial(); partial || t.Log.End() > t.Log.First() {
		return false
	}
	for _, p := range c.snap.Plan.Tasks {
		if p.Name == t.Name {
			return p.Log == ""
		}
	}
	return found(t)
}

func (m *model) logRows(c scene, a area) []string {
	if a.h == 0 {
		return nil
	}
	rows := []string{logTitle(c, m.task(), &m.log, a.w, a.h)}
	return append(rows, m.log.rows(c, m.task(), a.w, a.h-1)...)
}

// logArea is where the log stands on the page that is shown.
func (m *model) logArea() area {
	if m.page != pageBoard || m.look.snap == nil {
		return area{0, 2, m.w, max(m.h-3, 0)}
	}
	return m.layout().log
}

// logPage is the log with the row of its task above.
func (m *model) logPage() []string {
	c, t := m.scene(), m.task()
	if t == nil {
		return m.textPage()
	}
	rows := []string{titleRow(c, m.look.play, m.page == pageBoard, m.w), taskRow(c, t, chooseColumns(m.w, c.snap.Tasks), false, m.w)}
	rows = append(rows, m.logRows(c, m.logArea())...)
	return append(rows, footerRow(c, m.keys, m.w))
}

// textRows are all rows of the evidence or the help.
func (m *model) textRows() []string {
	c := m.scene()
	switch m.page {
	case pageHelp:
		return helpRows(c, m.keys, m.cfg.Version, m.w)
	case pageRoom:
		return roomPage(c, m.w)
	case pagePlan:
		return planRows(c, m.w)
	case pageBoard, pageLog, pageEvidence:
	}
	if t := m.task(); t != nil && m.page == pageEvidence {
		if s, _ := m.thenScene(); s != nil {
			return thenRows(c, t, s, m.w)
		}
		return detailRows(c, t, m.w, unlimited)
	}
	return nil
}

// pageHeight is how many rows of them are seen.
func (m *model) pageHeight() int { return max(m.h-4, 1) }

func (m *model) textPage() []string {
	c, h := m.scene(), m.pageHeight()
	all := m.textRows()
	from := max(min(m.offset, len(all)-h), 0)
	rows := []string{titleRow(c, m.look.play, m.page == pageBoard, m.w)}
	if t := m.task(); t != nil && m.page == pageEvidence {
		if s, place := m.thenScene(); s != nil {
			rows = append(rows, thenTitle(c, t, s, place, m.w))
		} else {
			rows = append(rows, whyTitle(c, t, m.w))
		}
	} else {
		rows = append(rows, rule(c.st, m.w, []part{{c.st.bold, m.page.title(), 0}}, part{}))
	}
	rows = append(rows, exactly(all[from:], h)...)
	more := part{}
	if left := len(all) - from - h; left > 0 {
		more = part{c.st.dim, "↓ " + plural(left, "row", "rows") + " more", 0}
	}
	return append(rows, rule(c.st, m.w, nil, more), footerRow(c, m.keys, m.w))
}
