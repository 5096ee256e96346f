package score

import (
	"math"
	"math/rand/v2"
	"time"

	"ronda/internal/rate"
)

// simJob is a simulated counter: what it reads at each whole second until its end.
type simJob struct {
	done  []float64 // at second i; the last is the total
	total []float64 // as it was known at second i; nil: the last of done, always
	files []float64 // done, of a tree; nil: no tree

	blind   [2]int // seconds in which nobody could see
	poll    int    // seconds between two looks
	unit    string
	earlier *rate.Course
}

// simKind is a kind of job that counts, with a generator for as many of it as wanted.
type simKind struct {
	name string
	make func(g *simGen) simJob
}

// simGen draws a job's numbers. The same seed draws the same job.
type simGen struct {
	*rand.Rand
	n int // about how many seconds the job takes
}

// simSeeds are seeds for one purpose: tuning and reporting never share one.
type simSeeds struct{ from, to uint64 }

// Jobs of the seeds 1 to 12 were looked at while the estimator was tuned; the scores are reported on others.
var (
	simTuning    = simSeeds{1, 12}      //nolint:gochecknoglobals // constants
	simReporting = simSeeds{1001, 1020} //nolint:gochecknoglobals // constants
)

// simKinds are the shapes that counters were seen to take, in real jobs and in the complaints about the tools
// that foresee them.
func simKinds() []simKind {
	return []simKind{
		{"steady", func(g *simGen) simJob { return g.speeds(func(int) float64 { return g.noise(0.1) }) }},
		{"bursty", (*simGen).bursty},
		{"fast start", (*simGen).fastStart},
		{"decay", func(g *simGen) simJob { return g.trend(-1) }},
		{"speed-up", func(g *simGen) simJob { return g.trend(1) }},
		{"phases", (*simGen).phases},
		{"pauses", (*simGen).habitualPauses},
		{"steps", (*simGen).steps},
		{"outage", func(g *simGen) simJob { return g.outage(true) }},
		{"outage, work stops", func(g *simGen) simJob { return g.outage(false) }},
		{"slow to a fifth", (*simGen).slowed},
		{"one stall", (*simGen).oneStall},
		{"heavy items", (*simGen).heavyItems},
		{"total grows", (*simGen).totalGrows},
		{"wandering", (*simGen).wandering},
		{"re-throttled", (*simGen).rethrottled},
		{"neighbour", (*simGen).neighbour},
		{"percent", (*simGen).percent},
		{"tree", (*simGen).tree},
	}
}

// newSimGen returns the generator of a seed: jobs of a quarter of an hour to three hours.
func newSimGen(kind int, seed uint64) *simGen {
	g := &simGen{Rand: rand.New(rand.NewPCG(seed, uint64(kind)))}
	g.n = int(900 * math.Exp(g.Float64()*math.Log(12)))
	return g
}

func (g *simGen) between(lo, hi float64) float64 { return lo + (hi-lo)*g.Float64() }
func (g *simGen) scale(lo, hi float64) float64   { return lo * math.Exp(g.Float64()*math.Log(hi/lo)) }

// noise is a factor around 1.
func (g *simGen) noise(sigma float64) float64 {
	return math.Exp(sigma*g.NormFloat64() - sigma*sigma/2)
}

// size is how much there is in all, as units a second: a few rows or many bytes.
func (g *simGen) size() float64 { return g.scale(5, 5e7) }

// speeds makes a job of a speed at each second. On top of it lies what no real machine is without: a slow drift
// of some percent.
func (g *simGen) speeds(speed func(i int) float64) simJob {
	done, v, unit := make([]float64, 1, g.n+2), 0.0, g.size()
	drift := g.drift(g.scale(15, 150), g.between(0.03, 0.25))
	for i := range g.n {
		v += unit * max(0, speed(i)) * drift()
		done = append(done, v)
	}
	return g.finish(done)
}

// drift is a factor that wanders around 1: it forgets within tau seconds, and its logarithm deviates by sigma.
func (g *simGen) drift(tau, sigma float64) func() float64 {
	x := sigma * g.NormFloat64()
	return func() float64 {
		x += -x/tau + sigma*math.Sqrt(2/tau)*g.NormFloat64()
		return math.Exp(x)
	}
}

// finish cuts a flat end off: the job ends when its counter does.
func (g *simGen) finish(done []float64) simJob {
	for len(done) > 2 && done[len(done)-1] == done[len(done)-2] {
		done = done[:len(done)-1]
	}
	return simJob{done: done, poll: 5}
}

func (g *simGen) bursty() simJob {
	on, rest, burst := g.between(5, 60), g.between(10, 120), 1.0
	busy, until := false, 0.0
	return g.speeds(func(i int) float64 {
		if float64(i) >= until {
			busy = !busy
			burst = g.noise(0.5)
			mean := rest
			if busy {
				mean = on
			}
			until = float64(i) + 1 + g.ExpFloat64()*mean
		}
		if !busy {
			return 0
		}
		return burst * g.noise(0.3)
	})
}

func (g *simGen) fastStart() simJob {
	until, fast := int(g.between(0.02, 0.1)*float64(g.n)), g.scale(3, 20)
	return g.speeds(func(i int) float64 {
		if i < until {
			return fast * g.noise(0.2)
		}
		return g.noise(0.2)
	})
}

// trend makes the speed rise or fall by a factor of 2 to 8 from the beginning to the end, evenly in its
// logarithm.
func (g *simGen) trend(sign float64) simJob {
	k := sign * math.Log(g.scale(2, 8))
	return g.speeds(func(i int) float64 { return math.Exp(k*float64(i)/float64(g.n)) * g.noise(0.2) })
}

func (g *simGen) phases() simJob {
	n := 2 + g.IntN(5)
	ends, speeds, sum := make([]float64, n), make([]float64, n), 0.0
	for i := range n {
		sum += g.between(0.3, 1)
		ends[i], speeds[i] = sum, g.noise(0.9)
	}
	k := 0
	return g.speeds(func(i int) float64 {
		if float64(i)/float64(g.n) > ends[k]/sum && k < n-1 {
			k++
		}
		return speeds[k] * g.noise(0.2)
	})
}

// habitualPauses stands still again and again for a minute or some: logs are shipped, tapes are changed.
func (g *simGen) habitualPauses() simJob {
	every, rest := g.scale(180, 900), g.scale(40, 300)
	still, until := false, g.between(0, every)
	return g.speeds(func(i int) float64 {
		if float64(i) >= until {
			still = !still
			mean := every
			if still {
				mean = rest
			}
			until = float64(i) + mean*g.between(0.6, 1.4)
		}
		if still {
			return 0
		}
		return g.noise(0.2)
	})
}

// steps is a counter that moves rarely and by much: finished tables, percent of a large whole.
func (g *simGen) steps() simJob {
	n := 12 + g.IntN(60)
	at, sum := make([]float64, n), 0.0
	for i := range at {
		sum += g.noise(0.5)
		at[i] = sum
	}
	done, k := []float64{0}, 0
	for i := 1; k < n; i++ {
		for k < n && at[k]/sum <= float64(i)/float64(g.n) {
			k++
		}
		done = append(done, float64(k))
	}
	return g.finish(done)
}

// outage loses the link for a while; the work goes on or stands still in the meantime.
func (g *simGen) outage(goesOn bool) simJob {
	from := int(g.between(0.15, 0.8) * float64(g.n))
	to := from + int(g.scale(120, 1500))
	j := g.speeds(func(i int) float64 {
		if !goesOn && i >= from && i < to {
			return 0
		}
		return g.noise(0.2)
	})
	j.blind = [2]int{from, to}
	return j
}

func (g *simGen) slowed() simJob {
	at := int(g.between(0.2, 0.6) * float64(g.n))
	return g.speeds(func(i int) float64 {
		if i >= at {
			return 0.2 * g.noise(0.2)
		}
		return g.noise(0.2)
	})
}

func (g *simGen) oneStall() simJob {
	from := int(g.between(0.15, 0.8) * float64(g.n))
	to := from + int(g.scale(180, 1800))
	return g.speeds(func(i int) float64 {
		if i >= from && i < to {
			return 0
		}
		return g.noise(0.2)
	})
}

// heavyItems counts items of which a few take as long as hundreds of others.
func (g *simGen) heavyItems() simJob {
	alpha := g.between(1.1, 1.8)
	n := 200 + g.IntN(2000)
	var at []float64
	sum := 0.0
	for range n {
		sum += min(math.Pow(1-g.Float64(), -1/alpha), 0.1*float64(n))
		at = append(at, sum)
	}
	done, k := []float64{0}, 0
	for i := 1; k < n; i++ {
		for k < n && at[k]/sum <= float64(i)/float64(g.n) {
			k++
		}
		done = append(done, float64(k))
	}
	return g.finish(done)
}

// totalGrows counts against a total that is still being found.
func (g *simGen) totalGrows() simJob {
	j := g.speeds(func(int) float64 { return g.noise(0.2) })
	known, until := g.between(0.1, 0.6), g.between(0.2, 0.7)*float64(len(j.done))
	end := j.done[len(j.done)-1]
	for i, v := range j.done {
		j.total = append(j.total, max(v, end*min(1, known+(1-known)*float64(i)/until)))
	}
	return j
}

// wandering drifts up and down, as on disks and networks that others use too.
func (g *simGen) wandering() simJob {
	drift := g.drift(g.between(0.03, 0.4)*float64(g.n), g.between(0.3, 0.8))
	return g.speeds(func(int) float64 { return drift() * g.noise(0.4) })
}

// rethrottled is a copy at one of a few known speeds, which somebody changes now and then.
func (g *simGen) rethrottled() simJob {
	speeds := [...]float64{0.25, 0.5, 1, 2, 4}
	k, until := g.IntN(len(speeds)), 0.0
	return g.speeds(func(i int) float64 {
		if i == 0 || float64(i) >= until {
			k = g.IntN(len(speeds))
			until = float64(i) + g.between(0.15, 0.6)*float64(g.n)
		}
		return speeds[k] * g.noise(0.05)
	})
}

// neighbour shares its host with something that comes every quarter of an hour or so.
func (g *simGen) neighbour() simJob {
	every, long, share := g.scale(300, 1800), g.between(0.1, 0.5), g.between(0.15, 0.6)
	phase := g.between(0, every)
	return g.speeds(func(i int) float64 {
		if math.Mod(float64(i)+phase, every) < long*every {
			return share * g.noise(0.3)
		}
		return g.noise(0.15)
	})
}

// percent is a wandering job that tells whole percent only.
func (g *simGen) percent() simJob {
	j := g.wandering()
	total := j.done[len(j.done)-1]
	for i, v := range j.done {
		j.done[i] = math.Floor(100 * v / total)
	}
	j.done[len(j.done)-1] = 100
	j = g.finish(j.done)
	j.unit = "percent"
	return j
}

// tree copies a tree of files, directory after directory: each file takes time of its own, beside its bytes.
func (g *simGen) tree() simJob {
	perFile, perByte := g.scale(0.002, 0.2), 1/g.scale(2e7, 4e8)
	dirs := 5 + g.IntN(30)
	done, files := []float64{0}, []float64{0}
	t, n, b := 0.0, 0.0, 0.0
	for range dirs {
		size, spread := g.scale(2e3, 3e7), g.between(0.5, 2)
		one := perFile + size*perByte
		for range 1 + int(float64(g.n)/float64(dirs)*g.noise(0.7)/one) {
			s := size * g.noise(spread)
			t += (perFile + s*perByte) * g.noise(0.3)
			n, b = n+1, b+s
			for float64(len(done)) <= t && len(done) < 8*g.n {
				done, files = append(done, b), append(files, n)
			}
		}
	}
	done, files = append(done, b), append(files, n)
	return simJob{done: done, files: files, poll: 5, unit: "bytes"}
}

// rehearse gives the job an earlier run: of another size, at another pace, and with drifts of its own.
func (j *simJob) rehearse(g *simGen) {
	size, pace := g.scale(0.3, 3), g.scale(0.5, 2)
	drift := g.drift(g.between(0.05, 0.3)*float64(g.n), 0.2)
	const points = 64
	c := &rate.Course{Total: size * j.done[len(j.done)-1]}
	t, last := 0.0, len(j.done)-1
	for i, v := range j.done {
		if i*(points-1)/last != (i-1)*(points-1)/last || i == 0 {
			c.Points = append(c.Points, rate.CoursePoint{At: time.Duration(t * float64(time.Second)), Done: size * v})
		}
		t += pace * size * drift()
	}
	j.earlier = c
}

// rehearsedKinds are kinds of jobs that nobody can foresee who has not seen them before.
func rehearsedKinds() []string {
	return []string{"decay", "speed-up", "phases", "slow to a fifth", "fast start", "wandering", "tree"}
}

// simWall is when all simulated jobs begin.
var simWall = time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

// foresee asks ronda and the peers for the end of the job at every look, and returns what they said: ronda
// first, then the peers in their order.
func (j simJob) foresee() []*etaRun {
	end := len(j.done) - 1
	runs, rules := []*etaRun{{seconds: float64(end)}}, []etaRule{}
	for _, p := range etaPeers() {
		rules = append(rules, p.make(j.unit))
		runs = append(runs, &etaRun{seconds: float64(end)})
	}
	series, calm := rate.NewSeries(), rate.Calm{}
	if j.earlier != nil {
		series.Follow(*j.earlier)
	}
	unseen := 0
	for i := 0; i < end; i += j.poll {
		now := simWall.Add(time.Duration(i) * time.Second)
		if i > j.blind[0] && i < j.blind[1] {
			unseen += j.poll
			e := series.ETA(time.Duration(i-unseen)*time.Second, now, j.totalAt(i-unseen))
			runs[0].add(float64(i), etaGuessOf(calm.Show(e, now), now))
			for k, r := range rules {
				runs[k+1].add(float64(i), guess(r.left(float64(i), j.done[j.blind[0]-j.blind[0]%j.poll], j.totalAt(i))))
			}
			continue
		}
		t, done, total := time.Duration(i-unseen)*time.Second, j.done[i], j.totalAt(i)
		series.Add(t, done)
		if j.files != nil {
			series.Files(j.files[i], j.files[end])
		}
		runs[0].add(float64(i), etaGuessOf(calm.Show(series.ETA(t, now, total), now), now))
		for k, r := range rules {
			r.read(float64(i), done, total)
			runs[k+1].add(float64(i), guess(r.left(float64(i), done, total)))
		}
	}
	return runs
}

func (j simJob) totalAt(i int) float64 {
	if j.total == nil {
		return j.done[len(j.done)-1]
	}
	return j.total[i]
}

func guess(left float64, ok bool) etaGuess { return etaGuess{known: ok, p50: left} }

// simulateEnds scores ronda and the peers on the jobs of all kinds and of these seeds; by kind, and within it
// ronda first.
func simulateEnds(seeds simSeeds) [][]etaScore {
	var scores [][]etaScore
	for k, kind := range simKinds() {
		row := make([]etaScore, 1+len(etaPeers()))
		for seed := seeds.from; seed <= seeds.to; seed++ {
			addPaired(row, kind.make(newSimGen(k, seed)).foresee())
		}
		scores = append(scores, row)
	}
	return scores
}
