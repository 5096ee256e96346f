package observe

// TransferState is what is known of a transfer from outside, or from the manager that runs it.
type TransferState string

// The states of a transfer. The zero value is not known.
const (
	TransferQueued    TransferState = "queued"    // accepted, and waits for a slot or a lock: Detail says for what, where it is known
	TransferRunning   TransferState = "running"   // it runs, whether or not it moves
	TransferDone      TransferState = "done"      // its manager says so, or it is gone and what it wrote is complete
	TransferFailed    TransferState = "failed"    // its manager says so, or it is gone and what it wrote is not complete
	TransferCancelled TransferState = "cancelled" // somebody stopped it
	TransferGone      TransferState = "gone"      // it is gone, and nobody can say how it ended
)

// Transfer is one sample of something that moves bytes: a copy, a dump, a clone, a file or tree that grows. It is
// what can be seen from outside; what the tool says of itself is in its log. A sample with nothing changed is not
// recorded.
type Transfer struct {
	// Finder is the name of the plan's Finder that found it: its task is not in the plan then, and the first such
	// sample makes it. Empty where the plan names the task.
	Finder string `json:"finder,omitempty"`
	// ID is its identity as long as it runs, also for a ronda that is started again: "4711@88123" for pid and start
	// tick, a manager's task key, "md0". Another ID under the same task is another run.
	ID     string        `json:"id,omitempty"`
	Tool   string        `json:"tool,omitempty"` // rsync, cp, qemu-img, clone, growth …; empty: as before
	Source string        `json:"from,omitempty"` // what is read, as a person would name it: a path, HOST:path, an entity. Empty: not known, or as before
	Target string        `json:"to,omitempty"`   // what is written, likewise
	State  TransferState `json:"state,omitempty"`
	Detail string        `json:"detail,omitempty"` // what its manager says of it: a phase, what it is queued for, its error; or how it was found complete or not
	// Amounts are all ways of telling how far it is, the most trusted first, at most MaxAmounts. What is chosen is
	// the fold's affair.
	Amounts []Amount `json:"amounts,omitempty"`
	// Unknown says what cannot be known and why, in a clause: "the size of /srv/mail is not known: permission denied
	// at /srv/mail/index". Empty: nothing is missing.
	Unknown string `json:"unknown,omitempty"`
}

// MaxAmounts bounds Transfer.Amounts.
const MaxAmounts = 6

// AmountOf says what an amount is an amount of.
type AmountOf string

// The kinds of amount. They are not comparable with each other: a compressed target is smaller than its source.
const (
	AmountSource AmountOf = "source" // bytes of the source that were read: a position in an open file
	AmountTarget AmountOf = "target" // bytes that the target holds: sizes, positions, growth
	AmountVolume AmountOf = "volume" // bytes by which the whole file system of the target grew; others may write there too
	AmountIO     AmountOf = "io"     // bytes that its processes read or wrote; both ways of a copy are not added
	AmountJob    AmountOf = "job"    // what its manager counts: percent, bytes, sectors
	AmountFiles  AmountOf = "files"  // files, of source or target
)

// Amount is one way of telling how far a transfer is.
type Amount struct {
	Of    AmountOf `json:"of"`
	What  string   `json:"what,omitempty"` // the path, or the words for what was looked at
	Done  float64  `json:"done"`
	Total float64  `json:"total,omitempty"` // 0: not known
	Unit  string   `json:"unit"`            // bytes, files, percent
	// Estimate: Total is not exact: a du that is old, a ratio, a size of something that is compressed on the way.
	Estimate bool `json:"estimate,omitempty"`
	// By says where Total comes from, in words: "size of /srv/a.img", "dry run", "du of /srv, 2 min ago".
	By string `json:"by,omitempty"`
}

// Volume is one sample of a file system that something is written to. It belongs to a host and to no task: Paths
// tells whose it is. Its origin has no task.
type Volume struct {
	Mount  string `json:"mount"`            // where it is mounted
	Device string `json:"device,omitempty"` // as df shows it; two mounts of one device share its room
	Type   string `json:"type,omitempty"`   // ext4, xfs, nfs4 …; empty: not known
	Size   int64  `json:"size"`             // bytes
	Used   int64  `json:"used"`             // bytes
	// Avail is what may still be written, in bytes: what is reserved for root is not in it.
	Avail int64 `json:"avail"`
	// Inodes and InodesFree are how many files it can hold and still hold; both 0 where it has no such bound or it
	// is not known.
	Inodes     int64 `json:"inodes,omitempty"`
	InodesFree int64 `json:"inodes_free,omitempty"`
	ReadOnly   bool  `json:"read_only,omitempty"`
	// Paths are the paths asked about that lie on it: targets, logs, directories for temporary files. nil: as
	// before.
	Paths []string `json:"paths,omitempty"`
}

// Of is a payload that belongs to another task than the source that reports it: a finder's word of what it found.
// The session takes it apart before it is stamped; it is never recorded and never folded.
type Of struct {
	Task    string // whose it is
	Source  string // the source's name for that task: "process", "transfer"
	Payload Payload
}

// clean returns the transfer as it may be recorded: without secrets, with numbers that can be counted with.
func (t Transfer) clean() Transfer {
	t.Source, t.Target, t.Detail, t.Unknown = Redact(t.Source), Redact(t.Target), Redact(t.Detail), Redact(t.Unknown)
	amounts := make([]Amount, 0, len(t.Amounts))
	for _, a := range t.Amounts {
		if finite(&a.Done) == nil || a.Done < 0 {
			continue
		}
		if finite(&a.Total) == nil || a.Total < 0 {
			a.Total = 0
		}
		a.What, a.By = Redact(a.What), Redact(a.By)
		amounts = append(amounts, a)
	}
	t.Amounts = amounts[:min(len(amounts), MaxAmounts)]
	return t
}

// Kind returns the kind's name in the session file.
func (Transfer) Kind() Kind { return KindTransfer }

// Kind returns the kind's name in the session file.
func (Volume) Kind() Kind { return KindVolume }

// Kind returns the kind of what it holds.
func (o Of) Kind() Kind { return o.Payload.Kind() }

func (Transfer) sealed() {}
func (Volume) sealed()   {}
func (Of) sealed()       {}
