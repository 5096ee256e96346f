package fold

import (
	"slices"
	"time"

	"ronda/internal/observe"
)

// pauses are the pauses of a run that ended by themselves.
type pauses struct {
	silence, rest time.Duration // the longest
	list          []observe.BaselineSilence
}

// leastPause is the shortest silence that is kept one by one.
const leastPause = 10 * time.Second

// maxAlike is how many silences are kept of those that follow the same kind of news within a phase: a job that
// pauses at each of a thousand items must not crowd out the one long silence.
const maxAlike = 4

// add keeps a silence among the longest, longest first; of equal ones the earlier comes first.
func (p *pauses) add(s observe.BaselineSilence) {
	alike, last, kind := 0, 0, masked(s.What)
	for i, have := range p.list {
		if have.Phase == s.Phase && masked(have.What) == kind {
			alike, last = alike+1, i
		}
	}
	if alike >= maxAlike {
		if p.list[last].Took >= s.Took {
			return
		}
		p.list = slices.Delete(p.list, last, last+1)
	}
	i, _ := slices.BinarySearchFunc(p.list, s.Took, func(have observe.BaselineSilence, took observe.Duration) int {
		if have.Took >= took {
			return -1
		}
		return 1
	})
	if i >= observe.MaxBaselineSilences {
		return
	}
	if len(p.list) >= observe.MaxBaselineSilences {
		p.list = p.list[:observe.MaxBaselineSilences-1]
	}
	p.list = slices.Insert(p.list, i, s)
}

// course is the way of a counter, thinned to what a baseline holds.
type course struct {
	name, unit string
	total      float64
	from       time.Duration // the clock that its times count from
	every      time.Duration // least time between two points
	points     []observe.CoursePoint
	last       observe.CoursePoint
	read       time.Time // of the newest reading
}

// follows tells that a reading goes on with the course.
func (c *course) follows(p Progress) bool {
	return len(c.points) > 0 && c.name == p.Name && c.unit == p.Unit && p.Done >= c.last.Done
}

// add takes a reading at the clock. What does not rise adds no point.
func (c *course) add(clock time.Duration, p Progress) {
	c.name, c.unit, c.total, c.read = p.Name, p.Unit, p.Total, p.At
	at := observe.CoursePoint{At: observe.Duration(max(clock-c.from, 0)), Done: p.Done}
	n := len(c.points)
	if n > 0 && (at.At <= c.last.At || at.Done <= c.last.Done) {
		return
	}
	c.last = at
	if n > 0 && time.Duration(at.At-c.points[n-1].At) < c.every {
		return
	}
	if n >= observe.MaxCourse-1 { // one is kept free for the last
		kept := c.points[:0]
		for i := 0; i < n; i += 2 {
			kept = append(kept, c.points[i])
		}
		c.points, c.every = kept, max(2*c.every, time.Second)
		if time.Duration(at.At-c.points[len(c.points)-1].At) < c.every {
			return
		}
	}
	c.points = append(c.points, at)
}

// shift lets its times count from so much earlier.
func (c *course) shift(by time.Duration) {
	c.from -= by
	for i := range c.points {
		c.points[i].At += observe.Duration(by)
	}
	c.last.At += observe.Duration(by)
}

// span is the time that the course covers.
func (c *course) span() observe.Duration {
	if len(c.points) == 0 {
		return 0
	}
	return c.last.At - c.points[0].At
}

// longer is the course of the two that covers more time.
func longer(a, b course) course {
	if b.span() > a.span() {
		return b
	}
	return a
}

// complete tells that the counter came to its total.
func (c *course) complete() bool { return c.total > 0 && c.last.Done >= 0.99*c.total }

// baseline is the course as it is recorded; nil for one of a single reading. What came to no total that the counter
// told came to its last reading.
func (c *course) baseline() *observe.Course {
	if c.span() <= 0 {
		return nil
	}
	total := c.total
	if total <= 0 {
		total = c.last.Done
	}
	points := slices.Clone(c.points)
	if points[len(points)-1] != c.last {
		points = append(points, c.last)
	}
	return &observe.Course{Name: observe.Redact(c.name), Unit: c.unit, Total: total, Points: points}
}
