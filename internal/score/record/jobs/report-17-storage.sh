# The file system that a copy writes to is frozen (a snapshot that does not end), and thawed after two minutes.
plan() {
	cat <<-END
		title: a copy onto a volume that is frozen
		tasks:
		  - {name: copy, log: $PWD/copy.log, process: {pidfile: $PWD/job.pid}}
	END
}
prepare() {
	volume 500M
	mkdir from
	for i in 1 2 3 4; do head -c "$((20 + i * 25))M" /dev/urandom >"from/part$i.img"; done
}
job() {
	start copy.log rsync -a --info=progress2 --no-inc-recursive --bwlimit=1100 from/ vol/to/
	sleep 90
	/usr/sbin/fsfreeze -f vol
	mark "copy: fault storage"
	sleep 140
	/usr/sbin/fsfreeze -u vol
	mark "copy: healed"
	finish copy
}
cleanup() {
	/usr/sbin/fsfreeze -u vol 2>/dev/null || true
	[ ! -e job.pid ] || kill $(tree "$(cat job.pid)") 2>/dev/null || true
	until_ 20 volume_off
}
