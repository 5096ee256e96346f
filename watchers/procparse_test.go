package watchers

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
)

const statTail = " S 1 77 77 34817 77 4194560 100 20 3 4 11 22 33 44 20 0 2 0 203517 2990080 406 18446744073709551615 1 1 0 0 0 0 0 0 65536 1 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 768\n"

func TestParseStat(t *testing.T) {
	want := procStat{pid: 4711, name: "x", state: 'S', parent: 1, group: 77, session: 77, tty: 34817, front: 77, faults: 103, reaped: 24, cpu: 110, threads: 2, start: 203517, status: 768}
	for _, name := range []string{"x", "tmux: server", "a) R 1 (b", "((sd-pam)", ") ", "", "a\x1b[2Jb\n"} {
		st, ok := parseStat("4711 (" + name + ")" + statTail)
		want.name = printable(name, 64)
		if !ok || st != want {
			t.Errorf("%q: %+v %v", name, st, ok)
		}
		if strings.ContainsAny(st.name, "\x1b\n") {
			t.Errorf("%q may reach a terminal", st.name)
		}
	}
	for _, torn := range []string{"", "4711", "4711 (x", "4711 (x)", "4711 (x) S 1 2 3", "x (y)" + statTail, "-1 (y)" + statTail, "4711 (x)" + strings.Replace(statTail, " 11 ", " x ", 1)} {
		if st, ok := parseStat(torn); ok {
			t.Errorf("%q: %+v", torn, st)
		}
	}
	// Kernels before 3.5 end before the exit status.
	if st, ok := parseStat("4711 (x) " + strings.Join(strings.Fields(statTail)[:42], " ")); !ok || st.status != 0 || st.start != 203517 {
		t.Errorf("old kernel: %+v %v", st, ok)
	}
}

func TestParseTexts(t *testing.T) {
	io, ok := parseIO("rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 16\ncancelled_write_bytes: 9\n")
	if !ok || io != (procIO{readChars: 1, writeChars: 2, calls: 7, read: 5, write: 7}) {
		t.Errorf("%+v %v", io, ok)
	}
	if _, ok := parseIO("rchar: 1\nwchar: 2\n"); ok {
		t.Error("half an io file is one")
	}
	if fi, ok := parseFDInfo("pos:\t153\nflags:\t0100001\nmnt_id:\t27\nino:\t99\n"); !ok || fi.pos != 153 || !fi.writes() || fi.mount != "27" {
		t.Errorf("%+v %v", fi, ok)
	}
	if fi, ok := parseFDInfo("pos:\t0\nflags:\t0100000\n"); !ok || fi.writes() {
		t.Errorf("%+v %v", fi, ok)
	}
	if got := parseUptime("2035.17 100.00\n"); got != 2035170 {
		t.Error(got)
	}
	for dev, want := range map[int]string{0: "", 34816: "pts/0", 34818: "pts/2", 35072: "pts/256", 1025: "tty1", 1088: "ttyS0", 1281: "console", 0x100 << 12: ""} {
		if got := ttyName(dev); got != want {
			t.Errorf("tty %d: %q, not %q", dev, got, want)
		}
	}
	for target, want := range map[string]bool{
		"/dev/pts/3": true, "/dev/tty": true, "/dev/tty1": true, "/dev/ttyS0": true, "/dev/console": true,
		"/dev/pts/ptmx": false, "/dev/ptmx": false, "/dev/null": false, "pipe:[1]": false, "": false, "/dev/pts/3 (deleted)": false,
	} {
		if isTerminal(target) != want {
			t.Errorf("%q", target)
		}
	}
	for hex, want := range map[string]string{
		"0100007F:15A8": "127.0.0.1:5544", "00000000000000000000000001000000:0016": "[::1]:22",
		"0000000000000000FFFF00000100007F:0050": "127.0.0.1:80", "x": "", "0100007F:": "", "ZZ00007F:15A8": "",
	} {
		if got := address(hex); got != want {
			t.Errorf("%s: %q, not %q", hex, got, want)
		}
	}
}

func TestParseLocks(t *testing.T) {
	locks := parseLocks(`1: POSIX  ADVISORY  WRITE 100 fe:00:5 0 EOF
2: FLOCK  ADVISORY  WRITE 200 fe:00:7 0 EOF
2: -> FLOCK  ADVISORY  WRITE 300 fe:00:7 0 EOF
2: -> FLOCK  ADVISORY  READ  301 fe:00:7 0 EOF
3: OFDLCK ADVISORY  WRITE -1 fe:00:8 0 EOF
4: -> torn
`)
	if l, ok := lockOf(locks, 301); !ok || l.holder != 200 || l.kind != "FLOCK" {
		t.Fatalf("%+v %v", l, ok)
	}
	if _, ok := lockOf(locks, 200); ok || len(locks) != 3 {
		t.Fatalf("%+v", locks)
	}
}

func TestParseSyscall(t *testing.T) {
	tests := []struct {
		text, machine, name string
		fd                  int
		forever             bool
	}{
		{"0 0x7 0x7ffd 0x1 0x0 0x0 0x0 0x7ffd1a811828 0x7faa53f2c503\n", "x86_64", "read", 7, false},
		{"63 0x0 0x7ffd 0x1 0x0 0x0 0x0 0x7ffd1a811828 0x7faa53f2c503", "aarch64", "read", 0, false},
		{"270 0x1 0x7ffd 0x0 0x0 0x0 0x0 0x7ffd 0x7faa", "x86_64", "pselect6", 0, true},
		{"270 0x1 0x7ffd 0x0 0x0 0x7ffe 0x0 0x7ffd 0x7faa", "x86_64", "pselect6", 0, false},
		{"72 0x1 0x7ffd 0x0 0x0 0x0 0x0 0x7ffd 0x7faa", "aarch64", "pselect6", 0, true},
		{"7 0x7efda30c4150 0x1 0xffffffff 0x1 0x0 0x0 0x7fff 0x7efd", "x86_64", "poll", -1, true},
		{"7 0x7efda30c4150 0x1 0xffffffffffffffff 0x1 0x0 0x0 0x7fff 0x7efd", "x86_64", "poll", -1, true},
		{"7 0x7efda30c4150 0x1 0x3e8 0x1 0x0 0x0 0x7fff 0x7efd", "x86_64", "poll", -1, false},
		{"0 0x7 0x7ffd 0x1 0x0 0x0 0x0 0x7ffd 0x7faa", "s390x", "", -1, false},
		{"-1 0x7ffd 0x7faa", "x86_64", "", -1, false},
		{"running\n", "x86_64", "", -1, false},
		{"", "x86_64", "", -1, false},
		{"0 0x7", "x86_64", "", -1, false},
		{"0 zz 0x7ffd 0x1 0x0 0x0 0x0 0x7ffd 0x7faa", "x86_64", "", -1, false},
		{"99999 0x7 0x7ffd 0x1 0x0 0x0 0x0 0x7ffd 0x7faa", "x86_64", "", -1, false},
		{"0 0xffffffffffffffff 0x7ffd 0x1 0x0 0x0 0x0 0x7ffd 0x7faa", "x86_64", "read", -1, false},
	}
	for _, tt := range tests {
		c := parseSyscall(tt.text, tt.machine)
		if c.name != tt.name || c.fd() != tt.fd || c.forever() != tt.forever {
			t.Errorf("%q on %s: %+v fd %d forever %v", tt.text, tt.machine, c, c.fd(), c.forever())
		}
	}
}

// What the kernel shows of processes that cannot be made everywhere.
func TestHinder(t *testing.T) {
	const tail = " 0x7ffd 0x1 0x0 0x0 0x0 0x7ffd 0x7faa"
	tests := []struct {
		name    string
		stat    procStat
		syscall string
		wchan   string
		links   map[int]string
		class   observe.Blocker
		look    look
	}{
		{"sudo asks on /dev/tty", procStat{state: 'S', tty: 34816, group: 5, front: 5}, "0 0x7" + tail, "wait_woken", map[int]string{0: "pipe:[1]", 7: "/dev/tty"}, observe.BlockerInput, lookNowhere},
		{"reads in the background", procStat{state: 'S', tty: 34816, group: 5, front: 6}, "0 0x0" + tail, "wait_woken", map[int]string{0: "/dev/pts/0"}, "", lookNowhere},
		{"expect holds a terminal that is not its own", procStat{state: 'S'}, "0 0x0" + tail, "wait_woken", map[int]string{0: "/dev/pts/0"}, observe.BlockerInput, lookNowhere},
		{"frozen by docker pause, version 1", procStat{state: 'D'}, "-1 0x7ffd 0x7faa", "__refrigerator", nil, observe.BlockerFrozen, lookFrozen},
		{"frozen, version 2", procStat{state: 'S'}, "230 0x0" + tail, "get_signal", nil, observe.BlockerFrozen, lookFrozen},
		{"traced", procStat{state: 't'}, "0 0x0" + tail, "ptrace_stop", nil, observe.BlockerStopped, lookNowhere},
		{"polls F_SETLK as apt does", procStat{state: 'S'}, "72 0x4 0x6 0x1 0x0 0x0 0x0 0x7ffd 0x7faa", "", map[int]string{4: "/var/lib/dpkg/lock"}, "", lookNowhere},
		{"waits with F_SETLKW", procStat{state: 'S'}, "72 0x4 0x7 0x1 0x0 0x0 0x0 0x7ffd 0x7faa", "fcntl_setlk", map[int]string{4: "/var/lib/dpkg/lock"}, observe.BlockerLock, lookLock},
		{"sends to a dead peer", procStat{state: 'S'}, "44 0x3" + tail, "wait_woken", map[int]string{3: "socket:[45167]"}, observe.BlockerPeer, lookPeer},
		{"waits for a disk", procStat{state: 'D'}, "0 0x3" + tail, "folio_wait_bit_common", map[int]string{3: "/srv/data"}, observe.BlockerStorage, lookStorage},
		{"waits for the program behind a FUSE file system", procStat{state: 'S'}, "0 0x3" + tail, "request_wait_answer", map[int]string{3: "/srv/data"}, observe.BlockerStorage, lookStorage},
		{"frozen goes before state D", procStat{state: 'D'}, "1 0x3" + tail, "__refrigerator", map[int]string{3: "/srv/data"}, observe.BlockerFrozen, lookFrozen},
		{"futex", procStat{state: 'S'}, "202 0x7ffd" + tail, "futex_do_wait", nil, "", lookNowhere},
		{"not ours to read", procStat{state: 'S', tty: 34816, group: 5, front: 5}, "", "", nil, "", lookNowhere},
	}
	for _, tt := range tests {
		w := wait{wchan: tt.wchan, links: tt.links, call: parseSyscall(tt.syscall, "x86_64")}
		w.resolve()
		if h := hinder(tt.stat, &w); h.class != tt.class || h.look != tt.look {
			t.Errorf("%s: %+v", tt.name, h)
		}
	}
}

// Rows as the kernel wrote them for a writer whose peer had died (recorded with cat /proc/PID/net/tcp).
func TestParseTCP(t *testing.T) {
	rows := parseTCP(`  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     
   0: 0109C70A:9C40 0209C70A:15A8 01 000103A8:00000000 01:00000CE4 00000005     0        0 45167 2 0000000046b585b8 1632 4 0 10 7                     
   1: 0100007F:15A8 0100007F:9C42 01 00000000:00000000 00:00000000 00000000   100        0 45168 1 0000000046b585b9 20 4 30 10 -1                   
`)
	want := map[string]tcpRow{
		"45167": {local: "0109C70A:9C40", remote: "0209C70A:15A8", inode: "45167", unsent: true, retransmits: 5},
		"45168": {local: "0100007F:15A8", remote: "0100007F:9C42", inode: "45168"},
	}
	if d := cmp.Diff(want, rows, cmp.AllowUnexported(tcpRow{})); d != "" {
		t.Error(d)
	}
	if got := address(rows["45167"].remote); got != "10.199.9.2:5544" {
		t.Error(got)
	}
}

func TestMeterNeverFalls(t *testing.T) {
	steps := []struct{ sum, want int64 }{
		{100, 100},
		{150, 150},
		{120, 150}, // read between the parent and its reaped child
		{160, 160}, // the parent has taken over
		{60, 160},  // a child that nobody took over
		{70, 170},  // counting goes on
		{70, 170},
		{75, 175},
		{10, 175},
		{5, 175}, // and another one
		{25, 175},
		{30, 180},
	}
	var m meter
	last := int64(0)
	for i, s := range steps {
		got := m.set(s.sum)
		if got < last {
			t.Fatalf("step %d: %d after %d", i, got, last)
		}
		if i < 8 && got != s.want {
			t.Errorf("step %d: %d, not %d", i, got, s.want)
		}
		last = got
	}
	if last <= 175 {
		t.Error("work after a loss is not counted")
	}
}

// A pid that is given to another process is not the process any more.
func TestMemberPIDReuse(t *testing.T) {
	m := &member{stat: procStat{pid: 4711, start: 1}}
	if m.take(map[string]string{"/proc/4711/stat": "4711 (x)" + statTail}) {
		t.Error("another process was taken for the member")
	}
}

func TestAdopt(t *testing.T) {
	tr := newTree(ident{10, 100}, []int{99})
	tr.add(procStat{pid: 10, parent: 5, group: 10, session: 3, start: 100})
	all := map[int]procStat{
		10: {pid: 10, parent: 5, group: 10, session: 3, start: 100},
		5:  {pid: 5, parent: 1, group: 5, session: 3, start: 50},
		11: {pid: 11, parent: 10, group: 10, session: 3, start: 110}, // a child
		12: {pid: 12, parent: 11, group: 12, session: 12, start: 120},
		13: {pid: 13, parent: 1, group: 10, session: 3, start: 130},   // left behind in the group
		14: {pid: 14, parent: 1, group: 12, session: 12, start: 140},  // left behind in a member's session
		15: {pid: 15, parent: 5, group: 10, session: 3, start: 150},   // its neighbour in the pipeline: not its work
		16: {pid: 16, parent: 1, group: 16, session: 3, start: 160},   // of the session, not of the group
		17: {pid: 17, parent: 1, group: 10, session: 3, start: 90},    // older than the root
		99: {pid: 99, parent: 10, group: 99, session: 99, start: 200}, // ronda
	}
	tr.adopt(all)
	if d := cmp.Diff([]int{10, 11, 12, 13, 14}, keys(tr.members)); d != "" {
		t.Error(d)
	}
}

func TestCommandLine(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"mysql --user=root --password=geheim zimbra ", "mysql --user=root --password=•••• zimbra"},
		{"mysql -u root -pgeheim zimbra", "mysql -u root -p•••• zimbra"},
		{"/opt/zimbra/bin/mysqldump -pge$heim -p db", "/opt/zimbra/bin/mysqldump -p•••• -p db"},
		{"sudo -u x mariadb-upgrade -pgeheim", "sudo -u x mariadb-upgrade -p••••"},
		{"mkdir -p /srv/x", "mkdir -p /srv/x"},
		{"ssh -p 2222 host", "ssh -p 2222 host"},
		{"env PGPASSWORD=ge,h&eim psql -h db", "env PGPASSWORD=••••&eim psql -h db"},
		{"MYSQL_PWD=geheim mysql", "MYSQL_PWD=•••• mysql"},
		{"psql postgres://app:ge@heim@db:5432/x", "psql postgres://app:••••@db:5432/x"},
		{"git clone https://ghp_0123456789abcdefghij@github.com/x", "git clone https://••••@github.com/x"},
		{"rsync a ssh://root@host/x", "rsync a ssh://root@host/x"},
		{"curl -u bob:geheim http://x", "curl -u •••• http://x"},
		{"curl -ubob:geheim http://x", "curl -u•••• http://x"},
		{"curl -H Authorization: Bearer abc.def https://x", "curl -H Authorization: •••• https://x"},
		{"curl https://x/?a=1&access_token=abc&b=2", "curl https://x/?a=1&access_token=••••&b=2"},
		{"tool --api-key abc --token=def run", "tool --api-key •••• --token=•••• run"},
		{"tool --db-password geheim", "tool --db-password ••••"},
		{"tool -password geheim", "tool -password ••••"},
		{"tool --password='ge heim' x", "tool --password=•••• x"},
		{"ldapsearch -x -w geheim -b dc=x", "ldapsearch -x -w •••• -b dc=x"},
		{"sshpass -p geheim ssh x", "sshpass -p •••• ssh x"},
		{"sshpass -pgeheim ssh x", "sshpass -p•••• ssh x"},
		{"openssl rsa -passin pass:geheim", "openssl rsa -passin pass:••••"},
		{"zmprov sp user@x geheim", "zmprov sp user@x ••••"},
		{"java -Djavax.net.ssl.keyStorePassword=geheim -jar x", "java -Djavax.net.ssl.keyStorePassword=•••• -jar x"},
		{"ssh-keygen -q -t ed25519 -N geheim -Pgeheim -f key", "ssh-keygen -q -t ed25519 -N •••• -P•••• -f key"},
		{"sh -c ssh-keygen -N  -f key", "sh -c ssh-keygen -N  -f key"},
		{"redis-cli -a geheim ping", "redis-cli -a •••• ping"},
		{`curl -d {"password":"geheim","x":1} h`, `curl -d {"password":••••,"x":1} h`},
		{"a\x1b[2Jb\nc \u202edcba", "a?[2Jb?c ?dcba"},
	}
	for _, tt := range tests {
		got := commandLine(tt.raw)
		if strings.Contains(got, "geheim") || strings.Contains(got, "heim@") {
			t.Errorf("%q shows its secret: %q", tt.raw, got)
		}
		if got != tt.want {
			t.Errorf("%q: %q, not %q", tt.raw, got, tt.want)
		}
	}
	if got := commandLine("x " + strings.Repeat("ä", 5000)); len(got) > commandLimit || !utf8.ValidString(got) {
		t.Errorf("%d bytes", len(got))
	}
}

func TestBareShell(t *testing.T) {
	for command, want := range map[string]bool{
		"-bash": true, "bash": true, "bash --norc -i": true, "/bin/sh": true, "bash -l": true, "busybox sh": true,
		"bash x.sh": false, "sh -c x": false, "bash -ec x": false, "sh -x x.sh": false, "": false,
	} {
		if bareShell("bash", command) != want {
			t.Errorf("%q", command)
		}
	}
	if bareShell("python3", "python3") {
		t.Error("python3 is no shell")
	}
}

// Nothing that stands in /proc makes the readers fail, and nothing of it reaches a terminal as a control
// sequence.
func FuzzProc(f *testing.F) {
	f.Add("4711 (x)" + statTail)
	f.Add("1: -> FLOCK  ADVISORY  WRITE 300 fe:00:7 0 EOF\n2: x")
	f.Add("0 0x7 0x7ffd 0x1 0x0 0x0 0x0 0x7ffd 0x7faa")
	f.Add("   0: 0109C70A:9C40 0209C70A:15A8 01 000103A8:00000000 01:00000CE4 00000005     0        0 45167 2 0")
	f.Add("mysql -pgeheim --password 'x\x00\xff")
	f.Add("pos:\t153\nflags:\t0100001\nmnt_id:\t27\n")
	f.Add("22 27 0:21 / /proc rw - proc proc rw,hidepid=2\n0::/x\nrchar: 1")
	f.Fuzz(func(t *testing.T, text string) {
		st, ok := parseStat(text)
		if ok && (st.pid <= 0 || len(st.name) > 64*4) {
			t.Errorf("%+v", st)
		}
		parseIO(text)
		parseFDInfo(text)
		parsePIDs(text)
		parseUptime(text)
		for _, l := range parseLocks(text) {
			lockOf(parseLocks(text), l.holder)
		}
		for _, row := range parseTCP(text) {
			address(row.remote)
		}
		for _, machine := range []string{"x86_64", "aarch64", ""} {
			c := parseSyscall(text, machine)
			w := wait{call: c, links: map[int]string{0: text, c.fd(): text}}
			w.resolve()
			hinder(st, &w)
		}
		hidesPIDs(text)
		parseMounts(text)
		pulses(text)
		received(text, "/")
		throttled(text)
		parseSpace(text, func(int) bool { return true })
		if line := screenLine(text); len(line) > screenLimit || !utf8.ValidString(line) || strings.ContainsAny(line, "\x1b\r\n\t\x07\u009b") {
			t.Errorf("%q", line)
		}
		cgroupPath(text, "")
		cgroupPath(text, "cpu")
		oomKills(text)
		bareShell("sh", text)
		got := commandLine(text)
		if len(got) > commandLimit || !utf8.ValidString(got) || strings.ContainsAny(got, "\x1b\r\n\t\x07\u009b") {
			t.Errorf("%q", got)
		}
		ttyName(len(text))
	})
}
