package rate

import (
	"math"
	"slices"
	"sort"
	"time"
)

// Course is how a counter rose in an earlier run of the same job: a rehearsal, or the last time.
type Course struct {
	// Total is what that run had to count. Together with the total of this run it scales the earlier run's
	// times to this one's size. 0: not known; the last point is taken for it.
	Total  float64
	Points []CoursePoint // rising in both; what does not rise is left out
}

// CoursePoint is one reading of an earlier run.
type CoursePoint struct {
	At   time.Duration // since that run, or that phase of it, began
	Done float64
}

// Follow makes c a further voice in ETA: what is left will take the earlier run's time from the same share
// onward, at the pace of this run against that one so far. Like every other voice it is looked back at, and
// counts as much as it would have been right. With it an end is named from the second reading on, and without
// a total the earlier run's is assumed. Call it once after NewSeries; a reset of the counter does not end it. A
// course of fewer than two points that rise is not followed. It copies what it needs.
func (s *Series) Follow(c Course) {
	s.course = newCourse(c)
}

// course is a Course made ready: readings that rise, in seconds.
type course struct {
	points []point
	total  float64
}

// newCourse returns nil when c says nothing.
func newCourse(c Course) *course {
	var points []point
	for _, p := range c.Points {
		at := p.At.Seconds()
		if math.IsNaN(p.Done) || p.Done < 0 || p.Done > largest || at < 0 {
			continue
		}
		if n := len(points); n > 0 && (at <= points[n-1].t || p.Done < points[n-1].v) {
			continue
		}
		points = append(points, point{t: at, v: p.Done})
	}
	if len(points) < 2 || points[len(points)-1].v <= points[0].v {
		return nil
	}
	last := points[len(points)-1]
	total := c.Total
	if !(total >= last.v) || total > largest {
		total = last.v
	}
	if total > last.v { // it was cut short: its mean rate is assumed of the rest
		rate := (last.v - points[0].v) / (last.t - points[0].t)
		if t := last.t + (total-last.v)/rate; t < furthest {
			points = append(points, point{t: t, v: total})
		} else {
			total = last.v
		}
	}
	return &course{points: slices.Clip(points), total: total}
}

// time is when the earlier run reached v, the last such moment when it stood still there.
func (c *course) time(v float64) float64 {
	p := c.points
	i := sort.Search(len(p), func(i int) bool { return p[i].v > v })
	switch {
	case i == 0:
		return p[0].t
	case i == len(p):
		return p[i-1].t
	}
	a, b := p[i-1], p[i]
	return a.t + (b.t-a.t)*(v-a.v)/(b.v-a.v)
}

// end is how long the earlier run took.
func (c *course) end() float64 { return c.points[len(c.points)-1].t }
