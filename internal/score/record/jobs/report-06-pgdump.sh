# pg_dump -v of tables of very different size, packed at the highest level. Healthy.
plan() {
	cat <<-END
		title: a database dumped
		tasks:
		  - {name: dump, recipe: postgresql, log: $PWD/dump.log}
	END
}
prepare() {
	pg_start
	pg_text 700000 2
	for i in 1 2 3 4 5 6; do sql -c "create table part$i as select * from article where id % 6 < $i" >/dev/null; done
}
job() {
	start dump.log pg_dump -h "$PWD/sock" -U postgres -v -Fc -Z 9 -f dump.pg postgres
	finish dump
}
cleanup() { pg_stop; }
