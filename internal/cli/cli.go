// Package cli is the composition root: it wires the rooms together, and it alone decides the exit code.
//
// Exit codes: 0 all done, or ended by the user · 1 a task failed · 2 wrong usage or plan · 3 --for ran out
// with a task blocked, looping or stalled, or --until-done with one of which nobody saw how it ended · 4
// nothing could be watched.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"ronda/internal/plan"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"
)

// version is set by the linker in a release; otherwise the module's build information tells.
var version string

// Exit codes.
const (
	exitOK      = 0
	exitFailed  = 1
	exitUsage   = 2
	exitStuck   = 3
	exitNothing = 4
)

// exitError is an error that decides the exit code. A nil err has been said already.
type exitError struct {
	code int
	err  error
	hint string // what to try; may be empty
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func usage(err error, hint string) error { return &exitError{exitUsage, err, hint} }

// Main runs ronda with the arguments after the program's name and returns its exit code.
func Main(args []string) int {
	if os.Getenv("GOMAXPROCS") == "" {
		// One processor is plenty for a night's watching. More would mean threads that wake each other for
		// nothing, on a machine that may well be the one that is upgraded.
		runtime.GOMAXPROCS(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// A reader of our lines that goes away must end the watch in order, not kill it where it stands. Ignoring
	// the signal would be inherited by the commands that are run; being told of it is not.
	gone := make(chan os.Signal, 1)
	signal.Notify(gone, syscall.SIGPIPE)
	defer signal.Stop(gone)
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr}
	root := a.root()
	root.SetArgs(args)
	err := fang.Execute(ctx, root,
		fang.WithVersion(buildVersion()),
		fang.WithColorSchemeFunc(fang.AnsiColorScheme),
		fang.WithErrorHandler(func(_ io.Writer, _ fang.Styles, err error) { a.complain(err) }))
	return exitCode(err)
}

func exitCode(err error) int {
	var e *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return e.code
	}
	return exitUsage // what cobra itself refuses: unknown commands and flags
}

func buildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "development"
}

// app is ronda with its standard streams.
type app struct {
	databases map[string]plan.Database // of the plan, by task; never recorded
	in        *os.File
	out       *os.File
	err       io.Writer
}

// complain says an error in words a person understands, with what to try on lines of its own.
func (a *app) complain(err error) {
	text := strings.TrimSpace(err.Error())
	if text == "" {
		return
	}
	_, _ = fmt.Fprintln(a.err, "ronda: "+strings.ReplaceAll(text, "\n", "\n       "))
	var e *exitError
	var hinted interface{ Hint() string }
	switch {
	case errors.As(err, &e) && e.hint != "":
		_, _ = fmt.Fprintln(a.err, "  try: "+e.hint)
	case errors.As(err, &hinted) && hinted.Hint() != "":
		_, _ = fmt.Fprintln(a.err, "  try: "+hinted.Hint())
	}
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "ronda",
		Short: "The night watch for long-running upgrades: is it stuck, or only slow?",
		Long: "ronda follows the logs of an upgrade here and on remote servers over SSH, looks at what its processes\n" +
			"really do, asks services and progress commands, and says with evidence whether it moves. It only watches:\n" +
			"it never touches the job, and installs nothing on a server.",
		Example: "  # is it still moving?\n  ronda watch root@mail1:/opt/zimbra/log/zmsetup.log\n\n" +
			"  # a whole night by plan\n  ronda init zimbra >night.yaml && ronda watch night.yaml\n\n" +
			"  # see it all in a minute, on this machine\n  ronda demo",
		SilenceUsage: true, SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(err, nearestFlag(cmd, err)) })
	root.AddCommand(a.watchCommand(), a.replayCommand(), a.rejudgeCommand(), a.initCommand(), a.recipesCommand(), a.schemaCommand(), a.demoCommand())
	return root
}
