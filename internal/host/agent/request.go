package agent

import (
	"container/list"
	"context"
	"errors"
	"strconv"
	"time"
)

// request is one question on its way.
type request struct {
	key   string // what the question is about; a new text under the same key takes the old one's number
	text  string // the question as the far side reads it
	limit int    // bytes of data that may follow the answer; 0: none follow

	handed bool // the writer has it

	entry *entry     // its number; set when it is sent
	at    time.Time  // when it was sent
	alone bool       // nothing else was on its way, so its answer tells the round trip
	reply chan reply // holds one: whoever asked may have left
	left  func()     // what to do with the answer when nobody waits any more, or nil; under the agent's lock
}

// reply is what the far side answered.
type reply struct {
	text string
	data []byte
}

// ask sends a request and waits for its answer.
func (a *Agent) ask(ctx context.Context, r *request) (reply, error) {
	if err := a.enqueue(ctx, r); err != nil {
		return reply{}, err
	}
	return a.await(ctx, r)
}

// enqueue hands a request to the writer. Requests travel in the order of these calls.
func (a *Agent) enqueue(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.reply = make(chan reply, 1)
	select {
	case a.queue <- r:
		r.handed = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-a.done:
		return a.ended()
	}
}

// await waits for the answer to a request that was handed over.
func (a *Agent) await(ctx context.Context, r *request) (reply, error) {
	var p reply
	select {
	case p = <-r.reply:
	case <-ctx.Done():
		return reply{}, ctx.Err()
	case <-a.done:
		select { // it may have been answered before the end
		case p = <-r.reply:
		default:
			return reply{}, a.ended()
		}
	}
	if p.text == "!" {
		return reply{}, errors.New("the host's answer is longer than 8 MB; ask for less at once")
	}
	return p, nil
}

// leave gives up a request that was handed over. The answer still comes: undo is called then, or at once when it
// is there, with the agent locked.
func (a *Agent) leave(r *request, undo func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(r.reply) > 0 {
		undo()
		return
	}
	r.left = undo
}

// deliver hands an answer over.
func (a *Agent) deliver(r *request, p reply) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r.reply <- p
	if r.left != nil {
		r.left()
	}
}

// registryRoom is how many requests the far side remembers with their answers. It bounds the memory of the
// shell there; a night's watch of twenty logs and their processes repeats fewer.
const registryRoom = 64

// entry is a request that the far side knows by number.
type entry struct {
	id   int
	key  string
	text string
	last string // the answer that the far side remembers too, or empty; only the reader touches it

	same  bool          // the last answer was the one before
	sent  time.Time     // when it was last asked
	every time.Duration // how long before that it was asked; 0: not known
	vain  int           // how often it was waited for in vain
	alone time.Time     // until when it is not waited for
}

// registry knows which request the far side knows by which number. The one that was not asked for the
// longest time is given up first. It is not safe for concurrent use; its owner locks.
type registry struct {
	byKey map[string]*list.Element
	order *list.List // of *entry, newest first
}

func newRegistry() registry {
	return registry{byKey: make(map[string]*list.Element), order: list.New()}
}

// find returns the entry of a request, or nil when the far side does not know this text.
func (g *registry) find(r *request) *entry {
	if el := g.byKey[r.key]; el != nil {
		if e, ok := el.Value.(*entry); ok && e.text == r.text {
			return e
		}
	}
	return nil
}

// take returns the entry under which a request is asked now, and whether the far side knows it already.
// Where it does not, the entry is a new one: answers on their way still belong to the old one.
func (g *registry) take(r *request, now time.Time) (e *entry, known bool) {
	e = g.find(r)
	known = e != nil
	if !known {
		e = &entry{id: g.number(r.key), key: r.key, text: r.text}
		g.byKey[r.key] = g.order.PushFront(e)
	}
	g.order.MoveToFront(g.byKey[r.key])
	if !e.sent.IsZero() {
		e.every = now.Sub(e.sent)
	}
	e.sent = now
	return e, known
}

// number frees a number for a key: its own, an unused one, or that of the request not asked for longest.
func (g *registry) number(key string) int {
	el := g.byKey[key]
	if el == nil {
		if g.order.Len() < registryRoom {
			return g.order.Len() + 1
		}
		el = g.order.Back()
	}
	e, _ := g.order.Remove(el).(*entry)
	delete(g.byKey, e.key)
	return e.id
}

// awaited returns for how long a batch should wait for others, and whom it waits for: those whose answer
// stands still and who are about to be asked again, within the given time. Who was waited for in vain twice is
// not for a while: it may be asked only after an answer in the batch.
func (g *registry) awaited(batch []*request, now time.Time, within time.Duration) (wait time.Duration, whom []*entry) {
	here := make(map[string]bool, len(batch))
	for _, r := range batch {
		here[r.key] = true
	}
	late := min(lateness, within/2)
	for el := g.order.Front(); el != nil; el = el.Next() {
		e, _ := el.Value.(*entry)
		if !e.same || e.every == 0 || here[e.key] || now.Before(e.alone) {
			continue
		}
		if in := e.sent.Add(e.every).Sub(now); in > -late && in <= within {
			wait, whom = max(wait, in+late), append(whom, e)
		}
	}
	return wait, whom
}

// came and missed note of an entry that it was waited for, with what result.
func (e *entry) came() { e.vain = 0 }

func (e *entry) missed(now time.Time) {
	if e.vain++; e.vain >= 2 {
		e.alone = now.Add(30 * time.Second)
	}
}

// lateness is how far behind its time a repeated request may at most be and still be waited for.
const lateness = 150 * time.Millisecond

// pace is what the agent learned about the link, to decide whether to compress.
type pace struct {
	trip  time.Duration // the shortest round trip seen; 0: none yet
	bytes float64       // throughput of large answers in bytes a second, smoothed; 0: not known
}

// slow tells whether compressed answers arrive sooner.
func (p pace) slow() bool {
	return p.trip >= 20*time.Millisecond || p.bytes > 0 && p.bytes < 2<<20
}

func (p *pace) answered(in time.Duration) {
	if p.trip == 0 || in < p.trip {
		p.trip = in
	}
}

// received notes that n bytes took so long to arrive. Small ones tell nothing of the throughput.
func (p *pace) received(n int, in time.Duration) {
	if n < 16<<10 {
		return
	}
	rate := float64(n) / max(in, time.Microsecond).Seconds()
	if p.bytes == 0 {
		p.bytes = rate
	}
	p.bytes += (rate - p.bytes) / 4
}

// call is a request as the far side reads it: by its number, or with its text so that it learns both.
func (e *entry) call(known bool) string {
	if known {
		return strconv.Itoa(e.id)
	}
	return "@" + strconv.Itoa(e.id) + " " + e.text
}
