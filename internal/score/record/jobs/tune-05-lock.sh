# A nightly job that must wait for another's file lock.
plan() {
	cat <<-END
		title: a job behind another's lock
		tasks:
		  - {name: backup, log: $PWD/backup.log, done: 'Backup finished'}
	END
}
prepare() {
	cat >backup.sh <<-'END'
		for part in perl locale; do echo "$(date +%T) packing $part"; tar -C /usr/share -cf - $part | xz -5 >$part.tar.xz; done
		echo "$(date +%T) updating the catalogue"
		exec 9>catalogue.lock
		flock 9
		echo "$(date +%T) catalogue opened"
		for part in doc zoneinfo; do echo "$(date +%T) packing $part"; tar -C /usr/share -cf - $part | xz -5 >$part.tar.xz; done
		echo "$(date +%T) Backup finished"
	END
}
job() {
	flock catalogue.lock sleep 1000 &
	echo $! >holder.pid
	start backup.log bash backup.sh
	until_ 400 has backup.log 'updating the catalogue'
	mark "backup: fault lock"
	sleep 150
	kill $(tree "$(cat holder.pid)")
	mark "backup: healed"
	finish backup
}
cleanup() { [ ! -e holder.pid ] || kill "$(cat holder.pid)" 2>/dev/null || true; }
