package plan

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"ronda/internal/observe"
	"ronda/internal/recipe"
)

// AdHoc are the flags that go with targets on a command line. The zero value of each means not given.
type AdHoc struct {
	PID   int    // the process that does the work; with Match and Unit at most one is set
	Match string // regular expression over its command line
	Unit  string // systemd unit

	// Transfers: find every copy that runs on the hosts that are named without a path. Match narrows them then.
	Transfers bool

	Checks []string // http://…, https://…, tcp://host:port, tls://host:port, cmd:…, unit:…

	Quiet    time.Duration
	Expect   time.Duration
	Deadline string // a moment as in a plan: 02:00, or with its date
	Name     string // of the task; only with one target

	Now      time.Time      // times of day are resolved against it
	Location *time.Location // nil: Now's
	Recipes  *recipe.Set    // a log at a recipe's usual path gets that recipe; nil: none
	// Exists tells whether something is at a path of this machine. It is asked of a target that may be a host
	// without a path; nil: such a target is a file.
	Exists func(path string) bool
}

// IsPlan tells whether an argument is the name of a plan: a local file ending in .yaml or .yml.
func IsPlan(arg string) bool {
	host, p := splitPath(arg)
	ext := strings.ToLower(path.Ext(p))
	return host == "" && !strings.Contains(arg, "://") && (ext == ".yaml" || ext == ".yml")
}

// Targets makes a plan of the arguments of a command line: /path, relative/path, [user@]host:/path,
// ssh://[user@]host[:port]/path, and - for standard input. host: without a path watches only the process
// that the flags name, or, with Transfers, the copies that run there. A task is named after what it watches. The error tells of every argument that cannot
// be watched, one sentence each.
func Targets(args []string, opts AdHoc) (observe.Plan, error) {
	t := targets{opts: opts, names: map[string]bool{}, services: map[string]bool{}}
	if t.opts.Location == nil {
		t.opts.Location = opts.Now.Location()
	}
	ref := t.process()
	if opts.Transfers {
		args, ref = t.finders(args, ref), nil
	}
	if ref != nil && len(args) > 1 {
		t.fail("--pid, --match and --unit belong to one target, here are %d: write a plan (ronda init)", len(args))
	}
	if holdsSecret(opts.Name) {
		t.fail("--name seems to hold a password or token, and the session is recorded: choose another")
	} else if opts.Name != "" && len(args) > 1 {
		t.fail("--name %q belongs to one target, here are %d: write a plan (ronda init)", opts.Name, len(args))
	}
	if ref != nil && len(args) == 0 {
		t.task("", "", ref)
	}
	for _, arg := range args {
		t.target(arg, ref)
	}
	for _, c := range opts.Checks {
		t.check(c)
	}
	if len(args)+len(opts.Checks)+len(t.plan.Finders) == 0 && ref == nil {
		t.fail("there is nothing to watch: name a log ([user@]host:/path, /path or -) or a plan.yaml")
	}
	return t.plan, errors.Join(t.errs...)
}

// matchInstead says what to do about a secret in a pattern over command lines.
const matchInstead = "match another part of the command line, such as the program's name"

type targets struct {
	opts            AdHoc
	plan            observe.Plan
	errs            []error
	names, services map[string]bool
}

func (t *targets) fail(format string, args ...any) {
	t.errs = append(t.errs, errors.New(printable(fmt.Sprintf(format, args...))))
}

// process returns the process that the flags name; nil when they name none.
func (t *targets) process() *observe.ProcessRef {
	var given []string
	if t.opts.PID != 0 {
		given = append(given, "--pid")
		if t.opts.PID < 0 {
			t.fail("--pid %d is not a process id: give the number that ps shows", t.opts.PID)
		}
	}
	if t.opts.Match != "" {
		given = append(given, "--match")
		if holdsSecret(t.opts.Match) {
			t.fail("--match seems to hold a password or token, and the session is recorded: %s", matchInstead)
		} else if msg, hint := badPattern(t.opts.Match); msg != "" {
			t.fail("--match: %s: %s", msg, hint)
		}
	}
	if t.opts.Unit != "" {
		given = append(given, "--unit")
	}
	switch len(given) {
	case 0:
		return nil
	case 1:
	default:
		t.fail("%s all name the process: keep one of them", strings.Join(given, " and "))
	}
	return &observe.ProcessRef{PID: t.opts.PID, Match: t.opts.Match, Unit: t.opts.Unit}
}

func (t *targets) target(arg string, ref *observe.ProcessRef) {
	switch {
	case arg == "":
		t.fail("an empty target: name a log as [user@]host:/path, /path or -")
		return
	case strings.ContainsFunc(arg, func(r rune) bool { return r < ' ' || r == 0x7f }):
		t.fail("%q holds control characters: give the path as ls shows it", arg)
		return
	case IsPlan(arg):
		t.fail("%q is a plan: give it alone, without other targets", arg)
		return
	case strings.HasPrefix(arg, "http://"), strings.HasPrefix(arg, "https://"), strings.HasPrefix(arg, "tcp://"), strings.HasPrefix(arg, "tls://"):
		t.fail("%s is a service, not a log: give it as --check", cutSecret(arg))
		return
	}
	address, name, file, err := splitTarget(arg)
	if err == nil {
		err = checkFile(arg, address, file, ref)
	}
	if err == nil && address == "" {
		err = t.noHost(file, ref)
	}
	if err != nil {
		t.fail("%v", err)
		return
	}
	if address != "" {
		name = t.host(address, name)
	}
	t.task(name, file, ref)
}

// host returns the name of the host with that address, which is added when it is new. Two addresses of one
// host, by different users or ports, are two hosts.
func (t *targets) host(address, host string) string {
	for _, h := range t.plan.Hosts {
		if h.Address == address {
			return h.Name
		}
	}
	for _, h := range t.plan.Hosts {
		if h.Name == host {
			host = address
			break
		}
	}
	t.plan.Hosts = append(t.plan.Hosts, observe.Host{Name: host, Address: address})
	return host
}

func (t *targets) task(host, file string, ref *observe.ProcessRef) {
	what := watched(file, ref)
	if host != "" {
		what += "@" + host
	}
	task := observe.Task{
		Name: unique(t.names, cmp.Or(t.opts.Name, what)), Host: host, Log: file, Process: ref,
		Quiet: observe.Duration(t.opts.Quiet), Expect: observe.Duration(t.opts.Expect),
	}
	if file == "-" {
		for _, other := range t.plan.Tasks {
			if other.Log == "-" {
				t.fail("- is given twice: standard input can be read once")
				return
			}
		}
	}
	task.Deadline = t.deadline()
	if t.opts.Quiet < 0 || t.opts.Expect < 0 {
		t.fail("--quiet and --expect must be more than zero: use a number and a unit, such as 45m")
	}
	if t.opts.Recipes != nil && file != "" {
		if r, ok := t.opts.Recipes.ForLog(file); ok {
			task.Recipe, task.Patterns = r.Name, r.Patterns
			if task.Quiet == 0 {
				task.Quiet = observe.Duration(r.Quiet)
			}
		}
	}
	t.plan.Tasks = append(t.plan.Tasks, task)
}

// deadline is the moment that --deadline names; what is wrong with it is said once.
func (t *targets) deadline() time.Time {
	if t.opts.Deadline == "" {
		return time.Time{}
	}
	c := clock{now: t.opts.Now, loc: t.opts.Location}
	at, err := c.moment(t.opts.Deadline)
	if err != nil && len(t.plan.Tasks)+len(t.plan.Finders) == 0 {
		t.fail("--deadline: %v: use %s", err, momentHint)
	}
	return utc(at)
}

// watched names what a task watches, in a few characters.
func watched(file string, ref *observe.ProcessRef) string {
	switch {
	case file == "-":
		return "stdin"
	case file != "":
		return path.Base(strings.ReplaceAll(file, `\`, "/"))
	case ref.PID != 0:
		return fmt.Sprintf("pid %d", ref.PID)
	case ref.Unit != "":
		return ref.Unit
	}
	return shorten(ref.Match)
}

// shorten cuts a text to what fits a name.
func shorten(s string) string {
	const limit = 40
	if r := []rune(s); len(r) > limit {
		return string(r[:limit-1]) + "…"
	}
	return s
}

// unique returns name, or name with a number that makes it so.
func unique(taken map[string]bool, name string) string {
	out := name
	for n := 2; taken[out]; n++ {
		out = fmt.Sprintf("%s (%d)", name, n)
	}
	taken[out] = true
	return out
}
