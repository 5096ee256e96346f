# A pool of workers and its master wait for each other for ever: a queue that nobody empties. Killed after four minutes.
plan() {
	cat <<-END
		title: a pool that waits for itself
		tasks:
		  - {name: index, log: $PWD/index.log, process: {match: 'python3 index.py'}, done: '^index complete'}
	END
}
prepare() {
	cat >index.py <<-'END'
		import glob, hashlib, multiprocessing as mp, os, time
		def work(todo, done):
		    for name in iter(todo.get, None):
		        data = open(name, "rb").read()
		        for i in range(40): digest = hashlib.sha256(data + bytes([i])).hexdigest()
		        done.put((name, digest * 200))
		if __name__ == "__main__":
		    todo, done = mp.Queue(), mp.Queue(400)
		    pool = [mp.Process(target=work, args=(todo, done)) for _ in range(2)]
		    for p in pool: p.start()
		    names = sorted(glob.glob("/usr/lib/python3.11/**/*.py", recursive=True))
		    for name in names: todo.put(name)
		    for n in range(500):
		        done.get()
		        if n % 50 == 49: print(f"{time.strftime('%T')} {n + 1} files indexed", flush=True)
		    todo.put(None); todo.put(None)
		    for p in pool: p.join()
		    print("index complete", flush=True)
	END
}
rests() {
	local before after
	before=$(for p in $(tree "$JOB"); do cut -d' ' -f14 /proc/$p/stat; done)
	sleep 2
	after=$(for p in $(tree "$JOB"); do cut -d' ' -f14 /proc/$p/stat; done)
	[ "$before" = "$after" ]
}
job() {
	start index.log /usr/bin/python3 index.py
	until_ 600 has index.log '500 files'
	local before
	before=$(date +%s.%3N)
	until rests; do before=$(date +%s.%3N); done
	echo "$before index: fault deadlock" >>"$MARKS"
	sleep 240
	all KILL "$JOB"
	finish index
}
