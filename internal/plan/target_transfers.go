package plan

import (
	"cmp"
	"slices"

	"ronda/internal/observe"
)

// finders takes the hosts out of the arguments, adds a finder of transfers for each, and returns the other
// arguments. Where no host is named, the hosts of the other targets are looked at; without any target this machine.
func (t *targets) finders(args []string, ref *observe.ProcessRef) []string {
	if ref != nil && ref.Match == "" {
		t.fail("--pid and --unit name one process, and --transfers finds all copies: keep one of them, or narrow --transfers with --match")
		ref = nil
	}
	var hosts, rest []string
	for _, arg := range args {
		host, ok := t.hostAlone(arg)
		switch {
		case !ok:
			rest = append(rest, arg)
		case host != "":
			hosts = append(hosts, host)
		}
	}
	if len(hosts) == 0 && len(rest) == len(args) {
		hosts = t.hostsOf(rest)
	}
	slices.Sort(hosts)
	for _, host := range slices.Compact(hosts) {
		f := observe.Finder{Name: "transfers on " + machine(host), Host: host, Deadline: t.deadline()}
		if ref != nil {
			f.Match = ref.Match
		}
		if len(rest) == 0 && len(hosts) == 1 {
			f.Name = cmp.Or(t.opts.Name, f.Name)
		}
		f.Name = unique(t.names, f.Name)
		t.plan.Finders = append(t.plan.Finders, f)
	}
	return rest
}

// hostAlone tells whether an argument is a host without a path, and returns its name in the plan; "" where it is one
// that cannot be, which is said then.
func (t *targets) hostAlone(arg string) (name string, ok bool) {
	address, name, file, err := splitTarget(arg)
	switch {
	case err != nil, arg == "-", IsPlan(arg):
		return "", false
	case address != "" && (file == "" || file == "/"):
		return t.host(address, name), true
	case address != "" || !looksLikeHost(file) || t.opts.Exists != nil && t.opts.Exists(file):
		return "", false
	}
	address, name, _, err = splitTarget(file + ":")
	if err != nil {
		t.fail("%v", err)
		return "", true
	}
	return t.host(address, name), true
}

// hostsOf are the hosts that targets name; this machine where there are none.
func (t *targets) hostsOf(args []string) []string {
	if len(args) == 0 {
		return []string{""}
	}
	var hosts []string
	for _, arg := range args {
		address, name, _, err := splitTarget(arg)
		switch {
		case err != nil: // said where the target is read
		case address == "":
			hosts = append(hosts, "")
		default:
			hosts = append(hosts, t.host(address, name))
		}
	}
	return hosts
}
