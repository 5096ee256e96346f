// Package observe holds the words that all rooms of ronda share: the observations that sources make,
// the plan they belong to, the verdict that follows from them, and the JSON form in which all of it is
// recorded.
//
// Everything seen is an observation: small, typed, stamped, raw. What a log line or a probe's answer
// means is decided later, in the fold, so that a better reader can judge an old night again. A remote
// failure is an observation too, never a Go error. The package reads no clock and does no I/O; its values
// are plain data, safe to share once they are no longer written to.
package observe

import "time"

// Format is the version of the session file that this program writes.
const Format = 1

// Kind names what an observation is about. It is the "kind" of a session-file line.
type Kind string

// The kinds of format 1. KindVerdict, KindAlert and KindSnapshot are written for readers of the file; a fold ignores them.
const (
	KindSession  Kind = "session"
	KindLine     Kind = "line"
	KindSkip     Kind = "skip"
	KindCounter  Kind = "counter"
	KindProcess  Kind = "process"
	KindDatabase Kind = "database"
	KindVolume   Kind = "volume"
	KindTransfer Kind = "transfer"
	KindCheck    Kind = "check"
	KindLink     Kind = "link"
	KindSource   Kind = "source"
	KindGap      Kind = "gap"
	KindMark     Kind = "mark"
	KindEnd      Kind = "end"
	KindVerdict  Kind = "verdict"
	KindAlert    Kind = "alert"
	KindSnapshot Kind = "snapshot"
)

// Observation is one thing seen, with its place in the session.
type Observation struct {
	Seq uint64    // position in the session, from 1; 0 before the session stamped it
	At  time.Time // when ronda saw it, in UTC with milliseconds; never earlier than the one before
	Origin
	Payload Payload
}

// Origin says whose observation it is. Fields that do not apply are empty.
type Origin struct {
	Task   string // the task's name in the plan
	Host   string // the host's name in the plan; empty for this machine
	Source string // the source's name: "log", "process", "progress", a service's name
}

// Payload is what was seen: one of the types of this package, and no other.
type Payload interface {
	Kind() Kind
	sealed()
}

// Session opens a session and stands again at each resume. Its plan holds no secret.
type Session struct {
	Format  int    `json:"format"`
	Version string `json:"version,omitempty"` // of the program that wrote it
	Title   string `json:"title,omitempty"`
	Plan    Plan   `json:"plan"`
	Resumed bool   `json:"resumed,omitempty"`
}

// Line is one line of a log, or the newest state of a line that has not ended.
type Line struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"` // byte in File where Text starts
	// Text is the line as it came, without its line end; invalid UTF-8 is replaced. Of a line that was
	// repainted with carriage returns it is the last state, and Offset is where that state starts.
	Text      string `json:"text"`
	Truncated bool   `json:"truncated,omitempty"` // the line is longer than Text; the rest was passed over
	// Partial: the line had not ended when it was seen: a prompt, a progress bar. The next Line of the same
	// File takes its place.
	Partial bool `json:"partial,omitempty"`
	// Backlog: the line was there before ronda looked. It is history, not news: its time is not known.
	Backlog bool `json:"backlog,omitempty"`
}

// Skip says which bytes of a file were not read, [From, To), and why.
type Skip struct {
	File string `json:"file"`
	From int64  `json:"from"`
	To   int64  `json:"to"`
	Why  string `json:"why"`
}

// Counter is one reading of something that is counted. Done and Total are absent when not known.
type Counter struct {
	Name  string   `json:"name"`
	Done  *float64 `json:"done,omitempty"`
	Total *float64 `json:"total,omitempty"`
	Unit  string   `json:"unit,omitempty"` // bytes, rows, files, percent …
	Phase string   `json:"phase,omitempty"`
	// Raw is the answer of a progress command, from which the fold reads the numbers by the task's
	// progress pattern; at most RawLimit bytes.
	Raw string `json:"raw,omitempty"`
}

// RawLimit bounds a recorded raw answer, in bytes.
const RawLimit = 8 << 10

// Check is one answer of a service.
type Check struct {
	Name    string    `json:"name"`
	OK      bool      `json:"ok"`
	MS      float64   `json:"ms"`               // how long the answer took, in milliseconds
	Detail  string    `json:"detail,omitempty"` // what was answered, or what went wrong, in words
	Expires time.Time `json:"expires,omitzero"` // when the certificate shown runs out; zero without one
}

// Link is the state of the way to a host. It is written when it changes, not by the clock.
type Link struct {
	Up     bool    `json:"up"`
	Late   bool    `json:"late,omitempty"`   // up, but without an answer for longer than is usual
	RTTMS  float64 `json:"rtt_ms,omitempty"` // round trip in milliseconds; 0 when not measured
	Detail string  `json:"detail,omitempty"` // why it is down, when the next try comes
}

// SourceState is how well a source sees what it is to watch.
type SourceState string

// The states of a source. A source that has not reported yet was never seen.
const (
	SourceUp      SourceState = "up"      // it sees what it is to watch
	SourceWaiting SourceState = "waiting" // the thing does not exist yet: no such file, no such process
	SourceFailed  SourceState = "failed"  // it cannot see: no permission, command missing, no answer
	SourceLimited SourceState = "limited" // it sees a part; Why says what is missing
)

// Source reports a change in how well a source sees. The task's host link is a separate matter.
type Source struct {
	State SourceState `json:"state"`
	Why   string      `json:"why,omitempty"` // what is missing and what to try
}

// Gap is time in which ronda did not look: its machine slept, it crashed, it was not running.
type Gap struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Why  string    `json:"why"`
}

// Mark is a note that a person wrote into the session.
type Mark struct {
	By   string `json:"by,omitempty"`
	Text string `json:"text"`
}

// End closes a session in order. A session file without it ended by a crash, or has not ended.
type End struct {
	Why string `json:"why"`
}

// Unknown is an observation of a kind that this program does not know. It is kept, counted and shown.
type Unknown struct {
	Name Kind
	Raw  []byte // the whole line as it stands in the file
}

// Kind returns the kind's name in the session file.
func (Session) Kind() Kind { return KindSession }

// Kind returns the kind's name in the session file.
func (Line) Kind() Kind { return KindLine }

// Kind returns the kind's name in the session file.
func (Skip) Kind() Kind { return KindSkip }

// Kind returns the kind's name in the session file.
func (Counter) Kind() Kind { return KindCounter }

// Kind returns the kind's name in the session file.
func (Check) Kind() Kind { return KindCheck }

// Kind returns the kind's name in the session file.
func (Link) Kind() Kind { return KindLink }

// Kind returns the kind's name in the session file.
func (Source) Kind() Kind { return KindSource }

// Kind returns the kind's name in the session file.
func (Gap) Kind() Kind { return KindGap }

// Kind returns the kind's name in the session file.
func (Mark) Kind() Kind { return KindMark }

// Kind returns the kind's name in the session file.
func (End) Kind() Kind { return KindEnd }

// Kind returns the name that stood in the file.
func (u Unknown) Kind() Kind { return u.Name }

func (Session) sealed() {}
func (Line) sealed()    {}
func (Skip) sealed()    {}
func (Counter) sealed() {}
func (Check) sealed()   {}
func (Link) sealed()    {}
func (Source) sealed()  {}
func (Gap) sealed()     {}
func (Mark) sealed()    {}
func (End) sealed()     {}
func (Unknown) sealed() {}
