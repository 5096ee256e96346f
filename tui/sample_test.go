package tui

import (
	"fmt"
	"math"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
)

// night is the moment of the sample scene.
func night() time.Time { return time.Date(2026, 11, 28, 23, 41, 16, 0, time.UTC) }

func before(d time.Duration) time.Time { return night().Add(-d) }
func in(d time.Duration) time.Time     { return night().Add(d) }

// scenes: the night of a sketch, and one with all ten verdicts.
func sketch() *fold.Snapshot {
	s := &fold.Snapshot{
		At: before(400 * time.Millisecond), Seq: 4711, Started: before(70 * time.Minute),
		Title: "Zimbra 8.7.1 → 8.8.10",
		Plan: observe.Plan{
			Window: &observe.Window{
				Start: before(41*time.Minute + 16*time.Second), End: in(5*time.Hour + 18*time.Minute + 44*time.Second),
				Rollback: observe.Duration(90 * time.Minute),
			},
			Tasks: []observe.Task{
				{Name: "snapshot mail1", Host: "mail1"},
				{Name: "schema upgrade", Host: "mail1", Log: "/opt/zimbra/log/zmsetup.log"},
				{Name: "mailbox backup", Host: "backup", Log: "/var/log/rsync.log"},
				{Name: "clone archive VM", Host: "backup"},
				{Name: "upgrade mail2", Host: "mail2", After: "schema upgrade", Log: "/opt/zimbra/log/zmsetup.log"},
			},
			Services: []observe.Service{{Name: "webmail", After: "schema upgrade"}, {Name: "smtp"}, {Name: "imap"}, {Name: "ldap"}, {Name: "mx"}},
		},
		Hosts: []fold.HostView{
			{Name: "mail1", State: fold.LinkUp, Since: before(time.Hour), RTT: 38 * time.Millisecond},
			{Name: "mail2", State: fold.LinkUp, Since: before(4 * time.Minute), RTT: 41 * time.Millisecond},
			{Name: "backup", State: fold.LinkDown, Since: before(12 * time.Second), Detail: "no route to host; next try in 4s"},
		},
		Tasks: []fold.TaskView{snapshotTask(), schemaTask(), backupTask(), cloneTask(), pendingTask()},
		Services: []fold.ServiceView{
			{Name: "webmail", Asked: true, Since: before(20 * time.Minute), Detail: "connection refused", Last: before(time.Minute)},
			{Name: "smtp", Asked: true, OK: true, Since: before(time.Hour), Latency: 12 * time.Millisecond},
			{Name: "imap", Asked: true, OK: true, Since: before(time.Hour), Latency: 15 * time.Millisecond},
			{Name: "ldap", Asked: true, OK: true, Since: before(time.Hour), Latency: 2 * time.Millisecond},
			{Name: "mx", Asked: true, OK: true, Since: before(time.Hour), Latency: 22 * time.Millisecond, Expires: in(9 * 24 * time.Hour)},
		},
		Notes: []fold.NoteView{{At: before(4 * time.Minute), Kind: observe.KindMark, Text: "asked Budi to look at the SAN"}},
	}
	return s
}

func snapshotTask() fold.TaskView {
	return fold.TaskView{
		Name: "snapshot mail1", Host: "mail1", Started: before(70 * time.Minute), Ended: before(39 * time.Minute),
		Ruling:   observe.Ruling{Verdict: observe.Done, Since: before(39 * time.Minute), Reason: "said \"snapshot created\" and ended with exit code 0"},
		Progress: fold.Progress{Known: true, Done: 100, Total: 100, Unit: "percent"},
	}
}

func schemaTask() fold.TaskView {
	return fold.TaskView{
		Name: "schema upgrade", Host: "mail1", Started: before(38 * time.Minute),
		Ruling: observe.Ruling{
			Verdict: observe.Quiet, Since: before(14*time.Minute + 12*time.Second),
			Reason: "the log is silent, MySQL works", Sure: observe.Likely,
			Evidence: []observe.Evidence{
				{For: true, Text: `thread 812 "copy to tmp table" on zimbra.mail_item 61 %, 1.2k rows/s`, At: before(2 * time.Second)},
				{For: true, Text: "mysqld reads 41 MB/s; #sql-1a2-32c.ibd grew 1.1 GB in 5 min", At: before(2 * time.Second)},
				{For: true, Text: "in the rehearsal this phase was silent for 28 min"},
				{For: false, Text: `no log line since "Migrating mboxgroup7 …"`, At: before(14*time.Minute + 12*time.Second)},
			},
			Next: &observe.Escalation{Verdict: observe.Stalled, At: in(3*time.Minute + 44*time.Second), If: "the thread stops moving"},
		},
		Phase: "Migrating mboxgroup7", PhaseSince: before(14*time.Minute + 12*time.Second),
		Progress: fold.Progress{Known: true, Done: 2.51e6, Total: 4.1e6, Unit: "rows", Estimate: true, At: before(2 * time.Second)},
		Rate:     1200, RateMean: 1100, Spark: wave(60),
		ETA:      rate.ETA{State: rate.Range, P10: in(31 * time.Minute), P50: in(40 * time.Minute), P90: in(50 * time.Minute)},
		Deadline: fold.DeadlineView{At: in(139 * time.Minute), Known: true, Probability: 0.97, DecideBy: in(100 * time.Minute)},
		LastLine: before(14*time.Minute + 12*time.Second),
		Log:      schemaLog(),
		Sources: []fold.SourceView{
			{Name: "log", State: observe.SourceUp, Last: before(14 * time.Minute)},
			{Name: "process", State: observe.SourceUp, Last: before(2 * time.Second)},
			{Name: "database", State: observe.SourceLimited, Why: "cannot read performance_schema: grant SELECT to see stages", Last: before(2 * time.Second)},
		},
		Uses: []float64{0, 0, 0.02},
		Process: &observe.Process{
			Found: "writes /opt/zimbra/log/zmsetup.log", Root: 4711, Count: 3, CPU: 512_340,
			IO: &observe.ProcessIO{Read: 41e9, Write: 12e9},
			Procs: []observe.Proc{
				{PID: 4711, Name: "zmsetup.pl", Command: "perl /opt/zimbra/libexec/zmsetup.pl -c", State: "S", Call: "wait4", CPU: 2100},
				{PID: 4799, Parent: 4711, Name: "sh", Command: "sh -c /opt/zimbra/libexec/scripts/migrate20170412.pl", State: "S", Call: "wait4", CPU: 12},
				{PID: 4802, Parent: 4799, Name: "perl", Command: "perl migrate20170412.pl", State: "S", Call: "read", Target: "socket:[88121]", CPU: 510_000},
			},
			Files: []observe.OpenFile{{PID: 812, Path: "/opt/zimbra/db/data/zimbra/#sql-1a2-32c.ibd", Pos: 11e8, Size: 11e8, Write: true}},
		},
	}
}

func schemaLog() fold.LogView {
	lines := []fold.LogLine{
		{At: before(38 * time.Minute), Text: "Operations logged to /tmp/zmsetup.20261128-230316.log", Backlog: true},
		{At: before(38 * time.Minute), Text: "Installing LDAP configuration database...done.", Backlog: true},
		{At: before(38 * time.Minute), Text: "skipped 12 MB from 4096: began at the end", Gap: true},
		{At: before(16 * time.Minute), Text: "Setting defaults...", Severity: fold.Notice},
		{At: before(15 * time.Minute), Text: "This appears to be 8.7.1_GA"},
		{At: before(15 * time.Minute), Text: "Checking for conflicting ports... WARNING: port 7071 is in use", Severity: fold.Warning},
		{At: before(14*time.Minute + 30*time.Second), Text: "ERROR 1005 (HY000): Can't create table (errno: 150), retrying", Severity: fold.Error},
		{At: before(14*time.Minute + 18*time.Second), Text: "Verified schema version 104."},
		{At: before(14*time.Minute + 12*time.Second), Text: "Migrating mboxgroup7.  This can take a substantial amount of time..."},
	}
	return fold.NewLogView(lines, &fold.LogLine{At: before(14 * time.Minute), Text: "mboxgroup7: "})
}

func backupTask() fold.TaskView {
	return fold.TaskView{
		Name: "mailbox backup", Host: "backup", Started: before(65 * time.Minute),
		Ruling: observe.Ruling{
			Verdict: observe.Slowing, Since: before(9 * time.Minute), Reason: "38 MB/s, a third of the 112 MB/s it had until 23:32",
			Evidence: []observe.Evidence{{For: true, Text: "rate fell at 23:32 and stayed low", At: before(9 * time.Minute)}},
		},
		Progress: fold.Progress{Known: true, Done: 412e9, Total: 790e9, Unit: "bytes"},
		Rate:     38e6, RateMean: 102e6, Spark: falling(60),
		ETA:      rate.ETA{State: rate.Range, P10: in(5*time.Hour + 29*time.Minute), P50: in(6 * time.Hour), P90: in(6*time.Hour + 59*time.Minute)},
		Deadline: fold.DeadlineView{At: in(139 * time.Minute), Known: true, Probability: 0.02, DecideBy: in(49 * time.Minute)},
		LastLine: before(time.Second),
	}
}

func cloneTask() fold.TaskView {
	return fold.TaskView{
		Name: "clone archive VM", Host: "backup", Started: before(5 * time.Hour),
		Ruling: observe.Ruling{
			Verdict: observe.Blind, Since: before(12 * time.Second), Reason: "the link to backup is lost; what was known is 12 s old",
			Evidence: []observe.Evidence{{For: true, Text: "no answer from backup", At: before(12 * time.Second)}},
		},
		Progress: fold.Progress{Known: true, Done: 28, Total: 100, Unit: "percent"},
		Rate:     0.02, Spark: gapped(60),
		ETA: rate.ETA{State: rate.Range, P10: in(170 * time.Minute), P50: in(180 * time.Minute), P90: in(190 * time.Minute)},
	}
}

// noLogScene has one task, of which only the process and a probe of its progress are seen.
func noLogScene() *fold.Snapshot {
	s := sketch()
	s.Hosts[2] = fold.HostView{Name: "backup", State: fold.LinkUp, Since: before(time.Hour), RTT: 9 * time.Millisecond}
	t := cloneTask()
	t.Ruling = observe.Ruling{
		Verdict: observe.Progressing, Since: before(2 * time.Hour), Reason: "qemu-img writes, and the image grows",
		Evidence: []observe.Evidence{
			{For: true, Text: "qemu-img wrote 2.1 GB in the last minute", At: before(2 * time.Second)},
			{For: true, Text: "archive.qcow2 grew 2.1 GB in the last minute", At: before(5 * time.Second)},
		},
		Next: &observe.Escalation{Verdict: observe.Quiet, At: in(55 * time.Second), If: "the image does not grow"},
	}
	t.Sources = []fold.SourceView{
		{Name: "process", State: observe.SourceUp, Last: before(2 * time.Second)},
		{Name: "image", State: observe.SourceUp, Last: before(5 * time.Second)},
	}
	t.Process = &observe.Process{
		Found: "named by the plan: qemu-img", Root: 2210, Count: 2, CPU: 812_000, IO: &observe.ProcessIO{Read: 88e9, Write: 87e9},
		Procs: []observe.Proc{
			{PID: 2210, Name: "sh", Command: "sh -c /root/clone.sh archive", State: "S", Call: "wait4", CPU: 20},
			{PID: 2214, Parent: 2210, Name: "qemu-img", Command: "qemu-img convert -p archive.raw archive.qcow2", State: "D", CPU: 811_980},
		},
	}
	s.Tasks = []fold.TaskView{t}
	return s
}

func pendingTask() fold.TaskView {
	return fold.TaskView{
		Name: "upgrade mail2", Host: "mail2",
		Ruling: observe.Ruling{Verdict: observe.Pending, Since: before(70 * time.Minute), Reason: "starts after schema upgrade"},
	}
}

// verdictsScene has a task for each verdict.
func verdictsScene() *fold.Snapshot {
	s := sketch()
	more := []struct {
		verdict observe.Verdict
		name    string
		reason  string
		since   time.Duration
	}{
		{observe.Progressing, "rsync home", "2,114 files more in the last minute", 30 * time.Minute},
		{observe.Blocked, "dpkg configure", `waits for input: "Configuration file '/etc/postfix/main.cf' … [default=N] ?"`, 4*time.Minute + 10*time.Second},
		{observe.Looping, "wait for LDAP", `the same 3 kinds of line for 11 min: "ldap not running, retrying"`, 11 * time.Minute},
		{observe.Stalled, "pg_restore reports", "no line, no processor time, no read or write for 22 min", 22 * time.Minute},
		{observe.Failed, "flyway migrate", "ended with exit code 1", 2 * time.Minute},
	}
	for i, m := range more {
		t := fold.TaskView{
			Name: m.name, Host: "mail2", Started: before(40 * time.Minute),
			Ruling: observe.Ruling{Verdict: m.verdict, Since: before(m.since), Reason: m.reason},
			ETA:    rate.ETA{State: rate.Measuring}, Phase: fmt.Sprintf("step %d of 9", i+1),
		}
		switch m.verdict {
		case observe.Progressing:
			t.Sure = observe.Certain
			t.Progress = fold.Progress{Known: true, Done: 51_200, Unit: "files"}
			t.Rate, t.RateMean, t.Spark = 35, 36, wave(40)
			t.ETA = rate.ETA{State: rate.None, Why: "no total"}
		case observe.Looping, observe.Stalled, observe.Blocked:
			t.Progress = fold.Progress{Known: true, Done: 71, Total: 100, Unit: "percent"}
			t.ETA = rate.ETA{State: rate.None, Why: "stands still since 23:19"}
			t.Spark = make([]float64, 30)
			if m.verdict == observe.Stalled {
				t.Sure, t.Scenes = observe.Unsure, []fold.Scene{stalledScene(3 * time.Hour), stalledScene(m.since)}
			}
		case observe.Failed:
			t.Ended = before(2 * time.Minute)
		default:
		}
		s.Tasks = append(s.Tasks, t)
	}
	return s
}

// stalledScene is what was known when the restore of the reports stalled.
func stalledScene(ago time.Duration) fold.Scene {
	up, at := true, before(ago)
	return fold.Scene{At: at, Snapshot: &observe.Snapshot{
		Ruling: observe.Ruling{
			Verdict: observe.Stalled, Since: at.Add(-150 * time.Second), Reason: "no progress and no work", Sure: observe.Unsure,
			Evidence: []observe.Evidence{
				{For: true, Text: "nothing new since “processing data for table \"public.reports\"”", At: at.Add(-151 * time.Second)},
				{For: true, Text: "no progress for 2 min 31 s; 95 % of its last 128 pauses were up to 4 s, the longest 38 s"},
				{For: true, Text: "pg_restore, pid 9120 and 1 more: hardly any work for 2 min 30 s (no processor time, I/O cannot be seen); up to 2 min 30 s is credible"},
				{For: true, Text: "postgres, pid 9133 waits for a lock held by autovacuum (pid 880)", At: at.Add(-3 * time.Second)},
			},
		},
		Phase: "data", Counter: &observe.Counter{Name: "tables", Done: new(71.0), Total: new(100.0), Unit: "tables"},
		Process: &observe.Process{
			Found: "matches pg_restore", Root: 9120, Count: 2, CPU: 81_000,
			Procs: []observe.Proc{
				{PID: 9120, Name: "pg_restore", Command: "pg_restore -d reports reports.dump", State: "S", Call: "poll", Target: "socket:[1201]", CPU: 4000},
				{PID: 9133, Parent: 9120, Name: "postgres", Command: "postgres: reports [local] COPY waiting", State: "S", Wchan: "do_epoll_wait", CPU: 77_000, Waits: "waits for a lock held by autovacuum (pid 880)", Blocker: observe.BlockerLock},
			},
		},
		Uses:  []observe.Use{{PID: 9120}, {PID: 9133, Processors: 0.004}},
		Lines: []string{"pg_restore: creating TABLE \"public.reports\"", "pg_restore: processing data for table \"public.reports\""},
		Sees:  []observe.Seen{{Source: "log", State: observe.SourceUp}, {Source: "process", State: observe.SourceLimited, Why: "not root: I/O counters of another user's processes cannot be seen; run as root or as that user"}},
		Link:  &observe.Link{Up: true, RTTMS: 41},
		Others: []observe.Other{
			{Name: "mailbox backup", State: observe.Progressing, Detail: "412 GB of 790 GB"}, {Name: "smtp", OK: &up, Detail: "220 mail2 ESMTP"},
		},
	}}
}

func wave(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1100 + 300*math.Sin(float64(i)/5)
	}
	return out
}

func falling(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = max(112-2.2*float64(i), 30)
	}
	return out
}

func gapped(n int) []float64 {
	out := wave(n)
	for i := range out {
		if i%20 > 14 || i > n-4 {
			out[i] = math.NaN()
		}
	}
	return out
}

// manyTasks is a scene with n tasks that all run.
func manyTasks(n int) *fold.Snapshot {
	s := sketch()
	s.Tasks = nil
	for i := range n {
		t := schemaTask()
		t.Name = fmt.Sprintf("task %02d", i)
		s.Tasks = append(s.Tasks, t)
	}
	return s
}
