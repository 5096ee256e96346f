package fold

import (
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

// Snapshot is the whole state at one moment, for those who show it. It is immutable: it may be kept and
// read by any goroutine while the fold goes on.
type Snapshot struct {
	At      time.Time // the moment it speaks of: of the last observation or the last whole second
	Seq     uint64    // the last observation folded in
	Started time.Time // of the first observation; zero before it
	Title   string
	Plan    observe.Plan

	Hosts    []HostView
	Tasks    []TaskView   // in the plan's order
	Groups   []GroupView  // tasks that share something and move at the same time; in the plan's order
	Volumes  []VolumeView // file systems that tasks write to: in the order in which they were first seen
	Finders  []FinderView // in the plan's order; what they found is among Tasks
	Whole    WholeView    // all that the plan still has to do
	Services []ServiceView
	Notes    []NoteView // marks, gaps, resumes: newest last, at most MaxNotes

	Unknown int    // observations of kinds that this program does not know
	Ended   bool   // the session was closed in order
	Why     string // why it ended
}

// MaxNotes bounds Snapshot.Notes.
const MaxNotes = 200

// HostView is the way to a host. The link's state says nothing about the job.
type HostView struct {
	Name   string
	State  LinkState
	Since  time.Time
	RTT    time.Duration // 0: not measured
	Detail string
}

// LinkState is how a host can be reached.
type LinkState int

// The states of a link. The zero value is a host that was not reached yet.
const (
	LinkNever LinkState = iota
	LinkUp
	LinkLate
	LinkDown
)

// TaskView is a task as it stands.
type TaskView struct {
	Name    string
	Host    string
	Started time.Time // when the task was first seen to be there; zero: not yet
	Ended   time.Time // when it was seen to have ended; zero: it has not

	observe.Ruling // verdict, since, reason, sureness, evidence, next
	// Overlong: it is QUIET, and silent for longer than its plan allows.
	Overlong bool

	Phase      string
	PhaseSince time.Time
	Progress   Progress // of what runs: a counter that was full in an earlier phase is none
	Rate       float64  // in Progress.Unit a second, as it is now; 0: none known
	RateMean   float64  // over the whole task
	RateMinute float64  // over the last minute; negative: not known
	RateBest   float64  // of the best minute so far; 0: not known
	// Spark, Course and Change are of what the task counts; where it counts nothing of what its processes read and
	// write (SpeedByIO), or else of its lines. SpeedUnit is their unit.
	SpeedUnit string
	SpeedByIO bool
	Spark     []float64 // rate over the last minutes, oldest first; NaN: not observed. At most SparkCells
	// Course is the rate over the whole run, oldest first, CourseStep a cell, from CourseFrom on; NaN: not observed.
	// At most CourseCells. It begins anew when something else is counted.
	Course     []float64
	CourseFrom time.Time
	CourseStep time.Duration
	Change     rate.Change // when the rate last changed for good; a zero At: it has not, or not by 30 percent
	ETA        rate.ETA    // of the task
	PhaseETA   rate.ETA    // of the phase, where the counter belongs to one phase of several; else its State is empty
	Starts     rate.ETA    // of a task that waits for another: when that one will have ended; its State is empty where it is not known
	Deadline   DeadlineView
	Transfer   *TransferView // what it moves from where to where; nil: not known to be a transfer
	Fit        FitView       // whether there is room for it

	LastLine time.Time // when the log last said something new to us; zero: never, or backlog only
	Log      LogView
	Sources  []SourceView
	Process  *observe.Process // the newest full sample; nil: none
	// Uses are the processors that each of Process.Procs used lately; negative where that is not known. nil: of
	// none.
	Uses   []float64
	Scenes []Scene // what was known when the verdict became alarming: oldest first, at most MaxScenes
}

// SparkCells bounds TaskView.Spark.
const SparkCells = 60

// CourseCells bounds TaskView.Course.
const CourseCells = 120

// Progress is how far a task is. Known is false when nothing countable was found.
type Progress struct {
	Known    bool
	Done     float64
	Total    float64 // 0: not known
	Unit     string  // bytes, rows, files, percent, or what the log calls it; may be empty
	Name     string  // where it was found: the words of the log line, the counter's name
	Estimate bool    // Total is an estimate, or still grows
	At       time.Time
}

// Fraction returns Done/Total within 0..1, and whether it is known.
func (p Progress) Fraction() (float64, bool) {
	if !p.Known || p.Total <= 0 {
		return 0, false
	}
	return min(max(p.Done/p.Total, 0), 1), true
}

// DeadlineView is whether the task makes its deadline. At is zero when there is none.
type DeadlineView struct {
	At          time.Time
	Window      bool          // it is the end of the window, and what comes after the task must end before it too
	After       int           // how many tasks wait for this one, one after the other
	Needs       time.Duration // and how long they will take, as far as is known
	Known       bool          // Probability is known
	Probability float64       // to end before At, 0..1
	Late        bool          // it is taken to miss it: has clearly looked so for long enough, and there is no hope since
	DecideBy    time.Time     // last moment at which stopping still leaves the time to roll back; zero: no rollback time known

	hopeless bool // even its earliest end is far beyond At
}

// GroupView is tasks that share a host, or what the plan names as their group, with what they move together. Only
// groups are shown of which at least two members moved within the last five minutes.
type GroupView struct {
	Name    string
	Unit    string // bytes, or what all of them count
	Rate    float64
	Members []GroupMember // in the plan's order
	Spark   []float64     // the total over the last ten minutes, oldest first; NaN: not observed. At most SparkCells
	Streams int           // members that move now, or did when they were last seen
	Blind   bool          // one of them cannot be seen now: Rate holds what it last did
	// Hint says what one more stream did to the total, as a clause with its numbers and without its moment; it is
	// an observation and no cause. Empty: nothing worth telling. HintSince is its moment.
	Hint      string
	HintSince time.Time
}

// GroupMember is one task of a group.
type GroupMember struct {
	Task  string
	Rate  float64 // in the group's unit a second; 0: rests
	Share float64 // of the total, 0..1; 0 also when the total is 0
	Blind bool    // it cannot be seen now: Rate is what it last did
	ByIO  bool    // Rate is what its processes read or write, not what a counter tells
}

// SourceView is how well one source of a task sees.
type SourceView struct {
	Name  string
	State observe.SourceState // empty: has not reported yet
	Why   string
	Last  time.Time // its last observation
}

// ServiceView is a service as it stands.
type ServiceView struct {
	Name    string
	Host    string
	Asked   bool // there was an answer
	OK      bool
	Since   time.Time // since when it is so
	Latency time.Duration
	Detail  string
	Expires time.Time // of its certificate; zero: none seen
	Last    time.Time // the last recorded answer; unchanged answers are not recorded
	Blind   bool      // the host it is asked from cannot be reached
}

// NoteView is something that was noted about the session itself.
type NoteView struct {
	At   time.Time
	Kind observe.Kind
	Text string
}
