# Somebody presses ^S in the terminal in which an upgrade writes what it does.
plan() {
	cat <<-END
		title: an upgrade in a frozen terminal
		tasks:
		  - {name: upgrade, log: $PWD/upgrade.log, process: {pidfile: $PWD/job.pid}, done: 'Upgrade complete'}
	END
}
prepare() {
	cat >upgrade.sh <<-'END'
		echo $$ >job.pid
		say() { echo "$(date +%T) $*"; echo "$(date +%T) $*" >>upgrade.log; }
		for i in $(seq 60); do
		  find /usr/share/perl /usr/lib/python3 /usr/lib/gcc -type f | awk -v i="$i" 'NR % 60 == i % 60' | tar -cf - -T - 2>/dev/null | xz -2 >mailbox
		  say "mailbox $i of 60 converted"
		done
		say "Upgrade complete"
		touch ended
	END
}
blocked() { grep -qs tty_write\\\|n_tty_write\\\|wait_woken /proc/$(cat job.pid)/wchan && [ "$(cut -d' ' -f1 /proc/$(cat job.pid)/syscall)" = 1 ]; }
job() {
	tm new-session -d 'bash upgrade.sh'
	until_ 600 has upgrade.log 'mailbox 20 '
	tm send-keys C-s
	until_ 60 blocked
	mark "upgrade: fault tty"
	sleep 130
	tm send-keys C-q
	mark "upgrade: healed"
	until_ 900 test -e ended
	mark "upgrade: ended done"
}
cleanup() { tm kill-server 2>/dev/null || true; }
