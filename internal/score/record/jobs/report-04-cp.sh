# cp -r from a slow disk: many small files, then large ones. Healthy; du counts.
plan() {
	cat <<-END
		title: a tree copied with cp
		tasks:
		  - name: copy
		    process: {pidfile: $PWD/job.pid}
		    progress: {command: "echo \$(du -sb $PWD/to | cut -f1) of $(du -sb from | cut -f1)", pattern: '(?P<done>\d+) of (?P<total>\d+)', unit: bytes, every: 5s}
	END
}
prepare() {
	mkdir from to
	cp -r /usr/share/perl /usr/lib/python3 /usr/lib/git-core /usr/lib/gcc from
	forget from
	slow_disk 45 3000000
}
job() {
	start cp.log bash -c "echo 0 >$SLOW/cgroup.procs; exec cp -r from/perl from/python3 from/git-core from/gcc to/"
	finish copy
}
cleanup() { slow_off; }
