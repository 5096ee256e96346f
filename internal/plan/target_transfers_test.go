package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
	"ronda/internal/plan"
)

func TestTargetsWithTransfers(t *testing.T) {
	now := time.Date(2026, 11, 28, 22, 0, 0, 0, time.UTC)
	mail1 := observe.Host{Name: "mail1", Address: "root@mail1"}
	for name, c := range map[string]struct {
		args    []string
		opts    plan.AdHoc
		finders []observe.Finder
		hosts   []observe.Host
		tasks   int
	}{
		"this machine": {finders: []observe.Finder{{Name: "transfers on this machine"}}},
		"a host": {
			args: []string{"root@mail1"}, hosts: []observe.Host{mail1},
			finders: []observe.Finder{{Name: "transfers on mail1", Host: "mail1"}},
		},
		"a host with a colon, narrowed, late": {
			args: []string{"root@mail1:"}, hosts: []observe.Host{mail1}, opts: plan.AdHoc{Match: "rsync", Deadline: "23:30", Name: "backups"},
			finders: []observe.Finder{{Name: "backups", Host: "mail1", Match: "rsync", Deadline: now.Add(90 * time.Minute)}},
		},
		"a host twice, and a log elsewhere": {
			args: []string{"root@mail1", "root@mail1:", "/var/log/x.log"}, hosts: []observe.Host{mail1}, tasks: 1,
			finders: []observe.Finder{{Name: "transfers on mail1", Host: "mail1"}},
		},
		"where the log is": {
			args: []string{"root@mail1:/var/log/x.log"}, hosts: []observe.Host{mail1}, tasks: 1,
			finders: []observe.Finder{{Name: "transfers on mail1", Host: "mail1"}},
		},
		"a file that looks like a host": {
			args: []string{"here"}, opts: plan.AdHoc{Exists: func(p string) bool { return p == "here" }}, tasks: 1,
			finders: []observe.Finder{{Name: "transfers on this machine"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.opts.Transfers, c.opts.Now = true, now
			p, err := plan.Targets(c.args, c.opts)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.finders, p.Finders); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.hosts, p.Hosts); diff != "" || len(p.Tasks) != c.tasks {
				t.Errorf("%s; tasks %+v", diff, p.Tasks)
			}
		})
	}
}

func TestTargetsWithTransfersThatCannotBe(t *testing.T) {
	for want, c := range map[string]struct {
		args []string
		opts plan.AdHoc
	}{
		"--pid and --unit name one process": {opts: plan.AdHoc{PID: 7}},
		"cannot be reached":                 {args: []string{"root@-oProxyCommand=x"}},
		"--match":                           {opts: plan.AdHoc{Match: "("}},
		"--deadline":                        {opts: plan.AdHoc{Deadline: "soon"}},
	} {
		c.opts.Transfers, c.opts.Now = true, time.Date(2026, 11, 28, 22, 0, 0, 0, time.UTC)
		_, err := plan.Targets(c.args, c.opts)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q %+v: %v, want %q", c.args, c.opts, err, want)
		}
	}
}
