package tui

// area is a rectangle of cells.
type area struct{ x, y, w, h int }

func (a area) holds(x, y int) bool {
	return x >= a.x && x < a.x+a.w && y >= a.y && y < a.y+a.h
}

// layout says where every pane of the board stands. A pane of height 0 is left out. The title rows of why
// and log belong to their areas.
type layout struct {
	title, links, rule   area
	tasks, groups, room  area
	why, log             area
	services, note, foot area
	beside               bool // why stands at the left of the log
}

// wants are the heights that the panes would like.
type wants struct {
	links    bool
	tasks    int
	groups   int // rows of tasks that share something
	room     int // rows of volumes
	why      int // with its title
	services int
	note     int
	noLog    bool // the task has none: why takes the room that the log would have had
}

// Sizes from which the screen is laid out otherwise.
const (
	wideFrom = 160 // why and log side by side
	tallFrom = 16  // with the rule
	roomFrom = 20  // with services and a note
)

// arrange lays out the board. What matters most keeps its room as the screen gets smaller: the tasks, then
// why, then the log.
func arrange(w, h int, want wants) layout {
	var l layout
	y, bottom := 0, h
	top := func(a *area, n int) {
		n = min(max(n, 0), bottom-y)
		*a = area{0, y, w, n}
		y += n
	}
	under := func(a *area, n int) {
		n = min(max(n, 0), bottom-y)
		bottom -= n
		*a = area{0, bottom, w, n}
	}
	top(&l.title, 1)
	if want.links && h >= 8 {
		top(&l.links, 1)
	}
	if h >= tallFrom {
		top(&l.rule, 1)
	}
	if h >= 6 {
		under(&l.foot, 1)
	}
	if h >= roomFrom {
		under(&l.services, min(want.services, 1+(h-roomFrom)/10))
	}
	if h >= roomFrom {
		under(&l.note, min(want.note, 1+(h-roomFrom)/4))
	}
	const leastLog, fairLog = 3, 5
	groups := 0
	if h >= roomFrom {
		groups = min(want.groups, 2+(h-roomFrom)/8)
	}
	volumes := 0
	switch {
	case h >= roomFrom:
		volumes = min(want.room, 2+(h-roomFrom)/8)
	case h >= tallFrom-4:
		volumes = min(want.room, 1)
	}
	room := bottom - y - groups - volumes
	tasks := min(want.tasks, max(3, room*45/100, room-want.why-fairLog))
	if room < 9 {
		tasks = min(want.tasks, max(room-3, 1))
	}
	top(&l.tasks, max(tasks, 1))
	top(&l.groups, groups)
	top(&l.room, volumes)
	room = bottom - y
	if want.noLog {
		top(&l.why, room)
		return l
	}
	if w >= wideFrom && room >= 12 {
		l.beside = true
		left := min(max(w*2/5, 72), 100)
		l.why = area{0, y, left, room}
		l.log = area{left + 1, y, w - left - 1, room}
		return l
	}
	why := min(want.why, max(room-fairLog, room*6/10, min(room, 3)))
	if room-why < leastLog {
		why = room // a log of two rows tells nothing
	}
	if room < 2 {
		why = 0
	}
	top(&l.why, why)
	top(&l.log, bottom-y)
	return l
}
