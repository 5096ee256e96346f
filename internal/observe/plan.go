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
	Finders  []Finder  `json:"finders,omitempty"`
	Services []Service `json:"services,omitempty"`
}

// Finder looks for transfers that run, and makes a task of each: those on a host, or those of a manager of virtual
// machines. What it finds has its deadline and belongs to its group.
type Finder struct {
	Name     string      `json:"name"`              // of the finder; no task or service has it
	Host     string      `json:"host,omitempty"`    // whose transfers; empty: this machine's
	VSphere  *VSphereRef `json:"vsphere,omitempty"` // whose tasks; nil: the host's processes
	Match    string      `json:"match,omitempty"`   // regular expression over command line or entity; empty: all
	Deadline time.Time   `json:"deadline,omitzero"`
	Group    string      `json:"group,omitempty"`
	// Earlier is how what it found in an earlier run went, by the same names: their Name and Baseline are set.
	Earlier []Task `json:"earlier,omitempty"`
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
	Transfer *TransferRef `json:"transfer,omitempty"`
	VSphere  *VSphereRef  `json:"vsphere,omitempty"`
	Libvirt  *LibvirtRef  `json:"libvirt,omitempty"`
	Proxmox  *ProxmoxRef  `json:"proxmox,omitempty"`
	Volumes  []VolumeRef  `json:"volumes,omitempty"` // whose room it needs, beside its transfer's target and its log

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

// TransferRef is a file, a folder or a file system that grows while the task runs.
type TransferRef struct {
	Host string `json:"host,omitempty"` // where Path is; empty: this machine
	Path string `json:"path,omitempty"` // a file or a folder, of any size; a plan always names it
	// Volume: take the growth of the whole file system that Path is on. Others that write there count too.
	Volume bool `json:"volume,omitempty"`

	// At most one of the four is set: how much there is to move.
	Total         int64  `json:"total,omitempty"`          // bytes
	TotalPath     string `json:"total_path,omitempty"`     // its size, on TotalHost
	TotalCommand  string `json:"total_command,omitempty"`  // prints the bytes, or is an rsync --dry-run --stats; runs once on TotalHost
	TotalDatabase string `json:"total_database,omitempty"` // a command that prints the database's size in bytes, made from the task's database key; runs on TotalHost
	TotalHost     string `json:"total_host,omitempty"`     // empty: this machine

	// Ratio is how many bytes the target takes for a byte of the total: 0.3 for what is compressed. 0: 1, or what
	// the run shows.
	Ratio float64  `json:"ratio,omitempty"`
	Every Duration `json:"every,omitempty"` // how often it is looked at; 0: as often as is cheap
}

// VolumeRef is a file system whose room a task needs.
type VolumeRef struct {
	Host string `json:"host,omitempty"` // empty: this machine
	Path string `json:"path"`           // any path on it
	Use  string `json:"use,omitempty"`  // target, temp, log, or in other words what for
	Need int64  `json:"need,omitempty"` // bytes that the task takes there on top of what it moves; 0: not known
}

// VSphereRef names tasks of a vCenter or ESXi host. How to log in stands in no plan that is recorded.
type VSphereRef struct {
	URL    string `json:"url"`              // https://vcenter.example.com, without a user
	Entity string `json:"entity,omitempty"` // name of the virtual machine the task is about; empty: any
	Task   string `json:"task,omitempty"`   // kind: clone, relocate, snapshot, export …, or a task's key; empty: any
}

// LibvirtRef names a job of a virtual machine, asked with virsh on the task's host.
type LibvirtRef struct {
	Domain string `json:"domain"`
	Disk   string `json:"disk,omitempty"` // target of a block job, such as vda; empty: the domain's own job
	URI    string `json:"uri,omitempty"`  // as after virsh -c; empty: virsh's default
}

// ProxmoxRef names a task of a Proxmox node, asked with pvesh on the task's host.
type ProxmoxRef struct {
	Node string `json:"node"`
	Task string `json:"task,omitempty"` // UPID; empty: the newest that runs for VM
	VM   string `json:"vm,omitempty"`   // its number
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
