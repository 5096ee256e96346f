# A job on a server whose connection is cut for a while, and freezes later. The job itself is well.
flags() { echo "--ssh-config $PWD/ssh.conf"; }
plan() {
	cat <<-END
		title: a job behind a line that breaks
		hosts:
		  mail1: {ssh: mail1}
		tasks:
		  - {name: convert, host: mail1, log: $PWD/convert.log, done: '^All mailboxes converted'}
	END
}
prepare() {
	ssh_up
	cat >convert.sh <<-'END'
		for i in $(seq 120); do
		  find /usr/share/perl /usr/lib/python3 /usr/lib/gcc -type f | awk -v i="$i" 'NR % 120 == i % 120' | tar -cf - -T - 2>/dev/null | xz -3 >mailbox
		  echo "$(date +%T) mailbox $i of 120 converted, $(stat -c %s mailbox) bytes"
		done
		echo "All mailboxes converted"
	END
}
job() {
	start_far convert.log bash convert.sh
	until_ 600 has convert.log 'mailbox 30 '
	ssh_down
	sleep 80
	ssh_up
	sleep 60
	local frozen
	frozen=$(ssh_all)
	kill -STOP $frozen
	sleep 75
	kill -CONT $frozen
	finish_far convert
}
cleanup() {
	ssh_down
	tm kill-server 2>/dev/null || true
}
