# xz of one large file says nothing at all: the position in the file tells. Healthy.
plan() {
	cat <<-END
		title: a large file packed without a word
		tasks:
		  - {name: pack, log: $PWD/pack.log, done: '^packed'}
	END
}
prepare() {
	tar -C /usr/lib -cf big.tar python3 postgresql git-core
	cat >pack.sh <<-'END'
		echo "packing big.tar, $(stat -c %s big.tar) bytes"
		xz -6 -k big.tar
		echo "packed to $(stat -c %s big.tar.xz) bytes"
	END
}
job() {
	start pack.log bash pack.sh
	finish pack
}
