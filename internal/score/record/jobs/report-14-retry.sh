# A migration in many steps; the database is shut down under it, and started again after five minutes.
plan() {
	cat <<-END
		title: a migration that cannot reach its database
		tasks:
		  - {name: migrate, log: $PWD/migrate.log, done: '^Migrations complete'}
	END
}
prepare() {
	pg_start
	pg_text 100000 1
	cat >migrate.sh <<-'END'
		for i in $(seq 40); do
		  n=0
		  until psql -h "$PWD/sock" -U postgres -qAt -v ON_ERROR_STOP=1 -c "create table step_$i as select md5(body || g) from article, generate_series(1, 2) g" -c "create index on step_$i (md5)"; do
		    n=$((n + 1))
		    echo "$(date +%T) WARN step $i failed (attempt $n), next attempt in 7 s"
		    sleep 7
		  done
		  echo "$(date +%T) INFO applied step $i of 40"
		done
		echo "Migrations complete"
	END
}
job() {
	start migrate.log bash migrate.sh
	until_ 300 has migrate.log 'step 14 '
	pg_stop
	mark "migrate: fault retry"
	sleep 310
	rm -f pg/postmaster.pid
	runuser -u postgres -- /usr/lib/postgresql/15/bin/pg_ctl -D "$PWD/pg" -l "$PWD/sock/server.log" -w start >/dev/null
	mark "migrate: healed"
	finish migrate
}
cleanup() { pg_stop; }
