# Two workers of a pool take two locks in different order, once, and wait for each other for ever. Killed after three minutes.
plan() {
	cat <<-END
		title: a pool that waits for itself
		tasks:
		  - {name: index, log: $PWD/index.log, process: {match: 'python3 index.py'}, done: '^index complete'}
	END
}
prepare() {
	cat >index.py <<-'END'
		import hashlib, multiprocessing as mp, os, time
		def work(first, second, name, wrong):
		    for i in range(1, 241):
		        a, b = (second, first) if i == wrong else (first, second)
		        with a:
		            if i == wrong: time.sleep(3)
		            if i == wrong:
		                with open(os.environ["MARKS"], "a") as f: f.write(f"{time.time():.3f} index: fault deadlock\n")
		            with b:
		                for n in range(12): hashlib.pbkdf2_hmac("sha256", name.encode(), bytes([n]), 30000)
		                if i % 8 == 0: print(f"{time.strftime('%T')} {name}: block {i} of 240 indexed", flush=True)
		if __name__ == "__main__":
		    one, two = mp.Lock(), mp.Lock()
		    pool = [mp.Process(target=work, args=(one, two, "left", 0)), mp.Process(target=work, args=(one, two, "right", 130))]
		    for p in pool: p.start()
		    for p in pool: p.join()
		    print("index complete", flush=True)
	END
}
job() {
	start index.log /usr/bin/python3 index.py
	until_ 400 has "$MARKS" deadlock
	sleep 180
	all KILL "$JOB"
	finish index
}
