# rclone copies many small files and then a few large ones; its total grows while it looks around. Healthy; has a counter.
plan() {
	cat <<-END
		title: a tree copied with rclone
		tasks:
		  - {name: copy, log: $PWD/rclone.log, process: {match: 'rclone copy'}}
	END
}
job() {
	start rclone.log rclone copy --config /dev/null --links --stats 5s --stats-log-level NOTICE --bwlimit 1400k --transfers 3 /usr/lib/llvm-14 "$PWD/copy"
	finish copy
}
