# rsync over a thin line: what compresses well goes fast, what is compressed already goes slowly. Healthy; has a counter.
plan() {
	cat <<-END
		title: a tree copied with rsync
		tasks:
		  - {name: copy, recipe: rsync, log: $PWD/rsync.log}
	END
}
job() {
	start rsync.log rsync -aR --info=progress2 --no-inc-recursive -z --compress-choice=zlib --compress-level=6 --bwlimit=200 \
		/usr/share/perl /usr/lib/git-core /usr/share/icons /usr/lib/python3 /usr/share/fonts "$PWD/copy/"
	finish copy
}
