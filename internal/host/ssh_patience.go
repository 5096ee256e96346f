package host

import (
	"sync"
	"time"
)

// patience is a deadline whose clock stops while a person or a key in the agent takes its time. It ends by
// calling a function, since the connections through a jump host know no deadlines.
type patience struct {
	mu      sync.Mutex
	timer   *time.Timer
	left    time.Duration
	begun   time.Time
	paused  int
	expired bool
}

// newPatience calls expire once, when the clock has run for d, unless stop comes first.
func newPatience(d time.Duration, expire func()) *patience {
	p := &patience{left: d, begun: time.Now()}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer = time.AfterFunc(d, func() {
		p.mu.Lock()
		gone := p.paused > 0 // stopped in the same moment
		p.expired = p.expired || !gone
		p.mu.Unlock()
		if !gone {
			expire()
		}
	})
	return p
}

func (p *patience) pause() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused++
	if p.paused == 1 {
		p.timer.Stop()
		p.left -= time.Since(p.begun)
	}
}

func (p *patience) resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused--
	if p.paused == 0 && !p.expired {
		p.begun = time.Now()
		p.timer.Reset(max(p.left, time.Second)) // a last second, for what the person just answered
	}
}

// stop ends the waiting and tells whether the time had run out.
func (p *patience) stop() (expired bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer.Stop()
	p.paused++
	return p.expired
}
