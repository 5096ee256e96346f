# git packs a repository anew, in phases that count anew. Healthy; has a counter.
plan() {
	cat <<-END
		title: a repository packed anew
		tasks:
		  - {name: repack, log: $PWD/repack.log, process: {match: 'git.* repack'}}
	END
}
prepare() {
	git init -q tree
	cp -r /usr/local/go/src/cmd /usr/local/go/src/runtime /usr/lib/python3.11 /usr/share/perl tree/
	find tree -name .git -prune -o -name testdata -print | xargs rm -rf
	for i in 1 2 3; do
		git -C tree add -A
		git -C tree -c user.name=n -c user.email=n@example.com commit -qm "$i"
		find tree -name '*.go' -not -path '*/.git/*' | awk -v i=$i 'NR % 3 == i % 3' | xargs sed -i "s/return/return \/* $i *\//"
	done
	git -C tree config pack.threads 1
}
job() {
	start repack.log script -qfc "git -C tree repack -adfF --window=120 --depth=80" /dev/null
	finish repack
}
