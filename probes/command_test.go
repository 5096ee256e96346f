//go:build unix

package probes

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ronda/internal/observe"
)

func TestCommand(t *testing.T) {
	tests := []struct {
		name    string
		command string
		expect  observe.Expect
		ok      bool
		detail  string
	}{
		{"says something", "echo; echo; echo '  all well  '; echo more", observe.Expect{}, true, "all well"},
		{"says nothing", "true", observe.Expect{}, true, "exit code 0"},
		{"says it on standard error", "echo hint >&2", observe.Expect{}, true, "hint"},
		{"fails", "exit 3", observe.Expect{}, false, "exit code 3"},
		{"fails with words", "echo out; echo 'no such queue' >&2; exit 2", observe.Expect{}, false, "exit code 2: no such queue"},
		{"fails as expected", "exit 3", observe.Expect{Exit: 3}, true, "exit code 3"},
		{"does not fail as expected", "echo fine", observe.Expect{Exit: 3}, false, "exit code 0: fine"},
		{"missing", "/nonexistent/mailq 2>/dev/null", observe.Expect{}, false, "exit code 127"},
		{"output matches", "echo a; echo 'queue: 0'", observe.Expect{Output: "queue: [0-9]$"}, false, `the output "a" does not match "queue: [0-9]$"`},
		{"output matches in a line", "echo a; echo 'queue: 0'", observe.Expect{Output: "(?m)^queue: [0-9]$"}, true, "a"},
		{"no output", "true", observe.Expect{Output: "x"}, false, `the output "" does not match "x"`},
		{"colours and controls", `printf '\033[31mred\033[0m\a\ttext\033]0;t\a\r\n'`, observe.Expect{}, true, "red text"},
		{"a bar", `printf '10%%\r50%%\r99%%\r\nend'`, observe.Expect{}, true, "99%"},
		{"bad UTF-8", `printf 'a\377b'`, observe.Expect{}, true, "a\ufffdb"},
		{"long", "head -c 5000 /dev/zero | tr '\\0' x", observe.Expect{}, true, strings.Repeat("x", 197) + "…"},
		{"secrets", "echo db=postgres://u:s3cret@h/d password=s3cret", observe.Expect{}, true, "db=postgres://…@h/d password=…"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHost(t)
			c := ask(t, observe.Service{Command: tt.command, Expect: tt.expect}, h)
			wantCheck(t, c, tt.ok, tt.detail)
		})
	}
}

// A command that does not end, and its children, are gone when the timeout is.
func TestCommandHangs(t *testing.T) {
	h := newHost(t)
	file := filepath.Join(t.TempDir(), "pid")
	command := "sleep 1000 & echo $! > '" + file + "'; echo begun; wait"
	wantCheck(t, askWithin(t, observe.Service{Command: command}, h, 3*time.Second), false, "no answer within 3 s")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the command's child is gone", func() bool {
		return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || zombie(pid)
	})
}

// zombie tells whether a process has ended and only waits to be reaped, by whoever adopted it.
func zombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func TestCommandBrokenOff(t *testing.T) {
	h := newHost(t)
	p, err := ForService(observe.Service{Command: "sleep 1000"}, h)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	timer := time.AfterFunc(50*time.Millisecond, cancel)
	defer timer.Stop()
	c, _ := p.Probe(ctx).(observe.Check)
	wantCheck(t, c, false, "the question was broken off")
}

func TestProgress(t *testing.T) {
	long := strings.Repeat("é", observe.RawLimit)
	tests := []struct {
		name    string
		command string
		want    observe.Payload
	}{
		{"answer", `printf '{"done": 3,\n "total": 10}\n'`, observe.Counter{Name: "progress", Unit: "rows", Raw: "{\"done\": 3,\n \"total\": 10}\n"}},
		{"nothing", "true", observe.Counter{Name: "progress", Unit: "rows"}},
		{"part of it", "echo 4711; echo 'cannot read x' >&2; exit 1", observe.Counter{Name: "progress", Unit: "rows", Raw: "4711\n"}},
		{"raw", `printf '\033[1m5\033[0m\r6'`, observe.Counter{Name: "progress", Unit: "rows", Raw: "\x1b[1m5\x1b[0m\r6"}},
		{"bad UTF-8", `printf '\377 5'`, observe.Counter{Name: "progress", Unit: "rows", Raw: "\ufffd 5"}},
		{"long", "printf '" + long + "'", observe.Counter{Name: "progress", Unit: "rows", Raw: long[:observe.RawLimit]}},
		{"long, cut in a character", "printf 'x" + long + "'", observe.Counter{Name: "progress", Unit: "rows", Raw: "x" + long[:observe.RawLimit-2]}},
		{"secret", `printf '{"password": "s3cret", "done": 5}'`, observe.Counter{Name: "progress", Unit: "rows", Raw: `{"password": "…", "done": 5}`}},
		{"complaint", "echo 'ERROR 2002: no socket' >&2; exit 1", observe.Source{State: observe.SourceFailed, Why: "progress command: exit code 1: ERROR 2002: no socket"}},
		{"silent failure", "exit 4", observe.Source{State: observe.SourceFailed, Why: "progress command: exit code 4"}},
		{"hangs", "sleep 1000", observe.Source{State: observe.SourceFailed, Why: "progress command: no answer within 1 s"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHost(t)
			p, err := ForProgress(observe.Task{Name: "x", Progress: &observe.ProgressRef{Command: tt.command, Unit: "rows"}}, h)
			if err != nil {
				t.Fatal(err)
			}
			timeout := patience
			if tt.name == "hangs" {
				timeout = short
			}
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			if got := p.Probe(ctx); got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

// There is no systemd where tests run: a script in its place says what systemctl 252 says. It also checks
// that it is called as it would have to be.
func TestUnit(t *testing.T) {
	const since = "StateChangeTimestamp=Tue 2026-11-24 20:11:00 UTC\n"
	tests := []struct {
		name, script string
		ok           bool
		detail       string
	}{
		{"running", "LoadState=loaded\nActiveState=active\nSubState=running\nResult=success\n" + since, true, "active (running) since Tue 2026-11-24 20:11:00 UTC"},
		{"ended oneshot", "LoadState=loaded\nActiveState=active\nSubState=exited\nResult=success\n" + since, true, "active (exited) since Tue 2026-11-24 20:11:00 UTC"},
		{"reloading", "LoadState=loaded\nActiveState=reloading\nSubState=reload\nResult=success\n" + since, true, "reloading (reload) since Tue 2026-11-24 20:11:00 UTC"},
		{"starting", "LoadState=loaded\nActiveState=activating\nSubState=start-pre\nResult=success\n" + since, false, "activating (start-pre) since Tue 2026-11-24 20:11:00 UTC"},
		{"failed", "LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=exit-code\n" + since, false, "failed, result exit-code since Tue 2026-11-24 20:11:00 UTC"},
		{"never started", "LoadState=loaded\nActiveState=inactive\nSubState=dead\nResult=success\nStateChangeTimestamp=\n", false, "inactive (dead)"},
		{"unknown unit", "LoadState=not-found\nActiveState=inactive\nSubState=dead\nResult=success\nStateChangeTimestamp=\n", false, "no such unit"},
	}
	dir := t.TempDir()
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	install := func(t *testing.T, script string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "systemctl"), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	const unit = `postgresql@15-main\x2da.service`
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			install(t, `for last; do :; done; [ "$1" = show ] && [ "$last" = '`+unit+`' ] || exit 9
cat <<'EOF'
`+tt.script+`EOF
`)
			wantCheck(t, ask(t, observe.Service{Unit: unit}, newHost(t)), tt.ok, tt.detail)
		})
	}
	t.Run("no systemd", func(t *testing.T) {
		install(t, `echo "System has not been booted with systemd as init system (PID 1). Can't operate." >&2; exit 1`)
		wantCheck(t, ask(t, observe.Service{Unit: unit}, newHost(t)), false,
			"systemctl: exit code 1: System has not been booted with systemd as init system (PID 1). Can't operate.")
	})
	t.Run("no systemctl", func(t *testing.T) {
		if err := os.Remove(filepath.Join(dir, "systemctl")); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", dir)
		wantCheck(t, ask(t, observe.Service{Unit: unit}, newHost(t)), false, "there is no systemctl on this host")
	})
}
