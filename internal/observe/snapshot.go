package observe

// Snapshot is all that was known of a task at the moment when its verdict became BLOCKED, LOOPING, STALLED or
// FAILED: the evidence that a person would have wished to have afterwards. It is written for readers of the file;
// a fold ignores it.
type Snapshot struct {
	Ruling  Ruling   `json:"ruling"`
	Phase   string   `json:"phase,omitempty"`
	Counter *Counter `json:"counter,omitempty"` // the newest reading; nil: none
	Process *Process `json:"process,omitempty"` // the newest full sample, with tree, states, waits and files; nil: none
	Uses    []Use    `json:"uses,omitempty"`    // how much of the processor the processes used lately, where it is known
	Lines   []string `json:"lines,omitempty"`   // the newest lines of its log, as they came, oldest first, at most MaxSnapshotLines
	Prompt  string   `json:"prompt,omitempty"`  // the last line, when it has not ended
	Sees    []Seen   `json:"sees,omitempty"`    // how well each of its sources saw
	Link    *Link    `json:"link,omitempty"`    // the way to its host; nil: it is on this machine
	Others  []Other  `json:"others,omitempty"`  // what else ran at that moment
}

// MaxSnapshotLines bounds Snapshot.Lines.
const MaxSnapshotLines = 40

// Use is what one process of a Snapshot used.
type Use struct {
	PID        int     `json:"pid"`
	Processors float64 `json:"processors"` // 1 is one whole
}

// Seen is a source within a Snapshot.
type Seen struct {
	Source string      `json:"source"`
	State  SourceState `json:"state"`
	Why    string      `json:"why,omitempty"`
}

// Other is another task, or a service, within a Snapshot.
type Other struct {
	Name   string  `json:"name"`
	State  Verdict `json:"state,omitempty"`  // of a task
	OK     *bool   `json:"ok,omitempty"`     // of a service
	Detail string  `json:"detail,omitempty"` // the reason, or what the service answered
}

// Kind returns the kind's name in the session file.
func (Snapshot) Kind() Kind { return KindSnapshot }

func (Snapshot) sealed() {}
