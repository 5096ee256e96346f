# A load of a table whose connection is cut, again and again; what the server says of it names another line each time.
plan() {
	cat <<-END
		title: a load that begins again and again
		tasks:
		  - {name: load, log: $PWD/load.log, done: '^load complete'}
	END
}
prepare() {
	pg_start
	pg_text 500000 1
	sql -c "\\copy article to 'dump' " >/dev/null
	sql -c 'truncate article' >/dev/null
	cat >load.sh <<-'END'
		until pv -f -i 2 -L 800k dump | psql -h "$PWD/sock" -U postgres -q -v ON_ERROR_STOP=1 -c "copy article from stdin"; do
		  echo "connection lost, loading from the beginning"
		  sleep 4
		done
		echo "load complete"
	END
}
cut_() { sql -c "select pg_terminate_backend(pid) from pg_stat_activity where query like 'copy article%'" >/dev/null; }
job() {
	start load.log bash -o pipefail load.sh
	sleep 15
	cut_
	mark "load: fault restart"
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
		sleep 18
		cut_
	done
	sleep 22 # beyond where it was cut: before, nobody can know
	mark "load: healed"
	finish load
}
cleanup() { pg_stop; }
