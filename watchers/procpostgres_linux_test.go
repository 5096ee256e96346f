package watchers

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"ronda/internal/observe"
)

// procTestPostgres starts a PostgreSQL of its own, which is reached by a unix socket in the returned directory and
// by TCP at 127.0.0.1, at the returned port.
func procTestPostgres(t *testing.T) (dir, port string) {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		t.Fatal("PostgreSQL is missing: apt-get install postgresql")
	}
	bin := filepath.Dir(found[len(found)-1])
	dir = t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { //nolint:gosec // another user must reach what is in it
		t.Fatal(err)
	}
	port = strconv.Itoa(20000 + os.Getpid()%20000)
	as := &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 { // it does not run as root
		u, err := user.Lookup("postgres")
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.ParseUint(u.Uid, 10, 32)
		gid, _ := strconv.ParseUint(u.Gid, 10, 32)
		if err := os.Chown(dir, int(uid), int(gid)); err != nil { //nolint:gosec // 32 bits
			t.Fatal(err)
		}
		as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	run := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(filepath.Join(bin, name), args...) //nolint:noctx // ended below
		c.Dir, c.SysProcAttr = dir, as
		return c
	}
	if out, err := run("initdb", "-D", dir+"/data", "-A", "trust", "-U", "root", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	server := run("postgres", "-D", dir+"/data", "-k", dir, "-h", "127.0.0.1", "-p", port, "-F")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGQUIT) // ends its backends with it
		_ = server.Wait()
	})
	procTestPoll(t, "PostgreSQL answers", func() bool {
		return exec.Command("psql", "-h", dir, "-p", port, "-d", "postgres", "-c", "create table if not exists t (a int)").Run() == nil //nolint:noctx // short
	})
	return dir, port
}

// A client of PostgreSQL shows its backend: one that works, and one that waits for a lock.
func TestProcessFollowsPostgres(t *testing.T) {
	dir, port := procTestPostgres(t)
	psql := func(host, sql string) *exec.Cmd {
		return procTestStart(t, "psql", "-h", host, "-p", port, "-d", "postgres", "-X", "-q", "-c", sql)
	}
	for _, host := range []string{dir, "127.0.0.1"} {
		c := psql(host, "select count(*) from generate_series(1, 3000000000) g")
		w := procTestRun(t, procTestWithRunner(c))
		p := w.proc(t, "the backend at work", func(p observe.Proc) bool { return p.Name == "postgres" && p.CPU > 200 })
		if p.Command != "peer of psql (pid "+strconv.Itoa(c.Process.Pid)+")" {
			t.Fatalf("%+v", p)
		}
		w.proc(t, "psql waits", func(p observe.Proc) bool {
			return p.Name == "psql" && strings.HasSuffix(p.Waits, ", which works") && p.Blocker == ""
		})
		w.stop()
		_ = c.Process.Kill()
	}
	holder := psql(dir, "begin; lock table t; select pg_sleep(600)")
	procTestPoll(t, "the table is locked", func() bool {
		out, _ := exec.Command("psql", "-h", dir, "-p", port, "-d", "postgres", "-X", "-A", "-t", "-c", //nolint:noctx // short
			"select count(*) from pg_locks where relation = 't'::regclass and granted").Output()
		return strings.TrimSpace(string(out)) == "1"
	})
	for _, host := range []string{dir, "127.0.0.1"} {
		c := psql(host, "alter table t add column x"+strconv.Itoa(len(host))+" int")
		w := procTestRun(t, procTestWithRunner(c))
		p := w.blocked(t, observe.BlockerLock)
		if p.Name != "psql" || !strings.Contains(p.Waits, " waits for a lock (postgres: root postgres ") || !strings.HasSuffix(p.Waits, "ALTER TABLE waiting)") {
			t.Fatalf("%+v", p)
		}
		if host == dir {
			w.stop()
			continue
		}
		_ = holder.Process.Kill()
		out, err := exec.Command("psql", "-h", dir, "-p", port, "-d", "postgres", "-X", "-c", //nolint:noctx // short
			"select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()").CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		procTestExit(t, w)
	}
}
