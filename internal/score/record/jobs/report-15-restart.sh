# A restore into a database in one transaction; its connection is cut at a part of the way, again and again.
plan() {
	cat <<-END
		title: a restore that begins again and again
		tasks:
		  - {name: restore, log: $PWD/restore.log, done: '^restore complete'}
	END
}
prepare() {
	pg_start
	pg_text 900000 1
	sql -c "\\copy article to 'dump' " >/dev/null
	sql -c 'truncate article' >/dev/null
	cat >restore.sh <<-'END'
		until pv -f -i 2 -L 1100k dump | psql -h "$PWD/sock" -U postgres -q -v ON_ERROR_STOP=1 -c "copy article from stdin"; do
		  echo "connection lost, restoring from the beginning"
		  sleep 4
		done
		echo "restore complete"
	END
}
cut_() { sql -c "select pg_terminate_backend(pid) from pg_stat_activity where query like 'copy article%'" >/dev/null; }
job() {
	start restore.log bash -o pipefail restore.sh
	sleep 22
	cut_
	mark "restore: fault restart"
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
		sleep 26
		cut_
	done
	sleep 30 # beyond where it was cut: before, nobody can know
	mark "restore: healed"
	finish restore
}
cleanup() { pg_stop; }
