package watchers

import "time"

// pace tells whether a log is read as fast as it grows.
type pace struct {
	since  time.Time // when it fell behind, and by how much then
	behind int64
	read   int64 // bytes read since

	carries int64     // bytes a second that were read while it fell behind; 0: it is kept up with
	calm    time.Time // since when it is kept up with again
}

// A log that has fallen behind for slowFor, by more than can be read in that time, and further all the while,
// is a flood. What was measured is forgotten once the log was kept up with for quickFor.
const (
	slowFor  = 3 * time.Second
	quickFor = 30 * time.Second
)

// thin is how many bytes a second can be read; 0 means as many as there are.
func (f *follower) thin() int64 {
	if thin := f.cfg.Thin(); thin > 0 {
		return thin
	}
	return f.pace.carries
}

// measure takes in a read of n bytes of t, begun at began.
func (f *follower) measure(t *tailed, n int, began, now time.Time) {
	p, behind := &f.pace, t.info.Size-t.off
	if !f.cfg.MaySkip {
		return
	}
	if behind == 0 || n == 0 {
		if p.calm.IsZero() {
			p.calm = now
		}
		if now.Sub(p.calm) >= quickFor {
			p.carries = 0
		}
		p.since = time.Time{}
		return
	}
	p.calm = time.Time{}
	if p.since.IsZero() {
		p.since, p.behind, p.read = began, behind, 0
	}
	p.read += int64(n)
	took := now.Sub(p.since)
	if took < slowFor {
		return
	}
	rate := int64(float64(p.read) / took.Seconds())
	if behind > p.behind && float64(behind) > float64(rate)*slowFor.Seconds() {
		p.carries = max(rate, 1)
	}
	p.since = time.Time{}
}
