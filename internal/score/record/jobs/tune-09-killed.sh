# tar with checkpoints, killed by somebody with -9 in the middle.
plan() {
	cat <<-END
		title: an archive that is killed
		tasks:
		  - {name: archive, log: $PWD/archive.log, done: '^archive complete'}
	END
}
prepare() {
	cat >archive.sh <<-'END'
		tar --checkpoint=2000 --checkpoint-action=echo='%{read,wrote}T' -C /usr/lib -cf - git-core python3 python3.11 gcc | xz -7 >archive.tar.xz && echo "archive complete"
	END
}
job() {
	start archive.log bash -o pipefail archive.sh
	sleep 150
	kill -0 "$JOB"
	all KILL "$JOB"
	mark "archive: fault killed"
	finish archive
}
