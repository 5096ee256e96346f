# An import in parts over HTTP; the server goes away and comes back after more than five minutes.
plan() {
	cat <<-END
		title: an import that retries
		tasks:
		  - {name: import, log: $PWD/import.log, done: '^Import complete'}
	END
}
prepare() {
	cat >import.sh <<-'END'
		total=70
		for i in $(seq $total); do
		  part=parts/part-$i
		  find /usr/share/perl /usr/share/doc /usr/lib/gcc /usr/lib/python3 -type f | awk -v i="$i" 'NR % 70 == i % 70' | tar -cf - -T - 2>/dev/null | xz -7 >$part
		  until curl -sS --max-time 10 -o /dev/null "http://127.0.0.1:$(cat port)/$part"; do
		    echo "$(date +%T) part $i not delivered, trying again in 5 s"
		    sleep 5
		  done
		  [ $((i % 5)) != 0 ] || echo "$(date +%T) delivered $i of $total parts"
		done
		echo "Import complete"
	END
	mkdir parts
	port=$((20000 + RANDOM % 20000))
	echo $port >port
}
serve() {
	/usr/bin/python3 -m http.server -b 127.0.0.1 "$(cat port)" >/dev/null 2>&1 &
	echo $! >server.pid
}
job() {
	serve
	start import.log bash import.sh
	until_ 300 has import.log 'delivered 25'
	kill "$(cat server.pid)"
	mark "import: fault retry"
	sleep 330
	serve
	until_ 20 curl -s -o /dev/null "http://127.0.0.1:$(cat port)/"
	mark "import: healed"
	finish import
}
cleanup() { kill "$(cat server.pid)" 2>/dev/null || true; }
