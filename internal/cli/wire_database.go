package cli

import (
	"context"
	"fmt"
	"os"

	"ronda/internal/host"
	"ronda/internal/plan"
	"ronda/watchers"
)

// databases are how to ask the databases of a plan, by task. They hold where passwords are, and are never recorded.
type databases struct {
	byTask map[string]plan.Database
	local  *host.Local // where password commands run
}

// secretRunner runs a command with what must not stand on a command line.
type secretRunner interface {
	RunWith(ctx context.Context, env []string, command string) (stdout, stderr []byte, code int, err error)
}

var (
	_ secretRunner = (*host.Local)(nil)
	_ secretRunner = (*host.SSH)(nil)
)

// runner runs the client of a task's database on a machine, with the password that the plan tells the place of.
func (d databases) runner(task string, m machine) watchers.Runner {
	db, ok := d.byTask[task]
	secret, can := m.(secretRunner)
	if !ok || !can || db.PasswordEnv == "" && db.PasswordCommand == "" {
		return m
	}
	return databaseRunner{db, d.local, secret}
}

// databaseRunner asks for the password each time anew: it is kept nowhere.
type databaseRunner struct {
	plan.Database
	local *host.Local
	on    secretRunner
}

// Run runs a command line of the database's client.
func (r databaseRunner) Run(ctx context.Context, command string) (stdout, stderr []byte, code int, err error) {
	password, err := r.password(ctx)
	if err != nil {
		return nil, nil, 0, err
	}
	name := "MYSQL_PWD"
	if r.Kind == "postgres" {
		name = "PGPASSWORD"
	}
	return r.on.RunWith(ctx, []string{name + "=" + password}, command)
}

func (r databaseRunner) password(ctx context.Context) (string, error) {
	if r.PasswordEnv != "" {
		password := os.Getenv(r.PasswordEnv)
		if password == "" {
			return "", fmt.Errorf("the environment variable %s, which should hold the database's password, is not set", r.PasswordEnv)
		}
		return password, nil
	}
	password, err := passwordOf(ctx, r.local, r.PasswordCommand)
	if err != nil {
		return "", fmt.Errorf("ask for the database's password: %w", err)
	}
	return password, nil
}
