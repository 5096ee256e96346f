package observe

// Process is one sample of the tree of processes that does a task's work, as the Linux kernel tells it in
// /proc. A sample with nothing changed is not recorded; counters that could not be read are absent, which
// is not the same as zero.
type Process struct {
	// Found says how the root was found: "writes /var/log/x.log", "pid 4711", "matches zmsetup",
	// "unit postgresql.service".
	Found string `json:"found,omitempty"`
	// Root is the pid of the tree's root; 0 when there is no such process (now, or no longer).
	Root int `json:"root,omitempty"`
	// Count is the number of living processes in the tree.
	Count int `json:"count"`
	// Uptime is the host's monotonic clock at the sample, in milliseconds since its boot: rates are taken
	// against it, never against ronda's own clock.
	Uptime int64 `json:"uptime_ms,omitempty"`
	// CPU is the processor time of the whole tree, living and reaped, in milliseconds. Like all totals here
	// it never falls while Root stays the same.
	CPU int64 `json:"cpu_ms"`
	// IO holds the tree's I/O totals; absent when the kernel does not let us read them.
	IO *ProcessIO `json:"io,omitempty"`
	// Procs are the processes of the tree, root first, at most MaxProcs; the interesting ones are kept when
	// there are more. Absent where nothing but the totals changed since the sample before.
	Procs []Proc `json:"procs,omitempty"`
	// Files are regular files that the tree holds open and that move, largest first, at most MaxFiles.
	Files []OpenFile `json:"files,omitempty"`
	// Exit says how the root ended, once it has: Count is 0 then.
	Exit *Exit `json:"exit,omitempty"`
	// OOMKills is the host's count of out-of-memory kills; absent when not known.
	OOMKills *int64 `json:"oom_kills,omitempty"`
	// Throttled is the share of the last second in which the tree wanted a processor and was denied one by
	// its cgroup quota, 0 to 1; 0 also when not known.
	Throttled float64 `json:"throttled,omitempty"`
}

// Bounds of one process sample.
const (
	MaxProcs = 40
	MaxFiles = 8
)

// ProcessIO are totals of /proc/PID/io over the tree. They hold no socket traffic sent with send(2).
type ProcessIO struct {
	Read       int64 `json:"read"`        // bytes fetched from storage
	Write      int64 `json:"write"`       // bytes sent to storage
	ReadChars  int64 `json:"read_chars"`  // bytes read, from page cache and pipes too
	WriteChars int64 `json:"write_chars"` // bytes written, to page cache and pipes too
	Calls      int64 `json:"calls"`       // read and write system calls
}

// Proc is one process of a tree. Wchan, Call and Target are of the main thread, or of the thread that
// tells most.
type Proc struct {
	PID     int    `json:"pid"`
	Parent  int    `json:"ppid,omitempty"`
	Start   int64  `json:"start,omitempty"` // in clock ticks since boot: with PID, the process's identity
	Name    string `json:"name"`
	Command string `json:"command,omitempty"` // with secrets blotted out; at most 200 bytes
	// State is the kernel's letter: R running, S sleeping, D in uninterruptible wait, T stopped, t traced,
	// Z zombie, I idle.
	State string `json:"state"`
	CPU   int64  `json:"cpu_ms"` // own and reaped children's processor time in milliseconds
	// Wchan is the kernel function it waits in, Call the system call ("read", "poll", "flock"), Target what
	// the call's file descriptor is: "/dev/pts/3", "pipe:[4711]", "socket:[4711]", a path. Empty when it
	// runs or when we may not know.
	Wchan  string `json:"wchan,omitempty"`
	Call   string `json:"call,omitempty"`
	Target string `json:"target,omitempty"`
	// TTY is the controlling terminal ("pts/3"); Foreground: it is in the terminal's foreground group.
	TTY        string `json:"tty,omitempty"`
	Foreground bool   `json:"foreground,omitempty"`
	// Waits says what a process waits for, where it is concrete, as a clause that goes on behind the process's
	// name: "waits for a lock on /var/lib/dpkg/lock held by apt-get (pid 812)", "is stopped (SIGSTOP or ^Z)".
	Waits string `json:"waits,omitempty"`
	// Blocker is the class of Waits; empty when nothing concrete blocks it.
	Blocker Blocker `json:"blocker,omitempty"`
}

// Blocker is a class of concrete hindrance that the kernel shows for one process.
type Blocker string

// The classes of hindrance.
const (
	BlockerInput   Blocker = "input"   // reads from its terminal: somebody must answer
	BlockerOutput  Blocker = "output"  // writes to a terminal that is frozen (^S) or not read
	BlockerPipe    Blocker = "pipe"    // writes into a full pipe whose reader does not read
	BlockerLock    Blocker = "lock"    // waits for a file lock; the holder is named
	BlockerStopped Blocker = "stopped" // SIGSTOP, ^Z, a debugger
	BlockerFrozen  Blocker = "frozen"  // its cgroup is frozen
	BlockerPeer    Blocker = "peer"    // its TCP peer does not answer: retransmitting
	BlockerQuota   Blocker = "quota"   // its cgroup's quota denies it the processor nearly always
	BlockerFull    Blocker = "full"    // writes nothing, and a file that it has open for writing is on a full or read-only file system
	BlockerQueue   Blocker = "queue"   // its manager has accepted it and has not started it: it waits for a slot or a lock
	BlockerStorage Blocker = "storage" // in uninterruptible wait that does not move: a disk or network file system does not answer
)

// OpenFile is a regular file that a process holds open.
type OpenFile struct {
	PID   int    `json:"pid"`
	Path  string `json:"path"`
	Pos   int64  `json:"pos"`             // the descriptor's position in bytes
	Size  int64  `json:"size"`            // the file's size in bytes; -1 when not known
	Write bool   `json:"write,omitempty"` // open for writing
}

// Exit is how a process ended. Known is false when it is gone and nobody could say how.
type Exit struct {
	Known  bool   `json:"known"`
	Code   int    `json:"code,omitempty"`
	Signal string `json:"signal,omitempty"` // "SIGKILL"; empty when it ended by itself
	OOM    bool   `json:"oom,omitempty"`    // the kernel killed it for want of memory
	// Others is how many other processes that match the pattern of the task still run, and none of what the ended
	// one left behind is among them; Other is the pid of the newest. 0: none, or the task names no pattern.
	Others int `json:"others,omitempty"`
	Other  int `json:"other,omitempty"`
}

// Kind returns the kind's name in the session file.
func (Process) Kind() Kind { return KindProcess }

func (Process) sealed() {}
