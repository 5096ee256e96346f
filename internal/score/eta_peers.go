package score

import "math"

// etaRule is how a tool names an end. It sees the readings that ronda's fold sees: every second, or at every poll,
// the counter as it was last read. Times are in seconds.
type etaRule interface {
	read(t, done, total float64)
	left(t, done, total float64) (s float64, ok bool) // until all is counted; false: it shows none
}

// etaPeer is one rule to compare with. The rules were written anew from the tools' published sources.
type etaPeer struct {
	name string
	make func(unit string) etaRule
}

// etaPeers are the rules of the tools that people look at today.
func etaPeers() []etaPeer {
	return []etaPeer{
		{"cumulative", func(string) etaRule { return &cumulativeRule{} }},
		{"tqdm", func(string) etaRule { return &tqdmRule{} }},
		{"pv", func(string) etaRule { return &pvRule{} }},
		{"restic", func(unit string) etaRule { return &resticRule{bytes: unit == "bytes"} }},
		{"rclone", func(string) etaRule { return &rcloneRule{} }},
	}
}

// etaRuns are what is to be said of a run of so many seconds: by ronda, then by each of the peers' rules.
func etaRuns(unit string, seconds float64) (runs []*etaRun, rules []etaRule) {
	runs = []*etaRun{{seconds: seconds}}
	for _, p := range etaPeers() {
		rules = append(rules, p.make(unit))
		runs = append(runs, &etaRun{seconds: seconds})
	}
	return runs, rules
}

// etaAt is what is left at a rate.
func etaAt(rate, done, total float64) (float64, bool) {
	if !(rate > 0) || done > total {
		return 0, false
	}
	return (total - done) / rate, true
}

// cumulativeRule divides by the mean rate since the beginning, as gh-ost's fallback and many more do.
type cumulativeRule struct {
	begun     bool
	t0, done0 float64
}

func (r *cumulativeRule) read(t, done, _ float64) {
	if !r.begun {
		r.begun, r.t0, r.done0 = true, t, done
	}
}

func (r *cumulativeRule) left(t, done, total float64) (float64, bool) {
	if t <= r.t0 {
		return 0, false
	}
	return etaAt((done-r.done0)/(t-r.t0), done, total)
}

// tqdmRule keeps two averages with a weight of 0.3 for the newest, of steps and of their times, and only when
// the counter moves (tqdm/std.py: class EMA, update, format_dict).
type tqdmRule struct {
	begun   bool
	t, done float64
	dn, dt  float64
	calls   int
}

func (r *tqdmRule) read(t, done, _ float64) {
	if !r.begun {
		r.begun, r.t, r.done = true, t, done
		return
	}
	if done <= r.done || t <= r.t {
		return
	}
	const alpha = 0.3
	r.dn += alpha * (done - r.done - r.dn)
	r.dt += alpha * (t - r.t - r.dt)
	r.calls++
	r.t, r.done = t, done
}

func (r *tqdmRule) left(_, done, total float64) (float64, bool) {
	if r.calls == 0 {
		return 0, false
	}
	return etaAt(r.dn/r.dt, done, total) // both averages are biased by the same factor
}

// pvRule keeps a ring of 7 readings, 5 s apart at least, and takes the rate between its ends (pv/display.c:
// update_history_avg_rate; pv_state_average_rate_window_set with its 30 s).
type pvRule struct {
	ring [7]struct{ t, done float64 }
	n    int
	last struct{ t, done float64 }
	rate float64
}

func (r *pvRule) read(t, done, _ float64) {
	now := struct{ t, done float64 }{t, done}
	if r.n > 0 && t < r.ring[r.n-1].t+5 {
		r.last = now
		return
	}
	if r.n == len(r.ring) {
		copy(r.ring[:], r.ring[1:])
		r.n--
	}
	r.ring[r.n] = now
	r.n++
	switch {
	case r.n > 1:
		r.rate = (done - r.ring[0].done) / (t - r.ring[0].t)
	case t > r.last.t:
		r.rate = (done - r.last.done) / (t - r.last.t)
	}
	r.last = now
}

// With a rate of 0 pv shows 0 s; that is counted as none here.
func (r *pvRule) left(_, done, total float64) (float64, bool) { return etaAt(r.rate, done, total) }

// resticRule adds up what came in buckets of a second and forgets those older than two minutes, as long as 20
// of them stay, and of bytes 100 MB (restic: internal/ui/backup/rate_estimator.go).
type resticRule struct {
	bytes   bool
	begun   bool
	start   float64
	done    float64
	sum     float64
	buckets []struct{ end, n float64 }
}

func (r *resticRule) read(t, done, _ float64) {
	if !r.begun {
		r.begun, r.start, r.done = true, t, done
		return
	}
	n := done - r.done
	if n <= 0 {
		return
	}
	r.done = done
	if k := len(r.buckets); k == 0 || r.buckets[k-1].end <= t {
		r.buckets = append(r.buckets, struct{ end, n float64 }{t + 1, 0})
	}
	r.buckets[len(r.buckets)-1].n += n
	r.sum += n
	r.trim(t)
}

func (r *resticRule) trim(t float64) {
	for len(r.buckets) > 20 && r.buckets[0].end <= t-120 {
		rest := r.sum - r.buckets[0].n
		if r.bytes && rest < 100e6 {
			return
		}
		r.start, r.sum = r.buckets[0].end, rest
		r.buckets = r.buckets[1:]
	}
}

func (r *resticRule) left(t, done, total float64) (float64, bool) {
	r.trim(t)
	if t <= r.start {
		return 0, false
	}
	return etaAt(r.sum/(t-r.start), done, total)
}

// rcloneRule averages bins of a second, the newest with a weight of 1/16 (rclone: fs/accounting/stats.go,
// averageLoop).
type rcloneRule struct {
	begun   bool
	t, done float64
	speed   float64
	period  float64
}

func (r *rcloneRule) read(t, done, _ float64) {
	if !r.begun {
		r.begun, r.t, r.done = true, t, done
		return
	}
	avg := 0.0
	if t > r.t {
		avg = max(0, done-r.done) / (t - r.t)
	}
	for range int(math.Round(t - r.t)) { // bins of a second between two readings: as if it came evenly
		r.period = min(16, r.period+1)
		r.speed = (avg + r.speed*(r.period-1)) / r.period
	}
	if t > r.t {
		r.t, r.done = t, done
	}
}

func (r *rcloneRule) left(_, done, total float64) (float64, bool) { return etaAt(r.speed, done, total) }
