package extract

import (
	"fmt"
	"strings"
	"testing"

	"ronda/internal/observe"
)

func TestSeverity(t *testing.T) {
	for _, c := range []struct {
		text string
		want Severity
	}{
		{"ERROR: relation does not exist", Error},
		{"error: disk quota", Error},
		{"[ERROR] InnoDB: page corrupt", Error},
		{"2026-11-22 01:00:00 FATAL something", Error},
		{"E: Sub-process /usr/bin/dpkg returned an error code (1)", Error},
		{"dpkg: error processing package x (--configure):", Error},
		{"sqlite3.OperationalError: no such table: nosuch", Error},
		{"java.io.IOException: broken", Error},
		{"Traceback (most recent call last):", Error},
		{"tar: write: No space left on device", Error},
		{"UPGRADE FAILED - exiting.", Error},
		{"Unable to bind to LDAP", Error},
		{"errors: 3", Error},
		{"failed=2 ok=7", Error},
		{"12 errors found", Error},
		{"error    : Corrupt", Error},
		{"process exited with exit code 1", Error},
		{"exit status: 137", Error},
		{"exit status 0", Plain},
		{"INFO  step=copy done=120 total=5000 errors=0", Plain},
		{"0 errors", Plain},
		{"no errors found", Plain},
		{"finished without errors", Plain},
		{"errors: 0, warnings: 0", Plain},
		{"ok=12 changed=3 unreachable=0 failed=0", Plain},
		{"1234 rows copied, 0 errors", Plain},
		{"rotating error_log", Plain},
		{"log_error=/var/log/mysql/error.log", Plain},
		{"opening /var/log/nginx/error/today", Plain},
		{"Setting up liberror-perl (0.17029-1) ...", Plain},
		{"installing error pages", Plain},
		{"creating error_handler.php", Plain},
		{"If pg_upgrade fails after this point, you must re-initdb the", Plain},
		{"Checking for failed services...", Notice},
		{"mysqlcheck --ignore-errors", Plain},
		{"WARNING: deprecated option", Warning},
		{"W: some index files were skipped", Warning},
		{"[Warning] Aborted connection 5", Warning}, // the program knows best
		{"PASS 12 WARN 0 FAIL 0", Plain},
		{"PASS 12 WARN 0 FAIL 1", Error},
		{"Tests run: 12, Failures: 0, Errors: 0, Skipped: 0", Plain},
		{"no fatal errors", Plain},
		{"Loaded 12 alert rules", Plain},
		{"entering the critical section", Plain},
		{"nginx: [emerg] bind() to 0.0.0.0:80 failed", Error},
		{"CRITICAL: disk sda is gone", Error},
		{"[crit] 12#0: accept4() broke", Error},
		{"test_import FAIL", Error},
		{"alert: replica is far behind", Error},
		{"copied 12 of 240, failed: none", Plain},
		{"error=null", Plain},
		{"0 critical errors found", Plain},
		{"errors (0)", Plain},
		{"no new warnings", Plain},
		{"warnings: 2, errors: 0", Warning},
		{"warnings: 2, errors: 1", Error},
		{"error handling module loaded", Plain},
		{"ERROR_LOG=/var/log/app/error.log", Plain},
		{"PLAY RECAP mail1 : ok=12 changed=3 unreachable=1 failed=0", Warning},
		{"job completed with 12 error(s) at Sat Nov 28 23:10:04 2026 elapsed 0 00:05:22", Error},
		{"ORA-31684: Object type USER:\"APP\" already exists", Error},
		{"Msg 3013, Level 16, State 1, Server DB1, Line 1", Error},
		{"psql:dump.sql:42: ERROR:  relation \"a\" already exists", Error},
		{"ERROR 1045 (28000): Access denied for user 'root'@'localhost'", Error},
		{"2026-11-22 01:00:00 0 [ERROR] InnoDB: Unable to lock ./ibdata1", Error},
		{"level=error msg=\"cannot reach db\"", Error},
		{"level=info msg=\"error handler loaded\"", Plain},
		{"ts=1795564800 level=warn msg=\"disk failed to answer\"", Warning},
		{`{"level":"error","msg":"x"}`, Error},
		{`{"msg":"last run failed","level":"info"}`, Warning},
		{`{"severity":"WARNING","message":"replica behind"}`, Warning},
		{`{"level":50,"msg":"x"}`, Error},
		{`{"level":30,"msg":"x"}`, Plain},
		{"E0614 13:58:11.215149    4914 kubelet.go:1597] Failed creating a mirror pod", Error},
		{"I0614 13:58:11.215149    4914 kubelet.go:1597] volume attached", Plain},
		{"I0614 13:58:11.215149    4914 kubelet.go:1597] last attempt failed", Warning},
		{"<3>disk sda: cannot write", Error},
		{"<27>1 2026-11-22T01:00:00Z mail1 app 12 - - broken pipe", Error},
		{"<30>Nov 22 01:09:03 mail1 app[12]: started", Plain},
		{"Lag: 0.02s, State: migrating", Plain},
		{"[upgrade/staticpods] This might take a minute (timeout 5m0s)", Plain},
		{"retries=3 done", Plain},
		{"retry 3 of 5", Warning},
		{"Exception in thread \"main\" java.lang.IllegalStateException: no", Error},
		{"Fehler beim Öffnen der Datei", Error},
		{"3 Dateien kopiert, 0 Fehler", Plain},
		{"ohne Fehler beendet", Plain},
		{"Sauvegarde terminée sans erreur", Plain},
		{"échec de la connexion", Error},
		{"copia terminada, 0 errores", Plain},
		{"falló la conexión", Error},
		{"pemulihan gagal", Error},
		{"tidak ada kesalahan", Plain},
		{"selesai tanpa kesalahan", Plain},
		{"retrying in 5 s", Warning},
		{"INFO last error was handled", Warning},
		{"Copying 12 files", Plain},
		{"", Plain},
	} {
		if got := newLog(t, observe.Patterns{}).Read(c.text, false).Severity; got != c.want {
			t.Errorf("%q: severity %d, want %d", c.text, got, c.want)
		}
	}
}

// One shape, judged by the number in it: what the first line says must not stick to the second.
func TestSeverityFollowsTheNumber(t *testing.T) {
	l := newLog(t, observe.Patterns{})
	for _, c := range []struct {
		text string
		want Severity
	}{{"12 rows, 0 errors", Plain}, {"13 rows, 2 errors", Error}, {"14 rows, 0 errors", Plain}} {
		if got := l.Read(c.text, false).Severity; got != c.want {
			t.Errorf("%q: severity %d, want %d", c.text, got, c.want)
		}
	}
}

func TestPrompts(t *testing.T) {
	for _, text := range []string{
		"*** rondatest.conf (Y/I/N/O/D/Z) [default=N] ? ",
		"Do you want to continue? [Y/n] ",
		"Is this ok [y/N]: ",
		"[sudo] password for zimbra: ",
		"Password: ",
		"root@mail1's password: ",
		"Enter passphrase for key '/root/.ssh/id_ed25519': ",
		"Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
		"Verification code: ",
		"Do you wish to continue? [N] ",
		"Install zimbra-ldap [Y] ",
		"Please enter the hostname [mail.example.test]: ",
		"Enter new UNIX password:",
		"Which services should be restarted? ",
		"Press return to exit",
		"UPGRADE FAILED - press return to exit ",
		"--More--",
		"mysql> ",
		"Continue? (y/n): ",
		"Name: ",
		"\x1b[1mProceed?\x1b[0m ",
		"Items to configure, separated by spaces: ",
		"remove /etc/x? ",
		"rm: remove regular file 'a'? ",
		"Overwrite? (y/n) ",
		"/etc/profile (END)",
		"lines 1-20 (END)",
		"Select from menu, or press 'a' to apply config (? - help) ",
		"Address unconfigured (**) items  (? - help) ",
		"Create domain: [mail.example.com] ",
		"Save config in file: [/opt/zimbra/config.12345] ",
		"Select, or 'r' for previous menu [r] ",
		"Passphrase for key \"/root/.ssh/id_ed25519\": ",
		"    <Yes>                 <No>",
		"[More] ",
		"Press <Enter> to continue ",
		"A)bort, R)etry, I)gnore? ",
		"Select an option [1-3]: ",
	} {
		if got := newLog(t, observe.Patterns{}).Read(text, true).Prompt; got == "" {
			t.Errorf("%q is not taken for a question", text)
		}
	}
	for _, text := range []string{
		"Starting mysql...", "Copying files", "     12,345,678  15%   58.28MB/s    0:00:05", "    (43.69/100%)",
		"40.0MiB 0:00:01 [39.7MiB/s] [==========>          ] 34% ETA 0:00:01", "20.1MiB 0:00:01 [20.1MiB/s] [<=>     ]",
		"(Reading database ... 45%", "Progress: [ 12%] [####......]", "", "   ", "-----", "2026-11-22 01:00:00 ",
		"Upgrading : pkg 12/240", "Thread 1 restoring `imp`.`mail_item` part 10", "[ OK ]", "mailbox (1234)",
		"360,000,000  87%   59.15MB/s    0:00:05 (xfr#3, ir-chk=1080/1084)", "Setting up hello (2.10-3)", "rate=12: ",
		"Starting postfix: ", "Stopping zmconfigd: ", "Copying user relation files          ", "  Applying app.0042_add_index...",
		"[12/240] ", "Reading package lists... 45%", "Loaded plugins [fastestmirror] ",
	} {
		if got := newLog(t, observe.Patterns{}).Read(text, true).Prompt; got != "" {
			t.Errorf("%q is taken for the question %q", text, got)
		}
	}
	if got := newLog(t, observe.Patterns{}).Read("Do you want to continue? [Y/n] ", false).Prompt; got != "" {
		t.Errorf("a line that has ended asks %q", got)
	}
}

// A question may end with its line; then more must speak for it.
func TestQuestionsOfWholeLines(t *testing.T) {
	for _, text := range []string{
		"status: /etc/main.cf : conffile-prompt : '/etc/main.cf' '/etc/main.cf.dpkg-new' 1 1 ",
		"pmconffile:/etc/main.cf:40.0000:'/etc/main.cf' '/etc/main.cf.dpkg-new' 1 1",
		"Do you want to continue? [Y/n]",
		"Is this ok [y/N]:",
		"Press ENTER to continue",
		"Overwrite the existing file (y/n):",
		"*** main.cf (Y/I/N/O/D/Z) [default=N] ?",
		"Are you sure you want to proceed?",
		"Enter passphrase for key '/root/.ssh/id_ed25519':",
		"[sudo] password for zimbra:",
		"Password:",
		"Sun Nov 22 01:09:03 2026 Configuration complete - press return to exit",
	} {
		if got := newLog(t, observe.Patterns{}).Read(text, false).Asks; got == "" {
			t.Errorf("%q is not taken for a question", text)
		}
	}
	for _, text := range []string{
		"   What would you like to do about it ?  Your options are:", "Why not? Because.", "copied: 12", "config:", "Password: changed",
		"ok?", "Files to copy:", "SELECT * FROM t WHERE a = ?", "GET /search?q=a%3F HTTP/1.1", "Setting up hello (2.10-3) ...",
		"database password: set", "[Y]", "y/n", "found 12 of 24?", "",
	} {
		if got := newLog(t, observe.Patterns{}).Read(text, false).Asks; got != "" {
			t.Errorf("%q is taken for the question %q", text, got)
		}
	}
}

func TestPhasesAndSteps(t *testing.T) {
	for _, c := range []struct {
		text, phase string
		step        Step
	}{
		{"== Phase 2/8: checking ==", "Phase 2/8: checking", StepNone},
		{"== 20170101 AddThing: migrating =====", "20170101 AddThing: migrating", StepNone},
		{"STEP 3: restore", "STEP 3: restore", StepNone},
		{"06:28:25 3367 INFO  STEP 1: dump the schema", "STEP 1: dump the schema", StepNone},
		{"INFO  [alembic.runtime.migration] Running upgrade a1 -> b2, text", "Running upgrade a1 -> b2, text", StepNone},
		{"Sun Nov 22 01:01:12 2026 Starting mysql...", "Starting mysql", StepOpens},
		{"Sun Nov 22 01:39:30 2026 \tcom_zimbra_date...", "", StepOpens},
		{"TASK [common : install packages] ******", "common : install packages", StepNone},
		{"Recipe: gitlab::database_migrations", "gitlab::database_migrations", StepNone},
		{"Migrating mboxgroup7.  This can take a substantial amount of time...", "Migrating mboxgroup7", StepOpens},
		{"Preparing to unpack mta_3.8 ...", "", StepOpens},
		{"Waiting for changelog lock....", "", StepOpens},
		{"Unpacking sl (5.02-1+b1) ...", "", StepOpens},
		{"Sun Nov 22 01:01:12 2026 done.", "", StepCloses},
		{"[00] 2026-11-22 06:27:29         ...done", "", StepCloses},
		{"Starting mysqld...done.", "", StepNone},
		{"not running.", "", StepCloses},
		{"failed.", "", StepCloses},
		{"everything is done now", "", StepNone},
		{"step by step", "", StepNone},
	} {
		r := newLog(t, observe.Patterns{}).Read(c.text, false)
		if r.Phase != c.phase || r.Step != c.step {
			t.Errorf("%q: phase %q, step %d; want %q, %d", c.text, r.Phase, r.Step, c.phase, c.step)
		}
	}
}

func TestCleanAndStamp(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"\x1b[1;31mred\x1b[0m text", "red text"},
		{"\x1b]0;title\x07body", "body"},
		{"old state\rnew state", "new state"},
		{"last state\r", "last state"},
		{"ab\bc", "ac"},
		{"12%\b\b\b", "12%"},
		{"12%\b\b\b34%\b\b\b", "34%"},
		{"inodes: 0/38\b\b\b\b    \b\b\b\bdone", "inodes: done"},
		{"größe\b\b\b\b\b9 von 12", "9 von 12"},
		{strings.Repeat("12%\b\b\b", 2000) + "34%", "34%"},
		{" * f2.bin:  8% /1.431Mi\x1b[2K\x1b[1A\x1b[2K\x1b[1GTransferred: 24 MiB / 57 MiB, 42%", "Transferred: 24 MiB / 57 MiB, 42%"},
		{"/src/f27.bin\r\x1b[1A\x1b[1A\r\x1b[2K[0:01] 38 files 54.969 MiB", "[0:01] 38 files 54.969 MiB"},
		{"text\x1b[K", "text"},
		{"text\x1b[2K", "text"},
		{"a\x00b\x7fc", "abc"},
		{"2026-11-22 06:27:06 x", "x"},
		{"2026-11-22T06:27:06.123Z x", "x"},
		{"2026-11-22 06:27:06,123 INFO x", "INFO x"},
		{"2026-11-22  6:27:06 0 [Note] x", "0 [Note] x"},
		{"[2026-11-22 06:27:06] x", "x"},
		{"2026-11-22T06:27:06+07:00 x", "x"},
		{"2026/11/22 06:27:06 x", "x"},
		{"Nov 22 01:09:03 mail1 x", "mail1 x"},
		{"Nov  2 01:09:03 mail1 x", "mail1 x"},
		{"Sun Nov 22 01:00:00 2026 x", "x"},
		{"Sun Nov 22 01:00:00 UTC 2026 x", "x"},
		{"Sun Nov 22 01:31:40 2026 Sun Nov 22 01:09:04 2026: x", "x"},
		{"06:28:25 3347 x", "3347 x"},
		{"[00] 2026-11-22 06:27:06         ...done", "        ...done"},
		{"[22/Nov/2026:01:00:00 +0000] x", "x"},
		{"12 of 13", "12 of 13"},
		{"Monday is not a stamp at all", "Monday is not a stamp at all"},
		{"12:3", "12:3"},
	} {
		got, _ := clean(c.text)
		if got = got[stamp(got):]; got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// A copy that was begun anew twice has no counter; once it has come farther than before, it has one again.
func TestACounterIsForgiven(t *testing.T) {
	l := newLog(t, observe.Patterns{})
	pass := func(to int) (last *Count) {
		for i := range to {
			last = l.Read(fmt.Sprintf("copied %d%%", i), false).Count
		}
		return last
	}
	pass(30)
	pass(30)
	if c := pass(30); c != nil {
		t.Errorf("a copy that begins anew again and again is counted as %s", show(c))
	}
	if c := pass(60); c == nil || c.Done != 59 {
		t.Errorf("a copy that comes farther than ever is counted as %+v", c)
	}
}

// "at" is also said of how far something is: such a line is no frame of a stack trace.
func TestHowFarIsNoFrame(t *testing.T) {
	l, err := NewLog(observe.Patterns{}, "")
	if err != nil {
		t.Fatal(err)
	}
	var r Reading
	for _, line := range []string{"  at 12.5% of the disk", "  at 13.5% of the disk", "  at 14.5% of the disk"} {
		if r = l.Read(line, false); r.Trace {
			t.Errorf("%q is taken for a frame", line)
		}
	}
	if r.Count == nil || r.Count.Done != 14.5 {
		t.Errorf("it counts %+v", r.Count)
	}
	for _, line := range []string{"    at System.IO.FileStream.Write()", "    at run (/srv/app/index.js:12:5)", "at com.example.Importer.run(Importer.java:12)"} {
		if !l.Read(line, false).Trace {
			t.Errorf("%q is no frame", line)
		}
	}
}

// The plan's own patterns hold for the lines of a stack trace too.
func TestPatternsInStackTraces(t *testing.T) {
	l := newLog(t, observe.Patterns{Fail: []string{`Caused by: .*OutOfMemory`}, Ignore: []string{`Importer\.java`}})
	l.Read("ERROR [main] import broke", false)
	for text, want := range map[string]Reading{
		"	at com.example.Importer.run(Importer.java:42)":      {},
		"	at com.example.Store.run(Store.java:42)":            {Template: 1, Trace: true},
		"Caused by: java.lang.OutOfMemoryError: heap is full": {Template: 1, Trace: true, Severity: Error, Fail: true},
	} {
		if got := l.Read(text, false); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}
