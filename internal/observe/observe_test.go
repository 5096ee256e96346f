package observe

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func samples() []Payload {
	at := time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC)
	kills := int64(2)
	return []Payload{
		Session{Format: 1, Title: "x", Plan: Plan{Title: "x", Tasks: []Task{{Name: "a", Quiet: Duration(time.Minute)}}}},
		Line{File: "/a", Offset: 7, Text: "tab\t quote\" back\\ bell\a é \u2028 \x7f", Partial: true},
		Line{File: "/a"},
		Skip{File: "/a", From: 1, To: 9, Why: "thin link"},
		Counter{Name: "rows", Done: new(1.5), Unit: "rows"},
		Process{Root: 4, Count: 1, CPU: 3, IO: &ProcessIO{Read: 1}, Procs: []Proc{{PID: 4, Name: "x", State: "R"}}, Exit: &Exit{Known: true}, OOMKills: &kills},
		Check{Name: "web", OK: true, MS: 1.25, Expires: at},
		Link{Up: true, RTTMS: 38},
		Source{State: SourceFailed, Why: "no permission"},
		Gap{From: at, To: at.Add(time.Hour), Why: "sleep"},
		Mark{By: "me", Text: "hm"},
		End{Why: "q"},
		Ruling{Verdict: Quiet, Since: at, Reason: "works", Next: &Escalation{Stalled, at, "nothing moves"}},
		Alert{Text: "x", To: "bell", Arrived: true},
		Transfer{
			Finder: "copies", ID: "4711@88123", Tool: "cp", Source: "/srv/a", Target: "/mnt/a", State: TransferRunning, Detail: "d", Unknown: "u",
			Amounts: []Amount{{Of: AmountSource, What: "/srv/a", Done: 1, Total: 2, Unit: "bytes", Estimate: true, By: "size of /srv/a"}},
		},
		Volume{Mount: "/mnt", Device: "/dev/sdb", Type: "ext4", Size: 3, Used: 1, Avail: 1, Inodes: 9, InodesFree: 8, ReadOnly: true, Paths: []string{"/mnt/a"}},
	}
}

// TestNamesAreFree: no field of a payload has the name of one that all lines have: the file would have it twice.
func TestNamesAreFree(t *testing.T) {
	for _, p := range samples() {
		for f := range reflect.TypeOf(p).Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch name {
			case "seq", "at", "kind", "task", "host", "source":
				t.Errorf("%s has a field %q", p.Kind(), name)
			default:
			}
		}
	}
}

// Every kind comes back from the file as it went in, and a line of the file is one line of valid JSON.
func TestEncodeDecode(t *testing.T) {
	var e Encoder
	at := time.Date(2026, 11, 28, 23, 0, 0, 123e6, time.UTC)
	for i, p := range samples() {
		o := Observation{Seq: uint64(i + 1), At: at, Origin: Origin{"task", "host", "src"}, Payload: p}
		b, err := e.Append(nil, o)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(b) || strings.Count(string(b), "\n") != 1 {
			t.Fatalf("%s: not one line of JSON: %q", p.Kind(), b)
		}
		got, err := Decode(b)
		if err != nil {
			t.Fatalf("%s: %v", p.Kind(), err)
		}
		if !reflect.DeepEqual(got, o) {
			t.Errorf("%s:\n got %#v\nwant %#v", p.Kind(), got, o)
		}
	}
}

func TestDecodeUnknownKindIsKept(t *testing.T) {
	line := `{"seq":3,"at":"2026-11-28T23:00:00.000Z","kind":"moon","phase":"full"}`
	o, err := Decode([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	u, ok := o.Payload.(Unknown)
	if !ok || u.Name != "moon" || string(u.Raw) != line {
		t.Fatalf("got %#v", o.Payload)
	}
	var e Encoder
	if b, _ := e.Append(nil, o); string(b) != line+"\n" {
		t.Fatalf("written again as %q", b)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, line := range []string{"", "{", "[]", "null", `{"seq":1}`, `{"kind":"line"}`, `{"kind":"line","at":"x"}`, `{"kind":"check","at":"2026-11-28T23:00:00Z","ok":"yes"}`} {
		if o, err := Decode([]byte(line)); err == nil {
			t.Errorf("%q was taken as %#v", line, o)
		}
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"nothing to see":                                                 "nothing to see",
		"mysql -u zimbra -psEcr3t zimbra":                                "mysql -u zimbra -p•••• zimbra",
		"mysqldump --password=hunter2 db":                                "mysqldump --password=•••• db",
		"PGPASSWORD=abcdef psql":                                         "PGPASSWORD=•••• psql",
		"postgres://app:s3cret@db/x":                                     "postgres://app:••••@db/x",
		"ALTER USER x IDENTIFIED BY 'geheim'":                            "ALTER USER x IDENTIFIED BY '••••'",
		"Authorization: Bearer abcdefgh12345678":                         "Authorization: Bearer ••••",
		"Setting password: done.":                                        "Setting password: done.",
		"Enter password: ":                                               "Enter password: ",
		"https://example.com/a?token=abcdef&x=1":                         "https://example.com/a?token=••••&x=1",
		"token: abcdef":                                                  "token: ••••",
		"mkdir -p /tmp/x":                                                "mkdir -p /tmp/x",
		"Error while running 'mysql --password=abc -e q'":                "Error while running 'mysql --password=•••• -e q'",
		"ldapsearch -x -w geheim -D uid=zimbra":                          "ldapsearch -x -w •••• -D uid=zimbra",
		"*** Running as zimbra user: zmprov sp admin@example.com geheim": "*** Running as zimbra user: zmprov sp admin@example.com ••••",
		"zmprov gs mail1 zimbraServiceEnabled":                           "zmprov gs mail1 zimbraServiceEnabled",
		"14 assets passed":                                               "14 assets passed",
	} {
		if got := Redact(in); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestSame(t *testing.T) {
	for _, p := range samples() {
		news := p.Kind() == KindLine || p.Kind() == KindSkip || p.Kind() == KindGap || p.Kind() == KindMark || p.Kind() == KindEnd || p.Kind() == KindSession || p.Kind() == KindVerdict || p.Kind() == KindAlert
		if Same(p, p) == news {
			t.Errorf("%s: Same says %v", p.Kind(), !news)
		}
	}
	if Same(Check{Name: "a", OK: true, MS: 10}, Check{Name: "a", OK: true, MS: 400}) {
		t.Error("a slow answer is news")
	}
	if !Same(Process{Root: 1, Uptime: 5}, Process{Root: 1, Uptime: 9}) {
		t.Error("time alone is no news")
	}
}

func FuzzDecode(f *testing.F) {
	var e Encoder
	for i, p := range samples() {
		b, _ := e.Append(nil, Observation{Seq: uint64(i), At: time.Unix(1, 0).UTC(), Payload: p})
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		o, err := Decode(line)
		if err != nil {
			return
		}
		b, err := e.Append(nil, o)
		if err != nil {
			t.Fatalf("decoded but not encoded: %v", err)
		}
		if _, err := Decode(b); err != nil {
			t.Fatalf("encoded %q but not decoded: %v", b, err)
		}
	})
}

func BenchmarkAppendLine(b *testing.B) {
	var e Encoder
	o := Observation{Seq: 1, At: time.Unix(1, 0), Origin: Origin{Task: "zmsetup.log@mail1", Source: "log"}, Payload: Line{File: "/opt/zimbra/log/zmsetup.log", Offset: 123456, Text: strings.Repeat("Setting up package ", 7)}}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = e.Append(buf[:0], o)
	}
}

func BenchmarkClean(b *testing.B) {
	var p Payload = Line{Text: strings.Repeat("Setting up package ", 7)}
	b.ReportAllocs()
	for b.Loop() {
		p = Clean(p)
	}
}
