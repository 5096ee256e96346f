package faults

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// Postgres is a PostgreSQL server of its own. It is reached by a unix socket in Dir and by TCP at 127.0.0.1, as user
// root without a password, and has a table t (a int) in its database postgres.
type Postgres struct{ Dir, Port string }

// NewPostgres starts one.
func NewPostgres(tb testing.TB) Postgres {
	tb.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		tb.Fatal("PostgreSQL is missing: apt-get install postgresql")
	}
	bin := filepath.Dir(found[len(found)-1])
	p := Postgres{tb.TempDir(), strconv.Itoa(20000 + os.Getpid()%20000)}
	if err := os.Chmod(filepath.Dir(p.Dir), 0o755); err != nil { //nolint:gosec // another user must reach what is in it
		tb.Fatal(err)
	}
	as := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGQUIT} // a test that runs out of time cleans nothing up
	if os.Getuid() == 0 {                                                 // it does not run as root
		as.Credential = owner(tb, "postgres")
		if err := os.Chown(p.Dir, int(as.Credential.Uid), int(as.Credential.Gid)); err != nil {
			tb.Fatal(err)
		}
	}
	run := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(filepath.Join(bin, name), args...) //nolint:noctx // ended below
		c.Dir, c.SysProcAttr = p.Dir, as
		return c
	}
	if out, err := run("initdb", "-D", p.Dir+"/data", "-A", "trust", "-U", "root", "--no-sync").CombinedOutput(); err != nil {
		tb.Fatalf("initdb: %v\n%s", err, out)
	}
	server := run("postgres", "-D", p.Dir+"/data", "-k", p.Dir, "-h", "127.0.0.1", "-p", p.Port, "-F")
	if err := server.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGQUIT) // ends its backends with it
		_ = server.Wait()
	})
	Poll(tb, "PostgreSQL answers", func() bool {
		return p.psql("create table if not exists t (a int)").Run() == nil
	})
	return p
}

// owner is who a program runs as.
func owner(tb testing.TB, name string) *syscall.Credential {
	tb.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		tb.Fatal(err)
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err1 != nil || err2 != nil {
		tb.Fatalf("user %s has no numbers: %v, %v", name, err1, err2)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (p Postgres) psql(sql string) *exec.Cmd {
	return exec.Command("psql", p.Args(p.Dir, sql)...) //nolint:noctx // short
}

// Args are the arguments of a psql that reaches the server at host (Dir, or 127.0.0.1) and runs a statement.
func (p Postgres) Args(host, sql string) []string {
	return []string{"-h", host, "-p", p.Port, "-d", "postgres", "-X", "-q", "-A", "-t", "-c", sql}
}

// Ask runs a statement and returns what it printed.
func (p Postgres) Ask(tb testing.TB, sql string) string {
	tb.Helper()
	return Sh(tb, `exec psql "$@"`, p.Args(p.Dir, sql)...)
}

// Lock waits until someone has locked t, and Unlock ends him.
func (p Postgres) Lock(tb testing.TB) {
	tb.Helper()
	Poll(tb, "the table is locked", func() bool {
		return p.Ask(tb, "select count(*) from pg_locks where relation = 't'::regclass and granted and mode = 'AccessExclusiveLock'") == "1"
	})
}

// LockSQL is what locks t until Unlock.
const LockSQL = "begin; lock table t; select pg_sleep(600)"

// Unlock ends whoever runs LockSQL.
func (p Postgres) Unlock(tb testing.TB) {
	tb.Helper()
	p.Ask(tb, "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()")
}
