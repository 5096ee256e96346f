# rsync -P of a few large files, stopped for two minutes and let go on.
plan() {
	cat <<-END
		title: a copy that somebody stops
		tasks:
		  - {name: copy, log: $PWD/rsync.log, process: {pidfile: $PWD/job.pid}}
	END
}
prepare() {
	mkdir from
	for i in 1 2 3 4 5; do head -c "$((i * 17))M" /dev/urandom >"from/image$i.img"; done
}
job() {
	start rsync.log rsync -aP --bwlimit=1000 from/ to/
	sleep 80
	all STOP "$JOB"
	mark "copy: fault stopped"
	sleep 125
	all CONT "$JOB"
	mark "copy: healed"
	finish copy
}
