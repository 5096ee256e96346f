# COPY into a table with several indexes, asked for its progress: slower the larger the indexes grow. Healthy; has a counter.
plan() {
	cat <<-END
		title: a table loaded
		tasks:
		  - name: load
		    log: $PWD/load.log
		    process: {pidfile: $PWD/job.pid}
		    done: '^COPY'
		    progress:
		      command: psql -h $PWD/sock -U postgres -At -c "select bytes_processed || ' of ' || $(stat -c %s dump) || ' bytes' from pg_stat_progress_copy"
		      every: 5s
	END
}
prepare() {
	pg_start
	pg_text 1100000 1
	sql -c "\\copy article to 'dump'" >/dev/null
	sql -c 'truncate article; create extension pg_trgm; create index on article using gist (body gist_trgm_ops); create index on article (md5(body)); create index on article using gin (to_tsvector($$english$$, body)); create index on article(body text_pattern_ops)' >/dev/null
}
job() {
	start load.log psql -h "$PWD/sock" -U postgres -c "\\copy article from 'dump'"
	finish load
}
cleanup() { pg_stop; }
