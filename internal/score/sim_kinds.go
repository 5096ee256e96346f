package score

import (
	"fmt"
	"strconv"
)

// chat is a stretch of an upgrade that talks.
func (j *job) chat(lines int) {
	for i := 0; i < lines && !j.stopped; i++ {
		if j.r.IntN(60) == 0 {
			j.say(j.text.warning())
		} else {
			j.say(j.text.step())
		}
		j.busy(j.pause(2, 1.1), j.from(0.2, 0.9), j.from(0.2e6, 8e6))
	}
}

func upgrade(j *job) {
	for j.more() {
		j.say("=== " + j.text.phase() + " ===")
		j.chat(j.between(8, 60))
		if j.r.IntN(4) == 0 {
			j.rest(j.pause(4, 0.8), true)
		}
	}
}

func schema(j *job) {
	for j.more() {
		j.say("=== " + j.text.phase() + " ===")
		j.chat(j.between(20, 60))
		j.say("Migrating " + j.text.table() + ".  This can take a substantial amount of time...")
		cpu, io := j.from(0.3, 1), j.from(5e6, 60e6)
		j.silent(j.between(300, 1800), func(s int) { j.busy(s, cpu, io) })
		j.say("done.")
	}
}

func schemaServed(j *job) {
	for j.more() {
		j.chat(j.between(20, 60))
		j.say("ALTER TABLE " + j.text.table() + " ADD COLUMN c" + strconv.Itoa(j.r.IntN(90)) + " BIGINT")
		cpu := j.from(0.2, 1)
		j.silent(j.between(300, 1800), func(s int) { j.served(s, cpu) })
		j.say("Query OK, 0 rows affected")
	}
}

func copies(j *job) {
	total := j.from(20e9, 900e9)
	for j.more() {
		j.count(total*j.part(), total)
		j.busy(1, 0.2, total/float64(j.n))
	}
}

func copiesBursty(j *job) {
	total, done := j.from(20e9, 900e9), 0.0
	for j.more() && done < total {
		n := j.pause(6, 0.7)
		for range n {
			done += 2.4 * total / float64(j.n)
			j.count(min(done, total), total)
			j.busy(1, 0.25, 2.4*total/float64(j.n))
		}
		j.rest(min(j.pause(8, 0.8), 90), false) // the disk writes back
	}
}

func rsync(j *job) {
	total, files := j.from(4e9, 200e9), float64(j.between(500, 90000))
	for j.more() {
		p := j.part()
		j.now.total = total
		j.paint(fmt.Sprintf("\r%15d %3d%% %7.2fMB/s %4d:%02d:%02d (xfr#%d, to-chk=%d/%d)", int64(total*p), int(100*p), total/float64(j.n)/1e6, 0, 10, 11, int(p*files), int(files*(1-p)), int(files)))
		j.busy(1, 0.4, total/float64(j.n))
		if j.r.IntN(120) == 0 {
			j.rest(j.pause(12, 0.6), false)
		}
	}
}

func coarse(j *job) {
	step := 100 / j.between(10, 20)
	each := j.n * step / 100
	for p := 0; p < 100 && !j.stopped; p += step {
		j.say(fmt.Sprintf("%d percent complete", p))
		cpu, io := j.from(0.1, 0.6), j.from(1e6, 40e6)
		j.silent(max(5, int(float64(each)*j.noise(0.15))), func(s int) { j.busy(s, cpu, io) })
	}
	j.say("100 percent complete")
}

func dump(j *job) {
	j.say("pg_dump: dumping contents of database " + j.text.table())
	rate := j.from(5e6, 40e6)
	j.silent(j.n, func(s int) {
		for range s {
			j.now.grow = rate * j.noise(0.3)
			j.busy(1, j.from(0.3, 0.9), rate)
		}
	})
	j.say("pg_dump: finished")
}

func restore(j *job) {
	for j.more() {
		if j.r.IntN(3) == 0 {
			rows := j.r.IntN(900000)
			j.silent(j.pause(8, 1.4), func(s int) { j.busy(s, 0.3, 12e6) })
			j.say("COPY " + strconv.Itoa(rows))
			continue
		}
		cpu := j.from(0.3, 1)
		if n := j.pause(5, 1.5); n < 900 {
			j.silent(n, func(s int) { j.served(s, cpu) })
		}
		j.say(j.text.one("CREATE TABLE", "ALTER TABLE", "SET", "CREATE FUNCTION", "CREATE INDEX", "ALTER TABLE"))
		j.busy(1, 0.03, 0.1e6)
	}
}

func index(j *job) {
	for j.more() {
		j.say(`building index "` + j.text.table() + "_idx" + strconv.Itoa(j.r.IntN(40)) + `" on table "` + j.text.table() + `"`)
		cpu := j.from(0.5, 1.5)
		j.silent(j.between(60, 900), func(s int) { j.served(s, cpu) })
	}
}

func packages(j *job) {
	for j.more() {
		j.say(j.text.one("Unpacking ", "Setting up ") + j.text.pack() + " (" + j.text.version() + ") ...")
		j.paint(fmt.Sprintf("\rProgress: [%3d%%] [####....]", int(99*j.part())))
		j.busy(j.pause(1.5, 0.9), 0.5, 4e6)
		if j.r.IntN(50) == 0 {
			j.say("update-initramfs: Generating /boot/initrd.img-" + j.text.version())
			j.busy(j.between(15, 110), 0.95, 2e6)
		}
	}
}

func remote(j *job) {
	for j.more() {
		v := j.text.one("clone", "volume", "snapshot", "replica", "export") + "-" + j.text.pack() + "-" + j.text.table()
		j.say("waiting for " + v + " on array" + strconv.Itoa(1+j.r.IntN(3)))
		j.rest(j.between(30, 360), j.r.IntN(2) == 0)
		j.say(v + " is ready")
		j.busy(j.between(5, 90), 0.2, 2e6)
	}
}

func heartbeats(j *job) {
	for j.more() {
		j.chat(j.between(5, 30))
		j.say("Running " + j.text.one("reindex", "analyze", "conversion", "verification") + " of " + j.text.table())
		every, cpu := j.between(10, 60), j.from(0.3, 1)
		j.silent(j.between(200, 1200), func(s int) {
			for i := range s {
				if i%every == every-1 {
					j.say(fmt.Sprintf("still running (%d s elapsed)", i+1))
				}
				j.busy(1, cpu, 4e6)
			}
		})
	}
}

func hiccups(j *job) {
	for j.more() {
		j.chat(j.between(20, 80))
		for n := range j.between(1, 6) {
			j.say(fmt.Sprintf("connection to ldap failed: Connection refused, retrying (%d of 10)", n+1))
			j.rest(j.between(5, 20), false)
			if j.r.IntN(3) == 0 {
				break
			}
		}
		j.say("connected to ldap")
	}
}

func batches(j *job) {
	every := j.between(45, 150)
	for i := 1; j.more(); i++ {
		j.say(fmt.Sprintf("batch %d: %d rows archived", i, j.between(900, 1100)))
		j.busy(every/4, 0.4, 3e6)
		j.rest(int(float64(every*3/4)*j.noise(0.1)), j.r.IntN(2) == 0)
	}
}

func compress(j *job) {
	j.say("compressing /srv/backup/full.tar")
	j.silent(j.n, func(s int) { j.busy(s, 0.98, 12e6) })
}

func inputOutput(j *job) {
	j.say("wiping " + j.text.file())
	rate := j.from(2e6, 50e6)
	j.silent(j.n, func(s int) {
		for i := 0; i < s && !j.stopped; {
			n := min(j.between(5, 60), s-i)
			j.busy(n, 0.008, rate)
			rest := min(j.pause(3, 0.8), s-i-n)
			j.rest(rest, false)
			i += n + max(rest, 0)
		}
	})
}

func processOnly(j *job) {
	for j.more() {
		j.busy(j.between(20, 400), j.from(0.2, 1), j.from(0, 20e6))
		j.rest(j.pause(15, 0.8), true)
	}
}

func locks(j *job) {
	for j.more() {
		j.chat(j.between(10, 40))
		for range min(j.pause(3, 0.9), 100) {
			j.now.blocker = "lock"
			j.pass()
		}
	}
}

func slowSteady(j *job) {
	step := j.between(15, 40)
	steps := float64(j.n / step)
	for i := 0.0; j.more(); i++ {
		j.count(i*1e6, steps*1e6)
		if i == 0 {
			j.say("converting slowly")
		}
		j.busy(step, j.from(0.03, 0.1), 50e3)
	}
}

// tables counts the rows of one table after the other, and nobody knows how many each has.
func tables(j *job) {
	for j.more() {
		rows, speed := float64(j.pause(60, 1))*1e4, 1e4*j.from(0.5, 1.5)
		for done := 0.0; done < rows && !j.stopped; done += speed {
			j.count(done, 0)
			j.busy(1, 0.5, 3e6)
		}
	}
}

// grumbler works hard and complains of many a thing.
func grumbler(j *job) {
	for j.more() {
		j.say("WARN cannot convert attachment " + j.text.file() + " of " + j.text.mailbox() + ", skipped")
		j.busy(j.pause(3, 0.8), 0.6, 4e6)
		if j.r.IntN(150) == 0 {
			j.chat(20)
		}
	}
}

func mailboxes(j *job) {
	n := j.n / 15
	for i := 1; j.more(); i++ {
		j.say(fmt.Sprintf("migrating mailbox %s (%d of %d)", j.text.mailbox(), min(i, n), n))
		j.served(j.pause(10, 0.8), 0.6)
		j.busy(2, 0.3, 2e6)
	}
}

func javaJob(j *job) {
	rows := 0
	for j.more() {
		rows += j.between(100, 5000)
		j.say(fmt.Sprintf("INFO  [worker-%d] processed %d records", j.r.IntN(4), rows))
		j.busy(j.between(3, 25), 1.4, 5e6)
		if j.r.IntN(20) == 0 {
			j.say(fmt.Sprintf("GC pause (young) %d ms", j.between(10, 900)))
		}
	}
}
