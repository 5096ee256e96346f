package rate

import "time"

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
	Why           string    // why there is no range: "no total", "stands still since 02:10"
}
