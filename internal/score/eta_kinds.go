package score

import "math"

// The kinds of simulated counters, in the order of simKinds.

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
	return g.counts(at)
}

// counts is a job that counts one for each of these moments, spread over its length. The last is its end.
func (g *simGen) counts(at []float64) simJob {
	end := at[len(at)-1]
	done, k := []float64{0}, 0
	for i := 1; k < len(at); i++ {
		for k < len(at) && at[k]/end <= float64(i)/float64(g.n) {
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
	return g.counts(at)
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
