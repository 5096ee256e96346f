package fold

import (
	"time"

	"ronda/internal/observe"
)

// host is the way to a machine.
type host struct {
	name   string
	state  LinkState
	since  time.Time
	rtt    time.Duration
	detail string
}

func newHost(p observe.Host, old *host) *host {
	if old != nil {
		return old
	}
	return &host{name: p.Name}
}

func (s *State) hostOf(name string) *host {
	for _, h := range s.hosts {
		if h.name == name {
			return h
		}
	}
	return nil
}

func (s *State) link(o observe.Observation, p observe.Link) {
	h := s.hostOf(o.Host)
	if h == nil {
		return
	}
	state := LinkDown
	switch {
	case p.Up && p.Late:
		state = LinkLate
	case p.Up:
		state = LinkUp
	}
	if state != h.state {
		h.state, h.since = state, o.At
	}
	h.detail = p.Detail
	if p.RTTMS > 0 {
		h.rtt = time.Duration(p.RTTMS * float64(time.Millisecond))
	}
	for _, t := range s.tasks {
		if t.plan.Host == h.name {
			t.look(s.at, h)
			s.decide(t)
		}
	}
}

// service is something that is asked whether it is well.
type service struct {
	plan  observe.Service
	asked bool
	last  observe.Check
	since time.Time
	at    time.Time
}

func newService(p observe.Service, old *service) *service {
	if old != nil {
		old.plan = p
		return old
	}
	return &service{plan: p}
}

// check takes an answer. A bad one over a link that is not up says nothing of the service.
func (s *State) check(o observe.Observation, p observe.Check) {
	if h := s.hostOf(o.Host); h != nil && h.state != LinkUp && !p.OK {
		return
	}
	for _, v := range s.services {
		if v.plan.Name != p.Name {
			continue
		}
		if !v.asked || v.last.OK != p.OK {
			v.since = o.At
		}
		v.asked, v.last, v.at = true, p, o.At
	}
}
