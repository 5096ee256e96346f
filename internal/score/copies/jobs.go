package main

import (
	"context"
	"math"
	"math/rand/v2"
	"time"
)

// job is one copy that is recorded.
type job struct {
	name  string // tune- or report-, its kind, its tool
	from  layout
	disk  speed // of the disk that the source lies on; zero: in the stage's folder
	start func(ctx context.Context, s *stage) error
	turns []turn
}

// speed is what a disk can do: bytes and accesses a second.
type speed struct{ rate, iops int64 }

// turn sets another rate, in bytes a second, so long after the beginning.
type turn struct {
	at   time.Duration
	rate int64
}

const (
	kilo = 1 << 10
	mega = 1 << 20
)

func at(seconds int, rate int64) turn { return turn{time.Duration(seconds) * time.Second, rate} }

// wander is a rate that others take their changing part of: its logarithm strays by 0.3 and forgets within 8 s.
func wander(rate int64, seed uint64) []turn {
	const seconds, tau, sigma = 200, 8, 0.3
	rng := rand.New(rand.NewPCG(seed, 3))
	x := 0.0
	turns := make([]turn, seconds)
	for i := range turns {
		x += -x/tau + sigma*math.Sqrt(2.0/tau)*rng.NormFloat64()
		turns[i] = at(i, int64(float64(rate)*math.Exp(x)))
	}
	return turns
}

// jobs are the copies. What is tuned on differs from what is reported on in sizes, rates and moments.
func jobs() []job {
	return append(tuning(), reporting()...)
}

func disk0(rate int64) speed { return speed{rate: rate} }

func tuning() []job {
	return []job{
		{"tune-plain-rsync", files(130), disk0(2 * mega), rsync, nil},
		{"tune-plain-cp", files(110), disk0(1500 * kilo), cpWithin, nil},
		{"tune-shared-rsync", files(120), disk0(2 * mega), rsync, wander(2*mega, 1)},
		{"tune-shared-cp", files(130), disk0(2 * mega), cp, wander(1800*kilo, 2)},
		{"tune-faster-rsync", files(170), disk0(1200 * kilo), rsync, []turn{at(35, 3*mega)}},
		{"tune-faster-pv", files(170), speed{}, pv(1 * mega), []turn{at(35, 2800*kilo)}},
		{"tune-slower-rsync", files(130), disk0(3 * mega), rsync, []turn{at(25, 1*mega)}},
		{"tune-slower-dd", files(120), disk0(2600 * kilo), dd, []turn{at(30, 900*kilo)}},
		{"tune-tree-rsync", tree(16000, 4, 20, 1), speed{3 * mega, 350}, rsync, nil},
		{"tune-tree-tar", tree(16000, 6, 12, 2), speed{3 * mega, 350}, tar, nil},
		{"tune-tree-cp", tree(14000, 3, 24, 3), speed{3 * mega, 300}, cp, nil},
		{"tune-huge-rsync", files(90, 30, 70), disk0(2300 * kilo), rsync, nil},
		{"tune-huge-cp", files(50, 110), disk0(2 * mega), cp, nil},
		{"tune-sparse-rsync", holes(40, 120, 20, 30, 60, 200, 30), disk0(1800 * kilo), rsync, nil},
		{"tune-sparse-cp", holes(20, 60, 50, 160, 30, 20, 40, 100), disk0(1600 * kilo), cp, nil},
		{"tune-stall-rsync", files(120), speed{}, rsyncOver(2 * mega), []turn{at(35, 0), at(53, 2*mega)}},
		{"tune-stall-pv", files(100), speed{}, pvOver(1600 * kilo), []turn{at(25, 0), at(38, 1600*kilo)}},
	}
}

func reporting() []job {
	return []job{
		{"report-plain-rsync", files(170), disk0(1700 * kilo), rsync, nil},
		{"report-plain-cp", files(140), disk0(2200 * kilo), cpWithin, nil},
		{"report-shared-rsync", files(150), disk0(2 * mega), rsync, wander(1700*kilo, 11)},
		{"report-shared-dd", files(180), disk0(2 * mega), dd, wander(2400*kilo, 12)},
		{"report-faster-rsync", files(210), disk0(1 * mega), rsync, []turn{at(40, 3*mega)}},
		{"report-faster-pv", files(180), speed{}, pv(1300 * kilo), []turn{at(35, 2600*kilo)}},
		{"report-faster-cp", files(150), disk0(1100 * kilo), cp, []turn{at(45, 2400*kilo)}},
		{"report-slower-rsync", files(170), disk0(4 * mega), rsync, []turn{at(25, 1300*kilo)}},
		{"report-slower-dd", files(150), disk0(2400 * kilo), dd, []turn{at(40, 1200*kilo)}},
		{"report-slower-pv", files(130), speed{}, pv(2200 * kilo), []turn{at(28, 800*kilo)}},
		{"report-tree-rsync", tree(24000, 5, 18, 11), speed{2600 * kilo, 420}, rsync, nil},
		{"report-tree-tar", tree(20000, 8, 10, 12), speed{2400 * kilo, 400}, tar, nil},
		{"report-tree-cp", tree(20000, 4, 22, 13), speed{2500 * kilo, 400}, cp, nil},
		{"report-huge-rsync", files(40, 120, 60), disk0(2600 * kilo), rsync, nil},
		{"report-huge-cp", files(130, 60), disk0(2300 * kilo), cp, nil},
		{"report-sparse-rsync", holes(30, 40, 60, 180, 20, 100, 50), disk0(2 * mega), rsync, nil},
		{"report-sparse-cp", holes(50, 140, 20, 40, 40, 250, 40, 30), disk0(1900 * kilo), cp, nil},
		{"report-stall-rsync", files(150), speed{}, rsyncOver(2400 * kilo), []turn{at(28, 0), at(50, 2400*kilo)}},
		{"report-stall-pv", files(140), speed{}, pvOver(2 * mega), []turn{at(40, 0), at(56, 2*mega)}},
	}
}
