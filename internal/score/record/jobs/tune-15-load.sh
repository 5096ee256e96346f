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
	pg_loader load 800k loading
}
job() { pg_loading load 15 18; }
cleanup() { pg_stop; }
