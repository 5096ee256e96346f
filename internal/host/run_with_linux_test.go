package host_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ronda/internal/host"
	"ronda/internal/host/hosttest"
)

// TestRunWith: what a command gets in its environment arrives as it is, here and over SSH, and stands on no command
// line of the machine meanwhile.
func TestRunWith(t *testing.T) {
	const secret = `it's 100%s "$HOME" \n and more`
	local := host.NewLocal()
	t.Cleanup(func() { _ = local.Close() })
	for name, h := range map[string]interface {
		RunWith(ctx context.Context, env []string, command string) ([]byte, []byte, int, error)
	}{"local": local, "ssh": keepTo(t, hosttest.StartSSHD(t, hosttest.Options{}))} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			out, errs, code, err := h.RunWith(t.Context(), []string{"RONDA_TEST_A=" + secret, "RONDA_TEST_B=b"},
				`printf %s "$RONDA_TEST_A$RONDA_TEST_B"; cat /proc/[0-9]*/cmdline 2>/dev/null >`+dir+`/lines; exit 3`)
			if err != nil || string(out) != secret+"b" || code != 3 {
				t.Errorf("out %q, %q, code %d, %v", out, errs, code, err)
			}
			lines, err := os.ReadFile(filepath.Join(dir, "lines"))
			if err != nil || !strings.Contains(string(lines), "RONDA_TEST_A") {
				t.Fatalf("the command itself is not among the command lines: %v", err)
			}
			if strings.Contains(string(lines), "and more") {
				t.Error("the secret stands on a command line")
			}
		})
	}
}
