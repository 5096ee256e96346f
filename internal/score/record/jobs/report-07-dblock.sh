# A schema migration waits for a table that another session holds in an open transaction.
plan() {
	cat <<-END
		title: a migration behind another session
		tasks:
		  - {name: migrate, log: $PWD/migrate.log, done: '^migration complete'}
	END
}
prepare() {
	pg_start
	pg_text 700000 2
	cat >migrate.sql <<-END
		\\echo creating the new tables
		create table author as select id, md5(body) from article;
		create index on author (md5);
		\\echo converting articles
		update article set body = upper(body) where id % 2 = 0;
		\\echo adding the author column
		alter table article add author int;
		\\echo filling it
		update article set author = id % 1000 where id % 3 = 0;
		create index on article (author, body);
		\\echo migration complete
	END
}
job() {
	start migrate.log psql -h "$PWD/sock" -U postgres -v ON_ERROR_STOP=1 -f migrate.sql
	until_ 300 has migrate.log 'converting articles'
	sleep 2
	sql -c "begin; select count(*) from article where id < 10; select pg_sleep(10000)" >/dev/null 2>&1 &
	until_ 300 sh -c "psql -h $PWD/sock -U postgres -Atc \"select wait_event_type from pg_stat_activity where query like '%add author%' and pid <> pg_backend_pid()\" | grep -q Lock"
	mark "migrate: fault dblock"
	sleep 170
	sql -c "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(10000)%' and pid <> pg_backend_pid()" >/dev/null
	mark "migrate: healed"
	finish migrate
}
cleanup() { pg_stop; }
