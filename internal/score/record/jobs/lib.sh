# What the scripts of the recorded runs share. Sourced by bash with -eu; the working folder is the job's own.

# mark TEXT: the truth at this instant, in the form of internal/score/run.go.
# A fault that comes after the end of its job is none.
mark() {
	case $* in
	*": fault killed" | *": fault oom") ;;
	*": fault "*) [ -z "${JOB:-}" ] || kill -0 "$JOB" || { echo "the job has ended before the fault: $*" >&2; return 1; } ;;
	esac
	printf '%s %s\n' "$(date +%s.%3N)" "$*" >>"$MARKS"
}

# record lets the job run under the eyes of ronda, and waits until both have ended.
record() {
	here prepare
	plan >"$PRIVATE/plan.yaml"
	"$RONDA" watch --headless --until-done --record "$SESSION" $(here flags) "$PRIVATE/plan.yaml" >/dev/null &
	WATCH=$!
	echo "$WATCH" >"$PRIVATE/watch.pid"
	until_ 60 test -s "$SESSION"
	job
	if ! until_ 60 gone "$WATCH" 2>/dev/null; then kill -TERM "$WATCH"; fi
	wait "$WATCH" || true # its exit code tells the verdict, not whether it watched
	rm "$PRIVATE/watch.pid"
}

# forget_all takes away what the recording left.
forget_all() {
	[ ! -e "$PRIVATE/watch.pid" ] || kill "$(cat "$PRIVATE/watch.pid")" 2>/dev/null || true
	here cleanup
	# What a script that failed left of its job; a pid that another has now works elsewhere.
	[ ! -e job.pid ] || [ "$(readlink "/proc/$(cat job.pid)/cwd")" != "$PWD" ] || all KILL "$(cat job.pid)"
}

# here FUNCTION: calls it where the script has it.
here() { if declare -F "$1" >/dev/null; then "$1"; fi; }

# start LOG COMMAND…: begins the job, its output in LOG, its process in $JOB and in job.pid.
start() {
	local log=$1
	shift
	"$@" >>"$log" 2>&1 </dev/null &
	JOB=$!
	echo "$JOB" >job.pid
}

# finish TASK: waits for the job and tells how it ended.
finish() {
	local rc=0
	wait "$JOB" || rc=$?
	if [ "$rc" = 0 ]; then mark "$1: ended done"; else mark "$1: ended failed"; fi
}

# until_ SECONDS COMMAND…: waits until the command succeeds, at most so long.
until_() {
	local n=$(($1 * 5))
	shift
	until "$@" >/dev/null 2>&1; do
		n=$((n - 1))
		[ "$n" -gt 0 ] || { echo "waited in vain for: $*" >&2; return 1; }
		sleep 0.2
	done
}

# has FILE PATTERN: a line of the file matches.
has() { grep -q -- "$2" "$1"; }

# gone PID: it has ended.
gone() { ! kill -0 "$1" 2>/dev/null; }

# tree PID: the process and all below it.
tree() {
	local child
	echo "$1"
	for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do tree "$child"; done
}

# A private PostgreSQL in ./pg, its socket in the working folder; not as root.
pg_start() {
	chmod 755 .
	mkdir -p pg sock && chown postgres pg sock
	runuser -u postgres -- /usr/lib/postgresql/15/bin/initdb -D "$PWD/pg" -A trust -E SQL_ASCII --locale=C >/dev/null
	cat >>pg/postgresql.conf <<-END
		listen_addresses = ''
		unix_socket_directories = '$PWD/sock'
		max_wal_size = 4GB
		maintenance_work_mem = 32MB
		fsync = on
	END
	runuser -u postgres -- /usr/lib/postgresql/15/bin/pg_ctl -D "$PWD/pg" -l "$PWD/sock/server.log" -w start >/dev/null
}
pg_stop() { [ ! -e pg/postmaster.pid ] || runuser -u postgres -- /usr/lib/postgresql/15/bin/pg_ctl -D "$PWD/pg" -m immediate -w stop >/dev/null; }
sql() { psql -h "$PWD/sock" -U postgres -At -v ON_ERROR_STOP=1 "$@"; }

# pg_text N TIMES: a table of N lines of real text, so many times over.
pg_text() {
	local i
	find /usr/lib/python3.11 /usr/lib/python3 /usr/share/perl -name '*.p[ymlod]*' ! -name '*.pyc' -type f | LC_ALL=C sort | xargs cat 2>/dev/null | tr -cd '\11\12\40-\176' | grep ..... | cut -c1-120 | head -n "$1" >sock/text
	sql -c 'create table article (id serial, body text)' >/dev/null
	sql -c "\\copy article(body) from 'sock/text' with (format csv, delimiter e'\\x01', quote e'\\x02')" >/dev/null
	rm sock/text
	sql -c 'create table once as select body from article' >/dev/null
	for ((i = 1; i < $2; i++)); do sql -c "insert into article(body) select body || ' $i' from once" >/dev/null; done
	sql -c 'drop table once' >/dev/null
}

# A private MariaDB in ./maria, its socket maria/s.
maria_start() {
	mkdir -p maria && chown mysql maria && chmod 755 .
	mariadb-install-db --no-defaults --user=mysql --datadir="$PWD/maria" --skip-test-db --auth-root-authentication-method=normal >/dev/null 2>&1
	mariadbd --no-defaults --user=mysql --datadir="$PWD/maria" --socket="$PWD/maria/s" --pid-file="$PWD/maria/pid" --skip-networking --innodb-buffer-pool-size=64M "$@" >maria.out 2>&1 &
	until_ 60 mariadb --no-defaults -u root -S "$PWD/maria/s" -e 'select 1'
}
maria_stop() { [ ! -e maria/pid ] || { mariadb-admin --no-defaults -u root -S "$PWD/maria/s" shutdown && until_ 60 test ! -e maria/pid; }; }
maria() { mariadb --no-defaults -u root -S "$PWD/maria/s" "$@"; }

# volume SIZE: a file system of its own at ./vol.
volume() {
	truncate -s "$1" vol.img
	/usr/sbin/mkfs.ext4 -qF -m 0 vol.img
	mkdir vol
	mount -o loop vol.img vol
}
volume_off() { if mountpoint -q vol; then umount vol; fi; }

# tmux with a server of its own.
tm() { tmux -L "$NAME" -f /dev/null "$@"; }

# A private sshd on a free port: how to reach it stands in ssh.conf, as mail1.
ssh_up() {
	mkdir -p /run/sshd
	[ -e key ] || {
		ssh-keygen -q -t ed25519 -N '' -f key -C key
		ssh-keygen -q -t ed25519 -N '' -f hostkey -C hostkey
		echo $((20000 + RANDOM % 20000)) >port
		sed "s/^/[127.0.0.1]:$(cat port) /" hostkey.pub >known
		printf '%s\n' 'Host mail1' 'HostName 127.0.0.1' "Port $(cat port)" 'User root' "IdentityFile $PWD/key" 'IdentitiesOnly yes' "UserKnownHostsFile $PWD/known" >ssh.conf
		printf '%s\n' "Port $(cat port)" 'ListenAddress 127.0.0.1' "HostKey $PWD/hostkey" "AuthorizedKeysFile $PWD/key.pub" "PidFile $PWD/sshd.pid" 'StrictModes no' 'UsePAM no' 'PermitRootLogin yes' 'PasswordAuthentication no' >sshd.conf
	}
	/usr/sbin/sshd -f "$PWD/sshd.conf" -E "$PWD/sshd.log"
	until_ 10 test -e sshd.pid
}
# ssh_all: the server and what serves its connections, without what they run.
ssh_all() { [ ! -e sshd.pid ] || for p in $(tree "$(cat sshd.pid)"); do [ "$(cat /proc/$p/comm)" != sshd ] || echo "$p"; done; }
# ssh_down cuts every connection and takes none.
ssh_down() {
	local all
	all=$(ssh_all)
	[ -z "$all" ] || kill -KILL $all
	rm -f sshd.pid
}

# A slow disk for one process: it reads with so many accesses a second, and as many bytes, from what is not in memory.
# slow_disk IOPS BYTES; behind it "echo 0 >$SLOW/cgroup.procs" moves a process there.
SLOW=/sys/fs/cgroup/blkio/record-$NAME
slow_disk() {
	local disk
	disk=$(cat /sys/class/block/vda/dev)
	mkdir -p "$SLOW"
	echo "$disk $1" >"$SLOW/blkio.throttle.read_iops_device"
	echo "$disk $2" >"$SLOW/blkio.throttle.read_bps_device"
}
slow_off() { [ ! -d "$SLOW" ] || until_ 10 rmdir "$SLOW"; }

# forget DIR: its files are no longer in memory.
forget() {
	sync -f "$1"
	/usr/bin/python3 - "$1" <<-'END'
		import os, sys
		for folder, _, names in os.walk(sys.argv[1]):
		    for name in names:
		        path = os.path.join(folder, name)
		        if os.path.islink(path): continue
		        f = os.open(path, os.O_RDONLY)
		        os.posix_fadvise(f, 0, 0, os.POSIX_FADV_DONTNEED)
		        os.close(f)
	END
}

# debs VERSION NAME…: small packages for a system of their own in ./root. The scripts of store and index work for a
# while; mta has a configuration file.
debs() {
	local version=$1 name
	shift
	mkdir -p root/var/lib/dpkg/info root/var/lib/dpkg/updates
	touch root/var/lib/dpkg/status root/var/lib/dpkg/available
	for name in "$@"; do
		mkdir -p "pkg/$name/DEBIAN" "pkg/$name/usr/share/$name" "pkg/$name/etc/$name"
		cp -r /usr/share/perl/5.36.0/unicore "pkg/$name/usr/share/$name/"
		echo "version $version" >"pkg/$name/etc/$name/main.cf"
		echo "/etc/$name/main.cf" >"pkg/$name/DEBIAN/conffiles"
		printf '%s\n' "Package: $name" "Version: $version" 'Architecture: all' 'Maintainer: Nobody <nobody@example.com>' 'Description: for a recording' >"pkg/$name/DEBIAN/control"
		cat >"pkg/$name/DEBIAN/postinst" <<-'END'
			#!/bin/bash
			case $DPKG_MAINTSCRIPT_PACKAGE in
			store)
			  echo "Converting the store"
			  printf '%s upgrade: silent\n' "$(date +%s.%3N)" >>"$MARKS"
			  for i in 1; do tar -C /usr/lib -cf - python3 python3.11 | xz -6 | sha256sum >/dev/null; done
			  printf '%s upgrade: speaks\n' "$(date +%s.%3N)" >>"$MARKS"
			  ;;
			index)
			  for lang in de en es fr id it ja; do
			    echo "Building the index for $lang"
			    for i in 1 2 3 4 5 6; do cat /usr/lib/python3.11/*.py; done | tr -cs a-zA-Z "\n" | sort -S 32M | uniq -c | sort -rn >/dev/null
			  done
			  ;;
			*) tar -C /usr/share -cf - perl | xz -3 >/dev/null ;;
			esac
		END
		chmod 755 "pkg/$name/DEBIAN/postinst"
		dpkg-deb --root-owner-group -Zgzip -b "pkg/$name" "${name}_$version.deb" >/dev/null
	done
}

# start_far LOG COMMAND…: begins the job in tmux, as one does on a server; $JOB is its process.
# Its shell is not: tmux lets a shell go on that somebody stops.
start_far() {
	local log=$1
	shift
	tm new-session -d "$* >$log 2>&1 </dev/null; echo \$? >rc"
	until_ 10 pgrep -P "$(tm list-panes -F '#{pane_pid}')"
	JOB=$(pgrep -P "$(tm list-panes -F '#{pane_pid}')")
}

# finish_far TASK: as finish.
finish_far() {
	until_ 900 test -s rc
	if [ "$(cat rc)" = 0 ]; then mark "$1: ended done"; else mark "$1: ended failed"; fi
}

# all SIGNAL PID: sends it to the process and to all below it, also to those that they begin meanwhile.
all() {
	local round p
	for round in 1 2; do for p in $(tree "$2"); do kill "-$1" "$p" 2>/dev/null || true; done; done
}

# pg_loader TASK BYTES DOING: TASK.sh loads ./dump into a table, in one transaction, so many bytes a second; when its
# connection is cut, it says what it is DOING and begins anew.
pg_loader() {
	sql -c "\\copy article to 'dump' " >/dev/null
	sql -c 'truncate article' >/dev/null
	cat >"$1.sh" <<-END
		until pv -f -i 2 -L $2 dump | psql -h "\$PWD/sock" -U postgres -q -v ON_ERROR_STOP=1 -c "copy article from stdin"; do
		  echo "connection lost, $3 from the beginning"
		  sleep 4
		done
		echo "$1 complete"
	END
}
pg_cut() { sql -c "select pg_terminate_backend(pid) from pg_stat_activity where query like 'copy article%'" >/dev/null; }

# pg_loading TASK FIRST EVERY: runs TASK.sh, whose connection is cut after FIRST seconds and 14 times more.
pg_loading() {
	local i
	start "$1.log" bash -o pipefail "$1.sh"
	sleep "$2"
	pg_cut
	mark "$1: fault restart"
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
		sleep "$3"
		pg_cut
	done
	sleep $(($3 + 4)) # beyond where it was cut: before, nobody can know
	mark "$1: healed"
	finish "$1"
}

# pv_send SIZE BYTES: send.sh sends a file of that size, so many bytes a second; pv_speed BYTES sets another speed.
pv_send() {
	head -c "$1" /dev/urandom >image
	cat >send.sh <<-END
		pv -f -i 2 -L $2 image | gzip -1 >copy.gz
		echo sent
	END
}
pv_speed() { pv -R "$(pgrep -P "$JOB" -x pv)" -L "$1"; }
