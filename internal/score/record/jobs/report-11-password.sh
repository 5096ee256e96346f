# A backup that wants a password at the terminal, without echo.
plan() {
	cat <<-END
		title: a backup that wants a password
		tasks:
		  - {name: backup, log: $PWD/backup.log, done: 'Backup complete'}
	END
}
prepare() {
	cat >backup.sh <<-'END'
		exec >backup.log 2>&1
		for part in perl fonts; do echo "$(date +%T) packing $part"; tar -C /usr/share -cf - $part | xz -3 >$part.tar.xz; done
		echo "$(date +%T) encrypting"
		cat *.xz | openssl enc -aes-256-cbc -pbkdf2 -iter 2000000 -out backup.enc
		for part in perl zoneinfo fonts perl; do echo "$(date +%T) packing $part"; tar -C /usr/share -cf - $part | xz -3 >$part.tar.xz; done
		echo "$(date +%T) Backup complete"
		touch ended
	END
}
job() {
	tm new-session -d 'bash backup.sh'
	until_ 600 has backup.log encrypting
	until_ 20 pgrep -x openssl
	mark "backup: fault prompt"
	sleep 140
	tm send-keys demo Enter
	sleep 1
	tm send-keys demo Enter
	mark "backup: healed"
	until_ 900 test -e ended
	mark "backup: ended done"
}
cleanup() { tm kill-server 2>/dev/null || true; }
