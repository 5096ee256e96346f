package rate

import (
	"math"
	"slices"
)

// Trial is what one more stream, or one fewer, did to the total of several that share a disk, a link or an array.
type Trial struct {
	Before float64 // the usual total before it, a second
	After  float64 // and after it
	More   bool    // a stream joined; otherwise one ended
	Doubt  float64 // standard error of Ratio, from the unsteadiness of both
}

// Ratio is the logarithm of the total with more streams over the total with fewer: below 0 the streams hinder each
// other.
func (t Trial) Ratio() float64 {
	r := math.Log(t.After / t.Before)
	if !t.More {
		r = -r
	}
	return r
}

// Bounds of a trial.
const (
	trialCells = 9    // least samples on both sides
	trialMost  = 64   // and most
	trialSure  = 4.0  // standard errors by which the totals must differ
	trialLone  = 0.25 // least fall of the total that is worth telling of one trial
)

// Try compares samples of a total, evenly spaced, from before and after a stream joined or ended; of each at most the
// 64 that are nearest to it count, and what is no number is left out. ok is false when there are too few, or when
// most of them are 0.
func Try(before, after []float64, more bool) (t Trial, ok bool) {
	var roomA, roomB [trialMost]float64
	a := known(roomA[:0], before[max(len(before)-trialMost, 0):])
	b := known(roomB[:0], after[:min(len(after), trialMost)])
	if len(a) < trialCells || len(b) < trialCells {
		return Trial{}, false
	}
	t = Trial{Before: median(a), After: median(b), More: more}
	if t.Before <= 0 || t.After <= 0 {
		return Trial{}, false
	}
	ma, mb := average(a), average(b)
	// In proportion, so that a total that is small is not thought to be calm.
	t.Doubt = max(0.01, max(spread(a, ma)/ma, spread(b, mb)/mb)*math.Sqrt(1/float64(len(a))+1/float64(len(b))))
	return t, true
}

// Lone tells that a trial is worth telling by itself: one more stream, and a quarter less in total, beyond doubt.
func (t Trial) Lone() bool {
	return t.More && t.After < (1-trialLone)*t.Before && t.Ratio() < -trialSure*t.Doubt
}

// What makes several trials a hint: so many, a median fall of so much, and so large a share that agrees.
const (
	hintTrials = 3
	hintFall   = 0.12
	hintShare  = 0.75
	hintSure   = 2.5 // by how many standard errors their mean must be below 0
)

// Hint tells whether trials say together that one more stream makes the total slower: change is what it usually does
// to the total (the median), -0.3 for 30 percent less, and agree how many of the trials point that way. With at most
// 32 trials.
func Hint(trials []Trial) (change float64, agree int, ok bool) {
	var room [32]float64
	ratios := room[:0]
	sum, doubt := 0.0, 0.0
	for _, t := range trials {
		r := t.Ratio()
		sum, doubt = sum+r, doubt+t.Doubt*t.Doubt
		ratios = append(ratios, r)
		if r < 0 {
			agree++
		}
	}
	if len(ratios) == 0 {
		return 0, 0, false
	}
	change = math.Exp(median(ratios)) - 1
	return change, agree, len(trials) >= hintTrials && change < -hintFall && float64(agree) >= hintShare*float64(len(trials)) && sum < -hintSure*math.Sqrt(doubt)
}

func known(room, values []float64) []float64 {
	for _, v := range values {
		if !math.IsNaN(v) {
			room = append(room, v)
		}
	}
	return room
}

func average(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

func median(v []float64) float64 {
	var room [trialMost]float64
	s := append(room[:0], v...)
	slices.Sort(s)
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// spread is the standard deviation of one sample, such that a mean of n is off by it over the root of n: from the
// samples, and from the means of runs of three and six, so that slow waves count.
func spread(v []float64, mean float64) float64 {
	sigma := 0.0
	for _, length := range [...]int{1, 3, 6} {
		k := len(v) / length
		if k < 3 {
			break
		}
		sum := 0.0
		for i := range k {
			e := average(v[i*length:(i+1)*length]) - mean
			sum += e * e * float64(length)
		}
		sigma = max(sigma, math.Sqrt(sum/float64(k-1)))
	}
	return sigma
}
