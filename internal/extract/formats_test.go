package extract

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"ronda/internal/observe"
)

// readings is how many readings a format is given.
const readings = 120

// part is a counter that rises in uneven strides from 0 to total over them.
func part(i int, total float64) float64 {
	u := float64(i) / (readings - 1)
	return math.Floor(total * (0.7*u + 0.3*u*u))
}

// perItem is a format whose counters belong to items: that is known once some of them began anew.
const perItem = "downloads of many files"

// settled is the line from which on a format that counts items must be seen through.
func settled(name string) int {
	switch name {
	case perItem, "layers in turn", "files one after the other":
		return 40
	}
	return 0
}

// hash is a number that looks random and is always the same.
func hash(i int) int { return int(uint32(i*2654435761) >> 7) }

// formats are lines of tools as their sources or manuals write them; want is the total that is to be found
// and what is counted at the end: unit empty for a counter without one.
var formats = []struct {
	name  string
	line  func(i int) string // several lines with \n
	done  float64            // at the end; -1: no counter may be found
	total float64
	unit  string
}{
	{"dnf", func(i int) string {
		return fmt.Sprintf("  Upgrading        : pkg%c%c-lib-%d.%d-%d.el9.x86_64 %30d/240", 'a'+hash(i)%26, 'a'+hash(i+7)%26, i%7, i%3, i%9, 2*i+2)
	}, 240, 240, ""},
	{"gh-ost", func(i int) string {
		n := part(i, 9500340)
		return fmt.Sprintf("Copy: %.0f/9500340 %.1f%%; Applied: %d; Backlog: %d/100; Time: %dm0s(total), %dm0s(copy); streamer: binlog.000079:%d; Lag: 0.02s, State: migrating; ETA: %dm18s",
			n, n/95003.40, i*1190, hash(i)%100, i, i, 670258826+i*1000, 120-i)
	}, 9500340, 9500340, ""},
	{"pt-online-schema-change", func(i int) string {
		return fmt.Sprintf("Copying `shop`.`orders`:  %d%% %02d:%02d remain", int(part(i, 99)), (120-i)/60, (120-i)%60)
	}, 99, 100, "percent"},
	{"restic", func(i int) string {
		return fmt.Sprintf("[%d:%02d] %.2f%%  %.0f files %.3f GiB, total 99120 files 120.500 GiB, 0 errors ETA %d:%02d", i/60, i%60, part(i, 10000)/100, part(i, 99120), part(i, 120500)/1000, (120-i)/60, (120-i)%60)
	}, 120.5 * (1 << 30), 120.5 * (1 << 30), "bytes"},
	{"mdstat", func(i int) string {
		n := part(i, 976630464)
		return fmt.Sprintf("      [==>..................]  recovery = %.1f%% (%.0f/976630464) finish=%d.5min speed=%dK/sec", n/9766304.64, n, 127-i, 33000+hash(i)%900)
	}, 976630464, 976630464, ""},
	{"proxmox", func(i int) string {
		n := part(i, 32000) / 1000
		return fmt.Sprintf("transferred %.1f GiB of 32.0 GiB (%.2f%%)", n, n/0.32)
	}, 32 << 30, 32 << 30, "bytes"},
	{"zfs send", func(i int) string {
		return fmt.Sprintf("01:%02d:%02d   %.1fG   tank/mail@night", i/60, i%60, 1+part(i, 400)/10)
	}, 41 << 30, 0, "bytes"},
	{"borg", func(i int) string {
		return fmt.Sprintf("%.2f GB O %.2f GB C %.2f MB D %.0f N srv/mail/%d/msg", part(i, 50000)/1000+0.01, part(i, 30000)/1000+.01, part(i, 90000)/100+.01, part(i, 99120), hash(i))
	}, 50.01e9, 0, "bytes"},
	{"lvm pvmove", func(i int) string { return fmt.Sprintf("  /dev/sdb: Moved: %.2f%%", part(i, 10000)/100) }, 100, 100, "percent"},
	{"drbd", func(i int) string {
		return fmt.Sprintf("	[==>.....] sync'ed: %.1f%% (%.0f/512000)M", part(i, 1000)/10, 512000-part(i, 512000))
	}, 100, 100, "percent"},
	{"wget", func(i int) string {
		return fmt.Sprintf(" %.0fK .......... .......... .......... .......... .......... %d%% 14.2M %ds", part(i, 512000), int(part(i, 100)), 120-i)
	}, 100, 100, "percent"},
	{"docker build", func(i int) string { return fmt.Sprintf("Step %d/120 : RUN make part%d", i+1, i) }, 120, 120, "steps"},
	{"files of", func(i int) string { return fmt.Sprintf("INFO restored %d of 120 files", i+1) }, 120, 120, "files"},
	{"out of", func(i int) string { return fmt.Sprintf("Processed %d out of 120 mailboxes (user%d)", i+1, hash(i)%999) }, 120, 120, "mailboxes"},
	{"rows left", func(i int) string { return fmt.Sprintf("backfill: %.0f rows remaining", 50000-part(i, 49000)) }, 49000, 50000, "rows"},
	{"rows done", func(i int) string { return fmt.Sprintf("imported %.0f rows", part(i, 90000)) }, 90000, 0, "rows"},
	{"key and value", func(i int) string { return fmt.Sprintf("level=info msg=copied done=%d total=120 errors=0", i+1) }, 120, 120, ""},
	{"JSON", func(i int) string {
		return fmt.Sprintf(`{"level":"info","ts":%d.12,"msg":"copied","done":%d,"total":120}`, 1795564800+i, i+1)
	}, 120, 120, ""},
	{"phases that count anew", func(i int) string {
		if i < 40 {
			return fmt.Sprintf("scanned %d of 45 tables", i+1) // never says that it has ended
		}
		return fmt.Sprintf("scanned %d of 80 tables", i-39)
	}, 80, 80, "tables"},
	{"phases with counters of their own", func(i int) string {
		if i < 60 {
			return fmt.Sprintf("checked %d of 64 tables", i+1)
		}
		return fmt.Sprintf("indexes: %d of 60 built", i-59)
	}, 60, 60, "indexes"},
	{"mailbox", func(i int) string { return fmt.Sprintf("mailbox %d of 120", i+1) }, 120, 120, "mailboxes"},
	{"begins with nothing", func(i int) string {
		if i == 0 {
			return "scanned 0 of 0 files"
		}
		return fmt.Sprintf("scanned %d of 119 files", i)
	}, 119, 119, "files"},
	{"phases that are many", func(i int) string {
		if i%12 == 0 {
			return "== Building the " + string(rune('a'+i/12)) + " index =="
		}
		return fmt.Sprintf("%d of 11 tables", i%12)
	}, 11, 11, "tables"},
	{"ninja", func(i int) string { return fmt.Sprintf("[%d/120] Compiling part%c.c", i+1, 'a'+i%26) }, 120, 120, ""},
	{"cmake", func(i int) string {
		return fmt.Sprintf("[%3d%%] Building CXX object src/%c.o", int(part(i, 100)), 'a'+i%26)
	}, 100, 100, "percent"},
	{"decimal comma", func(i int) string {
		return fmt.Sprintf("Kemajuan: %d,%d %% selesai", int(part(i, 1000))/10, int(part(i, 1000))%10)
	}, 100, 100, "percent"},
	{"alembic", func(i int) string {
		return fmt.Sprintf("INFO  [alembic.runtime.migration] Running upgrade %012x -> %012x, part", hash(i)*977, hash(i+1)*977)
	}, -1, 0, ""},
	{"retries", func(i int) string { return fmt.Sprintf("connection to db failed, retry %d of 120", i+1) }, -1, 0, ""},
	{"load", func(i int) string { return fmt.Sprintf("CPU %d%% MEM %d%% disk usage %d%%", i%100, i/2, i/3) }, -1, 0, ""},
	{"dates", func(i int) string { return fmt.Sprintf("backup of 2026/%02d/%02d kept", 1+i/28, 1+i%28) }, -1, 0, ""},
	{"versions", func(i int) string { return fmt.Sprintf("removing kernel-5.14.%d/x86_64 of release 9.%d/9", i, i%9) }, -1, 0, ""},
	{"elapsed", func(i int) string { return fmt.Sprintf("still running, %d seconds elapsed", i*5) }, -1, 0, ""},
	{"heartbeat", func(i int) string { return fmt.Sprintf("waiting for replica (attempt %d, waited %ds)", i, i*5) }, -1, 0, ""},
	{perItem, func(i int) string {
		return fmt.Sprintf("layer%d: Downloading %d%%", i/12, (i%12)*9)
	}, -1, 0, ""},
	{"layers in turn", func(i int) string {
		return fmt.Sprintf("%012x: Downloading [==>   ] %d.5MB/%d.2MB", 0xa1b2c3d4e5f6+i%4, i/4, 45+i%4)
	}, -1, 0, ""},
	{"files one after the other", func(i int) string {
		return fmt.Sprintf("mail%d.tar: %d/%d MB", i/8, i%8*5, 36+i/8%2)
	}, -1, 0, ""},
	{"dpkg's database", func(i int) string { return fmt.Sprintf("(Reading database ... %d%%", i%21*5) }, -1, 0, ""},
	{"epoch", func(i int) string { return fmt.Sprintf("ping at %d ok", 1795564800+i*5) }, -1, 0, ""},
	{"access log", func(i int) string {
		return fmt.Sprintf("192.0.2.%d - - [22/Nov/2026:01:%02d:%02d +0000] \"GET /a HTTP/1.1\" 200 %d", hash(i)%255, i/60, i%60, hash(i)%90000)
	}, -1, 0, ""},
}

func TestCountersOfKnownFormats(t *testing.T) {
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			l := newLog(t, observe.Patterns{})
			var last *Count
			late := 0
			phased := strings.HasPrefix(f.name, "phases")
			for i := range readings {
				for line := range strings.SplitSeq(f.line(i), "\n") {
					r := l.Read(line, false)
					if r.Count != nil && i >= settled(f.name) {
						last = r.Count
					} else if i > 10 {
						late++
					}
				}
			}
			switch {
			case f.done < 0 && last != nil:
				t.Errorf("took %+v for progress in %q", *last, f.line(60))
			case f.done < 0:
			case last == nil:
				t.Errorf("no counter in %q", f.line(60))
			case math.Abs(last.Done-f.done) > 0.011*f.done || last.Total != f.total || last.Unit != f.unit:
				t.Errorf("%+v; want %v/%v %s", *last, f.done, f.total, f.unit)
			case late > 0 && !phased, late > 22:
				t.Errorf("%d readings were missed after the tenth line", late)
			}
		})
	}
}

// loops are what a job says that gets nowhere; after they have gone round once nothing in them is new.
var loops = []struct {
	name string
	line func(i int) string
}{
	{"an error that goes on in the next line", func(i int) string {
		return []string{
			"psql: error: connection to server at \"127.0.0.1\", port 5432 failed: Connection refused",
			fmt.Sprintf("\tIs the server running on host %c and accepting TCP/IP connections?", 'a'+i/2%26),
		}[i%2]
	}},
	{"a load that fails at another line each time", func(i int) string {
		return []string{
			fmt.Sprintf("psql:load.sql:3: ERROR:  duplicate key value violates unique constraint \"article_%c_key\"", 'a'+i%7),
			fmt.Sprintf("DETAIL:  Key (id, slug)=(%d, post-%x) already exists.", i*7919, hash(i)),
			fmt.Sprintf("CONTEXT:  COPY article, line %d: \"%d post-%x\"", 1000+i*31, i*7919, hash(i)),
		}[i%3]
	}},
	{"retry", func(i int) string { return fmt.Sprintf("retrying connection to 10.0.0.5:5432 (attempt %d)", i) }},
	{"wait", func(i int) string { return fmt.Sprintf("Still waiting for lock, %d s elapsed", i*10) }},
	{"restart", func(i int) string { return fmt.Sprintf("copied %d%%", (i%7)*5) }},
	{"three lines", func(i int) string {
		return []string{"starting worker", "worker failed: connection refused", "restarting worker in 5 s"}[i%3]
	}},
	{"ids", func(i int) string { return fmt.Sprintf("job %016x requeued", uint64(hash(i))*0x9e3779b97f4a7c15) }},
	{"uuids", func(i int) string {
		h := uint64(hash(i)) * 0x9e3779b97f4a7c15
		return fmt.Sprintf("GET /health req=%08x-%04x-4%03x-a%03x-%012x 200", uint32(h), h>>48, h>>20&0xfff, h>>8&0xfff, h>>16)
	}},
	{"clock", func(i int) string { return fmt.Sprintf("2026-11-22 01:%02d:%02d heartbeat ok", i/60, i%60) }},
	{"kubeadm", func(i int) string {
		return fmt.Sprintf("[wait-control-plane] Waiting up to 4m0s, %dm%ds passed", i/60, i%60)
	}},
	{"attempts with phases", func(i int) string {
		if i%8 == 0 {
			return fmt.Sprintf("== Attempt %d: copying ==", i/8)
		}
		return fmt.Sprintf("copied %d of 100 tables", i%8)
	}},
	{"liquibase", func(int) string { return "Waiting for changelog lock...." }},
	{"attempts of a few", func(i int) string { return fmt.Sprintf("attempt %d of 5: connecting to db1", 1+i%5) }},
	{"attempts without end", func(i int) string {
		return fmt.Sprintf("Attempt #%d failed with connection refused, next in %ds", i, 5+i%20)
	}},
	{"backing off", func(i int) string {
		return fmt.Sprintf("level=warn msg=\"backing off\" retry=%d delay=%dms", i, 100+hash(i)%9000)
	}},
	{"JSON heartbeat", func(i int) string {
		return fmt.Sprintf(`{"ts":%d.%03d,"level":"info","msg":"heartbeat","uptime_s":%d,"heap_bytes":%d,"goroutines":%d}`, 1795564800+i*5, hash(i)%1000, i*5, 1e6+hash(i), 40+i)
	}},
	{"pino heartbeat", func(i int) string {
		return fmt.Sprintf(`{"level":30,"time":%d,"pid":4711,"hostname":"mail1","msg":"alive","rss":%d,"elapsedMs":%d}`, 1795564800000+i*5000, 1e6+hash(i), i*5000)
	}},
	{"load", func(i int) string {
		return fmt.Sprintf("mail1: load average: 0.%02d, 0.%02d, 0.%02d", hash(i)%90+i/30, hash(i+1)%90, hash(i+2)%90)
	}},
	{"ports", func(i int) string { return fmt.Sprintf("connection from 10.0.0.7:%d closed", 30000+hash(i)%30000+i) }},
	{"pids", func(i int) string { return fmt.Sprintf("worker pid %d exited, starting another", 4711+i*3) }},
	{"temporary files", func(i int) string {
		return fmt.Sprintf("cannot rename /var/lib/x/tmp.%08x to /var/lib/x/state", uint32(hash(i)*77))
	}},
	{"pods", func(i int) string {
		return fmt.Sprintf("pod web-%08x-x%dk%dz is not ready", uint32(hash(i/40)*977), hash(i/40)%9, hash(i/40)%7)
	}},
	{"countdown", func(i int) string { return fmt.Sprintf("checking again in %d seconds", 60-i%60) }},
	{"queue", func(i int) string { return fmt.Sprintf("still %d of 5 replicas ready, waiting", 2) }},
	{"timestamps within", func(i int) string {
		return fmt.Sprintf("last seen at 2026-11-28T23:%02d:%02d, timeout=30s", i/60, i%60)
	}},
	{"addresses", func(i int) string { return fmt.Sprintf("object 0x%012x is locked, will retry", uint64(hash(i))*0x9e37) }},
	{"spinner", func(i int) string { return "Waiting for the server " + []string{"⠋", "⠙", "⠹", "⠸"}[i%4] }},
	{"dots", func(i int) string { return "waiting" + strings.Repeat(".", 3+i%3) }},
	{"thread names", func(i int) string { return fmt.Sprintf("[pool-3-thread-%d] no work for me", 1+i%8) }},
	{"Go's own clock", func(i int) string {
		return fmt.Sprintf("2026-11-28 23:%02d:%02d.551 +0700 WIB m=+%d.23 not ready", i/60, i%60, i)
	}},
	{"kubelet", func(i int) string {
		return fmt.Sprintf("E1128 23:%02d:%02d.%06d    4914 kubelet.go:1597] Failed creating a mirror pod: Post https://10.132.0.2:6443/api: connection refused", i/60, i%60, hash(i)%1000000)
	}},
	{"terraform", func(i int) string {
		return fmt.Sprintf("aws_db_instance.db: Still creating... [%dm%ds elapsed]", i/6, i%6*10)
	}},
	{"helm", func(i int) string {
		return "ready.go:402: [debug] Deployment is not ready: shop/web. 0 out of 3 expected pods are ready"
	}},
	{"copies that begin anew", func(i int) string {
		if i%5 == 4 {
			return "connection lost, restarting"
		}
		return fmt.Sprintf("copying disk-1.vmdk: %d%%", i%5*10)
	}},
	{"batches that begin anew", func(i int) string {
		switch i % 6 {
		case 0:
			return "starting over at the beginning"
		case 5:
			return "ERROR: deadlock detected, rolling back"
		}
		return fmt.Sprintf("moved %d of 500 rows", i%6*100)
	}},
	{"a stack trace", func(i int) string {
		return []string{
			"2026-11-28 23:10:05,551 ERROR [main] cannot connect", "java.net.ConnectException: Connection refused",
			"	at a.b.C.d(C.java:12)", "	at a.b.C.e(C.java:13)", "	at a.b.D.f(D.java:14)", "	at a.b.E.g(E.java:15)", "	... 23 more",
		}[i%7]
	}},
}

func TestLoopsSayNothingNew(t *testing.T) {
	for _, f := range loops {
		t.Run(f.name, func(t *testing.T) {
			l := newLog(t, observe.Patterns{})
			for i := range 300 {
				if r := l.Read(f.line(i), false); r.Novel && i > 60 {
					t.Errorf("line %d is taken for news: %q", i, f.line(i))
				}
			}
		})
	}
}

func TestHealthyLogsKeepSayingNews(t *testing.T) {
	healthy := map[string]func(i int) string{
		"files": func(i int) string {
			return fmt.Sprintf("./db/t_%s.ibd copied", strings.Repeat(string(rune('a'+i%26)), 1+i/26))
		},
		"retries":            func(i int) string { return fmt.Sprintf("item %d done, retries 1 of 3", i) },
		"errors":             func(i int) string { return fmt.Sprintf("%d rows copied, 0 errors", i*100) },
		"failed":             func(i int) string { return fmt.Sprintf("sent=%d failed=0", i*3) },
		"items in any order": func(i int) string { return fmt.Sprintf("copied user%d@example.com", hash(i)%9000) },
		"files in any order": func(i int) string { return fmt.Sprintf("srv/mail/%d/msg/%d.msg", hash(i)%90, hash(i)%9000) },
		"disks one after the other": func(i int) string {
			return fmt.Sprintf("disk-%d.vmdk: %d%%", (i/10*7)%13, i%10*10)
		},
		"announced items": func(i int) string {
			if i%10 == 0 {
				return fmt.Sprintf("Cloning disk '/vmfs/volumes/ds1/%c.vmdk'...", 'a'+i/10)
			}
			return fmt.Sprintf("Clone: %d%% done.", i%10*10)
		},
		"parts in any order": func(i int) string {
			return fmt.Sprintf("Thread %d restoring `imp`.`mail_item` part %d", i%4, (i*37)%127)
		},
		"ranges": func(i int) string {
			return fmt.Sprintf("dumping t where (`id` >= %d AND `id` < %d)", i*1000, i*1000+1000)
		},
		"versions": func(i int) string { return fmt.Sprintf("Applying updates for 8.8.%d_GA", i) },
		"tables in pairs": func(i int) string {
			return fmt.Sprintf("Copying ./%c/%c.ibd to /srv/mb/%c/%c.ibd", 'a'+i/11, 'a'+i%11, 'a'+i/11, 'a'+i%11)
		},
		"JSON items": func(i int) string {
			return fmt.Sprintf(`{"level":"info","msg":"mailbox moved","mailbox":"user%d","elapsed_ms":%d}`, hash(i)%9000, hash(i)%900)
		},
		"groups": func(i int) string {
			return fmt.Sprintf("Migrating mboxgroup%d.  This can take a substantial amount of time...", i+1)
		},
	}
	for _, f := range formats {
		if f.done > 0 {
			healthy[f.name] = f.line
		}
	}
	for name, line := range healthy {
		t.Run(name, func(t *testing.T) {
			l := newLog(t, observe.Patterns{})
			quiet := 0
			for i := range readings {
				quiet++
				if l.Read(line(i), false).Novel {
					quiet = 0
				}
				if quiet > 8 {
					t.Fatalf("nothing new for %d lines at %q", quiet, line(i))
				}
			}
		})
	}
}

// rsync says how many files are left too, once it knows them all.
func TestRsyncCountsFilesBesideBytes(t *testing.T) {
	l := newLog(t, observe.Patterns{})
	for _, c := range []struct {
		text              string
		files, filesTotal float64
	}{
		{"    120,000,000  29%   59.65MB/s    0:00:01 (xfr#1, ir-chk=1082/1084)", 0, 0},
		{"    240,000,000  58%   59.29MB/s    0:00:03 (xfr#2, to-chk=1000/3664)", 2664, 3664},
		{"    249,175,040  60%   58.31MB/s    0:00:02  ", 2664, 3664},
	} {
		r := l.Read(c.text, true)
		if r.Count == nil || r.Count.Unit != "bytes" || r.Count.Files != c.files || r.Count.FilesTotal != c.filesTotal {
			t.Errorf("%q: %+v; want %v/%v files", c.text, r.Count, c.files, c.filesTotal)
		}
	}
}
