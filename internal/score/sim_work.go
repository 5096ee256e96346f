package score

import (
	"math"
	"math/rand/v2"

	"ronda/internal/observe"
)

// tick is what a job does in one second.
type tick struct {
	cpu, io, server float64 // processors, bytes a second, processors of the server it waits for
	grow            float64 // bytes by which its file grows
	wakes           bool    // it looks whether it may go on, and that is all
	lines           []string
	partial         string
	done, total     float64
	counted         bool
	silence         int // 1: works without showing progress from here on; -1: no longer
	blocker         observe.Blocker
}

// job is a piece of work that is written down as it goes: what it says, how long it works and rests. All its waiting
// goes through pass, which hands a second to the world.
type job struct {
	r       *rand.Rand
	n       int // seconds that it should take, about
	spent   int
	yield   func(tick) bool
	stopped bool
	now     tick
	text    *texts
}

// more tells whether there is time left.
func (j *job) more() bool { return !j.stopped && j.spent < j.n }

// left is the share of its time that is over, 0 to 1.
func (j *job) part() float64 { return min(float64(j.spent)/float64(j.n), 1) }

func (j *job) say(text string) { j.now.lines = append(j.now.lines, text) }

func (j *job) paint(text string) { j.now.partial = text }

func (j *job) count(done, total float64) {
	j.now.done, j.now.total, j.now.counted = math.Round(done), math.Round(total), true
}

// pass lets one second pass.
func (j *job) pass() {
	if j.stopped || !j.yield(j.now) {
		j.stopped = true
	}
	j.spent++
	j.now = tick{}
}

// noise is a factor around 1.
func (j *job) noise(sigma float64) float64 {
	return math.Exp(sigma*j.r.NormFloat64() - sigma*sigma/2)
}

// pause is a time of the given median in seconds, log-normal.
func (j *job) pause(median, sigma float64) int {
	return max(1, int(median*math.Exp(sigma*j.r.NormFloat64())+0.5))
}

// busy works for so many seconds.
func (j *job) busy(seconds int, cpu, io float64) {
	for range seconds {
		if j.stopped {
			return
		}
		j.now.cpu, j.now.io = min(cpu*j.noise(0.2), 4), io*j.noise(0.4)
		j.pass()
	}
}

// served waits for its server, which works.
func (j *job) served(seconds int, cpu float64) {
	for range seconds {
		if j.stopped {
			return
		}
		j.now.server = cpu * j.noise(0.2)
		j.pass()
	}
}

// rest does nothing; wakes tells that it looks now and then whether it may go on.
func (j *job) rest(seconds int, wakes bool) {
	for range seconds {
		if j.stopped {
			return
		}
		j.now.wakes = wakes
		j.pass()
	}
}

// noticeable is the silence of which the truth is told.
const noticeable = 150

// silent does work that shows no progress for so many seconds.
func (j *job) silent(seconds int, work func(seconds int)) {
	if seconds < noticeable {
		work(seconds)
		return
	}
	j.pass() // what was said before is said
	j.now.silence = 1
	work(seconds - 2)
	j.now.silence = -1
	j.pass()
}

// between is a whole number from a to b.
func (j *job) between(a, b int) int { return a + j.r.IntN(b-a+1) }

// from is a number from a to b.
func (j *job) from(a, b float64) float64 { return a + (b-a)*j.r.Float64() }
