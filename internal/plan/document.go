package plan

import (
	"reflect"

	"github.com/goccy/go-yaml/ast"
)

// A plan as it stands in YAML. These structs are the one list of keys there is: the walker takes from them
// what is known, and the schema its names and descriptions.

type document struct {
	section
	Title     text            `yaml:"title"    jsonschema_description:"What the night is about; the first thing on the screen."`
	Window    *window         `yaml:"window"   jsonschema_description:"The time in which the work may be done."`
	Hosts     map[string]host `yaml:"hosts"    jsonschema_description:"The machines that something is watched on, by the names used in this plan. The name local is this machine and is not listed."`
	Tasks     []task          `yaml:"tasks"    jsonschema_description:"The pieces of work. Each has one verdict."`
	Services  []service       `yaml:"services" jsonschema_description:"What is asked at an interval whether it is well."`
	Transfers []finder        `yaml:"transfers" jsonschema_description:"Where copies, dumps and backups are looked for: each that runs there, or that is started later, becomes a task."`
	Alerts    *alerts         `yaml:"alerts"   jsonschema_description:"Who is told, and of what. Not done yet."`
	Baseline  text            `yaml:"baseline" jsonschema_description:"Session file of a rehearsal, or of the last time, that the tasks are compared with. A relative path is relative to the plan."`
}

type window struct {
	section
	Start    moment `yaml:"start"    jsonschema_description:"When the work may begin."`
	End      moment `yaml:"end"      jsonschema_description:"When all must be done."`
	Rollback span   `yaml:"rollback" jsonschema_description:"How long it takes to go back: the decision must fall that long before the end."`
}

type host struct {
	section
	SSH  text `yaml:"ssh"  jsonschema_description:"As after ssh: [user@]host[:port], or a Host alias of ssh_config. Without it the name itself."`
	Jump text `yaml:"jump" jsonschema_description:"As after ssh -J: hosts to go through, separated by commas."`
}

type task struct {
	section
	Name   text `yaml:"name"   jsonschema:"required" jsonschema_description:"What it is called on the screen; no other task has this name."`
	Host   text `yaml:"host"   jsonschema_description:"Where it runs: a name of hosts. It holds for the paths that name no host. Without it, or with local: this machine."`
	After  text `yaml:"after"  jsonschema_description:"The task that must have ended before this one starts."`
	Recipe text `yaml:"recipe" jsonschema_description:"What kind of upgrade it is: a name from ronda recipes."`

	Log      text      `yaml:"log"      jsonschema_description:"Path of the log, or HOST:path; - is standard input."`
	Process  *process  `yaml:"process"  jsonschema_description:"The process that does the work. Without it, the one that writes the log."`
	Progress progress  `yaml:"progress" jsonschema_description:"Regular expressions over log lines with groups named done, total, unit, percent or phase; or a command that tells how far the work is."`
	Transfer *transfer `yaml:"transfer" jsonschema_description:"A copy, dump or backup that is watched by how its target grows."`
	Database *database `yaml:"database" jsonschema_description:"The database that does the work, to be asked about its own progress. Not done yet: give the task a log, process or progress command too."`

	Volumes []volume `yaml:"volumes" jsonschema_description:"File systems whose room it needs beside those of its transfer and its log: a path each, or a path with what it is for."`
	VSphere *vsphere `yaml:"vsphere" jsonschema_description:"A task of a vCenter or ESXi host: a clone, a relocation, a snapshot, an export."`
	Libvirt *libvirt `yaml:"libvirt" jsonschema_description:"A job of a virtual machine of libvirt: a migration, a save, a dump, a backup, or the copy of a disk. Asked with virsh on the task's host."`
	Proxmox *proxmox `yaml:"proxmox" jsonschema_description:"A task of a Proxmox node: a clone, a backup, a migration, a restore. Asked with pvesh on the task's host."`

	Expect   span   `yaml:"expect"   jsonschema_description:"How long it should take."`
	Quiet    span   `yaml:"quiet"    jsonschema_description:"How long it may be silent while it works."`
	Stall    span   `yaml:"stall"    jsonschema_description:"How long it may stand still before it counts as stalled. Without it this is learned from the task."`
	Fresh    span   `yaml:"fresh"    jsonschema_description:"Silence up to this counts as progress. Without it this is learned from the task."`
	Loop     span   `yaml:"loop"     jsonschema_description:"How long its log may say the same few things before it counts as a loop."`
	Deadline moment `yaml:"deadline" jsonschema_description:"When it must have ended."`
	Planned  moment `yaml:"planned"  jsonschema_description:"When it should start."`

	Group    text `yaml:"group"    jsonschema_description:"What it shares with other tasks: a volume, a link, an array. Tasks of one group are added up. Without it those on the same host are."`
	Baseline text `yaml:"baseline" jsonschema_description:"Session file of an earlier run of this task to compare it with. A relative path is relative to the plan."`

	Done   patterns `yaml:"done"   jsonschema_description:"Regular expressions, over the line and over the line without its time stamp: it says that the job has succeeded; end it with $ where other lines begin alike. When its process goes without such a line, it has failed."`
	Fail   patterns `yaml:"fail"   jsonschema_description:"Regular expressions: this line says that it has failed."`
	Phase  patterns `yaml:"phase"  jsonschema_description:"Regular expressions: a phase begins. Its name is the group phase, or the first group, or the match."`
	Prompt patterns `yaml:"prompt" jsonschema_description:"Regular expressions: it waits for a person."`
	Ignore patterns `yaml:"ignore" jsonschema_description:"Regular expressions: lines that say nothing."`
}

type process struct {
	section
	Match   pattern `yaml:"match"   jsonschema:"oneof_required=match"   jsonschema_description:"Regular expression over the command line."`
	PID     whole   `yaml:"pid"     jsonschema:"oneof_required=pid"     jsonschema_description:"Process id."`
	PIDFile text    `yaml:"pidfile" jsonschema:"oneof_required=pidfile" jsonschema_description:"Path of a file that holds the process id."`
	Unit    text    `yaml:"unit"    jsonschema:"oneof_required=unit"    jsonschema_description:"Systemd unit."`
}

// progress is either patterns over log lines or a command.
type progress struct {
	place
	patterns patterns
	command  *command
}

func (p *progress) read(w *walker, n ast.Node, key string) {
	p.place = where(n)
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		p.command = &command{}
		w.mapping(n, reflect.ValueOf(p.command).Elem(), key)
	default:
		p.patterns.read(w, n, key)
	}
}

type command struct {
	section
	Command text    `yaml:"command" jsonschema:"required" jsonschema_description:"Command line for the shell; its answer tells how far the work is. It must only ask, never change anything."`
	Host    text    `yaml:"host"    jsonschema_description:"Where it runs. Without it the task's host; local is this machine."`
	Every   span    `yaml:"every"   jsonschema_description:"How often it is asked; 10s without it."`
	Pattern pattern `yaml:"pattern" jsonschema_description:"Regular expression over the answer with groups named done, total, unit, percent or phase."`
	Done    text    `yaml:"done"    jsonschema_description:"JSON path into the answer, such as job.items[0].done."`
	Total   text    `yaml:"total"   jsonschema:"oneof_type=string;number" jsonschema_description:"JSON path into the answer, or a plain number."`
	Phase   text    `yaml:"phase"   jsonschema_description:"JSON path into the answer."`
	Unit    text    `yaml:"unit"    jsonschema_description:"What is counted: bytes, rows, files, percent."`
}

type transfer struct {
	section
	Path   text `yaml:"path"   jsonschema:"required" jsonschema_description:"The file or folder that grows, or HOST:path; it need not be there yet."`
	Volume flag `yaml:"volume" jsonschema_description:"Take the growth of the whole file system that path is on. What others write there counts too."`

	Total         size `yaml:"total"          jsonschema_description:"How many bytes there are to move, such as 120GB."`
	TotalFrom     text `yaml:"total_from"     jsonschema_description:"The file or folder that is copied, or HOST:path: its size is the total. It is counted once."`
	TotalCommand  text `yaml:"total_command"  jsonschema_description:"Command line for the shell of the task's host that prints the number of bytes, or is an rsync with --dry-run --stats. It runs once, and must only ask, never change anything."`
	TotalDatabase flag `yaml:"total_database" jsonschema_description:"The size of the task's database is the total: its client is asked on the task's host."`

	Ratio factor `yaml:"ratio" jsonschema_description:"How many bytes the target takes for one byte of the total, such as 0.3 for what is compressed."`
	Every span   `yaml:"every" jsonschema_description:"How often it is looked at; as often as is cheap without it."`
}

// finder says where transfers are looked for.
type finder struct {
	section
	Name     text     `yaml:"name"     jsonschema_description:"What it is called; no other entry of the plan has this name."`
	Host     text     `yaml:"host"     jsonschema_description:"Where they run: a name of hosts. Without it, or with local: this machine."`
	VSphere  *vsphere `yaml:"vsphere" jsonschema_description:"Whose tasks: a vCenter or ESXi host, reached from host. Without it the host's processes."`
	Match    pattern  `yaml:"match"    jsonschema_description:"Regular expression over the command line, or the virtual machine's name; without it all are taken."`
	Deadline moment   `yaml:"deadline" jsonschema_description:"When each must have ended."`
	Group    text     `yaml:"group"    jsonschema_description:"What they share: a volume, a link, an array. Without it those on the same host are taken together."`
}

type vsphere struct {
	section
	URL             text `yaml:"url"              jsonschema:"required" jsonschema_description:"Address of the vCenter or ESXi host, such as https://vcenter.example.com, without a user. It is reached from the task's host."`
	User            text `yaml:"user"             jsonschema_description:"Who logs in; the role Read-only is enough. Said once it holds for all that name this address, and so do the password and the fingerprint."`
	PasswordEnv     text `yaml:"password_env"     jsonschema_description:"Environment variable of ronda that holds the password. Without it and password_command the password is asked for at the start."`
	PasswordCommand text `yaml:"password_command" jsonschema_description:"Command on this machine that prints the password."`
	Entity          text `yaml:"entity"           jsonschema_description:"Name of the virtual machine that the task is about, or of the one that it makes. Without it: any."`
	Task            text `yaml:"task"             jsonschema_description:"Kind of the task: clone, relocate, migrate, snapshot, consolidate, promote, export, import, copy; or its key. Without it: any that moves data."`
	Fingerprint     text `yaml:"fingerprint"      jsonschema_description:"SHA-256 fingerprint of the certificate; no other is taken. Without it a certificate that this machine does not trust is shown and asked for."`
}

type libvirt struct {
	section
	Domain text `yaml:"domain" jsonschema:"required" jsonschema_description:"Name, id or UUID of the virtual machine."`
	Disk   text `yaml:"disk"   jsonschema_description:"Target of the disk whose block job is meant, such as vda. Without it the machine's own job: a migration, save, dump or backup."`
	URI    text `yaml:"uri"    jsonschema_description:"As after virsh -c, such as qemu:///system. Without it virsh's default."`
}

type proxmox struct {
	section
	Node text `yaml:"node" jsonschema_description:"Name of the node that runs the task; not needed with task."`
	Task text `yaml:"task" jsonschema_description:"The task's UPID. Without it the newest that runs for vm."`
	VM   text `yaml:"vm"   jsonschema:"oneof_type=string;integer" jsonschema_description:"Number of the virtual machine or container."`
}

type database struct {
	section
	MySQL           text `yaml:"mysql"            jsonschema:"oneof_required=mysql"    jsonschema_description:"MariaDB or MySQL: unix:/path/to/socket or host:port."`
	Postgres        text `yaml:"postgres"         jsonschema:"oneof_required=postgres" jsonschema_description:"PostgreSQL: unix:/directory/of/the/socket or host:port."`
	User            text `yaml:"user"             jsonschema_description:"Database user."`
	Name            text `yaml:"name"             jsonschema_description:"Database to connect to."`
	PasswordEnv     text `yaml:"password_env"     jsonschema_description:"Environment variable of ronda that holds the password."`
	PasswordCommand text `yaml:"password_command" jsonschema_description:"Command on this machine that prints the password."`
}

type service struct {
	section
	Name    text    `yaml:"name"    jsonschema:"required" jsonschema_description:"What it is called on the screen; no other service has this name."`
	From    text    `yaml:"from"    jsonschema_description:"Host that it is asked from. Without it, or with local: this machine."`
	HTTP    text    `yaml:"http"    jsonschema:"oneof_required=http"    jsonschema_description:"URL to get."`
	TCP     text    `yaml:"tcp"     jsonschema:"oneof_required=tcp"     jsonschema_description:"host:port to connect to."`
	TLS     text    `yaml:"tls"     jsonschema:"oneof_required=tls"     jsonschema_description:"host:port to make a TLS handshake with."`
	Command text    `yaml:"command" jsonschema:"oneof_required=command" jsonschema_description:"Command line for the shell. It must only ask, never change anything."`
	Unit    text    `yaml:"unit"    jsonschema:"oneof_required=unit"    jsonschema_description:"Systemd unit that must be active."`
	Expect  *expect `yaml:"expect"  jsonschema_description:"What the answer must be like."`
	Every   span    `yaml:"every"   jsonschema_description:"How often it is asked; 10s without it."`
	Timeout span    `yaml:"timeout" jsonschema_description:"How long an answer may take; 5s without it."`
	After   text    `yaml:"after"   jsonschema_description:"The task after whose end the service is expected to be up."`
}

type expect struct {
	section
	Status whole   `yaml:"status" jsonschema_description:"HTTP status; without it any below 400."`
	Body   pattern `yaml:"body"   jsonschema_description:"Regular expression over the first 64 KiB of the body."`
	Banner pattern `yaml:"banner" jsonschema_description:"Regular expression over what a TCP server says first."`
	Exit   whole   `yaml:"exit"   jsonschema_description:"Exit code of the command; 0 without it."`
	Output pattern `yaml:"output" jsonschema_description:"Regular expression over the command's output."`
	Days   whole   `yaml:"days"   jsonschema_description:"The certificate must hold at least so many days more."`
}

type alerts struct {
	section
	Bell    flag   `yaml:"bell"    jsonschema_description:"Ring the terminal's bell."`
	Desktop flag   `yaml:"desktop" jsonschema_description:"Show a notification on the desktop."`
	To      []text `yaml:"to"      jsonschema_description:"URLs that are told: ntfy://, https://, mailto:. Put them in quotes."`
	On      events `yaml:"on"      jsonschema_description:"What they are told of."`
}
