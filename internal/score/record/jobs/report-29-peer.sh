# A copy to another machine, whose cable is pulled for three minutes.
plan() {
	cat <<-END
		title: a copy to a machine that falls silent
		tasks:
		  - {name: copy, log: $PWD/copy.log, process: {pidfile: $PWD/job.pid}, done: '^copy complete'}
	END
}
prepare() {
	mkdir to from
	head -c 130M /dev/urandom >from/store.img
	ip netns add "$NAME"
	ip link add rec0 type veth peer name rec1
	ip link set rec1 netns "$NAME"
	ip addr add 10.199.9.1/24 dev rec0
	ip link set rec0 up
	ip -n "$NAME" addr add 10.199.9.2/24 dev rec1
	ip -n "$NAME" link set rec1 up
	printf '%s\n' 'use chroot = no' 'uid = root' 'gid = root' "[to]" "path = $PWD/to" 'read only = no' >rsyncd.conf
	ip netns exec "$NAME" rsync --daemon --no-detach --address 10.199.9.2 --port 8730 --config "$PWD/rsyncd.conf" >/dev/null 2>&1 &
	echo $! >daemon.pid
	until_ 10 rsync rsync://10.199.9.2:8730/
	cat >copy.sh <<-'END'
		rsync -a --progress --bwlimit=700 from/ rsync://10.199.9.2:8730/to/ && echo "copy complete"
	END
}
job() {
	start copy.log bash copy.sh
	sleep 70
	ip -n "$NAME" link set rec1 down
	mark "copy: fault peer"
	sleep 150
	ip -n "$NAME" link set rec1 up
	local size
	size=$(stat -c %s copy.log)
	until_ 200 sh -c "[ \$(stat -c %s copy.log) -gt $size ]" # TCP tries again after a pause of its own
	mark "copy: healed"
	finish copy
}
cleanup() {
	[ ! -e daemon.pid ] || kill $(tree "$(cat daemon.pid)") 2>/dev/null || true
	ip link del rec0 2>/dev/null || true
	ip netns del "$NAME" 2>/dev/null || true
}
