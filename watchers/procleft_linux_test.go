package watchers

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ronda/internal/observe"
)

// What a killed job leaves behind still holds the log, or matches the pattern, but is no new job; one that is
// started afterwards is.
func TestProcessLeftBehindIsNoNewJob(t *testing.T) {
	const script = `exec >>left-behind.log; echo start; (while :; do echo x; sleep 0.2; done) & echo $! >pid; wait`
	for _, tt := range []struct {
		name string
		cfg  func(dir string) ProcessConfig
		why  string
	}{
		{"by log", func(dir string) ProcessConfig { return procTestLog(filepath.Join(dir, "left-behind.log")) }, "holds the log open"},
		{"by pattern", func(string) ProcessConfig {
			return ProcessConfig{Ref: observe.ProcessRef{Match: `left-behind\.log; echo start`}}
		}, "matches"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			job := procTestStart(t, procTestTool(t, "bash"), "-c", script)
			orphan := procTestPID(t, filepath.Join(job.Dir, "pid"))
			w := procTestRun(t, tt.cfg(job.Dir))
			procTestRoot(t, w, job.Process.Pid)
			if err := job.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			procTestExit(t, w)
			s := w.source(t, observe.SourceWaiting)
			if !strings.Contains(s.Why, "process "+strconv.Itoa(job.Process.Pid)+" left") || !strings.Contains(s.Why, tt.why) {
				t.Fatalf("%+v", s)
			}
			next := procTestStart(t, "env", "LOG="+filepath.Join(job.Dir, "left-behind.log"), "bash", "-c", `: left-behind.log; echo start >>"$LOG"; exec 3>>"$LOG"; sleep 600; true`)
			procTestRoot(t, w, next.Process.Pid)
			ends := 0
			for _, s := range procTestSamples(w.all()) {
				if s.Root == orphan {
					t.Fatalf("what was left behind is taken for a job: %+v", s)
				}
				if s.Exit != nil {
					ends++
				}
			}
			if ends != 1 {
				t.Fatalf("%d ends:\n%s", ends, procTestDump(w.all()))
			}
		})
	}
}

// The job is pid 50, in session 40 of a shell; it lived from tick 1000, was seen last at 2000, and was seen to
// have ended at 2100.
func TestLeftBehind(t *testing.T) {
	shell := procStat{pid: 40, parent: 30, session: 40, group: 40, start: 10}
	root := procStat{pid: 50, parent: 40, session: 40, group: 50, start: 1000}
	member := procStat{pid: 60, parent: 1, session: 60, group: 60, start: 1100}
	j := &job{root: ident{50, 1000}, tree: newTree(ident{50, 1000}, nil), alive: 20000, uptime: 20990}
	j.tree.add(root)
	j.tree.add(member)
	f := &finder{}
	f.remember(j.remains())
	for _, tt := range []struct {
		name         string
		st           procStat
		left, daemon bool
	}{
		{"member", member, true, true},
		{"its pid, given to another process", procStat{pid: 60, parent: 40, session: 40, group: 61, start: 2500}, false, false},
		{"child of a member", procStat{pid: 61, parent: 60, session: 61, group: 61, start: 1200}, true, false},
		{"child that began after the end", procStat{pid: 62, parent: 60, session: 62, group: 62, start: 2500}, false, false},
		{"never seen, of the job's process group", procStat{pid: 63, parent: 1, session: 40, group: 50, start: 2050}, true, false},
		{"the same, but a later group took the number", procStat{pid: 64, parent: 1, session: 50, group: 50, start: 3000}, false, false},
		{"the next job of the same shell, within the second", procStat{pid: 65, parent: 40, session: 40, group: 65, start: 2050}, false, false},
		{"a service, within the second", procStat{pid: 66, parent: 1, session: 66, group: 66, start: 2050}, false, false},
		{"a daemon of the job that was never seen", procStat{pid: 67, parent: 1, session: 67, group: 67, start: 1500}, false, true},
		{"a service that is older than the job", procStat{pid: 68, parent: 1, session: 68, group: 68, start: 500}, false, false},
		{"another job at the same time", procStat{pid: 69, parent: 30, session: 69, group: 69, start: 1500}, false, false},
	} {
		stats := map[int]procStat{1: {pid: 1}, 30: {pid: 30, parent: 1, session: 30, name: "sshd"}, 40: shell, 60: member, tt.st.pid: tt.st}
		if _, left := f.leftBy(tt.st, stats); left != tt.left {
			t.Errorf("%s: left behind %v", tt.name, left)
		}
		if _, daemon := f.daemonOf(tt.st, stats); daemon != tt.daemon {
			t.Errorf("%s: daemon %v", tt.name, daemon)
		}
	}
}
