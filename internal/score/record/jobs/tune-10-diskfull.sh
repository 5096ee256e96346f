# A dump onto a small volume that runs full; after two minutes somebody makes room and it goes on.
plan() {
	cat <<-END
		title: a dump onto a small volume
		tasks:
		  - {name: dump, log: $PWD/dump.log, done: '^dump complete'}
	END
}
prepare() {
	volume 120M
	head -c 60M /dev/zero >vol/old.img
	cat >dump.sh <<-'END'
		for i in $(seq 60); do
		  find /usr/lib/python3 /usr/lib/git-core -type f | awk -v i="$i" 'NR % 60 == i % 60' | tar -cf - -T - 2>/dev/null | xz -6 >vol/next
		  head -c 1400K /dev/urandom >>vol/next
		  until cp vol/next vol/part-$i; do echo "part $i: will be written again in 10 s"; sleep 10; done
		  echo "part $i of 60 written, $(stat -c %s vol/part-$i) bytes"
		done
		echo "dump complete"
	END
}
job() {
	start dump.log bash dump.sh
	until_ 400 has dump.log 'No space left'
	mark "dump: fault disk"
	sleep 120
	rm vol/old.img
	mark "dump: healed"
	finish dump
}
cleanup() { volume_off; }
