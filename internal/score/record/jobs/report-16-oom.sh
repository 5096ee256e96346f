# A report that loads more and more, in a container with little memory: the kernel kills it.
group=/sys/fs/cgroup/memory/record-$NAME
plan() {
	cat <<-END
		title: a report in a small container
		tasks:
		  - {name: report, log: $PWD/report.log, process: {match: 'python3 report.py'}, done: '^report written'}
	END
}
prepare() {
	mkdir $group
	echo 300M >$group/memory.limit_in_bytes
	cat >report.py <<-'END'
		import glob, re
		words = []
		for n, name in enumerate(sorted(glob.glob("/usr/lib/python3*/**/*.py", recursive=True)) * 9):
		    text = open(name, errors="replace").read()
		    words.append(sorted(re.findall(r"\w+", text[:6000]), key=lambda w: (len(w), w[::-1])))
		    for i in range(3): sorted(re.findall(r"\w+", text), key=lambda w: w[::-1])
		    if n % 100 == 0: print(f"{n} files read", flush=True)
		print("report written", flush=True)
	END
}
job() {
	start report.log bash -c "echo 0 >$group/cgroup.procs; exec /usr/bin/python3 report.py"
	wait "$JOB" || true
	mark "report: fault oom"
	mark "report: ended failed"
}
cleanup() { until_ 10 rmdir $group; }
