package watchers

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"ronda/internal/faults"
	"ronda/internal/observe"
)

// realCopy is a running tool, and what must be said of it.
type realCopy struct {
	command              string
	tool, source, target string
	of                   observe.AmountOf // what tells how far it is
	total                float64          // of it; 0: nobody knows it
	state                observe.TransferState
	words                string // of its end
	kill                 bool   // it is killed once it was seen to move
}

// watchReal runs tools, all at once, and holds what a finder says of each against what it is.
func watchReal(t *testing.T, match, dir string, copies []realCopy) {
	t.Helper()
	w := finderRunTest(t, FinderConfig{Match: match, Runner: procTestShell{}})
	for _, c := range copies {
		// A shell around it, as a script of the night is: nobody but it knows how the tool ended.
		finderStart(t, "sh", "-c", "cd "+quoteShell(dir)+"; "+c.command+"; :")
	}
	mine := func(c realCopy) []observe.Transfer {
		for _, all := range w.transfers {
			if last := all[len(all)-1]; last.Tool == c.tool && last.Target == c.target {
				return all
			}
		}
		return nil
	}
	for _, c := range copies {
		if !c.kill {
			continue
		}
		pid := 0
		w.until(t, c.tool+" to "+c.target+" moving", func() bool {
			list := mine(c)
			if len(list) == 0 {
				return false
			}
			a := amountOf(list[len(list)-1], c.of)
			if a.Done <= amountOf(list[0], c.of).Done || (c.total > 0 && a.Total == 0) {
				return false // it has not moved, or its source was not added up yet
			}
			text, _, _ := strings.Cut(list[0].ID, "@")
			pid, _ = strconv.Atoi(text)
			return pid > 0
		})
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Errorf("end %s: %v", c.tool, err)
		}
	}
	for _, c := range copies {
		w.until(t, c.tool+" to "+c.target+" at its end", func() bool {
			list := mine(c)
			return len(list) > 0 && list[len(list)-1].State != observe.TransferRunning
		})
		w.mu.Lock()
		list := mine(c)
		end, moved, known := list[len(list)-1], 0, c.total == 0
		for i, now := range list[:len(list)-1] {
			a := amountOf(now, c.of)
			if i > 0 && a.Done > amountOf(list[i-1], c.of).Done {
				moved++
			}
			known = known || a.Total >= c.total && a.Total <= c.total*1.1 && a.By != ""
			if c.total == 0 && (a.Total != 0 || now.Unknown == "") {
				t.Errorf("%s > %s has no total that could be known, and is said to have one: %+v", c.source, c.target, now)
			}
		}
		if end.Source != c.source || moved < 1 || !known {
			t.Errorf("%s, %s > %s: moved %d times, total known %v; the last: %+v", c.tool, end.Source, c.target, moved, known, list[max(0, len(list)-2)])
		}
		if end.State != c.state || !strings.Contains(end.Detail, c.words) {
			t.Errorf("%s to %s ended %s, %q", c.tool, c.target, end.State, end.Detail)
		}
		w.mu.Unlock()
	}
}

// chance makes a file that neither compresses nor holds anything twice.
func chance(t *testing.T, name string, size int) string {
	t.Helper()
	data := make([]byte, size)
	if _, err := rand.Read(data); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestFinderKnowsRealBackups runs the tools that keep archives.
func TestFinderKnowsRealBackups(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	mail := filepath.Dir(chance(t, in("mail/a"), 12<<20))
	chance(t, in("mail/b"), 12<<20)
	t.Setenv("RESTIC_PASSWORD", "night")
	t.Setenv("RESTIC_CACHE_DIR", in("cache"))
	t.Setenv("BORG_BASE_DIR", in("borgbase"))
	t.Setenv("BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK", "yes")
	faults.Sh(t, "restic init -q -r $1; restic init -q -r $2; borg init -e none $3", in("restic"), in("cut"), in("borg"))
	restic := "restic --pack-size 4 -q -r "
	watchReal(t, filepath.Base(filepath.Dir(dir))+"|cf - mail", dir, []realCopy{
		{restic + in("restic") + " --limit-upload 2500 backup mail", "restic", mail, in("restic"), observe.AmountSource, 24 << 20, observe.TransferDone, "snapshots has a new file", false},
		{restic + in("cut") + " --limit-upload 1500 backup mail", "restic", mail, in("cut"), observe.AmountSource, 24 << 20, observe.TransferFailed, "snapshots has no new file", true},
		{"borg create -C lzma,9 " + in("borg") + "::night mail", "borg", mail, in("borg") + "::night", observe.AmountSource, 24 << 20, observe.TransferGone, "only be known by reading", false},
		{"tar cf - mail | pv -q -L 3m > " + in("mail.tar"), "tar", mail, in("mail.tar"), observe.AmountSource, 24 << 20, observe.TransferDone, "the mark that tar writes last", false},
		{"tar cf - mail | pv -q -L 1m > " + in("cut.tar"), "tar", mail, in("cut.tar"), observe.AmountSource, 24 << 20, observe.TransferFailed, "the archive is not whole", true},
	})
}

// TestFinderKnowsRealDumps runs the tools of PostgreSQL and MariaDB against real servers.
func TestFinderKnowsRealDumps(t *testing.T) {
	pg, my := faults.NewPostgres(t), faults.NewMariaDB(t)
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	faults.Sh(t, "createdb -h $1 -p $2 mail; createdb -h $1 -p $2 again; createdb -h $1 -p $2 slow", pg.Dir, pg.Port)
	ask := func(db, sql string) {
		faults.Sh(t, "psql -h $1 -p $2 -X -q -d $3 -c \"$4\" >&2", pg.Dir, pg.Port, db, sql)
	}
	// Rows that do not compress. A rule of the table makes each take a while to read, and a trigger makes each take a
	// while to write.
	ask("mail", "create table m as select n, (select string_agg(md5(n::text || k || random()), '') from generate_series(1, 250) k) from generate_series(1, 500) n;"+
		"create role dumper login; grant all on m to dumper; alter table m enable row level security; create policy p on m using (pg_sleep(0.01) is not null)")
	ask("again", "create table m (n bigint, string_agg text); create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.01); return new; end';"+
		"create trigger slow before insert on m for each row execute function slow()")
	faults.Sh(t, "pg_dump -h $1 -p $2 -Fc -Z0 -d mail -f $3", pg.Dir, pg.Port, in("mail.dump"))
	my.Ask(t, "create database mail; use mail; create table m (n int primary key, body text); insert into m select seq, hex(random_bytes(1000)) from seq_1_to_500;"+
		"insert into m select seq, repeat(hex(random_bytes(1000)), 2) from seq_501_to_1000")
	asPG, asMy := " -h "+pg.Dir+" -p "+pg.Port, " --no-defaults -u root -S "+my.Socket
	watchReal(t, filepath.Base(filepath.Dir(dir))+"|pg_base", dir, []realCopy{
		{"pg_dump" + asPG + " -U dumper --enable-row-security -f mail.sql mail", "pg_dump", "database mail", in("mail.sql"), observe.AmountTarget, 0, observe.TransferDone, "ends with pg_dump's last line", false},
		{"pg_dump" + asPG + " -Fc mail | pv -q -L 300k > mail.pgc", "pg_dump", "database mail", in("mail.pgc"), observe.AmountTarget, 0, observe.TransferGone, "only be known by reading", false},
		{"pg_restore" + asPG + " --data-only -d again mail.dump", "pg_restore", in("mail.dump"), "database again", observe.AmountSource, 4e6, observe.TransferGone, "only be known by reading", false},
		{"pg_basebackup" + asPG + " -c fast -X none --max-rate=4M -D base", "pg_basebackup", "the PostgreSQL cluster", in("base"), observe.AmountTarget, 0, observe.TransferDone, "backup_manifest", false},
		{"pg_basebackup" + asPG + " -c fast -X none --max-rate=1M -D cut", "pg_basebackup", "the PostgreSQL cluster", in("cut"), observe.AmountTarget, 0, observe.TransferFailed, "backup_manifest", true},
		{"mariadb-dump" + asMy + " --quick --where='sleep(0.005)=0' mail > my.sql", "mariadb-dump", "database mail", in("my.sql"), observe.AmountTarget, 0, observe.TransferDone, "ends with mariadb-dump's last line", false},
		{"mariadb-dump" + asMy + " --quick --where='sleep(0.005)=0' mail | gzip -1 > my.sql.gz", "mariadb-dump", "database mail", in("my.sql.gz"), observe.AmountTarget, 0, observe.TransferGone, "only be known by reading", false},
		{"mariabackup" + asMy + " --backup --throttle=40 --target-dir=" + in("phys") + " >mb.log 2>&1", "mariadb-backup", filepath.Join(my.Dir, "data"), in("phys"), observe.AmountTarget, 29e6, observe.TransferDone, "xtrabackup_info", false},
	})
}
