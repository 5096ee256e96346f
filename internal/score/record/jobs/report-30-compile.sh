# A program is built in parts that take very different times. Healthy; has a counter.
plan() {
	cat <<-END
		title: many sources checked
		tasks:
		  - {name: build, log: $PWD/build.log, done: '^build complete'}
	END
}
prepare() {
	find /usr/lib/python3 /usr/lib/postgresql /usr/share/perl -type f -size +2k | sort >list
	cat >build.sh <<-'END'
		total=$(wc -l <list) n=0
		while read -r file; do
		  n=$((n + 1))
		  xz -6 -c "$file" >part
		  [ $((n % 20)) != 0 ] || echo "[$n/$total] $(basename "$file") $(stat -c %s part)"
		done <list
		echo "build complete"
	END
}
job() {
	start build.log bash build.sh
	finish build
}
