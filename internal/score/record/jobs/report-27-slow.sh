# A copy is throttled to a thirtieth of its speed for four minutes.
plan() {
	cat <<-END
		title: an image sent over a line that collapses
		tasks:
		  - {name: send, log: $PWD/send.log, done: '^sent'}
	END
}
prepare() {
	head -c 420M /dev/urandom >image
	cat >send.sh <<-'END'
		pv -f -i 2 -L 1500k image | gzip -1 >copy.gz
		echo sent
	END
}
line() { pv -R "$(pgrep -P "$JOB" -x pv)" -L "$1"; }
job() {
	start send.log bash send.sh
	sleep 150
	line 50k
	mark "send: fault slow"
	sleep 270
	line 2500k
	mark "send: healed"
	finish send
}
