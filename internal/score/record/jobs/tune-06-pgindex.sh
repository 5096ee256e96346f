# CREATE INDEX in PostgreSQL, asked for its progress. Healthy; has a counter, in phases.
plan() {
	cat <<-END
		title: a trigram index is built
		tasks:
		  - name: index
		    log: $PWD/index.log
		    process: {pidfile: $PWD/job.pid}
		    done: '^CREATE INDEX'
		    progress:
		      command: psql -h $PWD/sock -U postgres -At -c "select phase, blocks_done, blocks_total from pg_stat_progress_create_index"
		      pattern: '^(?P<phase>[^|]*)\|(?P<done>\d+)\|(?P<total>\d+)'
		      unit: blocks
		      every: 5s
	END
}
prepare() {
	pg_start
	pg_text 1000000 2
	sql -c 'create extension pg_trgm' >/dev/null
}
job() {
	start index.log psql -h "$PWD/sock" -U postgres -c "create index on article using gist (body gist_trgm_ops)"
	finish index
}
cleanup() { pg_stop; }
