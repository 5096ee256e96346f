# pv feeds a line that is shared: faster for a while, then slower, then faster again. Healthy; has a counter.
plan() {
	cat <<-END
		title: an image sent over a shared line
		tasks:
		  - {name: send, log: $PWD/send.log, done: '^sent'}
	END
}
prepare() { pv_send 260M 900k; }
job() {
	start send.log bash send.sh
	sleep 70; pv_speed 2300k
	sleep 45; pv_speed 600k
	sleep 60; pv_speed 1500k
	finish send
}
