//go:build linux

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// In the demo's minute each verdict is seen, for its true cause.
func TestDemo(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "demo.jsonl")
	cmd := exec.CommandContext(t.Context(), program(t), "demo", "--headless", "--until-done", "--record", file)
	tmp := t.TempDir()
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "TMPDIR="+tmp)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		`mailstore copy: PROGRESSING`,
		`schema upgrade: QUIET since .*its processes work`,
		`package upgrade: BLOCKED since .*waits for input: “.*main\.cf \(Y/I/N/O/D/Z\) \[default=N\] \?”`,
		`mailbox sync: STALLED since .*no progress and no work`,
		`schema upgrade: QUIET .*in the rehearsal silent for up to`,
		`package upgrade: BLOCKED .*deadline \d\d:\d\d(:\d\d)?, decide by`,
		`package upgrade: what was known is in the record`,
		`mailbox sync: PROGRESSING: mailbox 26 of 45`,
		`webmail: service down: connection refused`,
		`webmail: service up after`,
		`mailstore copy: DONE`, `schema upgrade: DONE`, `package upgrade: DONE`, `mailbox sync: DONE`,
	} {
		if !regexp.MustCompile(want).Match(out) {
			t.Errorf("not said: %s", want)
		}
	}
	for _, never := range []string{"mailstore copy: STALLED", "schema upgrade: STALLED", ": FAILED", ": LOOPING", ": BLIND"} {
		if strings.Contains(string(out), never) {
			t.Errorf("said without cause: %s", never)
		}
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
	if left, _ := filepath.Glob(filepath.Join(tmp, "*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}
