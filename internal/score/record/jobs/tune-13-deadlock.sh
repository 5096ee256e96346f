# A program whose two threads take two locks in different order, at last; killed when somebody has had enough.
plan() {
	cat <<-END
		title: a migration that locks itself
		tasks:
		  - {name: migrate, log: $PWD/migrate.log, process: {match: 'python3 migrate.py'}, done: 'migration complete'}
	END
}
prepare() {
	cat >migrate.py <<-'END'
		import hashlib, os, threading, time
		a, b = threading.Lock(), threading.Lock()
		said = 0
		def work(first, second, name, bad):
		    global said
		    for i in range(400):
		        locks = (second, first) if i == bad else (first, second)
		        with locks[0]:
		            if i == bad:
		                time.sleep(2)
		                with open(os.environ["MARKS"], "a") as f: f.write(f"{time.time():.3f} migrate: fault deadlock\n")
		            with locks[1]:
		                hashlib.pbkdf2_hmac("sha256", b"x", name.encode(), 700000)
		                said += 1
		                if said % 10 == 0: print(f"{time.strftime('%T')} migrated {said} of 800 mailboxes", flush=True)
		one = threading.Thread(target=work, args=(a, b, "one", -1))
		two = threading.Thread(target=work, args=(a, b, "two", 220))
		one.start(); two.start(); one.join(); two.join()
		print("migration complete", flush=True)
	END
}
job() {
	start migrate.log /usr/bin/python3 migrate.py
	until_ 400 has "$MARKS" deadlock
	sleep 210
	kill -KILL "$JOB"
	finish migrate
}
