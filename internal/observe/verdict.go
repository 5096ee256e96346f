package observe

import "time"

// Verdict is what is going on with a task. Every task has exactly one.
type Verdict string

// The ten verdicts; the README says what each means and what it never is.
const (
	Pending     Verdict = "PENDING"
	Progressing Verdict = "PROGRESSING"
	Quiet       Verdict = "QUIET"
	Slowing     Verdict = "SLOWING"
	Blocked     Verdict = "BLOCKED"
	Looping     Verdict = "LOOPING"
	Stalled     Verdict = "STALLED"
	Blind       Verdict = "BLIND"
	Failed      Verdict = "FAILED"
	Done        Verdict = "DONE"
)

// Ended tells whether a verdict is final: nothing more is expected of the task.
func (v Verdict) Ended() bool { return v == Failed || v == Done }

// Alarming tells whether a person should look at once.
func (v Verdict) Alarming() bool {
	return v == Blocked || v == Looping || v == Stalled || v == Failed
}

// Evidence is one thing that speaks for or against a verdict.
type Evidence struct {
	For  bool      `json:"for"`
	Text string    `json:"text"`
	At   time.Time `json:"at,omitzero"` // when it was last seen to be so; zero where it has no time
}

// Ruling is a verdict with its reasons, as recorded for readers of a session file.
type Ruling struct {
	Verdict  Verdict     `json:"verdict"`
	Since    time.Time   `json:"since"`
	Reason   string      `json:"reason"` // one clause in words, without the verdict's name
	Sure     Sureness    `json:"sure,omitempty"`
	Evidence []Evidence  `json:"evidence,omitempty"`
	Next     *Escalation `json:"next,omitempty"`
}

// Sureness is how sure a verdict is.
type Sureness string

// The grades of sureness. Empty: nothing is claimed yet.
const (
	Certain Sureness = "certain" // a fact was observed: an exit, a marker, a prompt, a lock, a counter that rose
	Likely  Sureness = "likely"  // weighed from evidence in full sight
	Unsure  Sureness = "unsure"  // weighed from a part of the evidence: something could not be seen
)

// Escalation is the verdict that will follow if nothing changes, and when.
type Escalation struct {
	Verdict Verdict   `json:"verdict"`
	At      time.Time `json:"at"`
	If      string    `json:"if"` // the condition in words: "nothing moves"
}

// Alert is what was said aloud, to whom, and whether it arrived.
type Alert struct {
	Text    string `json:"text"`
	To      string `json:"to,omitempty"`
	Arrived bool   `json:"arrived"`
	Why     string `json:"why,omitempty"` // why it did not arrive
}

// Kind returns the kind's name in the session file.
func (Ruling) Kind() Kind { return KindVerdict }

// Kind returns the kind's name in the session file.
func (Alert) Kind() Kind { return KindAlert }

func (Ruling) sealed() {}
func (Alert) sealed()  {}
