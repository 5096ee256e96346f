package fold

import (
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

// TransferView is what a task moves, and how it is known how far it is.
type TransferView struct {
	Finder         string // the finder that found it; empty: the plan names it
	Tool           string
	Source, Target string // empty: not known
	State          observe.TransferState
	Detail         string           // what its manager says of it
	Of             observe.AmountOf // what TaskView.Progress is an amount of; empty: it comes from the task's own log
	What           string           // the words for it: a path, "its processes' I/O"
	By             string           // where the total comes from; empty: no total
	// Files and FilesTotal are counted beside the bytes; a Total of 0 is not known, both 0: nothing known of files.
	Files, FilesTotal float64
	Unknown           string // what cannot be known, and why
}

// FitView is whether what a task still writes has room. Known is false when its need or the room is not known.
type FitView struct {
	Known  bool
	Fits   bool
	Volume string  // the mount that is too small, or has the least room to spare
	Use    string  // target, temp, log
	Unit   string  // bytes or inodes
	Need   float64 // what the task still writes there, in Unit
	Others float64 // what others of this session still write there before it is done
	Avail  float64 // what is left there
	// FullAt is when the volume is full on this course; of no state when it will not be before the task ends.
	FullAt rate.ETA
	Since  time.Time // since when it is known not to fit; zero while it fits
	// Text says it in a clause with its numbers: "needs 9.1 GB more, /mnt/backup has 4.0 GB left: full at 02:14,
	// 5.1 GB short". Empty while it fits with room to spare.
	Text string
}

// VolumeView is a file system that tasks write to.
type VolumeView struct {
	Host string
	observe.Volume
	At    time.Time // of the newest sample
	Blind bool      // its host cannot be reached, or it does not answer
	Rate  float64   // bytes a second by which it fills, over the last minutes; negative: it empties
	Tasks []string  // that write to it now or will, in the plan's order
	Need  float64   // what they still write, as far as is known, in bytes
	All   bool      // Need holds all of them: of none it is unknown
	Full  rate.ETA  // when it is full on its course; of no state when it is not foreseeable
	Short float64   // by how many bytes Need is more than Avail; 0: it fits, or is not known
	Spent bool      // it can take no more: full to the last blocks, or without inodes
	Text  string    // the warning in a clause; empty: none
}

// FinderView is how a finder does.
type FinderView struct {
	Name    string
	Host    string
	State   observe.SourceState // empty: has not looked yet
	Why     string
	Running int // of the tasks that it made, how many have not ended
	Found   int // all it found in this session, with what the plan watches itself
}

// WholeView is when all that the plan has to do will be done.
type WholeView struct {
	ETA     rate.ETA // of the last task to end; of no state when a task has no end that could be foretold
	Last    string   // that task
	Unknown []string // tasks of which no length is known: ETA does not hold them
	Window  DeadlineView
}
