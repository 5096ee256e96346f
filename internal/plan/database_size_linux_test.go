package plan_test

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"ronda/internal/faults"
	"ronda/internal/plan"
)

// sizeOf runs the command that a plan makes of a database.
func sizeOf(t *testing.T, database string, env ...string) (int64, string) {
	t.Helper()
	p, _, err := plan.Decode("p", []byte("tasks: [{name: a, database: "+database+", transfer: {path: /x, total_database: true}}]"), options(t))
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "/bin/sh", "-c", p.Tasks[0].Transfer.TotalDatabase)
	c.Env = append(c.Environ(), env...)
	begin := time.Now()
	out, err := c.CombinedOutput()
	if took := time.Since(begin); took > 40*time.Second {
		t.Errorf("it took %s", took)
	}
	n, numErr := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	if err != nil || numErr != nil {
		return -1, string(out)
	}
	return n, ""
}

// TestPostgresSize asks a real server, also while a table is locked: that must neither wait nor fail.
func TestPostgresSize(t *testing.T) {
	pg := faults.NewPostgres(t)
	pg.Ask(t, "create database \"my shop\"")
	const bytes = "create table big as select repeat('x', 1000) from generate_series(1, 5000)"
	pg.Ask(t, bytes)
	address := "{postgres: '127.0.0.1:" + pg.Port + "', user: root, name: postgres}"
	before, why := sizeOf(t, address)
	if before < 5e6 || before > 100e6 {
		t.Fatalf("size %d %s", before, why)
	}
	lock := exec.CommandContext(t.Context(), "psql", pg.Args(pg.Dir, faults.LockSQL)...)
	if err := lock.Start(); err != nil {
		t.Fatal(err)
	}
	pg.Lock(t)
	if locked, why := sizeOf(t, address); locked < before {
		t.Errorf("size %d %s while a table is locked, %d before", locked, why, before)
	}
	pg.Unlock(t)
	_ = lock.Wait()
	if one, why := sizeOf(t, "{postgres: '127.0.0.1:"+pg.Port+"', user: root, name: my shop}"); one < 1e6 || one >= before {
		t.Errorf("size of the other database %d %s", one, why)
	}
	if all, why := sizeOf(t, "{postgres: 'unix:"+pg.Dir+"', user: root}", "PGPORT="+pg.Port); all < before+5e6 {
		t.Errorf("size of all %d %s, of one %d", all, why, before)
	}
	if n, why := sizeOf(t, "{postgres: '127.0.0.1:"+pg.Port+"', user: nobody, name: nowhere}"); n >= 0 || !strings.Contains(why, "nobody") {
		t.Errorf("size %d, %q", n, why)
	}
}

// TestMariaDBSize asks a real server, also while a table is locked.
func TestMariaDBSize(t *testing.T) {
	db := faults.NewMariaDB(t)
	db.Ask(t, "create database `it's`; create table `it's`.t (a varchar(1000)) engine=aria; use `it's`; "+
		"insert into t select repeat('x', 1000) from seq_1_to_3000")
	one := `{mysql: 'unix:` + db.Socket + `', user: root, name: "it's"}`
	if n, why := sizeOf(t, one); n < 3e6 || n > 10e6 {
		t.Errorf("size %d %s", n, why)
	}
	if n, why := sizeOf(t, "{mysql: 'unix:"+db.Socket+"', user: root}"); n < 3e6 || n > 50e6 {
		t.Errorf("size of all %d %s", n, why)
	}
	db.Hold(t, "lock tables `it's`.t write")
	faults.Poll(t, "the table is locked", func() bool {
		return db.Ask(t, "select count(*) from information_schema.processlist where info like 'select sleep%'") == "1"
	})
	if n, why := sizeOf(t, one); n < 0 && why == "" {
		t.Errorf("size %d %q while a table is locked", n, why)
	}
}
