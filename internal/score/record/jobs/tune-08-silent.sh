# An upgrade of many phases, two of them silent for minutes while they sort and pack. Healthy.
plan() {
	cat <<-END
		title: an upgrade with silent phases
		tasks:
		  - {name: upgrade, log: $PWD/upgrade.log, done: 'Upgrade complete', fail: '^ERROR'}
	END
}
prepare() {
	cat >upgrade.sh <<-'END'
		say() { echo "$(date '+%F %T') $*"; }
		truth() { printf '%s upgrade: %s\n' "$(date +%s.%3N)" "$1" >>"$MARKS"; }
		for service in mta store proxy; do say "Stopping $service...done."; sleep 1; done
		for i in $(seq 40); do say "Verified table mboxgroup$i"; find /usr/share/doc -newer /etc/passwd >/dev/null; done
		say "Rebuilding the search index. This can take a substantial amount of time..."
		truth silent
		find /usr/lib/python3 /usr/lib/python3.11 /usr/share/perl /usr/lib/git-core -type f | xargs cat | strings | split -l 1000000 - piece
		for i in $(seq 5); do cat piece* | sed "s/$/$i/"; done | LC_ALL=C.UTF-8 sort -S 64M -T . >index
		truth speaks
		say "Search index rebuilt: $(wc -l <index) entries"
		rm index piece*
		for i in $(seq 12); do say "Converting mailbox $i"; tar -C /usr/share -cf - perl | gzip -9 >/dev/null; done
		say "Packing the old store"
		truth silent
		tar -C /usr/lib -cf - python3.11 | xz -8 >old.tar.xz
		truth speaks
		say "Old store packed: $(stat -c %s old.tar.xz) bytes"
		for service in proxy store mta; do say "Starting $service...done."; sleep 2; done
		say "Upgrade complete"
	END
}
job() {
	start upgrade.log bash upgrade.sh
	finish upgrade
}
