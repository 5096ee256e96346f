package fold

import (
	"sort"
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

// legsOfNews is how many stretches a run without phases and counters is cut into: enough to know the pace of the
// ones that are over, few enough that chance evens out within each.
const legsOfNews = 8

// byNews tells when the task will end by how much it has told: the same job tells the same things in the same order,
// so how many news there were says where it is in the earlier run. It is for runs that name no phases, or come back
// to the same ones again and again, and count nothing.
func (t *task) byNews(now time.Time) rate.ETA {
	r, base := &t.run, t.past.base
	none := rate.ETA{State: rate.None}
	c := base.Told
	if c == nil || len(c.Points) < legsOfNews || r.partial || r.joined {
		return none
	}
	total := time.Duration(base.Duration)
	clock := t.clock(now) - r.start
	legs := make([]rate.Leg, 0, legsOfNews)
	var then, mine time.Duration // until the end of the leg before
	running := false
	for k := 1; k <= legsOfNews; k++ {
		p := c.Points[len(c.Points)-1]
		if k < legsOfNews {
			p = c.Points[sort.Search(len(c.Points)-1, func(i int) bool { return time.Duration(c.Points[i].At) >= total*time.Duration(k)/legsOfNews })]
		} else {
			p.At = base.Duration
			p.Done++ // it is over when the task is
		}
		leg := rate.Leg{Then: time.Duration(p.At) - then}
		if leg.Then <= 0 {
			continue
		}
		then = time.Duration(p.At)
		switch {
		case running:
		case float64(r.news) >= p.Done:
			at := r.told.reached(p.Done)
			leg.State, leg.Now = rate.Over, at-mine
			mine = at
		default:
			leg.State, leg.Now, running = rate.Running, clock-mine, true
		}
		legs = append(legs, leg)
	}
	if float64(r.news) > c.Points[len(c.Points)-1].Done {
		return none // it tells more than then: where it is cannot be said
	}
	e := rate.Forecast(legs, rate.ETA{}, now)
	if e.State == rate.Range {
		e.Why = byRehearsal
	}
	return e
}

// reached is when the course came to done, counted as its points are.
func (c *course) reached(done float64) time.Duration {
	i := sort.Search(len(c.points), func(i int) bool { return c.points[i].Done >= done })
	after := c.last
	if i < len(c.points) {
		after = c.points[i]
	}
	before := observe.CoursePoint{}
	if i > 0 {
		before = c.points[i-1]
	}
	if after.Done <= before.Done || done >= after.Done {
		return time.Duration(after.At)
	}
	share := (done - before.Done) / (after.Done - before.Done)
	return time.Duration(before.At) + time.Duration(share*float64(after.At-before.At))
}
