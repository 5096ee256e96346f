# A long sort that is merely busy, and says nothing but its beginning and its end. Healthy.
plan() {
	cat <<-END
		title: a large file sorted
		tasks:
		  - {name: sort, log: $PWD/sort.log, done: '^sorted'}
	END
}
prepare() {
	find /usr/lib/python3 /usr/lib/python3.11 /usr/share/perl -type f ! -name '*.pyc' | xargs cat 2>/dev/null | tr -cd '\11\12\40-\176' | cut -c1-160 >lines
	for i in 1 2 3 4 5 6 7 8; do sed "s/$/ $i/" lines; done >many
	cat >sort.sh <<-'END'
		echo "sorting $(stat -c %s many) bytes"
		printf '%s sort: silent\n' "$(date +%s.%3N)" >>"$MARKS"
		LC_ALL=C.UTF-8 sort --parallel=1 -f -k2,2 -k1,1 -S 48M -T . many >sorted
		printf '%s sort: speaks\n' "$(date +%s.%3N)" >>"$MARKS"
		echo "sorted"
	END
}
job() {
	start sort.log bash sort.sh
	finish sort
}
