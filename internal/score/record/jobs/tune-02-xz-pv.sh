# tar | pv | xz: as fast as the processor, and as what it packs. Healthy; has a counter.
plan() {
	cat <<-END
		title: a tree packed with xz
		tasks:
		  - {name: pack, log: $PWD/pack.log, done: '^packed'}
	END
}
prepare() {
	cat >pack.sh <<-'END'
		tar -C /usr/lib -cf - git-core python3 gcc/x86_64-linux-gnu/12/plugin python3.11 | pv -f -i 2 -s "$(du -sbc /usr/lib/git-core /usr/lib/python3 /usr/lib/gcc/x86_64-linux-gnu/12/plugin /usr/lib/python3.11 | tail -1 | cut -f1)" | xz -8 >out.tar.xz
		echo packed
	END
}
job() {
	start pack.log bash pack.sh
	finish pack
}
