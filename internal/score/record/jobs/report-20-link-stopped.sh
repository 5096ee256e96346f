# The line to the server is cut; while nobody can see it, the job there is stopped. It is seen when the line is back.
flags() { echo "--ssh-config $PWD/ssh.conf"; }
plan() {
	cat <<-END
		title: a job that stops while the line is down
		hosts:
		  mail1: {ssh: mail1}
		tasks:
		  - {name: import, host: mail1, log: $PWD/import.log, done: '^import complete'}
	END
}
prepare() {
	ssh_up
	cat >import.sh <<-'END'
		for i in $(seq 70); do
		  find /usr/lib/gcc /usr/lib/python3 -type f | awk -v i="$i" 'NR % 70 == i % 70' | tar -cf - -T - 2>/dev/null | xz -3 >batch
		  echo "$(date +%T) batch $i imported ($(stat -c %s batch) bytes)"
		done
		echo "import complete"
	END
}
job() {
	start_far import.log bash import.sh
	until_ 600 has import.log 'batch 20 '
	ssh_down
	sleep 30
	all STOP "$JOB"
	until_ 5 grep -q '^State:.T' "/proc/$JOB/status"
	mark "import: fault stopped"
	sleep 60
	ssh_up
	sleep 90
	all CONT "$JOB"
	mark "import: healed"
	finish_far import
}
cleanup() {
	ssh_down
	tm kill-server 2>/dev/null || true
}
