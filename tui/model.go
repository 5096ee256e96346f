package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// page is what the screen shows.
type page int

const (
	pageBoard page = iota
	pageLog
	pageEvidence
	pageHelp
	pageRoom // the volumes
	pagePlan // planned against actual
)

// title names a page that is not about one task.
func (p page) title() string {
	switch p {
	case pageRoom:
		return "room on the volumes"
	case pagePlan:
		return "plan and actual"
	case pageBoard, pageLog, pageEvidence, pageHelp:
	}
	return "help"
}

// ofText tells whether a page is rows of text that are scrolled as a whole.
func (p page) ofText() bool { return p != pageBoard && p != pageLog }

// model is the only tea.Model. It holds what the person has chosen and the newest look at the session.
type model struct {
	cfg   Config
	keys  []binding
	theme theme
	st    *styles
	w, h  int

	look     look // the newest one
	pace     time.Duration
	busy     bool // the newest look brought news
	page     page
	selected int    // index of the task
	name     string // of that task: its index changes when tasks come and go
	chosen   bool   // by the person: until then the selection goes where a look is wanted
	unfold   bool   // copies that ended well have a row each
	log      logPane
	offset   int       // first row shown of the evidence or the help
	then     time.Time // the moment that the evidence is shown of; zero: the present
	prompt   *prompt
	answered uint64            // the question that was answered last
	noMouse  bool              // the terminal has the mouse
	plain    *strings.Replacer // for a terminal that has few glyphs; nil otherwise

	frame *tea.View // the frame as it was drawn last; nil when it must be drawn
}

// look is what is fetched from outside at every tick.
type look struct {
	now      time.Time
	snap     *fold.Snapshot
	play     *Playback
	question *Question
}

// tickMsg brings a look.
type tickMsg look

// The pace of looks: fast while something changes, slow otherwise: every look wakes the machine. Even the
// slow one shows every second.
const (
	fastest     = time.Second / 10
	slowest     = time.Second / 2
	fastestSlow = time.Second / 2 // for thin lines
	slowestSlow = time.Second
)

func newModel(cfg Config) *model {
	if cfg.Location == nil {
		cfg.Location = time.Local
	}
	return &model{cfg: cfg, keys: bindings(cfg.Playback != nil), st: newStyles(theme{}), pace: fastest}
}

func (m *model) setTheme(th theme) {
	m.theme, m.st = th, newStyles(th)
	if m.prompt != nil {
		m.prompt.input.SetStyles(m.st.input)
	}
}

// Init asks for the first look and for what the terminal is like.
func (m *model) Init() tea.Cmd {
	return tea.Batch(
		m.fetch,
		tea.RequestBackgroundColor,
		// Bubble Tea does not ask this over SSH, where frames that are not torn are wanted most. The reply
		// turns them on.
		tea.Raw(ansi.RequestModeSynchronizedOutput),
	)
}

// fetch makes a look. It runs outside of Update and View, which neither wait nor ask the time.
func (m *model) fetch() (msg tea.Msg) {
	defer caught(&msg)
	l := look{now: m.cfg.Now(), snap: m.cfg.Snapshot()}
	if m.cfg.Playback != nil {
		play := m.cfg.Playback()
		l.play = &play
	}
	if m.cfg.Question != nil {
		l.question = m.cfg.Question()
	}
	return tickMsg(l)
}

// tick makes a look after a pause.
func (m *model) tick() tea.Cmd {
	return tea.Tick(m.pause(), func(time.Time) tea.Msg { return m.fetch() })
}

// pause is the time to the next look. None is slept over: a look soon after every whole second shows the
// clock going evenly, and what the session says at whole seconds at once. A replay has its own seconds.
func (m *model) pause() time.Duration {
	const after = 20 * time.Millisecond // for the session to have spoken
	if m.look.play != nil {
		return m.pace
	}
	now := m.look.now
	return min(m.pace, now.Truncate(time.Second).Add(time.Second+after).Sub(now))
}

// see takes in a look and says whether there is something new to draw.
func (m *model) see(l look) bool {
	old := m.look
	m.look = l
	news := l.snap != old.snap
	m.setPace(news)
	if news {
		m.afterNews()
	}
	asks := m.ask()
	return news || asks || !l.now.Truncate(time.Second).Equal(old.now.Truncate(time.Second)) ||
		(l.play != nil && (old.play == nil || *l.play != *old.play))
}

// setPace looks more often once two looks have brought news. One is not enough: a quiet session too says
// every second that it is quiet.
func (m *model) setPace(news bool) {
	least, most := fastest, slowest
	if m.cfg.Slow {
		least, most = fastestSlow, slowestSlow
	}
	switch {
	case !news:
		m.pace = min(m.pace*2, most)
	case m.busy:
		m.pace = max(m.pace/2, least)
	}
	m.busy = news
}

func (m *model) afterNews() {
	if m.look.snap == nil {
		return
	}
	m.keepSelection()
	if i := worthALook(m.look.snap, m.selected); !m.chosen && i != m.selected {
		m.choose(i)
	}
	if t := m.task(); t != nil {
		m.name = t.Name
		if m.log.filter != nil {
			m.log.filter.look(t.Log)
		}
	}
}

// keepSelection stays with the task that was selected, wherever it stands now.
func (m *model) keepSelection() {
	tasks := m.look.snap.Tasks
	m.selected = min(max(m.selected, 0), max(len(tasks)-1, 0))
	if m.name == "" || m.selected < len(tasks) && tasks[m.selected].Name == m.name {
		return
	}
	for i := range tasks {
		if tasks[i].Name == m.name {
			m.selected = i
			return
		}
	}
}

// places is where the tasks stand on the board.
func (m *model) places() places { return place(m.scene(), m.selected, m.unfold) }

// tall tells whether there is room on the board for what is well.
func (m *model) tall() bool {
	const from = 30
	return m.h >= from
}

// worthALook is the task that a person should look at: the selected one, unless another alarms and it does
// not, or it has ended and another runs. That another begins before it is no reason to leave it.
func worthALook(snap *fold.Snapshot, selected int) int {
	urgency := func(i int) int {
		switch v := snap.Tasks[i].Verdict; {
		case v.Alarming():
			return 3
		case noRoom(&snap.Tasks[i]):
			return 2
		case v.Ended(), i != selected && (v == observe.Pending || v == ""):
			return 0
		default:
			return 1
		}
	}
	best := selected
	for i := range snap.Tasks {
		if urgency(i) > urgency(best) {
			best = i
		}
	}
	return best
}

// ask opens or closes the prompt for a question, and says whether it did. It never takes the keyboard from
// somebody who is typing: what he types next is not meant as an answer.
func (m *model) ask() bool {
	q := m.look.question
	open := m.prompt != nil && m.prompt.question != nil
	switch {
	case m.prompt != nil && !open:
	case q != nil && q.ID != m.answered && (!open || m.prompt.question.ID != q.ID):
		m.prompt = newPrompt(forAnswer, q, m.st, m.w)
		return true
	case open && (q == nil || q.ID == m.answered):
		m.prompt = nil
		return true
	}
	return false
}

// task is the selected task; nil when there is none.
func (m *model) task() *fold.TaskView {
	if m.look.snap == nil || m.selected >= len(m.look.snap.Tasks) {
		return nil
	}
	return &m.look.snap.Tasks[m.selected]
}

func (m *model) scene() scene {
	t := m.task()
	return scene{snap: m.look.snap, now: m.look.now, loc: m.cfg.Location, st: m.st, back: t != nil && len(t.Scenes) > 0}
}
