package agent

import (
	"fmt"
	"strings"
	"time"
)

// write sends the script and then the requests, until the stream has ended. It is the only one that writes.
func (a *Agent) write() {
	defer close(a.writer)
	if _, err := a.in.Write(a.preamble()); err != nil {
		a.end(fmt.Errorf("send the script: %w", err))
		return
	}
	// The lease is renewed with whatever is sent, or by itself when nothing is.
	renew := a.opts.Lease / 5
	idle := time.NewTimer(renew)
	defer idle.Stop()
	var w sentence
	renewed := time.Now()
	for {
		var batch []*request
		select {
		case r := <-a.queue:
			batch = a.gather(r)
		case <-idle.C:
		case <-a.done:
			return
		}
		w.Reset()
		if now := time.Now(); now.Sub(renewed) >= renew-time.Second {
			w.line("!")
			renewed = now
		}
		if !a.phrase(&w, batch) {
			return
		}
		if _, err := a.in.Write([]byte(w.String())); err != nil {
			a.end(fmt.Errorf("write: %w", err))
			return
		}
		idle.Reset(renew)
	}
}

// gather takes what else waits to be asked. When only requests are there whose answers stood still the last
// time, it waits a moment for others like them that are about to be asked: packets cost more than their
// content, and pollers that are answered together ask together the next time.
func (a *Agent) gather(first *request) []*request {
	batch := []*request{first}
	start := time.Now()
	for len(batch) < maxBatch {
		wait, whom := a.company(batch, start)
		if len(whom) == 0 {
			select {
			case r := <-a.queue:
				batch = append(batch, r)
				continue
			default:
				return batch
			}
		}
		timer := time.NewTimer(wait)
		select {
		case r := <-a.queue:
			batch = append(batch, r)
		case <-timer.C:
			a.missed(whom)
		case <-a.done:
			timer.Stop()
			return batch
		}
		timer.Stop()
	}
	return batch
}

// maxBatch is how many requests are sent at once; fewer than may be on their way, or the next of them would
// wait for answers to what was not sent.
const maxBatch = maxSent / 2

// company tells for how long a batch that was begun at start may wait for others, and for whom; for nobody
// when something in it does not stand still. What is asked often waits less: half its interval.
func (a *Agent) company(batch []*request, start time.Time) (time.Duration, []*entry) {
	within := a.opts.Gather
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range batch {
		e := a.known.find(r)
		if e == nil || !e.same {
			return 0, nil
		}
		if len(batch) > 1 {
			e.came()
		}
		within = min(within, e.every/2)
	}
	now := time.Now()
	if within -= now.Sub(start); within <= 0 {
		return 0, nil
	}
	return a.known.awaited(batch, now, within)
}

// missed notes who was waited for and did not come.
func (a *Agent) missed(whom []*entry) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, e := range whom {
		e.missed(now)
	}
}

// phrase puts a batch into words and notes what is on its way. It returns false when the stream has ended.
func (a *Agent) phrase(w *sentence, batch []*request) bool {
	now := time.Now()
	a.mu.Lock()
	for _, fd := range a.handles.closing() {
		w.line(fmt.Sprintf("@0 c %d", fd))
	}
	a.mu.Unlock()
	for _, r := range batch {
		a.mu.Lock()
		e, known := a.known.take(r, now)
		compress := a.opts.Compress == CompressAlways || a.opts.Compress == CompressAuto && a.pace.slow()
		a.mu.Unlock()
		r.entry, r.at, r.alone = e, now, len(batch) == 1 && len(a.sent) == 0
		w.mode(compress && a.hello.can("z"))
		if known {
			w.word(e.call(true))
		} else {
			w.line(e.call(false))
		}
		select {
		case a.sent <- r:
		case <-a.done:
			return false
		}
	}
	w.end()
	return true
}

// sentence puts requests into lines: numbers share a line, all else stands on its own.
type sentence struct {
	strings.Builder
	open       bool // a line of numbers has not ended
	compressed bool // what the far side was told last
}

func (s *sentence) word(w string) {
	if s.open {
		s.WriteByte(' ')
	}
	s.WriteString(w)
	s.open = true
}

func (s *sentence) end() {
	if s.open {
		s.WriteByte('\n')
		s.open = false
	}
}

func (s *sentence) line(l string) {
	s.end()
	s.WriteString(l)
	s.WriteByte('\n')
}

// mode tells the far side whether to compress, when that changes.
func (s *sentence) mode(compress bool) {
	if s.compressed == compress {
		return
	}
	s.compressed = compress
	if compress {
		s.line("z1")
	} else {
		s.line("z0")
	}
}
