# tar reads a tree from a slow disk, large files first, then thousands of small ones; pv counts. Healthy; has a counter.
plan() {
	cat <<-END
		title: an archive of a slow disk
		tasks:
		  - {name: archive, log: $PWD/archive.log, done: '^archive complete'}
	END
}
prepare() {
	mkdir from
	cp -r /usr/lib/gcc /usr/lib/git-core from
	cp -r /usr/share/perl /usr/lib/python3 from
	forget from
	slow_disk 50 2500000
	cat >archive.sh <<-END
		echo 0 >$SLOW/cgroup.procs
		tar -cf - from/gcc from/git-core from/perl from/python3 | pv -f -i 3 -s $(du -sb from | cut -f1) >archive.tar && echo "archive complete"
	END
}
job() {
	start archive.log bash archive.sh
	finish archive
}
cleanup() { slow_off; }
