package watchers

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"ronda/internal/faults"
	"ronda/internal/observe"
)

// A client of PostgreSQL shows its backend: one that works, and one that waits for a lock.
func TestProcessFollowsPostgres(t *testing.T) {
	db := faults.NewPostgres(t)
	psql := func(host, sql string) *exec.Cmd { return procTestStart(t, "psql", db.Args(host, sql)...) }
	for _, host := range []string{db.Dir, "127.0.0.1"} {
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
	psql(db.Dir, faults.LockSQL)
	db.Lock(t)
	for _, host := range []string{db.Dir, "127.0.0.1"} {
		c := psql(host, "alter table t add column x"+strconv.Itoa(len(host))+" int")
		w := procTestRun(t, procTestWithRunner(c))
		p := w.blocked(t, observe.BlockerLock)
		if p.Name != "psql" || !strings.Contains(p.Waits, " waits for a lock (postgres: root postgres ") || !strings.HasSuffix(p.Waits, "ALTER TABLE waiting)") {
			t.Fatalf("%+v", p)
		}
		if host == db.Dir {
			w.stop()
			continue
		}
		db.Unlock(t)
		procTestExit(t, w)
	}
}
