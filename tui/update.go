package tui

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"ronda/internal/fold"
)

// Update takes in a message. Whatever changes the picture makes the next View draw anew.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if tick, ok := msg.(tickMsg); ok {
		if m.see(look(tick)) {
			m.frame = nil
		}
		return m, m.tick()
	}
	m.frame = nil
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = max(msg.Width, 0), max(msg.Height, 0)
		if m.prompt != nil {
			m.prompt.fit(m.w)
		}
	case tea.BackgroundColorMsg:
		m.setTheme(theme{light: !msg.IsDark(), mono: m.theme.mono})
	case tea.ColorProfileMsg:
		m.setTheme(theme{light: m.theme.light, mono: msg.Profile <= colorprofile.ASCII})
	case tea.EnvMsg:
		// Some terminals answer no question about their background, but say it here: "foreground;background".
		if fgbg := msg.Getenv("COLORFGBG"); strings.HasSuffix(fgbg, ";15") || strings.HasSuffix(fgbg, ";7") {
			m.setTheme(theme{light: true, mono: m.theme.mono})
		}
		m.plain = plainGlyphs(msg.Getenv("TERM"))
	case tea.KeyPressMsg:
		return m, m.press(msg)
	case tea.PasteMsg:
		if m.prompt != nil {
			m.prompt.paste(msg.Content)
		}
	case tea.MouseClickMsg:
		m.click(tea.Mouse(msg))
	case tea.MouseWheelMsg:
		m.wheel(tea.Mouse(msg))
	}
	return m, nil
}

// want hands an intent to the rest of the program.
func (m *model) want(i Intent) tea.Cmd {
	do := m.cfg.Do
	return func() (msg tea.Msg) {
		defer caught(&msg)
		do(i)
		return nil
	}
}

func (m *model) quit() tea.Cmd { return tea.Sequence(m.want(Quit{}), tea.Quit) }

func (m *model) press(msg tea.KeyPressMsg) tea.Cmd {
	if m.prompt != nil {
		return m.pressPrompt(msg)
	}
	do := lookUp(m.keys, msg)
	m.chosen = m.chosen || do != actNone
	switch do {
	case actQuit:
		return m.quit()
	case actPause, actSeekBack, actSeekOn, actSeekFarBack, actSeekFarOn, actFaster, actSlower:
		return m.want(timeIntent(do))
	case actRetry:
		return m.retry()
	case actNote:
		m.prompt = newPrompt(forNote, nil, m.st, m.w)
	case actFilter:
		m.prompt = newPrompt(forFilter, nil, m.st, m.w)
		if f := m.log.filter; f != nil {
			m.prompt.input.SetValue(f.text)
		}
	case actMouse:
		m.noMouse = !m.noMouse
	default:
		m.navigate(do)
	}
	return nil
}

func timeIntent(do action) Intent {
	switch do {
	case actSeekBack:
		return Seek{By: -time.Minute}
	case actSeekOn:
		return Seek{By: time.Minute}
	case actSeekFarBack:
		return Seek{By: -10 * time.Minute}
	case actSeekFarOn:
		return Seek{By: 10 * time.Minute}
	case actFaster:
		return Speed{Factor: 2}
	case actSlower:
		return Speed{Factor: 0.5}
	default:
		return Pause{}
	}
}

// retry asks for every lost host to be tried now.
func (m *model) retry() tea.Cmd {
	if m.look.snap == nil {
		return nil
	}
	var cmds []tea.Cmd
	for _, h := range m.look.snap.Hosts {
		if h.State == fold.LinkDown {
			cmds = append(cmds, m.want(Retry{Host: h.Name}))
		}
	}
	return tea.Batch(cmds...)
}

// pressPrompt edits the open prompt, and carries out what was typed.
func (m *model) pressPrompt(msg tea.KeyPressMsg) tea.Cmd {
	p := m.prompt
	if q := p.question; q != nil {
		return m.pressAnswer(msg, q)
	}
	switch p.press(msg) {
	case dismissed:
		m.prompt = nil
	case entered:
		m.prompt = nil
		text := p.input.Value()
		if p.purpose == forFilter {
			m.setFilter(text)
		} else if text = strings.TrimSpace(text); text != "" {
			return m.want(Mark{Text: text})
		}
	case typing:
	}
	return nil
}

// pressAnswer answers a question. A confirmation takes a whole word, as ssh does: a question that comes up
// must not be answered by a key that was meant for the board.
func (m *model) pressAnswer(msg tea.KeyPressMsg, q *Question) tea.Cmd {
	if key.Matches(msg, m.prompt.keys.quit) {
		return m.quit()
	}
	ok, text := false, ""
	switch m.prompt.press(msg) {
	case typing:
		return nil
	case dismissed:
	case entered:
		ok, text = true, m.prompt.input.Value()
		if q.Confirm {
			word := strings.ToLower(strings.TrimSpace(text))
			if word != "yes" && word != "no" {
				m.prompt.input.Reset()
				return nil
			}
			ok, text = word == "yes", ""
		}
	}
	m.prompt.input.Reset() // it may be a secret
	m.answered, m.prompt = q.ID, nil
	return m.want(Answer{ID: q.ID, OK: ok, Text: text})
}

func (m *model) setFilter(text string) {
	m.log.filter = newFilter(text)
	m.log.follow()
	if t := m.task(); t != nil && m.log.filter != nil {
		m.log.filter.look(t.Log)
	}
}

// navigate moves within what is shown.
func (m *model) navigate(do action) {
	switch do {
	case actHelp:
		m.turnTo(pageHelp)
	case actLog:
		m.turnTo(pageLog)
	case actEvidence:
		m.turnTo(pageEvidence)
	case actThen:
		m.lookBack(1)
	case actThenOn:
		m.lookBack(-1)
	case actBack:
		if m.page != pageBoard {
			m.turnTo(m.page)
			return
		}
		m.setFilter("")
	case actRoom:
		m.turnTo(pageRoom)
	case actPlan:
		m.turnTo(pagePlan)
	case actUnfold:
		m.unfold = !m.unfold
	case actNextTask:
		m.step(1)
	case actPrevTask:
		m.step(-1)
	case actAlarm:
		m.chooseAlarm()
	case actWrap:
		m.log.wrap = !m.log.wrap
	case actTimes:
		m.log.bare = !m.log.bare
	default:
		m.move(do)
	}
}

// turnTo shows a page; the page that is shown already is left for the board.
func (m *model) turnTo(p page) {
	if m.page == p {
		p = pageBoard
	}
	m.page, m.offset, m.then = p, 0, time.Time{}
}

// choose selects a task, round and round, and follows its log.
func (m *model) choose(i int) {
	if m.look.snap == nil || len(m.look.snap.Tasks) == 0 {
		return
	}
	n := len(m.look.snap.Tasks)
	i = (i%n + n) % n
	if i == m.selected {
		return
	}
	m.selected, m.name, m.offset, m.then = i, m.look.snap.Tasks[i].Name, 0, time.Time{}
	m.log.follow()
	if f := m.log.filter; f != nil {
		m.setFilter(f.text)
	}
}

// step selects the task so many rows further on the board, round and round.
func (m *model) step(by int) {
	if m.look.snap == nil || len(m.look.snap.Tasks) == 0 {
		return
	}
	p := m.places()
	n := len(p.tasks)
	m.choose(p.tasks[((p.at(m.selected)+by)%n+n)%n])
}

// chooseAlarm selects the next task that a person should look at, in the order of the board.
func (m *model) chooseAlarm() {
	if m.look.snap == nil {
		return
	}
	c, p := m.scene(), m.places()
	at, n := p.at(m.selected), len(p.tasks)
	for step := 1; step <= n; step++ {
		i := p.tasks[(at+step)%n]
		if t := &m.look.snap.Tasks[i]; troubled(t) || lateness(c, t).text == late {
			m.choose(i)
			return
		}
	}
}

// move scrolls, or on the board selects with the keys for a line.
func (m *model) move(do action) {
	a := m.logArea()
	step := map[action]int{
		actDown: 1, actUp: -1, actPageDown: max(a.h-2, 1), actPageUp: -max(a.h-2, 1),
	}[do]
	if m.page.ofText() {
		m.scrollText(do, step)
		return
	}
	if m.page == pageBoard && (do == actDown || do == actUp) {
		m.step(step)
		return
	}
	t := m.task()
	if t == nil {
		return
	}
	switch do {
	case actTop:
		m.log.toTop(t.Log, a.w, a.h-1)
	case actBottom:
		m.log.follow()
	default:
		m.log.scroll(t.Log, int64(step), a.w, a.h-1)
	}
}

func (m *model) scrollText(do action, step int) {
	switch do {
	case actTop:
		m.offset = 0
	case actBottom:
		m.offset = len(m.textRows())
	default:
		m.offset += step
	}
	m.offset = max(min(m.offset, len(m.textRows())-m.pageHeight()), 0)
}
