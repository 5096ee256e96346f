package fold

import (
	"math"
	"slices"
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

// held is the amount of what its target holds, in bytes; nil: it is not known.
func (m *moving) held() *way {
	i := slices.IndexFunc(m.ways, func(w way) bool { return w.here && w.Of == observe.AmountTarget && w.Unit == bytesUnit })
	if i < 0 {
		return nil
	}
	return &m.ways[i]
}

// target is where what is moved goes: as the sample says it, or else the file that is looked at.
func (m *moving) target() string {
	if m.Target != "" {
		return m.Target
	}
	if w := m.held(); w != nil {
		return w.What
	}
	return ""
}

// want is how much a writer still takes of a room, and when it will have.
type want struct {
	known bool
	left  float64
	err   float64 // by how much left may be wrong; 0: it is exact
	start float64 // in how many seconds it begins; 0: it has begun; +Inf: not known
	ends  [3]float64
}

// never is of a writer of which it is not known when it writes.
var never = [3]float64{math.Inf(1), math.Inf(1), math.Inf(1)}

// want finds out how much the writer still takes of each room.
func (w *writer) want(s *State, lone bool) {
	t := w.t
	b, i := &w.wants[inBytes], &w.wants[inInodes]
	*b, *i = want{ends: never}, want{ends: never}
	w.times(s, b)
	i.start, i.ends = b.start, b.ends
	if w.place.moves {
		w.learn(s.at, lone)
		b.left, b.err, b.known = w.left()
		if done, total := t.filesMoved(); total > 0 {
			i.left, i.known = max(total-done, 0), true
		}
	}
	w.rest = 0
	if w.place.need > 0 {
		w.rest = w.extra()
		b.left, b.known = b.left+w.rest, b.known || !w.place.moves
	}
	if !w.takes() {
		b.known, i.known = true, true
	}
}

// extra is how much of what it takes on top of what it moves is not taken yet: what has gone since it joined, and was
// not written by any counter, is taken for it.
func (w *writer) extra() float64 {
	r := &w.v.pool.room[inBytes]
	need := float64(w.place.need)
	if !w.t.run.begun {
		return need
	}
	return min(max(need-max(w.avail-r.avail-(r.ours-w.ours), 0), 0), need)
}

// filesMoved are the files that the task has moved, of how many; 0 where that is not known.
func (t *task) filesMoved() (done, total float64) {
	if done, total = t.moving.files(); total > 0 {
		return done, total
	}
	if p := t.counting.progress; p.Known && p.Unit == "files" {
		return p.Done, p.Total
	}
	return 0, 0
}

// left is how many bytes it still moves there: of what its target is to hold, by what the target has grown for each
// unit of its counter, or of a copy that takes a byte for a byte.
func (w *writer) left() (left, err float64, known bool) {
	t := w.t
	p, held := &t.counting.progress, t.moving.held()
	per, spread, learned := w.grown.ratio()
	switch {
	case p.Known && p.Total > 0 && p.Total >= p.Done && learned:
		left = (p.Total - p.Done) * per
		if exactly := p.Unit == bytesUnit && math.Abs(per-1) < exact && spread < exact; exactly && !p.Estimate {
			return left, 0, true
		}
		return left, left * max(spread, exact), true
	case held != nil && held.total() > held.value():
		left = held.total() - held.value()
		return left, doubtful(left, held.Estimate), true
	case p.Known && p.Total > 0 && p.Total >= p.Done && p.Unit == bytesUnit:
		ratio, about := t.ratio(), p.Estimate
		if ratio == 0 {
			ratio, about = 1, about || !plainly(t.moving.Tool)
			if !plainly(t.moving.Tool) && !w.mayTake(p.Total) {
				return 0, 0, false
			}
		} else {
			about = true
		}
		left = (p.Total - p.Done) * ratio
		if held != nil && held.value() <= p.Total*ratio { // it was there before: what is renewed takes no more room
			left = min(left, p.Total*ratio-held.value())
		}
		return left, doubtful(left, about), true
	case !p.Known && t.plan.Transfer != nil && t.plan.Transfer.Total > 0:
		ratio := t.ratio()
		left = float64(t.plan.Transfer.Total) * max(ratio, 0)
		if ratio == 0 {
			left = float64(t.plan.Transfer.Total)
		}
		return left, doubtful(left, ratio != 0), true
	}
	return 0, 0, false
}

// exact is by which share a byte for a byte may be missed.
const exact = 0.005

// doubtful is by how much an amount may be wrong.
func doubtful(left float64, is bool) float64 {
	const share = 0.05
	if is {
		return share * left
	}
	return 0
}

// ratio is how many bytes the target takes for a byte, by the plan; 0: it does not say.
func (t *task) ratio() float64 {
	if t.plan.Transfer == nil || !(t.plan.Transfer.Ratio > 0) {
		return 0
	}
	return t.plan.Transfer.Ratio
}

// plainly tells that a tool writes a byte for each byte that it reads, and that all of it is new.
func plainly(tool string) bool {
	switch tool {
	case "", "cp", "dd", "pv", "cat", "scp", "sftp", "mv", "install", "growth":
		return true
	}
	return false
}

// roughly tells that a tool writes about a byte for each byte that it reads, unless it is there already.
func roughly(tool string) bool {
	switch tool {
	case "rsync", "tar", "rclone", "cpio":
		return true
	}
	return false
}

// lookFirst is how long a copy is looked at that may pass over what is there already: until then it may be learned what
// it really takes.
const lookFirst = 20 * time.Second

// mayTake tells that what a tool copies that may pass over what is there already is taken to be new: it has been looked
// at for a while and nothing better is known, and its volume cannot hold the half of it. What is larger than the whole
// volume does not fit in any case.
func (w *writer) mayTake(total float64) bool {
	r := &w.v.pool.room[inBytes]
	switch {
	case !roughly(w.t.moving.Tool):
		return false
	case total > r.size:
		return true
	}
	return w.t.clock(w.v.pool.last)-w.t.run.start >= lookFirst && r.size-w.avail < total/2
}

// times says when the writer will have written, as its task's end tells.
func (w *writer) times(s *State, b *want) {
	t, now := w.t, s.at
	if !t.run.begun {
		b.start = math.Inf(1)
		if e := s.starts(t, len(s.tasks)); e.State == rate.Range {
			if length := (follows{}).and(t); length.unknown == 0 {
				b.start = max(e.P50.Sub(now).Seconds(), 0)
				b.ends = spans(length.end(e), now)
			}
		}
		return
	}
	if standsStill(t.judge.Standing().Verdict) {
		return
	}
	if t.counting.eta.State == rate.Range {
		b.ends = spans(t.counting.eta, now)
		return
	}
	k := &t.counting
	if k.series == nil || !k.progress.Known || k.progress.Total <= k.progress.Done || k.outlived {
		return
	}
	if r, ok := k.series.Now(t.clock(now)); ok && r > 0 {
		const doubt = 1.5 // of a rate that was just begun to be measured
		end := (k.progress.Total - k.progress.Done) / r
		b.ends = [3]float64{end / doubt, end, end * doubt}
	}
}

func spans(e rate.ETA, now time.Time) [3]float64 {
	in := func(at time.Time) float64 { return max(at.Sub(now).Seconds(), 0) }
	return [3]float64{in(e.P10), in(e.P50), in(e.P90)}
}
