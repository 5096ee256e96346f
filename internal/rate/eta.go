package rate

import (
	"math"
	"time"
)

// ETAState says how much is known of the end.
type ETAState string

// The states of an ETA. It is never one number.
const (
	None      ETAState = "none"      // nothing countable, no total, or it stands still
	Measuring ETAState = "measuring" // countable, but not watched for long enough
	Range     ETAState = "range"     // P10, P50 and P90 are known
	Finishing ETAState = "finishing" // all is counted, and the job has not said that it is done
)

// ETA is when something will end. The instants are zero unless State is Range.
type ETA struct {
	State         ETAState
	P10, P50, P90 time.Time // the end lies before them with 10, 50 and 90 percent
	// Why says why there is no range: NoTotal, "stands still for 14 min". With a range it is a warning
	// about it, TotalGrows, or empty.
	Why string
}

// NoTotal is why there is no range where nothing says how much there is.
const NoTotal = "no total"

// Warnings of a range.
const (
	TotalGrows   = "total still growing"                    // it did within the last minutes
	AssumedTotal = "if it is as much as in the earlier run" // the counter names no total
)

// The quantiles' distance: a normal distribution has 10 percent beyond z10, and the upper side of the range is
// drawn a little further, for what goes wrong makes a job late.
const (
	z10   = 1.2815515655446004
	upper = 1.15
)

// Probability returns the chance that e lies before deadline, as seen at now. It is clamped to 0.05..0.95: in
// the measurements that the interval rests on, nothing beyond was ever reliable. It is false when the end is
// not known as a range, or when the total still grows.
func Probability(e ETA, now, deadline time.Time) (float64, bool) {
	if e.State != Range || e.Why == TotalGrows || deadline.IsZero() {
		return 0, false
	}
	d := deadline.Sub(now).Seconds()
	p10, p50, p90 := e.P10.Sub(now).Seconds(), e.P50.Sub(now).Seconds(), e.P90.Sub(now).Seconds()
	if d <= 0 {
		return least, true
	}
	if p50 <= 0 {
		return most, true
	}
	x := math.Log(d / p50)
	side := p90 / p50
	if x <= 0 {
		side = p50 / max(p10, 1e-9)
	}
	s := math.Log(max(side, 1+1e-6)) / z10
	return max(least, min(most, 0.5*math.Erfc(-x/s/math.Sqrt2))), true
}

// least and most are the ends of the range of probabilities.
const (
	least = 0.05
	most  = 0.95
)
