# A schema upgrade on a server whose connection is cut for five minutes. The job itself is well, silently for a part.
flags() { echo "--ssh-config $PWD/ssh.conf"; }
plan() {
	cat <<-END
		title: a job behind a line that breaks
		hosts:
		  mail1: {ssh: mail1}
		tasks:
		  - {name: rebuild, host: mail1, log: $PWD/rebuild.log, done: '^All indexes rebuilded'}
	END
}
prepare() {
	ssh_up
	cat >rebuild.sh <<-'END'
		for i in $(seq 90); do
		  find /usr/share/perl /usr/lib/python3 /usr/lib/gcc -type f | awk -v i="$i" 'NR % 90 == i % 90' | tar -cf - -T - 2>/dev/null | xz -4 >index
		  echo "$(date +%T) index $i of 90 rebuilded, $(stat -c %s index) bytes"
		done
		echo "All indexes rebuilded"
	END
}
job() {
	start_far rebuild.log bash rebuild.sh
	until_ 600 has rebuild.log 'index 10 '
	ssh_down
	sleep 200
	ssh_up
	finish_far rebuild
}
cleanup() {
	ssh_down
	tm kill-server 2>/dev/null || true
}
