package fold

import (
	"slices"
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
	"ronda/internal/words"
)

// group is tasks that share something, and may slow each other: a host, or what the plan names.
type group struct {
	name    string
	streams []*stream
	unit    string // in which they can be added up; empty: they cannot
	total   tape
	events  []event
	trials  []rate.Trial
	hint    hint
}

// thisMachine is the host of tasks that have none.
const thisMachine = "this machine"

// Bounds of a group: its total in cells of a step, and for how long a member that moved is shown.
const (
	groupStep  = 10 * time.Second
	groupCells = 144
	groupShown = 5 * time.Minute
)

// groupName is what a task shares with others.
func groupName(p observe.Task) string {
	switch {
	case p.Group != "":
		return p.Group
	case p.Host != "":
		return p.Host
	}
	return thisMachine
}

// regroup makes the groups of the plan's tasks; what is known of those that go on is kept.
func (s *State) regroup() {
	var groups []*group
	for _, t := range s.tasks {
		name := groupName(t.plan)
		i := slices.IndexFunc(groups, func(g *group) bool { return g.name == name })
		if i < 0 {
			i = len(groups)
			groups = append(groups, s.kept(name))
		}
		groups[i].streams = append(groups[i].streams, s.stream(t))
	}
	s.groups = slices.DeleteFunc(groups, func(g *group) bool { return len(g.streams) < 2 })
	for _, t := range s.tasks {
		t.group = nil
	}
	for _, g := range s.groups {
		for _, m := range g.streams {
			m.t.group = g
		}
	}
}

// kept is what is known of the group of that name, without its streams.
func (s *State) kept(name string) *group {
	for _, g := range s.groups {
		if g.name == name {
			fresh := *g
			fresh.streams = nil
			return &fresh
		}
	}
	return &group{name: name, total: newTape(groupStep, groupCells, false)}
}

func (s *State) stream(t *task) *stream {
	for _, g := range s.groups {
		for _, m := range g.streams {
			if m.t == t {
				return m
			}
		}
	}
	return newStream(t)
}

// second is one whole second of the group; it returns a hint that is new.
func (g *group) second(now time.Time) (string, bool) {
	round := now.Unix()%int64(groupStep/time.Second) == 0
	if g.unit == "" || round {
		if unit := g.common(); unit != g.unit {
			g.unit, g.events, g.trials, g.hint = unit, nil, nil, hint{}
			g.total.clear()
		}
	}
	if g.unit == "" {
		return "", false
	}
	seen, turned := true, false
	for _, s := range g.streams {
		t, ok := s.second(now, g.unit, &g.total)
		if ok {
			g.happened(t, s)
		}
		turned = turned || ok
		seen = seen && (!s.active || s.t.speed.seen)
	}
	g.total.tick(now, seen)
	if !turned && !round {
		return "", false
	}
	return g.weigh(now)
}

// common is the unit in which most of the streams can be added up: that of their counters, or bytes by what their
// processes read and write. Among equals it stays as it is, and else a counter is believed first.
func (g *group) common() string {
	unit, most := g.unit, g.measured(g.unit)
	for _, s := range g.streams {
		if u := s.counts(); u != "" && g.measured(u) > most {
			unit, most = u, g.measured(u)
		}
	}
	if g.measured(bytesUnit) > most {
		unit = bytesUnit
	}
	return unit
}

// bytesUnit is the unit of what processes read and write.
const bytesUnit = "bytes"

// measured is how many of the streams can be measured in unit.
func (g *group) measured(unit string) int {
	n := 0
	for _, s := range g.streams {
		if unit != "" && (s.counts() == unit || (unit == bytesUnit && !s.t.speed.meter.at.IsZero())) {
			n++
		}
	}
	return n
}

func (g *group) active() int {
	n := 0
	for _, s := range g.streams {
		if s.active {
			n++
		}
	}
	return n
}

// hole says that time passed unseen.
func (g *group) hole() {
	for _, s := range g.streams {
		s.feed.second(false)
	}
}

// view is the group as it stands; false when fewer than two of it moved within the last minutes.
func (g *group) view(now time.Time) (GroupView, bool) {
	v := GroupView{Name: g.name, Unit: g.unit, Hint: g.hint.text, HintSince: g.hint.since, Streams: g.active()}
	for _, s := range g.streams {
		_, over := s.t.judge.Ended()
		if s.moved.IsZero() || (!s.active && (over || now.Sub(s.moved) > groupShown)) {
			continue
		}
		m := GroupMember{Task: s.t.plan.Name, Rate: s.rate(now), ByIO: s.byIO, Blind: s.active && !s.t.speed.seen}
		v.Rate, v.Blind = v.Rate+m.Rate, v.Blind || m.Blind
		v.Members = append(v.Members, m)
	}
	if g.unit == "" || len(v.Members) < 2 {
		return GroupView{}, false
	}
	for i := range v.Members {
		if v.Rate > 0 {
			v.Members[i].Share = v.Members[i].Rate / v.Rate
		}
	}
	all := g.total.rates()
	v.Spark = all[max(len(all)-SparkCells, 0):]
	return v, true
}

// groupViews are the groups worth showing.
func (s *State) groupViews() []GroupView {
	var views []GroupView
	for _, g := range s.groups {
		if v, ok := g.view(s.at); ok {
			views = append(views, v)
		}
	}
	return views
}

// stepGroups is one whole second of all groups.
func (s *State) stepGroups() {
	for _, g := range s.groups {
		text, fresh := g.second(s.at)
		if fresh {
			if g.hint.lone {
				text += " (" + words.Duration(s.at.Sub(g.hint.since)) + " ago)"
			}
			s.note(s.at, observe.KindTransfer, g.name+": "+text)
		}
	}
}
