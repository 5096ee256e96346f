# A copy is throttled to a thirtieth of its speed for four minutes.
plan() {
	cat <<-END
		title: an image sent over a line that collapses
		tasks:
		  - {name: send, log: $PWD/send.log, done: '^sent'}
	END
}
prepare() { pv_send 420M 1500k; }
job() {
	start send.log bash send.sh
	sleep 150
	pv_speed 50k
	mark "send: fault slow"
	sleep 270
	pv_speed 2500k
	mark "send: healed"
	finish send
}
