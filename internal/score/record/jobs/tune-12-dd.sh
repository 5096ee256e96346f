# dd from a disk that another load leaves little of, then more, then less again. Healthy; the position in the file tells.
plan() {
	cat <<-END
		title: an image written with dd
		tasks:
		  - {name: image, log: $PWD/dd.log, process: {pidfile: $PWD/job.pid}, done: 'records out'}
	END
}
group=/sys/fs/cgroup/blkio/record-$NAME
limit() { echo "$(cat /sys/class/block/vda/dev) $1" >$group/blkio.throttle.read_bps_device; }
prepare() {
	dd if=/dev/urandom of=disk.img bs=1M count=900 oflag=direct status=none
	mkdir $group
	limit 4000000
}
job() {
	start dd.log bash -c "echo 0 >$group/cgroup.procs; exec dd if=disk.img of=copy.img bs=256K iflag=direct status=progress"
	sleep 60; limit 2500000
	sleep 50; limit 7000000
	sleep 40; limit 3000000
	finish image
}
cleanup() { until_ 10 rmdir $group; }
