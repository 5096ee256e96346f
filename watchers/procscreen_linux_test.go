package watchers

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ronda/internal/faults"
	"ronda/internal/observe"
)

// A question that stands on the terminal only is read from tmux, and not what is typed at a password prompt.
func TestProcessQuestionOnTheScreen(t *testing.T) {
	for _, tt := range []struct{ name, script, typed, want string }{
		{"prompt", `clear; echo Upgrade; read -r -p "Continue with [all] of it? " x`, "", "“Continue with [all] of it?”"},
		{"password", `read -r -s -p "Password for root: " x`, "geheim", "“Password for root:”"},
		{"apt", `echo Upgrade; script -q -c "bash -c 'read -r -p \"Which one? \" x'" /dev/null`, "", "“Which one?”"},
		{"program that fills the screen", `less /etc/services`, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			socket := filepath.Join(dir, "tmux")
			faults.Set(t, dir+"/job", tt.script+"; sleep 600")
			pid, err := strconv.Atoi(faults.Sh(t, `env -u TMUX tmux -S "$1" -f /dev/null new-session -d -x 100 -y 20 -P -F '#{pane_pid}' "exec bash $2/job"`, socket, dir))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { faults.Sh(t, `tmux -S "$1" kill-server`, socket) })
			w := procTestRun(t, ProcessConfig{Ref: observe.ProcessRef{PID: pid}, Runner: procTestShell{}})
			p := w.blocked(t, observe.BlockerInput)
			if tt.typed != "" {
				faults.Sh(t, `tmux -S "$1" send-keys "$2"`, socket, tt.typed)
			}
			if tt.want == "" {
				for range 3 {
					p = w.blocked(t, observe.BlockerInput)
				}
				if strings.Contains(p.Waits, "“") {
					t.Fatalf("%+v", p)
				}
				return
			}
			p = w.proc(t, tt.want, func(p observe.Proc) bool { return strings.HasSuffix(p.Waits, ": "+tt.want) })
			if p.Blocker != observe.BlockerInput || !strings.HasPrefix(p.Waits, "waits for input at /dev/pts/") {
				t.Fatalf("%+v", p)
			}
			if strings.Contains(procTestDump(w.all()), "geheim") {
				t.Fatal("what was typed at a password prompt is recorded")
			}
		})
	}
}
