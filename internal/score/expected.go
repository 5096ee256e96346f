package score

import (
	"slices"
	"time"

	"ronda/internal/observe"
)

// Expectation is what is to be said of one kind of fault.
type Expectation struct {
	Right []observe.Verdict // any of them as the first alarm is right
	// Fact: the system shows the cause, so that the alarm is held to the delay of facts.
	Fact bool
	// NotBefore and Within bound the delay on the time seen; zero: no bound of its own.
	NotBefore, Within time.Duration
}

// Expected are the kinds of fault that a truth mark may name, and what is to be said of each; nil for a kind
// that is not known.
func Expected(kind string) *Expectation {
	blocked := []observe.Verdict{observe.Blocked}
	switch kind {
	case "prompt", // waits for a person's answer
		"stopped", // SIGSTOP, ^Z
		"tty",     // its terminal is frozen or not read
		"pipe",    // the reader of its pipe does not read
		"lock",    // waits for a file lock
		"dblock",  // its server waits for a lock of the database
		"disk",    // no space left
		"frozen":  // its control group is frozen
		return &Expectation{Right: blocked, Fact: true}
	case "storage": // uninterruptible: a file system does not answer
		return &Expectation{Right: blocked}
	case "killed", "oom", "exit", "gone": // ended otherwise than well
		return &Expectation{Right: []observe.Verdict{observe.Failed}, Fact: true}
	case "deadlock": // nothing moves, and no cause can be seen
		return &Expectation{Right: []observe.Verdict{observe.Stalled}, NotBefore: 30 * time.Second, Within: 150 * time.Second}
	case "peer": // the other machine is dead; of one who only reads nothing shows it
		return &Expectation{Right: []observe.Verdict{observe.Blocked, observe.Stalled}, Within: 150 * time.Second}
	case "retry", "restart": // the same again and again
		return &Expectation{Right: []observe.Verdict{observe.Looping}, Within: 300 * time.Second}
	case "heartbeat": // it only says that it is there
		return &Expectation{Right: []observe.Verdict{observe.Looping, observe.Stalled}, Within: 300 * time.Second}
	case "throttle": // a quota denies it the processor
		return &Expectation{Right: []observe.Verdict{observe.Blocked, observe.Slowing}}
	case "slow": // goes on at a fraction of its speed
		return &Expectation{Right: []observe.Verdict{observe.Slowing}}
	}
	return nil
}

// right tells whether v is what is to be said.
func (e *Expectation) right(v observe.Verdict) bool { return slices.Contains(e.Right, v) }
