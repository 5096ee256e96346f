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

// simTuning are the seeds that were looked at while the estimator was tuned.
func simTuning() simSeeds { return simSeeds{1, 12} }

// simReporting are the seeds that the scores are reported on.
func simReporting() simSeeds { return simSeeds{1001, 1020} }

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
func simWall() time.Time { return time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC) }

// foresee asks ronda and the peers for the end of the job at every look, and returns what they said: ronda
// first, then the peers in their order.
func (j simJob) foresee() []*etaRun {
	end := len(j.done) - 1
	runs, rules := etaRuns(j.unit, float64(end))
	series, calm := rate.NewSeries(), rate.Calm{}
	if j.earlier != nil {
		series.Follow(*j.earlier)
	}
	unseen := 0
	for i := 0; i < end; i += j.poll {
		now := simWall().Add(time.Duration(i) * time.Second)
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
