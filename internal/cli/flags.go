package cli

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"ronda/internal/plan"
	"ronda/watchers"
)

// hintedValue is a flag's value that knows what to try when it was given wrongly.
type hintedValue interface {
	pflag.Value
	Hint() string
}

var (
	_ hintedValue = (*fromFlag)(nil)
	_ hintedValue = (*spanFlag)(nil)
	_ hintedValue = (*pidFlag)(nil)
	_ hintedValue = (*speedFlag)(nil)
)

// fromFlag is --from: start, end or a byte.
type fromFlag struct{ watchers.From }

func (f *fromFlag) String() string {
	if f.End {
		return "end"
	}
	if f.Byte > 0 {
		return strconv.FormatInt(f.Byte, 10)
	}
	return "start"
}

func (*fromFlag) Type() string { return "start|end|bytes" }

func (*fromFlag) Hint() string { return "start, end, or a number such as 1048576" }

func (f *fromFlag) Set(s string) error {
	switch s {
	case "start":
		f.From = watchers.From{}
	case "end":
		f.From = watchers.From{End: true}
	default:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 {
			return fmt.Errorf("%q is not start, end or a number of bytes", s)
		}
		f.From = watchers.From{Byte: n}
	}
	return nil
}

// spanFlag is a duration, written as in a plan; zero is not given.
type spanFlag time.Duration

func (f *spanFlag) String() string {
	if *f == 0 {
		return ""
	}
	return time.Duration(*f).String()
}

func (*spanFlag) Type() string { return "duration" }

func (*spanFlag) Hint() string { return plan.SpanHint }

func (f *spanFlag) Set(s string) error {
	d, err := plan.ParseSpan(s)
	*f = spanFlag(d)
	return err
}

// pidFlag is a process id; zero is not given.
type pidFlag int

func (f *pidFlag) String() string {
	if *f == 0 {
		return ""
	}
	return strconv.Itoa(int(*f))
}

func (*pidFlag) Type() string { return "pid" }

func (*pidFlag) Hint() string {
	return "the number that ps shows; by name or command line it is --match, by systemd unit --unit"
}

func (f *pidFlag) Set(s string) error {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 1 {
		return fmt.Errorf("%q is not a process id", s)
	}
	*f = pidFlag(n)
	return nil
}

// maxSpeed is a day in less than a second; much more would overflow a duration.
const maxSpeed = 100_000

// speedFlag is how many seconds of a recorded night pass in a second.
type speedFlag float64

func (f *speedFlag) String() string { return strconv.FormatFloat(float64(*f), 'g', -1, 64) }

func (*speedFlag) Type() string { return "factor" }

func (*speedFlag) Hint() string { return "--speed 60: a minute in a second" }

func (f *speedFlag) Set(s string) error {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || v <= 0 || v > maxSpeed {
		return fmt.Errorf("%q is not a number above 0 and up to %d", s, maxSpeed)
	}
	*f = speedFlag(v)
	return nil
}
