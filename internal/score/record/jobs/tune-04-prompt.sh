# An upgrade in tmux that asks in the middle; nobody sees it for two minutes.
plan() {
	cat <<-END
		title: an upgrade that asks
		tasks:
		  - {name: upgrade, log: $PWD/upgrade.log, done: 'Upgrade complete'}
	END
}
prepare() {
	cat >upgrade.sh <<-'END'
		step() { echo "$(date +%T) $*"; }
		step "Checking the store"
		find /usr/share -type f | sort | xargs -d '\n' sha256sum 2>/dev/null | awk '{n++} n % 8000 == 0 {print n " files checked"; fflush()}'
		for part in doc perl icons; do step "Packing $part"; tar -C /usr/share -cf - $part | xz -4 >$part.tar.xz; done
		read -r -p "The schema differs from what was expected. Convert it now? [y/N] " answer
		step "Answered $answer"
		for part in locale zoneinfo; do step "Packing $part"; tar -C /usr/share -cf - $part | xz -3 >$part.tar.xz; done
		step "Upgrade complete"
		echo 0 >ended
	END
}
job() {
	tm new-session -d "bash upgrade.sh 2>&1 | tee upgrade.log"
	until_ 400 has upgrade.log 'Convert it now'
	mark "upgrade: fault prompt"
	sleep 120
	tm send-keys y Enter
	mark "upgrade: healed"
	until_ 400 test -e ended
	mark "upgrade: ended done"
}
cleanup() { tm kill-server 2>/dev/null || true; }
