# Somebody gives the container of a packing job two hundredths of a processor, and takes that back.
group=/sys/fs/cgroup/cpu/record-$NAME
plan() {
	cat <<-END
		title: an archive in a throttled container
		tasks:
		  - {name: pack, log: $PWD/pack.log, done: '^packed'}
	END
}
prepare() {
	mkdir $group
	cat >pack.sh <<-'END'
		tar -C /usr/lib -cf - git-core python3 python3.11 | pv -f -i 2 -s "$(du -sbc /usr/lib/git-core /usr/lib/python3 /usr/lib/python3.11 | tail -1 | cut -f1)" | xz -6 >out.tar.xz
		echo packed
	END
}
job() {
	start pack.log bash -c "echo 0 >$group/cgroup.procs; exec bash pack.sh"
	sleep 40
	echo 100000 >$group/cpu.cfs_period_us
	echo 2000 >$group/cpu.cfs_quota_us
	mark "pack: fault throttle"
	sleep 200
	echo -1 >$group/cpu.cfs_quota_us
	mark "pack: healed"
	finish pack
}
cleanup() { until_ 10 rmdir $group; }
