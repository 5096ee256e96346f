# tar writes into a pipe; who reads it, another program elsewhere, stands still for three minutes.
plan() {
	cat <<-END
		title: an archive whose reader stands still
		tasks:
		  - {name: archive, log: $PWD/archive.log, process: {pidfile: $PWD/job.pid}, done: '^archive complete'}
	END
}
prepare() {
	mkfifo line
	cat >archive.sh <<-'END'
		tar --checkpoint=500 --checkpoint-action=echo='%{wrote}T' -C /usr/lib -cf line git-core python3 python3.11 gcc && echo "archive complete"
	END
}
job() {
	pv -q -L 1500k line >copy.tar 2>/dev/null &
	local reader=$!
	start archive.log bash archive.sh
	sleep 65
	kill -STOP "$reader"
	mark "archive: fault pipe"
	sleep 190
	kill -CONT "$reader"
	mark "archive: healed"
	finish archive
}
