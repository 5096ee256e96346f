package cli

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary is ronda too, when it is called so.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"ronda": func() { os.Exit(Main(os.Args[1:])) },
	})
}

// TestScripts runs the command lines in testdata/script as a user would type them.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("TZ", "UTC")
			env.Setenv("NO_COLOR", "1")
			return nil
		},
	})
}

// exits runs a command line and requires its exit code: exits 2 ronda watch.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE command …")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var status *exec.ExitError
	switch {
	case errors.As(err, &status) && status.ExitCode() == want:
	case err == nil && want == 0:
	default:
		ts.Fatalf("exit code of %q: %v, want %d", args[1:], err, want)
	}
}
