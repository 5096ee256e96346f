# pv feeds a line that is shared: faster for a while, then slower, then faster again. Healthy; has a counter.
plan() {
	cat <<-END
		title: an image sent over a shared line
		tasks:
		  - {name: send, log: $PWD/send.log, done: '^sent'}
	END
}
prepare() {
	head -c 260M /dev/urandom >image
	cat >send.sh <<-'END'
		pv -f -i 2 -L 900k image | gzip -1 >copy.gz
		echo sent
	END
}
line() { pv -R "$(pgrep -P "$JOB" -x pv)" -L "$1"; }
job() {
	start send.log bash send.sh
	sleep 70; line 2300k
	sleep 45; line 600k
	sleep 60; line 1500k
	finish send
}
