# A conversion is killed by somebody; its log just ends.
plan() {
	cat <<-END
		title: a conversion that is killed
		tasks:
		  - {name: convert, log: $PWD/convert.log, process: {pidfile: $PWD/job.pid}, done: 'All converted'}
	END
}
prepare() {
	cat >convert.sh <<-'END'
		for i in $(seq 400); do
		  find /usr/share/perl /usr/lib/gcc -type f | awk -v i="$i" 'NR % 400 == i % 400' | tar -cf - -T - 2>/dev/null | xz -4 >mailbox
		  echo "$(date +%T) converted mailbox $i of 400"
		done
		echo "All converted"
	END
}
job() {
	start convert.log bash convert.sh
	until_ 600 has convert.log 'mailbox 60 '
	sleep 100
	kill -0 "$JOB"
	all KILL "$JOB"
	mark "convert: fault killed"
	finish convert
}
