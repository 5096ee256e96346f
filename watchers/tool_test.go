package watchers

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"ronda/internal/observe"
)

// running makes a process of a command line that was started in /w.
func running(command string, links map[int]string, files ...observe.OpenFile) procFacts {
	exe := path.Base(strings.Fields(command)[0])
	return procFacts{pid: 7, name: exe[:min(len(exe), 15)], exe: exe, command: command, cwd: "/w", links: links, files: files}
}

func TestCommandLinesOfCopies(t *testing.T) {
	tty := map[int]string{0: "/dev/pts/1", 1: "/dev/pts/1", 2: "/dev/pts/1"}
	from, to := map[int]string{0: "/srv/in.img", 1: "/dev/pts/1"}, map[int]string{0: "pipe:[1]", 1: "/srv/out"}
	both, through := map[int]string{0: "/srv/in", 1: "/srv/out"}, map[int]string{0: "pipe:[1]", 1: "pipe:[2]"}
	for _, c := range []struct {
		command string
		links   map[int]string
		want    string // "source, source > target", with " +" before what leads; empty: no copy
	}{
		{"cp a.img /mnt/b.img", tty, "+/w/a.img > /mnt/b.img"},
		{"cp -a --no-preserve=mode /srv/mail /srv/www ../backup/", tty, "+/srv/mail, /srv/www > /backup"},
		{"cp -t /mnt/x a b", tty, "+/w/a, /w/b > /mnt/x"},
		{"/bin/cp --target-directory /mnt/x -v a", tty, "+/w/a > /mnt/x"},
		{"cp --target-directory=/mnt/x a", tty, "+/w/a > /mnt/x"},
		{"cp -l a b", tty, ""},
		{"cp --version", tty, ""},
		{"mv -v /srv/a.img /mnt/", tty, "+/srv/a.img > /mnt"},
		{"dd if=a.img of=/dev/sdb bs=4M count=100 skip=2 conv=notrunc", tty, "+/w/a.img > /dev/sdb"},
		{"dd if=/dev/zero of=fill bs=1M", tty, "+/dev/zero > /w/fill"},
		{"dd if=/dev/sda bs=1M", map[int]string{0: "/dev/sda", 1: "pipe:[2]"}, "+/dev/sda > "},
		{"dd of=out", map[int]string{0: "pipe:[1]", 1: "/w/out"}, "+ > /w/out"},
		{"dd bs=64k", through, ""},
		{"cat /srv/a /srv/b", map[int]string{1: "/srv/out"}, "+/srv/a, /srv/b > /srv/out"},
		{"cat /srv/a", map[int]string{1: "pipe:[2]"}, "+/srv/a > "},
		{"cat /srv/a", tty, ""},
		{"cat", through, ""},
		{"pv -L 10m /srv/a", map[int]string{0: "/dev/pts/1", 1: "pipe:[2]"}, "+/srv/a > "},
		{"pv -s 10G", through, " > "},
		{"pv -d 4711", tty, ""},
		{"rsync -aHAX --delete -e ssh -p 2222 /srv/mail/ backup@b.example.com:/srv/mail", tty, "+/srv/mail/ > backup@b.example.com:/srv/mail"}, // the kernel tells no quotes
		{"rsync -aze ssh -i /root/.ssh/id -o StrictHostKeyChecking=no -T -q /srv/mail b:/srv", tty, "+/srv/mail > b:/srv"},
		{"rsync -a --rsh=ssh -p2222 -l root --rsync-path=sudo rsync b:/srv/mail /srv", tty, "+b:/srv/mail > /srv"},
		{"rsync -e ssh -i /srv/mail b:/srv", tty, "+/srv/mail > b:/srv"}, // its own -i
		{"rsync -aHAX -e ssh /srv/mail/ backup@b.example.com:/srv/mail", tty, "+/srv/mail/ > backup@b.example.com:/srv/mail"},
		{"rsync -a --info=progress2 --bwlimit 9000 --exclude cache mail1::mail/store .", tty, "+mail1::mail/store > /w"},
		{"rsync -a --password-file=/etc/rsync.pw rsync://u:hunter2@h/mail /srv", tty, "+rsync://u:••••@h/mail > /srv"},
		{"rsync --server --sender -logDtpre.iLsfxCIvu . /srv/mail", through, "+/srv/mail > "},
		{"rsync --server -logDtpre.iLsfxCIvu . /srv/mail", through, "+ > /srv/mail"},
		{"rsync --daemon --no-detach", tty, ""},
		{"rsync --version", tty, ""},
		{"rsync -an /a /b", tty, ""},
		{"scp -P 22 -r /srv/mail root@b:/srv", tty, "+/srv/mail > root@b:/srv"},
		{"scp b:/srv/a.img .", tty, "+b:/srv/a.img > /w"},
		{"tar czf /b/mail.tgz -C /srv mail www", tty, "+/srv/mail, /srv/www > /b/mail.tgz"},
		{"tar -c --exclude=x -f - .", map[int]string{1: "pipe:[2]"}, "+/w > "},
		{"tar cf - /srv", map[int]string{0: "/dev/pts/1", 1: "/b/x.tar"}, "+/srv > /b/x.tar"},
		{"tar xf mail.tar", tty, "+/w/mail.tar > /w"},
		{"tar -xzf mail.tgz -C /srv", tty, "+/w/mail.tgz > /srv"},
		{"tar x", from, "+/srv/in.img > /w"},
		{"tar tf mail.tar", tty, ""},
		{"gzip -9 dump.sql", tty, "+/w/dump.sql > /w/dump.sql.gz"},
		{"gzip", both, "+/srv/in > /srv/out"},
		{"gzip -1", to, "+ > /srv/out"},
		{"gzip -c a", map[int]string{1: "/b/a.gz"}, "+/w/a > /b/a.gz"},
		{"gzip -t a.gz", tty, ""},
		{"gunzip mail.tgz", tty, "+/w/mail.tgz > /w/mail.tar"},
		{"zstd -T0 -19 a.img -o /b/a.zst", tty, "+/w/a.img > /b/a.zst"},
		{"zstd -d a.zst", tty, "+/w/a.zst > /w/a"},
		{"zstd -q a b", tty, "+/w/a, /w/b > "},
		{"xz -T 4 -k a", tty, "+/w/a > /w/a.xz"},
		{"pigz -p 4 a", tty, "+/w/a > /w/a.gz"},
		{"zstd", through, " > "},
		{"rclone copy --transfers 8 /srv/mail s3:bucket/mail -P", tty, "+/srv/mail > s3:bucket/mail"},
		{"rclone copy --sftp-pass hunter2 /srv/mail :s3,secret_access_key=hunter2:bucket", tty, "+/srv/mail > :s3,secret_access_key=••••"},
		{"rclone mount s3: /mnt", tty, ""},
		{"restic -r rest:https://u:hunter2@h/repo backup --exclude /srv/tmp /srv", tty, "+/srv > rest:https://u:••••@h/repo"},
		{"restic snapshots", tty, ""},
		{"/usr/bin/python3 /usr/bin/borg create --stats -C lz4 /b/repo::night /srv /etc", tty, "+/srv, /etc > /b/repo::night"},
		{"mysqldump --single-transaction -u root -phunter2 zimbra", map[int]string{1: "/b/z.sql"}, "+database zimbra > /b/z.sql"},
		{"mariadb-dump -h db1 --all-databases", map[int]string{1: "pipe:[2]"}, "+all databases on db1 > "},
		{"mysqldump -B a b -r /b/x.sql", tty, "+database a, database b > /b/x.sql"},
		{"mysql zimbra", from, "+/srv/in.img > database zimbra"},
		{"mysql zimbra", tty, ""},
		{"mydumper -t 4 -B imp -o /b/dump", tty, "+database imp > /b/dump"},
		{"myloader -t 4 -d /b/dump -B imp", tty, "+/b/dump > database imp"},
		{"mariabackup --backup --target-dir=/b/full --datadir=/var/lib/mysql", tty, "+/var/lib/mysql > /b/full"},
		{"mariabackup --prepare --target-dir=/b/full", tty, ""},
		{"pg_dump mail", map[int]string{1: "/b/x.sql"}, "+database mail > /b/x.sql"},
		{"pg_dump -Fc -f /b/x.dump postgresql://u:hunter2@h/mail?sslmode=disable", tty, "+database mail > /b/x.dump"},
		{"pg_restore -j 4 -d mail /b/x.dump", tty, "+/b/x.dump > database mail"},
		{"pg_restore -l /b/x.dump", tty, ""},
		{"psql -f /b/x.sql mail", tty, "+/b/x.sql > database mail"},
		{"psql mail", tty, ""},
		{"pg_basebackup -D /b/base -P -h db1", tty, "+the PostgreSQL cluster on db1 > /b/base"},
		{"qemu-img convert -p -O qcow2 -o compat=1.1 /vm/a.raw /b/a.qcow2", tty, "+/vm/a.raw > /b/a.qcow2"},
		{"qemu-img info a.qcow2", tty, ""},
		{"zfs send -R tank/mail@night", map[int]string{1: "pipe:[2]"}, "+tank/mail@night > "},
		{"zfs receive -F tank/mail", through, "+ > tank/mail"},
		{"zfs list", tty, ""},
		{"curl -s -o /b/x.iso https://h.example.com/x.iso", tty, ""}, // has nothing open yet
		{"/usr/bin/busybox cp a b", tty, "+/w/a > /w/b"},
		{"bash -c cp a b", tty, ""},
		{"sshd: root@notty", tty, ""},
	} {
		t.Run(c.command, func(t *testing.T) {
			m, ok := recognize(running(c.command, c.links))
			got := ""
			if ok {
				got = fmt.Sprintf("%s%s > %s", map[bool]string{true: "+"}[m.leader], strings.Join(m.sources, ", "), m.target)
			}
			if c.want != "" && !strings.HasPrefix(c.want, "+") {
				c.want = strings.TrimPrefix(c.want, " ")
				got = strings.TrimPrefix(got, " ")
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A blank within a name is one between words to the kernel; what is open tells.
func TestNamesWithBlanks(t *testing.T) {
	links := map[int]string{3: "/srv/my big file.img", 4: "/mnt/to here/x"}
	m, ok := recognize(running("cp /srv/my big file.img /mnt/to here", links))
	if !ok || len(m.sources) != 1 || m.sources[0] != "/srv/my big file.img" || m.target != "/mnt/to here" {
		t.Fatalf("got %+v", m)
	}
}

func TestByteCounts(t *testing.T) {
	for text, want := range map[string]int64{"512": 512, "4M": 4 << 20, "4k": 4096, "4K": 4096, "2kB": 2000, "2MB": 2e6, "3x512": 1536, "1GiB": 1 << 30, "2w": 4, "1b": 512} {
		if got, ok := byteCount(text, true); !ok || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "x", "4Q", "-1", "9999999999999999", "9000000000G", "1e9", "4 M"} {
		if got, ok := byteCount(text, true); ok && text != "9999999999999999" {
			t.Errorf("%q is read as %d", text, got)
		}
	}
	if got, _ := byteCount("10MB", false); got != 10<<20 { // pv
		t.Errorf("pv's 10MB are %d", got)
	}
	if got := ddBytes("10B", 1<<20, false); got != 10 {
		t.Errorf("10B are %d", got)
	}
	if got := ddBytes("10", 1<<20, false); got != 10<<20 {
		t.Errorf("10 blocks are %d", got)
	}
}
