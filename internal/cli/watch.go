package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ronda/internal/observe"
	"ronda/internal/plan"
	"ronda/internal/recipe"
)

// watchFlags are what watch and demo take.
type watchFlags struct {
	adhoc     plan.AdHoc
	from      fromFlag
	record    string
	headless  bool
	slow      bool
	duration  time.Duration
	untilDone bool
	sshConfig string
	baseline  string
}

func (f *watchFlags) register(cmd *cobra.Command, targets bool) {
	flags := cmd.Flags()
	if targets {
		flags.Var((*pidFlag)(&f.adhoc.PID), "pid", "the process that does the work (found from the log's writer when not given)")
		flags.StringVar(&f.adhoc.Match, "match", "", "the process, by a regular expression over its command line; with --transfers, which copies")
		flags.BoolVar(&f.adhoc.Transfers, "transfers", false, "find every copy that runs on the hosts named without a path, or on this machine")
		flags.StringVar(&f.adhoc.Unit, "unit", "", "the process, by its systemd unit")
		flags.StringArrayVar(&f.adhoc.Checks, "check", nil, "a service to ask: URL, tcp://host:port, tls://host:port, cmd:COMMAND, unit:NAME (repeatable)")
		flags.StringVar(&f.adhoc.Name, "name", "", "the task's name")
		flags.Var((*spanFlag)(&f.adhoc.Quiet), "quiet", "how long the task may be silent while it works")
		flags.Var((*spanFlag)(&f.adhoc.Expect), "expect", "how long the task should take")
		flags.StringVar(&f.adhoc.Deadline, "deadline", "", "when it must have ended: 02:00, or with its date")
		flags.Var(&f.from, "from", "where in an existing log to begin")
	}
	flags.StringVar(&f.baseline, "baseline", "", "session file of a rehearsal, or of the last time, to compare with")
	flags.StringVar(&f.record, "record", "", "session file; an existing one is resumed (default: a new one in the state directory)")
	flags.BoolVar(&f.headless, "headless", false, "no screen: a line on standard output for each change")
	flags.BoolVar(&f.slow, "slow", false, "fewer repaints, for thin lines")
	flags.Var((*spanFlag)(&f.duration), "for", "stop after this long")
	flags.BoolVar(&f.untilDone, "until-done", false, "stop when every task has ended")
	flags.StringVarP(&f.sshConfig, "ssh-config", "F", "", "ssh configuration to use instead of ~/.ssh/config")
}

func (a *app) watchCommand() *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "watch TARGET…",
		Short: "Watch logs, processes and services, and say whether they move",
		Long: "TARGET is a plan.yaml, [user@]host:/path/to/log, /path/to/log, or - for standard input. Several at once are fine.\n" +
			"With --transfers, [user@]host stands for all copies that run there: rsync, dd, cp, tar, dumps, images and more.",
		Example: "  ronda watch root@mail1:/opt/zimbra/log/zmsetup.log\n  ./upgrade.sh 2>&1 | ronda watch -\n" +
			"  ronda watch /var/log/apt/term.log --match apt-get --check https://mail.example.com/\n" +
			"  ronda watch root@mail1 --transfers --deadline 05:00",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, conn, err := a.planOf(args, f)
			if err != nil {
				return err
			}
			return a.watch(cmd.Context(), p, conn, f)
		},
	}
	f.register(cmd, true)
	return cmd
}

// planOf is the plan that the arguments name, and how to reach what it watches: one plan file, or targets.
func (a *app) planOf(args []string, f watchFlags) (observe.Plan, plan.Connections, error) {
	adhoc := f.adhoc
	recipes, err := a.recipes()
	if err != nil {
		return observe.Plan{}, plan.Connections{}, err
	}
	adhoc.Now, adhoc.Location, adhoc.Recipes, adhoc.Exists = time.Now(), time.Local, recipes, exists
	for _, arg := range args {
		if !plan.IsPlan(arg) {
			continue
		}
		if adhoc.Transfers {
			return observe.Plan{}, plan.Connections{}, usage(errors.New("--transfers does not go with a plan"), "transfers: [{host: …}] in "+arg)
		}
		if len(args) > 1 {
			return observe.Plan{}, plan.Connections{}, usage(fmt.Errorf("a plan stands alone, here are %d targets: %s", len(args), strings.Join(args, " ")),
				"put the others into the plan, or watch them with a second ronda")
		}
		return a.decode(arg, recipes, f.baseline)
	}
	p, err := plan.Targets(args, adhoc)
	if err != nil {
		return p, plan.Connections{}, usage(err, "ronda watch --help")
	}
	return p, plan.Connections{}, a.compare(&p, f.baseline)
}

// exists tells whether something is at a path. What cannot be looked at may be there.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// decode reads a plan file, and tells of what is right in it but good to know. A baseline takes the place of the
// plan's own.
func (a *app) decode(path string, recipes *recipe.Set, baseline string) (observe.Plan, plan.Connections, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return observe.Plan{}, plan.Connections{}, usage(fmt.Errorf("read plan: %w", err), "ronda init >"+path)
	}
	return a.decodeSource(path, src, recipes, baseline)
}

func (a *app) decodeSource(name string, src []byte, recipes *recipe.Set, baseline string) (observe.Plan, plan.Connections, error) {
	p, conn, err := plan.Decode(name, src, plan.Options{
		Now: time.Now(), Location: time.Local, Recipes: recipes, Earlier: earlierBeside(name), SkipBaseline: baseline != "",
	})
	if err != nil {
		return p, conn, usage(err, "")
	}
	a.databases = conn.Databases
	for _, n := range conn.Notices {
		_, _ = fmt.Fprintln(a.err, n.String())
	}
	return p, conn, a.compare(&p, baseline)
}

// recipes are the built-in ones, and the user's own where there are any.
func (a *app) recipes() (*recipe.Set, error) {
	config, err := os.UserConfigDir()
	if err != nil {
		return recipe.Load(nil) // nobody's home: the built-in ones must do
	}
	dir := filepath.Join(config, "ronda", "recipes")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return recipe.Load(nil)
	}
	set, err := recipe.Load(os.DirFS(dir))
	if err != nil {
		return nil, usage(fmt.Errorf("recipes in %s: %w", dir, err), "mend or remove the file")
	}
	return set, nil
}

// These are the reasons for which a watch ends by itself or by its user.
var (
	errDone    = errors.New("every task has ended")
	errTimeUp  = errors.New("the time given with --for is over")
	errQuit    = errors.New("ended by the user")
	errNothing = errors.New("nothing could be watched")
)

// watch wires a plan and runs it until it ends.
func (a *app) watch(ctx context.Context, p observe.Plan, conn plan.Connections, f watchFlags) error {
	if err := notItself(f.record, f.baseline); err != nil {
		return err
	}
	n, err := a.prepare(ctx, p, conn, f)
	if err != nil {
		return err
	}
	return n.run(ctx)
}
