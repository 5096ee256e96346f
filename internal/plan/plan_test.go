package plan_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // for machines that have no zones of their own

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
	"ronda/internal/plan"
	"ronda/internal/recipe"
)

var update = flag.Bool("update", false, "write the golden files anew")

var jakarta = time.FixedZone("WIB", 7*3600)

// evening is the moment at which the plans of the tests are read, unless a test says otherwise.
func evening() time.Time { return time.Date(2026, 11, 28, 20, 0, 0, 0, jakarta) }

func options(tb testing.TB) plan.Options {
	tb.Helper()
	set, err := recipe.Load(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return plan.Options{Now: evening(), Recipes: set}
}

func at(day, h, m int) time.Time { return time.Date(2026, 11, day, h, m, 0, 0, jakarta).UTC() }

func mustDecode(t *testing.T, src string) (observe.Plan, plan.Connections) {
	t.Helper()
	p, c, err := plan.Decode("plan.yaml", []byte(src), options(t))
	if err != nil {
		t.Fatalf("decode:\n%v", err)
	}
	return p, c
}

// design is an example that says everything a plan can say.
const design = `title: Zimbra 8.7.1 → 8.8.10
window: {start: 2026-11-28T23:00:00+07:00, end: 2026-11-29T05:00:00+07:00, rollback: 45m}
hosts:
  mail1: {ssh: root@mail1.example.com, jump: ops@bastion.example.com}
  backup:
tasks:
  - name: schema upgrade
    host: mail1
    recipe: zimbra
    log: /opt/zimbra/log/zmsetup.log
    process: {match: zmsetup.pl}          # or pid, pidfile, unit
    database: {mysql: unix:/opt/zimbra/data/tmp/mysql/mysql.sock, user: root, password_command: cat /root/pw}
    expect: 40m
    quiet: 20m
    done: 'All is complete'
  - name: mailbox backup
    after: schema upgrade
    host: mail1
    log: /var/log/backup.log
    transfer: {path: backup:/srv/mail1, total_from: mail1:/opt/zimbra/store, ratio: 0.5, every: 1m}
    volumes: [/var/tmp, {path: backup:/srv/tmp, use: temp, need: 1.5GiB}]
    deadline: 02:00
    stall: 15m
    planned: 23:30
  - name: clone
    log: backup:/var/log/clone.log
    progress: {command: "./clone.sh --status", host: local, every: 5s, done: 'job.items[0].done', total: 100, unit: percent}
transfers:
  - {host: mail1, match: 'rsync|tar', deadline: 03:00, group: san}
  - {name: clones}
services:
  - {name: webmail, http: https://mail1.example.com/, expect: {status: 200}, every: 5s}
  - {name: smtp, tcp: mail1.example.com:25, expect: {banner: "^220"}}
  - {name: store, from: mail1, command: zmcontrol status, timeout: 1m, after: schema upgrade}
  - {name: db, from: mail1, unit: mariadb.service}
  - {name: cert, tls: "mail1.example.com:443", expect: {days: 14}}
alerts: {bell: true, desktop: true, to: ["ntfy://ntfy.example.com/night"], on: [blocked, stalled, failed, done]}
baseline: rehearsal.jsonl
`

func TestDecode(t *testing.T) {
	p, c := mustDecode(t, design)
	set, _ := recipe.Load(nil)
	zimbra, _ := set.Lookup("zimbra")
	patterns := zimbra.Patterns
	patterns.Done = append(slices.Clip(patterns.Done), "All is complete")
	want := observe.Plan{
		Title:  "Zimbra 8.7.1 → 8.8.10",
		Window: &observe.Window{Start: at(28, 23, 0), End: at(29, 5, 0), Rollback: observe.Duration(45 * time.Minute)},
		Hosts: []observe.Host{
			{Name: "mail1", Address: "root@mail1.example.com", Jump: "ops@bastion.example.com"},
			{Name: "backup", Address: "backup"},
		},
		Tasks: []observe.Task{
			{
				Name: "schema upgrade", Host: "mail1", Recipe: "zimbra", Log: "/opt/zimbra/log/zmsetup.log",
				Process: &observe.ProcessRef{Match: "zmsetup.pl"},
				Expect:  observe.Duration(40 * time.Minute), Quiet: observe.Duration(20 * time.Minute), Patterns: patterns,
			},
			{
				Name: "mailbox backup", Host: "mail1", Log: "/var/log/backup.log", After: "schema upgrade", Stall: observe.Duration(15 * time.Minute),
				Deadline: at(29, 2, 0), Planned: at(28, 23, 30),
				Transfer: &observe.TransferRef{
					Host: "backup", Path: "/srv/mail1", TotalHost: "mail1", TotalPath: "/opt/zimbra/store", Ratio: 0.5, Every: observe.Duration(time.Minute),
				},
				Volumes: []observe.VolumeRef{{Host: "mail1", Path: "/var/tmp"}, {Host: "backup", Path: "/srv/tmp", Use: "temp", Need: 3 << 29}},
			},
			{
				Name: "clone", Host: "backup", Log: "/var/log/clone.log",
				Progress: &observe.ProgressRef{
					Command: "./clone.sh --status", Every: observe.Duration(5 * time.Second),
					Done: "job.items[0].done", Total: "100", Unit: "percent",
				},
			},
		},
		Finders: []observe.Finder{
			{Name: "transfers on mail1", Host: "mail1", Match: "rsync|tar", Deadline: at(29, 3, 0), Group: "san"}, {Name: "clones"},
		},
		Services: []observe.Service{
			{Name: "webmail", HTTP: "https://mail1.example.com/", Expect: observe.Expect{Status: 200}, Every: observe.Duration(5 * time.Second)},
			{Name: "smtp", TCP: "mail1.example.com:25", Expect: observe.Expect{Banner: "^220"}},
			{Name: "store", Host: "mail1", Command: "zmcontrol status", Timeout: observe.Duration(time.Minute), After: "schema upgrade"},
			{Name: "db", Host: "mail1", Unit: "mariadb.service"},
			{Name: "cert", TLS: "mail1.example.com:443", Expect: observe.Expect{Days: 14}},
		},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	wantConn := plan.Connections{
		Databases: map[string]plan.Database{"schema upgrade": {
			Kind: "mysql", Socket: "/opt/zimbra/data/tmp/mysql/mysql.sock", User: "root", PasswordCommand: "cat /root/pw",
		}},
		Alerts: plan.Alerts{
			Bell: true, Desktop: true, To: []string{"ntfy://ntfy.example.com/night"},
			On: []string{"blocked", "stalled", "failed", "done"},
		},
		Baseline: "rehearsal.jsonl",
	}
	notices := c.Notices
	c.Notices = nil
	if diff := cmp.Diff(wantConn, c); diff != "" {
		t.Errorf("connections (-want +got):\n%s", diff)
	}
	var said []string
	for _, n := range notices {
		said = append(said, n.Message)
	}
	wantSaid := []string{
		"database is known but not asked yet", "alerts are known but not sent yet",
	}
	if diff := cmp.Diff(wantSaid, said); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
}

// TestDecodeForms reads what may be written in more than one way.
func TestDecodeForms(t *testing.T) {
	tests := []struct {
		name, src string
		check     func(t *testing.T, p observe.Plan)
	}{
		{
			"a recipe gives the silence that is usual", "tasks: [{name: a, recipe: zimbra, log: /l}]",
			func(t *testing.T, p observe.Plan) {
				t.Helper()
				if got := p.Tasks[0].Quiet; got != observe.Duration(30*time.Minute) {
					t.Errorf("quiet = %v", time.Duration(got))
				}
			},
		},
		{
			"progress patterns beside a log", "tasks: [{name: a, log: /l, progress: ['(?P<percent>\\d+) %']}]",
			func(t *testing.T, p observe.Plan) {
				t.Helper()
				if diff := cmp.Diff([]string{`(?P<percent>\d+) %`}, p.Tasks[0].Patterns.Progress); diff != "" {
					t.Error(diff)
				}
			},
		},
		{
			"a progress command runs where the task is",
			"hosts: {m1: }\ntasks: [{name: a, host: m1, progress: {command: show}}]",
			func(t *testing.T, p observe.Plan) {
				t.Helper()
				if got := p.Tasks[0].Progress.Host; got != "m1" {
					t.Errorf("host = %q", got)
				}
			},
		},
		{
			"a pidfile names the host", "hosts: {m1: }\ntasks: [{name: a, process: {pidfile: 'm1:/run/x.pid'}}]",
			func(t *testing.T, p observe.Plan) {
				t.Helper()
				if p.Tasks[0].Host != "m1" || p.Tasks[0].Process.PIDFile != "/run/x.pid" {
					t.Errorf("task = %+v", p.Tasks[0])
				}
			},
		},
		{
			"a Windows path has no host", `tasks: [{name: a, log: 'C:\Temp\x.log'}]`,
			func(t *testing.T, p observe.Plan) {
				t.Helper()
				if p.Tasks[0].Host != "" || p.Tasks[0].Log != `C:\Temp\x.log` {
					t.Errorf("task = %+v", p.Tasks[0])
				}
			},
		},
		{
			"aliases and merged keys",
			"services:\n  - &web {name: a, http: 'http://h/', every: 5s}\n  - {<<: *web, name: b}\n",
			func(t *testing.T, p observe.Plan) {
				t.Helper()
				if s := p.Services[1]; s.Name != "b" || s.HTTP != "http://h/" || s.Every != observe.Duration(5*time.Second) {
					t.Errorf("service = %+v", s)
				}
			},
		},
		{
			"Windows line ends and a byte order mark", "\ufefftitle: x\r\ntasks:\r\n  - name: a\r\n    log: /l\r\n",
			func(t *testing.T, p observe.Plan) {
				t.Helper()
				if p.Title != "x" || p.Tasks[0].Log != "/l" {
					t.Errorf("plan = %+v", p)
				}
			},
		},
		{
			"a number as text, standard input", "title: 8.10\ntasks: [{name: 5, log: -}]",
			func(t *testing.T, p observe.Plan) {
				t.Helper()
				if p.Title != "8.10" || p.Tasks[0].Name != "5" || p.Tasks[0].Log != "-" {
					t.Errorf("plan = %+v", p)
				}
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := mustDecode(t, tt.src)
			tt.check(t, p)
		})
	}
}

// TestUnwatched: a task of which nothing is looked at yet is said to be so. What is offered in its place is
// itself a plan.
func TestUnwatched(t *testing.T) {
	for source, looked := range map[string]string{
		"database: {postgres: 'unix:/run/pg'}":     "database is not asked",
		"database: {mysql: 'db.example.com:3306'}": "database is not asked",
	} {
		const head = "hosts: {backup: }\ntasks:\n- name: copy\n  "
		_, conn, err := plan.Decode("p", []byte(head+source), options(t))
		if err != nil || len(conn.Notices) != 1 {
			t.Fatalf("%s: err = %v, notices %v", source, err, conn.Notices)
		}
		p := conn.Notices[0]
		if want := looked + ` yet, and task "copy" has nothing else to watch`; p.Message != want {
			t.Errorf("%s: %s, want %s", source, p.Message, want)
		}
		_, instead, found := strings.Cut(p.Hint, "progress: ")
		if !found {
			t.Fatalf("%s: hint %q", source, p.Hint)
		}
		for _, src := range []string{"progress: " + instead, source + "\n  progress: " + instead} {
			if got, _ := mustDecode(t, head+src); got.Tasks[0].Progress == nil {
				t.Errorf("%s: no progress in %s", source, src)
			}
		}
	}
}

// TestAfterUnknown: a task is never told that it meant itself.
func TestAfterUnknown(t *testing.T) {
	for src, want := range map[string]string{
		"tasks: [{name: a, log: /l, after: b}]":                                 "remove it, or write the task that comes before",
		"tasks: [{name: schema, log: /l, after: shema}]":                        "remove it, or write the task that comes before",
		"tasks: [{name: schema, log: /l, after: shema}, {name: x, log: /m}]":    "known are: x",
		"tasks: [{name: a, log: /l, after: schem}, {name: schema, log: /m}]":    "did you mean schema?",
		"tasks: [{name: a, log: /l}]\nservices: [{name: s, unit: u, after: A}]": "did you mean a?",
	} {
		_, _, err := plan.Decode("p", []byte(src), options(t))
		var list *plan.ProblemList
		if !errors.As(err, &list) || len(list.Problems()) != 1 || list.Problems()[0].Hint != want {
			t.Errorf("%s: want try: %s, got:\n%v", src, want, err)
		}
	}
}

// TestSecretPattern: a pattern with a secret in it is refused, and quoted nowhere.
func TestSecretPattern(t *testing.T) {
	for _, src := range []string{
		"tasks: [{name: a, process: {match: 'x --password=hunter2'}}]",
		"tasks: [{name: a, process: {match: 'x --password=hunter2('}}]",
		"tasks: [{name: a, log: /l, done: '(password=hunter2)?'}]",
	} {
		_, _, err := plan.Decode("p", []byte(src), options(t))
		if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "seems to hold a password") {
			t.Errorf("%s: %v", src, err)
		}
	}
}

func TestParseSpan(t *testing.T) {
	for s, want := range map[string]string{
		"45m": "", "1h30m": "", "8760h": "", "5": `"5" is not a duration`, "": `"" is not a duration`,
		"-5s": `"-5s" must be more than zero`, "0": `"0" must be more than zero`, "9000h": `"9000h" is longer than a year`,
	} {
		d, err := plan.ParseSpan(s)
		switch {
		case want == "" && (err != nil || d <= 0), want != "" && (err == nil || err.Error() != want || d != 0):
			t.Errorf("ParseSpan(%q) = %v, %v, want %q", s, d, err, want)
		}
	}
}

// TestProblems decodes each testdata/problems/*.yaml and compares everything that is said of it with the
// golden file beside it.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/problems/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no plans: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = plan.Decode(filepath.Base(file), src, options(t))
			var list *plan.ProblemList
			if !errors.As(err, &list) {
				t.Fatalf("err = %v, want a problem list", err)
			}
			var all strings.Builder
			for _, p := range list.Problems() {
				all.WriteString(p.String() + "\n")
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", all.String())
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// TestListOfURLs: the colon of a URL makes no key of it, quoted or not, in brackets or under dashes.
func TestListOfURLs(t *testing.T) {
	for _, to := range []string{
		"{to: [ntfy://h/x, https://b/], on: [done]}", `{to: ["ntfy://h/x", 'https://b/'], on: [done]}`,
		"\n  to: [ntfy://h/x, https://b/]", "\n  to:\n  - ntfy://h/x\n  - https://b/",
	} {
		_, c := mustDecode(t, "tasks: [{name: a, log: /l}]\nalerts: "+to)
		if diff := cmp.Diff([]string{"ntfy://h/x", "https://b/"}, c.Alerts.To); diff != "" {
			t.Errorf("%s:\n%s", to, diff)
		}
	}
}

func TestProblemPositions(t *testing.T) {
	_, _, err := plan.Decode("n.yaml", []byte("tasks:\n  - name: orders\n    hots: db1\n    log: /l\n"), options(t))
	var list *plan.ProblemList
	if !errors.As(err, &list) {
		t.Fatalf("err = %v", err)
	}
	want := []plan.Problem{{
		File: "n.yaml", Line: 3, Column: 5, Message: `unknown key "hots"`, Hint: "did you mean host?",
		Excerpt: "     3 |     hots: db1\n       |     ^",
	}}
	if diff := cmp.Diff(want, list.Problems()); diff != "" {
		t.Error(diff)
	}
}

// TestSecrets: what seems to hold a secret is refused without being shown; a variable is none.
func TestSecrets(t *testing.T) {
	for src, refused := range map[string]bool{
		`command: "mysql -u root -phunter2 -e 'select 1'"`:                 true,
		`command: "mysql -u root -p$PW -P3306 -e 'select 1'"`:              false,
		`command: "mysql --defaults-file=/root/.my.cnf -e 'select 1'"`:     false,
		`command: "PGPASSWORD=hunter2 psql -c 'select 1'"`:                 true,
		`command: "PGPASSWORD=$(cat /root/pw) psql -c 'select 1'"`:         false,
		`command: "PGPASSWORD=$PW psql -c 'select 1'"`:                     false,
		`command: "restic --password-file /root/pw stats"`:                 false,
		`command: "restic --password-command 'cat /root/pw' stats"`:        false,
		`command: "tool --password=hunter2"`:                               true,
		`command: "tool --token hunter2"`:                                  true,
		`command: "curl -fsS -u ops:hunter2 https://h/"`:                   true,
		`command: "curl -fsS -u ops:$PW https://h/"`:                       false,
		`command: "curl -fsS -H 'Authorization: Bearer hunter2hunter2' h"`: true,
		`command: "sshpass -p hunter2 ssh h"`:                              true,
		`http: "https://ops:hunter2@h/"`:                                   true,
		`http: "https://ops@h/"`:                                           false,
		`http: "https://h/?access_token=hunter2"`:                          true,
		`http: "https://h/?sig=hunter2"`:                                   true,
		`http: "https://h/?page=hunter2"`:                                  false,
		`http: "https://h/reset-password?step=token"`:                      false,
	} {
		_, _, err := plan.Decode("p", []byte("services:\n- name: a\n  "+src+"\n"), options(t))
		if (err != nil) != refused {
			t.Errorf("%s: refused: %t, want %t: %v", src, err != nil, refused, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the secret is shown:\n%v", src, err)
		}
	}
	// Not even when something else is wrong on that line.
	_, _, err := plan.Decode("p", []byte(`services: [{nam: a, http: "https://ops:hunter2@h/"}]`), options(t))
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the secret is shown:\n%v", err)
	}
}

// TestClock reads one window and deadline at different hours.
func TestClock(t *testing.T) {
	tests := []struct {
		name                         string
		now                          time.Time
		window, deadline             string
		wantStart, wantEnd, wantDead time.Time
	}{
		{"before the window", at(28, 20, 0), `{start: "23:00", end: "05:00"}`, "02:00", at(28, 23, 0), at(29, 5, 0), at(29, 2, 0)},
		{"inside, before midnight", at(28, 23, 10), `{start: "23:00", end: "05:00"}`, "02:00", at(28, 23, 0), at(29, 5, 0), at(29, 2, 0)},
		{"inside, after midnight", at(29, 0, 30), `{start: "23:00", end: "05:00"}`, "02:00", at(28, 23, 0), at(29, 5, 0), at(29, 2, 0)},
		{"inside, deadline missed", at(29, 2, 30), `{start: "23:00", end: "05:00"}`, "02:00", at(28, 23, 0), at(29, 5, 0), at(29, 2, 0)},
		{"after the window", at(29, 5, 30), `{start: "23:00", end: "05:00"}`, "02:00", at(29, 23, 0), at(30, 5, 0), at(30, 2, 0)},
		{"by day", at(28, 8, 0), `{start: "09:00", end: "17:00"}`, "16:00", at(28, 9, 0), at(28, 17, 0), at(28, 16, 0)},
		{"rehearsed days before", at(24, 10, 0), `{start: 2026-11-28T23:00:00+07:00, end: "05:00"}`, "02:00", at(28, 23, 0), at(29, 5, 0), at(29, 2, 0)},
		{"only an end", at(28, 20, 0), `{end: "05:00"}`, "02:00", time.Time{}, at(29, 5, 0), at(29, 2, 0)},
		{"only a start", at(28, 20, 0), `{start: "23:00"}`, "02:00", at(28, 23, 0), time.Time{}, at(29, 2, 0)},
		{"none", at(28, 20, 0), `{}`, `"02:10:30"`, time.Time{}, time.Time{}, at(29, 2, 10).Add(30 * time.Second)},
		{"dated", at(28, 20, 0), `{}`, `2026-11-29 02:10`, time.Time{}, time.Time{}, at(29, 2, 10)},
		{"this very moment is tomorrow", at(28, 20, 0), `{}`, `20:00`, time.Time{}, time.Time{}, at(29, 20, 0)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := "window: " + tt.window + "\ntasks: [{name: a, log: /l, deadline: " + tt.deadline + "}]"
			opts := options(t)
			opts.Now, opts.Location = tt.now, jakarta
			p, _, err := plan.Decode("p", []byte(src), opts)
			if err != nil {
				t.Fatal(err)
			}
			got := []time.Time{p.Window.Start, p.Window.End, p.Tasks[0].Deadline}
			if diff := cmp.Diff([]time.Time{tt.wantStart, tt.wantEnd, tt.wantDead}, got); diff != "" {
				t.Errorf("start, end, deadline (-want +got):\n%s", diff)
			}
		})
	}
}

// TestClockNearWindow: what lies outside the window is of the same night too, whenever ronda is started.
func TestClockNearWindow(t *testing.T) {
	for _, now := range []time.Time{at(28, 20, 0), at(28, 22, 45), at(28, 23, 30), at(29, 3, 0)} {
		opts := options(t)
		opts.Now, opts.Location = now, jakarta
		p, _, err := plan.Decode("p", []byte(`window: {start: "23:00", end: "05:00"}
tasks: [{name: a, log: /l, planned: 22:30, deadline: 06:00}, {name: b, log: /l, planned: 23:00, deadline: 05:00}]`), opts)
		if err != nil {
			t.Fatal(err)
		}
		got := []time.Time{p.Tasks[0].Planned, p.Tasks[0].Deadline, p.Tasks[1].Planned, p.Tasks[1].Deadline}
		want := []time.Time{at(28, 22, 30), at(29, 6, 0), at(28, 23, 0), at(29, 5, 0)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("at %s (-want +got):\n%s", now.In(jakarta), diff)
		}
	}
}

// TestClockChange: an hour that a zone does not have on that day, and one that it has twice. Which of the
// two is meant nobody knows; what matters is the night.
func TestClockChange(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for now, want := range map[string]string{
		"2026-03-28T20:00:00+01:00": "2026-03-29T02:30:00+01:00",
		"2026-10-24T20:00:00+02:00": "2026-10-25T02:30:00+01:00",
	} {
		start, _ := time.Parse(time.RFC3339, now)
		about, _ := time.Parse(time.RFC3339, want)
		opts := options(t)
		opts.Now, opts.Location = start, berlin
		p, _, err := plan.Decode("p", []byte("tasks: [{name: a, log: /l, deadline: 02:30}]"), opts)
		if err != nil {
			t.Fatal(err)
		}
		if d := p.Tasks[0].Deadline.Sub(about).Abs(); d > time.Hour {
			t.Errorf("at %s: 02:30 is %s, want about %s", now, p.Tasks[0].Deadline, want)
		}
	}
}

func TestNoticesOfTime(t *testing.T) {
	_, c := mustDecode(t, `window: {start: 2026-11-27T23:00:00+07:00, end: 2026-11-28T05:00:00+07:00}
tasks:
  - {name: a, log: /l, deadline: 2026-11-28T06:00:00+07:00}
  - {name: b, log: /l, planned: 2026-11-29T01:00:00+07:00, deadline: 2026-11-29T02:00:00+07:00, expect: 2h}
`)
	var got []string
	for _, n := range c.Notices {
		got = append(got, n.Message)
	}
	want := []string{
		"the window is over since 2026-11-28 05:00",
		"the deadline is past since 2026-11-28 06:00",
		"the deadline 2026-11-28 06:00 is after the end of the window",
		"from the planned start to the deadline are 1h, it is expected to take 2h",
		"the deadline 2026-11-29 02:00 is after the end of the window",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
