# zstd at a high level, with its own progress: fast over what repeats itself, slow over the rest. Healthy; has a counter.
plan() {
	cat <<-END
		title: an archive packed with zstd
		tasks:
		  - {name: pack, log: $PWD/zstd.log, process: {match: 'zstd .*big.tar'}}
	END
}
prepare() {
	tar -C /usr/lib -cf big.tar python3 postgresql
	cat big.tar >>more.tar
	head -c 30M /dev/zero >>more.tar
	tar -C /usr/share -cf - perl icons >>more.tar
	mv more.tar big.tar
}
job() {
	start zstd.log zstd -17 -T1 --long --progress big.tar -o big.tar.zst
	finish pack
}
