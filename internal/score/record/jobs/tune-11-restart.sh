# A copy whose connection breaks at about a third, every time; the script begins it anew, every time.
plan() {
	cat <<-END
		title: a copy that begins again and again
		tasks:
		  - {name: copy, log: $PWD/copy.log, done: '^copy complete'}
	END
}
prepare() {
	head -c 120M /dev/urandom >image
	cat >copy.sh <<-'END'
		until timeout $(cat patience) rsync --info=progress2 --bwlimit=1200 image to/; do echo "rsync ended with $?, beginning again"; sleep 3; done
		echo "copy complete"
	END
	echo 33 >patience
}
job() {
	start copy.log bash copy.sh
	until_ 60 has copy.log 'beginning again'
	mark "copy: fault restart"
	sleep 385
	echo 300 >patience
	until_ 90 bash -c "ps -o args= --ppid $JOB | grep -q 'timeout 300'"
	until_ 90 has copy.log ' 3[4-9]%' # before, nobody can know
	mark "copy: healed"
	finish copy
}
