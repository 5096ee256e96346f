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
	pg_loader restore 1100k restoring
}
job() { pg_loading restore 22 26; }
cleanup() { pg_stop; }
