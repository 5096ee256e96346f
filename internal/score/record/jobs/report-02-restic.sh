# restic packs a tree into a repository behind a thin line. Healthy; has a counter.
plan() {
	cat <<-END
		title: a backup with restic
		tasks:
		  - {name: backup, log: $PWD/restic.log, done: '^snapshot [0-9a-f]+ saved'}
	END
}
prepare() {
	head -c 24 /dev/urandom | base64 >key
	restic -q --no-cache --password-file key -r repo init
}
job() {
	start restic.log env TMPDIR="$PWD" RESTIC_PROGRESS_FPS=0.5 restic --no-cache --password-file key -r repo --compression max --limit-upload 500 backup /usr/lib/gcc /usr/lib/python3 /usr/share/perl /usr/lib/git-core
	finish backup
}
