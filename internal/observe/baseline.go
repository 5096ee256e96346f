package observe

// Baseline is how an earlier run of a task went: a rehearsal, or the last time. It stands in the recorded plan, so
// that a night can be replayed without the file that it was taken from. Times are counted on the task's
// observed clock: what nobody could see is in none of them.
type Baseline struct {
	From     string   `json:"from"`              // the session file's name, without its folder
	Verdict  Verdict  `json:"verdict,omitempty"` // how it ended; empty: it had not ended
	Duration Duration `json:"duration"`          // from its first sign to its end, or to the end of the record
	Partial  bool     `json:"partial,omitempty"` // its beginning was not seen: it took longer than Duration
	// Silence is the longest time without progress that ended by itself, Rest the longest without progress and work.
	Silence Duration `json:"silence,omitempty"`
	Rest    Duration `json:"rest,omitempty"`
	// Phases are in order of their first beginning, at most MaxBaselinePhases. A task without phases has one
	// without a name.
	Phases []BaselinePhase `json:"phases,omitempty"`
	// Silences are the longest pauses in its progress, longest first, at most MaxBaselineSilences.
	Silences []BaselineSilence `json:"silences,omitempty"`
	// Course is the counter that told how far the task was; nil when there was none.
	Course *Course `json:"course,omitempty"`
	// Told is how many news there were until when, of a task without a Course.
	Told *Course `json:"told,omitempty"`
}

// Bounds of a Baseline, so that a recorded plan stays small.
const (
	MaxBaselinePhases   = 200
	MaxBaselineSilences = 32
	MaxCourse           = 64
)

// BaselinePhase is one phase of the earlier run.
type BaselinePhase struct {
	Name     string   `json:"name,omitempty"`  // empty: what came before the first phase
	After    Duration `json:"after"`           // from the task's first sign to the phase's first beginning
	Duration Duration `json:"duration"`        // all its times together, when it came more than once; 0: its beginning or end was not seen
	Times    int      `json:"times,omitempty"` // how often it came; 0: once
	Silence  Duration `json:"silence,omitempty"`
	Rest     Duration `json:"rest,omitempty"`
	Course   *Course  `json:"course,omitempty"` // the counter that ran within this phase, if one did
}

// BaselineSilence is a pause in the progress of the earlier run.
type BaselineSilence struct {
	Phase string   `json:"phase,omitempty"`
	What  string   `json:"what"` // the news before it, with its digits as they were
	After Duration `json:"after"`
	Took  Duration `json:"took"`
}

// Course is a counter's way to its total over time.
type Course struct {
	Name  string  `json:"name,omitempty"`
	Unit  string  `json:"unit,omitempty"`
	Total float64 `json:"total"` // the size of the earlier run's work: the counter's total, or how far it came
	// Points rise in both, at most MaxCourse; the first is the first reading, the last the last.
	Points []CoursePoint `json:"points"`
}

// CoursePoint is one reading of a Course.
type CoursePoint struct {
	At   Duration `json:"at"`   // since the first sign of the task, or the beginning of the phase
	Done float64  `json:"done"` // in the course's unit
}
