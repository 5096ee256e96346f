package plan_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ronda/internal/observe"
	"ronda/internal/plan"
	"ronda/internal/recipe"
)

func TestTargets(t *testing.T) {
	type hosts = []observe.Host
	tests := []struct {
		name  string
		args  []string
		opts  plan.AdHoc
		hosts hosts
		tasks []observe.Task
	}{
		{
			name: "a log on a host", args: []string{"root@mail1.example.com:/opt/zimbra/log/zmsetup.x"},
			hosts: hosts{{Name: "mail1.example.com", Address: "root@mail1.example.com"}},
			tasks: []observe.Task{{Name: "zmsetup.x@mail1.example.com", Host: "mail1.example.com", Log: "/opt/zimbra/log/zmsetup.x"}},
		},
		{
			name: "an alias, a file here, a relative one, standard input",
			args: []string{"mail1:/l/a.log", "/l/b.log", "c.log", "-", "with/colon.log", "./has:colon"},
			hosts: hosts{
				{Name: "mail1", Address: "mail1"},
			},
			tasks: []observe.Task{
				{Name: "a.log@mail1", Host: "mail1", Log: "/l/a.log"},
				{Name: "b.log", Log: "/l/b.log"},
				{Name: "c.log", Log: "c.log"},
				{Name: "stdin", Log: "-"},
				{Name: "colon.log", Log: "with/colon.log"},
				{Name: "has:colon", Log: "./has:colon"},
			},
		},
		{
			name: "the same name twice, one host for two logs, two users on one host",
			args: []string{"m1:/a/x.log", "m1:/b/x.log", "root@m1:/a/x.log"},
			hosts: hosts{
				{Name: "m1", Address: "m1"},
				{Name: "root@m1", Address: "root@m1"},
			},
			tasks: []observe.Task{
				{Name: "x.log@m1", Host: "m1", Log: "/a/x.log"},
				{Name: "x.log@m1 (2)", Host: "m1", Log: "/b/x.log"},
				{Name: "x.log@root@m1", Host: "root@m1", Log: "/a/x.log"},
			},
		},
		{
			name: "IPv6", args: []string{"[fe80::1]:/x.log", "root@[::1]:/y.log", "/z[1]:2.log"},
			hosts: hosts{{Name: "fe80::1", Address: "[fe80::1]"}, {Name: "::1", Address: "root@[::1]"}},
			tasks: []observe.Task{
				{Name: "x.log@fe80::1", Host: "fe80::1", Log: "/x.log"},
				{Name: "y.log@::1", Host: "::1", Log: "/y.log"},
				{Name: "z[1]:2.log", Log: "/z[1]:2.log"},
			},
		},
		{
			name: "a URL with a port", args: []string{"ssh://ops@mail1:2222/var/log/x.log", "ssh://[::1]:22/y"},
			hosts: hosts{{Name: "mail1", Address: "ops@mail1:2222"}, {Name: "::1", Address: "[::1]:22"}},
			tasks: []observe.Task{
				{Name: "x.log@mail1", Host: "mail1", Log: "/var/log/x.log"},
				{Name: "y@::1", Host: "::1", Log: "/y"},
			},
		},
		{
			name: "Windows", args: []string{`C:\Temp\x.log`},
			tasks: []observe.Task{{Name: "x.log", Log: `C:\Temp\x.log`}},
		},
		{
			name: "flags", args: []string{"m1:/x.log"},
			opts: plan.AdHoc{
				Match: "apt-get", Quiet: time.Minute, Expect: time.Hour, Deadline: "02:00", Name: "the upgrade",
			},
			hosts: hosts{{Name: "m1", Address: "m1"}},
			tasks: []observe.Task{{
				Name: "the upgrade", Host: "m1", Log: "/x.log", Process: &observe.ProcessRef{Match: "apt-get"},
				Quiet: observe.Duration(time.Minute), Expect: observe.Duration(time.Hour), Deadline: at(29, 2, 0),
			}},
		},
		{
			name: "only a process there", args: []string{"m1:"}, opts: plan.AdHoc{Unit: "x.service"},
			hosts: hosts{{Name: "m1", Address: "m1"}},
			tasks: []observe.Task{{Name: "x.service@m1", Host: "m1", Process: &observe.ProcessRef{Unit: "x.service"}}},
		},
		{
			name: "only a process here", opts: plan.AdHoc{PID: 4711},
			tasks: []observe.Task{{Name: "pid 4711", Process: &observe.ProcessRef{PID: 4711}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.opts.Now = evening()
			p, err := plan.Targets(tt.args, tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(observe.Plan{Hosts: tt.hosts, Tasks: tt.tasks}, p, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTargetRecipe(t *testing.T) {
	set, err := recipe.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Targets([]string{"m1:/opt/zimbra/log/zmsetup.log", "m1:/var/log/messages"}, plan.AdHoc{Now: evening(), Recipes: set})
	if err != nil {
		t.Fatal(err)
	}
	if p.Tasks[0].Recipe != "zimbra" || len(p.Tasks[0].Patterns.Done) == 0 || p.Tasks[0].Quiet == 0 {
		t.Errorf("the usual log of zimbra: %+v", p.Tasks[0])
	}
	if p.Tasks[1].Recipe != "" {
		t.Errorf("any other log got the recipe %s", p.Tasks[1].Recipe)
	}
}

func TestChecks(t *testing.T) {
	p, err := plan.Targets(nil, plan.AdHoc{Now: evening(), Checks: []string{
		"https://mail1.example.com/", "tcp://mail1:25", "tls://[::1]:443", "cmd:  pg_isready -q", "unit:x.service", "tcp:mail1:25",
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := []observe.Service{
		{Name: "mail1.example.com", HTTP: "https://mail1.example.com/"},
		{Name: "mail1:25", TCP: "mail1:25"},
		{Name: "[::1]:443", TLS: "[::1]:443"},
		{Name: "pg_isready -q", Command: "  pg_isready -q"},
		{Name: "x.service", Unit: "x.service"},
		{Name: "mail1:25 (2)", TCP: "mail1:25"},
	}
	if diff := cmp.Diff(want, p.Services); diff != "" {
		t.Error(diff)
	}
}

// TestTargetErrors reads every refusal: what, where, what to try.
func TestTargetErrors(t *testing.T) {
	tests := []struct {
		args []string
		opts plan.AdHoc
		want string
	}{
		{nil, plan.AdHoc{}, "there is nothing to watch: name a log ([user@]host:/path, /path or -) or a plan.yaml"},
		{[]string{""}, plan.AdHoc{}, "an empty target: name a log as [user@]host:/path, /path or -"},
		{[]string{"m1:var/log/x"}, plan.AdHoc{}, `m1:var/log/x: "var/log/x" is relative, but on another machine a path must begin with a slash: did you mean m1:/var/log/x?`},
		{[]string{"m1:~/x"}, plan.AdHoc{}, "m1:~/x: the shell did not expand ~: write the path from / on"},
		{[]string{"m1:"}, plan.AdHoc{}, "m1: names no log: write m1:/path/to/log, or add --pid, --match or --unit"},
		{[]string{"m1:/"}, plan.AdHoc{}, "m1:/ names no log: write m1:/path/to/log, or add --pid, --match or --unit"},
		{[]string{"/var/log/"}, plan.AdHoc{}, "/var/log/ is a folder: name the log in it"},
		{[]string{":/x"}, plan.AdHoc{}, `":/x" names no host before the colon: write host:/path, or ./:/x for a file of that name`},
		{[]string{"-oProxyCommand=x:/l"}, plan.AdHoc{}, `-oProxyCommand=x:/l cannot be reached: "-oProxyCommand=x" would be taken for an option: write [user@]host:/path`},
		{[]string{"@m1:/l"}, plan.AdHoc{}, `@m1:/l cannot be reached: "@m1" is not an address: write [user@]host:/path`},
		{[]string{"https://h/x"}, plan.AdHoc{}, "https://h/x is a service, not a log: give it as --check"},
		{[]string{"https://u:hunter2@h/?k=hunter2"}, plan.AdHoc{}, "https://…@h/?… is a service, not a log: give it as --check"},
		{[]string{"ssh://u:hunter2@h/x"}, plan.AdHoc{}, "ssh://…@h/x holds a password: leave it out, ronda asks when it is needed"},
		{[]string{"a\x1b[31m"}, plan.AdHoc{}, `"a\x1b[31m" holds control characters: give the path as ls shows it`},
		{[]string{"/l", "night.yaml"}, plan.AdHoc{}, `"night.yaml" is a plan: give it alone, without other targets`},
		{[]string{"-", "-"}, plan.AdHoc{}, "- is given twice: standard input can be read once"},
		{[]string{"/a", "/b"}, plan.AdHoc{PID: 1}, "--pid, --match and --unit belong to one target, here are 2: write a plan (ronda init)"},
		{[]string{"/a", "/b"}, plan.AdHoc{Name: "x"}, `--name "x" belongs to one target, here are 2: write a plan (ronda init)`},
		{[]string{"/a"}, plan.AdHoc{PID: 1, Unit: "u"}, "--pid and --unit all name the process: keep one of them"},
		{[]string{"/a"}, plan.AdHoc{PID: -1}, "--pid -1 is not a process id: give the number that ps shows"},
		{[]string{"/a"}, plan.AdHoc{Match: "("}, `--match: "(" is not a regular expression: missing closing ): (: a backslash before ( ) [ ] { } . * + ? | ^ $ makes it an ordinary character`},
		{[]string{"/a"}, plan.AdHoc{Match: "x.*password=hunter2("}, "--match seems to hold a password or token, and the session is recorded: match another part of the command line, such as the program's name"},
		{[]string{"/a"}, plan.AdHoc{Name: "x password=hunter2"}, "--name seems to hold a password or token, and the session is recorded: choose another"},
		{[]string{"root:hunter2@m1"}, plan.AdHoc{}, "root:…@m1 holds a password: leave it out, ronda asks when it is needed"},
		{[]string{"/a"}, plan.AdHoc{Deadline: "soon"}, `--deadline: "soon" is not a time: use a time of day such as 23:00, or a date and time such as 2026-11-28T23:00:00+07:00 or "2026-11-28 23:00"`},
		{[]string{"/a"}, plan.AdHoc{Quiet: -1}, "--quiet and --expect must be more than zero: use a number and a unit, such as 45m"},
		{nil, plan.AdHoc{Checks: []string{"ping:h"}}, `--check "ping:h" is not known: write http://…, https://…, tcp://host:port, tls://host:port, cmd:COMMAND or unit:UNIT`},
		{nil, plan.AdHoc{Checks: []string{"tcp://h"}}, `--check tcp://h: "h" is not host:port: write it like tcp://mail1.example.com:25`},
		{nil, plan.AdHoc{Checks: []string{"http://"}}, "--check http://: the URL names no host: write it like https://mail1.example.com/"},
		{nil, plan.AdHoc{Checks: []string{"cmd: "}}, "--check cmd: : nothing stands after the colon"},
		{nil, plan.AdHoc{Checks: []string{"https://h/?token=hunter2"}}, "--check https:… seems to hold a password or token, and the session is recorded: let a command read it from a file that only you can read"},
		{[]string{"m1:x", "n1:y"}, plan.AdHoc{}, `m1:x: "x" is relative, but on another machine a path must begin with a slash: did you mean m1:/x?` + "\n" +
			`n1:y: "y" is relative, but on another machine a path must begin with a slash: did you mean n1:/y?`},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " ")+tt.want[:10], func(t *testing.T) {
			tt.opts.Now = evening()
			_, err := plan.Targets(tt.args, tt.opts)
			if err == nil {
				t.Fatal("it was accepted")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestHostWithoutPath: a host without a path is no file that will come one day, unless the name is written as
// one or is one.
func TestHostWithoutPath(t *testing.T) {
	here := func(path string) bool { return path == "console" || path == "a@b" || path == "x.y.example.com" }
	const said = "%s is no file here: for a log on that host write %s:/path/to/log, for a file that is to come ./%s"
	tests := []struct {
		arg   string
		opts  plan.AdHoc
		wrong string
	}{
		{arg: "t1", wrong: said},
		{arg: "root@127.0.0.1", wrong: said},
		{arg: "10.0.0.7", wrong: said},
		{arg: "mail1.example.com", wrong: said},
		{
			arg: "t1", opts: plan.AdHoc{Match: "zmsetup"},
			wrong: "%s is no file here: for a log on that host write %s:/path/to/log, for the process alone %s:, for a file that is to come ./%s",
		},
		{arg: "./t1"},
		{arg: "logs/t1"},
		{arg: "/t1"},
		{arg: "-"},
		{arg: "t1:/l"},
		{arg: `C:\t1`},
		{arg: "console"},
		{arg: "a@b"},
		{arg: "x.y.example.com"},
		{arg: "new.log"},
		{arg: "zmsetup.x"},
		{arg: "upgrade.2026.log"},
		{arg: "zmsetup.20261122-010000.log"},
		{arg: "app.2026.11.24"},
	}
	for _, tt := range tests {
		tt.opts.Now, tt.opts.Exists = evening(), here
		_, err := plan.Targets([]string{tt.arg}, tt.opts)
		want := strings.ReplaceAll(tt.wrong, "%s", tt.arg)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", tt.arg, err)
		case want != "" && (err == nil || err.Error() != want):
			t.Errorf("%s: %v, want %s", tt.arg, err, want)
		}
		tt.opts.Exists = nil
		if _, err := plan.Targets([]string{tt.arg}, tt.opts); err != nil {
			t.Errorf("%s, when nobody is asked: %v", tt.arg, err)
		}
	}
}

func TestIsPlan(t *testing.T) {
	for arg, want := range map[string]bool{
		"plan.yaml": true, "dir/night.YML": true, "./a:b.yaml": true, `C:\plans\a.yaml`: true,
		"m1:/etc/a.yaml": false, "https://h/a.yaml": false, "x.log": false, "-": false, "": false,
	} {
		if got := plan.IsPlan(arg); got != want {
			t.Errorf("IsPlan(%q) = %t", arg, got)
		}
	}
}

// FuzzTargets: no argument makes Targets panic or say something unprintable.
func FuzzTargets(f *testing.F) {
	for _, s := range []string{"root@[::1]:/x", "ssh://a:b@c:1/d", "m1:", "-", "tcp://h:1", "https://u:p@h/?token=x", "https://\x00\u0080\u202eh/"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, target, check string) {
		p, err := plan.Targets([]string{target}, plan.AdHoc{Now: evening(), Checks: []string{check}})
		if err == nil && (len(p.Tasks) != 1 || p.Tasks[0].Name == "" || len(p.Services) != 1) {
			t.Fatalf("%q, %q: %+v", target, check, p)
		}
		if err != nil && strings.ContainsFunc(err.Error(), func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' }) {
			t.Fatalf("control characters in %q", err)
		}
	})
}
