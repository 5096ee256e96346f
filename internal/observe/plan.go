package observe

import (
	"fmt"
	"time"
)

// Plan is a night's plan as the rooms see it: decoded, validated, recipes merged in, times of day made
// instants. It is recorded in the session file and holds no secret.
type Plan struct {
	Title    string    `json:"title,omitempty"`
	Window   *Window   `json:"window,omitempty"`
	Hosts    []Host    `json:"hosts,omitempty"`
	Tasks    []Task    `json:"tasks,omitempty"`
	Services []Service `json:"services,omitempty"`
}

// Window is the time in which the work may be done. A zero Start or End is not set.
type Window struct {
	Start time.Time `json:"start,omitzero"`
	End   time.Time `json:"end,omitzero"`
	// Rollback is how long it takes to go back; the decision must fall that long before End.
	Rollback Duration `json:"rollback,omitempty"`
}

// Host is a machine that something is watched on. This machine is never listed.
type Host struct {
	Name    string `json:"name"`
	Address string `json:"address,omitempty"` // as a person would type it after ssh: [user@]host[:port]
	Jump    string `json:"jump,omitempty"`    // as after ssh -J
}

// Task is one piece of work that has a verdict.
type Task struct {
	Name   string `json:"name"`
	Host   string `json:"host,omitempty"` // empty: this machine
	After  string `json:"after,omitempty"`
	Recipe string `json:"recipe,omitempty"`

	Log      string       `json:"log,omitempty"` // path on Host; "-" is standard input
	Process  *ProcessRef  `json:"process,omitempty"`
	Progress *ProgressRef `json:"progress,omitempty"`

	Expect   Duration  `json:"expect,omitempty"` // how long it should take; 0: not known
	Quiet    Duration  `json:"quiet,omitempty"`  // how long it may be silent while it works; 0: default
	Stall    Duration  `json:"stall,omitempty"`  // how long it may stand still; 0: learned from the task
	Fresh    Duration  `json:"fresh,omitempty"`  // silence up to this counts as progress; 0: default
	Loop     Duration  `json:"loop,omitempty"`   // how long the log may say the same; 0: default
	Deadline time.Time `json:"deadline,omitzero"`
	Planned  time.Time `json:"planned,omitzero"` // when it should start; zero: not planned

	// Group names what the task shares with others, a volume, a link, an array: tasks of one group are added up
	// and may slow each other. Empty: those on the same host are taken together.
	Group    string    `json:"group,omitempty"`
	Baseline *Baseline `json:"baseline,omitempty"` // how an earlier run went; nil: not known

	Patterns Patterns `json:"patterns,omitzero"`
}

// Patterns are regular expressions (RE2) over a log line with its terminal codes removed, and over the same without
// its time stamp; the recipe's and the plan's own together. They come on top of what is found without any.
type Patterns struct {
	Done     []string `json:"done,omitempty"`     // the job has succeeded
	Fail     []string `json:"fail,omitempty"`     // the job has failed
	Phase    []string `json:"phase,omitempty"`    // a phase begins; group "phase", or group 1, or the match is its name
	Progress []string `json:"progress,omitempty"` // groups "done", "total", "unit", "percent", "phase"
	Prompt   []string `json:"prompt,omitempty"`   // waits for a person
	Ignore   []string `json:"ignore,omitempty"`   // neither progress nor chatter: not looked at
}

// ProcessRef names the process that does a task's work, in one of several ways.
type ProcessRef struct {
	Match   string `json:"match,omitempty"`   // regular expression over the command line
	PID     int    `json:"pid,omitempty"`     //
	PIDFile string `json:"pidfile,omitempty"` // path on the task's host
	Unit    string `json:"unit,omitempty"`    // systemd unit
}

// ProgressRef is a command whose answer tells how far a task is.
type ProgressRef struct {
	Command string   `json:"command"`
	Host    string   `json:"host,omitempty"`  // where it runs; empty: this machine
	Every   Duration `json:"every,omitempty"` // 0: 10 s
	// Pattern is a regular expression with groups as in Patterns.Progress; without one, and without JSON
	// paths, numbers are looked for as in a log line.
	Pattern string `json:"pattern,omitempty"`
	// Done, Total and Phase are JSON paths (dots and [n], as in "job.items[0].done") into the answer; Total
	// may be a plain number.
	Done  string `json:"done,omitempty"`
	Total string `json:"total,omitempty"`
	Phase string `json:"phase,omitempty"`
	Unit  string `json:"unit,omitempty"`
}

// Service is something that is asked at an interval whether it is well. Exactly one of HTTP, TCP, TLS,
// Command and Unit is set.
type Service struct {
	Name    string   `json:"name"`
	Host    string   `json:"host,omitempty"` // asked from there; empty: from this machine
	HTTP    string   `json:"http,omitempty"` // URL
	TCP     string   `json:"tcp,omitempty"`  // host:port
	TLS     string   `json:"tls,omitempty"`  // host:port
	Command string   `json:"command,omitempty"`
	Unit    string   `json:"unit,omitempty"`
	Expect  Expect   `json:"expect,omitzero"`
	Every   Duration `json:"every,omitempty"`   // 0: 10 s
	Timeout Duration `json:"timeout,omitempty"` // 0: 5 s
	// After is the task after whose end the service is expected to be up; before, down is only shown.
	After string `json:"after,omitempty"`
}

// Expect is what a service's answer must be like. What is not set is not looked at, but for an HTTP status
// (any below 400) and a command's exit code (0).
type Expect struct {
	Status int    `json:"status,omitempty"` // HTTP status
	Body   string `json:"body,omitempty"`   // regular expression over the first 64 KiB
	Banner string `json:"banner,omitempty"` // regular expression over what a TCP server says first
	Exit   int    `json:"exit,omitempty"`   // a command's exit code
	Output string `json:"output,omitempty"` // regular expression over a command's output
	Days   int    `json:"days,omitempty"`   // the certificate must hold at least so many days more
}

// Duration is a span of time that stands in JSON as Go writes it: "1h30m0s".
type Duration time.Duration

// MarshalText writes the duration as time.Duration.String does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("duration %q: use a number and a unit, such as 90s, 45m or 1h30m", text)
	}
	*d = Duration(v)
	return nil
}
