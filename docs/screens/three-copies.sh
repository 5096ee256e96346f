#!/bin/sh
# three-copies.sh: three real copies at once to a small real volume. One cannot fit, one cannot make its deadline, one
# is well. It is the scene of copies.png, and a way to see what ronda says of copies without a server.
#
#   sudo docs/screens/three-copies.sh                    # starts them, and prints what to call in another terminal
#   sudo docs/screens/three-copies.sh ./ronda watch --transfers --match MATCH --deadline DEADLINE
#                                                        # starts them, runs the command, ends with it
#
# It takes at most 600 MB in a folder of its own under ${TMPDIR:-/tmp}, one loop device and a few minutes; Ctrl-C ends
# it. Everything that it made is gone afterwards. Needs root (for the loop device), pv, rsync and e2fsprogs.
set -eu
PATH=$PATH:/usr/sbin:/sbin

for tool in pv rsync mkfs.ext4 mount; do
	command -v "$tool" >/dev/null || { echo "three-copies: $tool is missing (Debian: apt-get install pv rsync e2fsprogs mount)" >&2; exit 2; }
done
[ "$(id -u)" = 0 ] || { echo "three-copies: mounting a volume takes root: try sudo $0" >&2; exit 2; }

dir=$(mktemp -d "${TMPDIR:-/tmp}/three-copies.XXXXXX")
chmod 755 "$dir"
pids=
cleanup() {
	trap - EXIT
	trap '' HUP INT TERM # a second one must not leave a mount behind
	# shellcheck disable=SC2086 # a list of processes
	[ -z "$pids" ] || kill $pids 2>/dev/null || true
	wait 2>/dev/null || true
	for _ in 1 2 3 4 5 6 7 8 9 10; do # a copy that was just ended may hold it still
		mountpoint -q "$dir/backup" || break
		umount "$dir/backup" 2>/dev/null || sleep 0.5
	done
	rm -rf --one-file-system "$dir"
}
trap cleanup EXIT
trap 'exit 130' HUP INT TERM

# The volume: 512 MB, of which some 480 can be written.
mkdir "$dir/backup" "$dir/srv" "$dir/srv/mail"
truncate -s 512M "$dir/volume"
mkfs.ext4 -q -m 0 -F "$dir/volume"
mount -o loop "$dir/volume" "$dir/backup"

# What is copied: an image of 700 MB, which takes no room here, a mail store of 110 MB and a database of 50 MB.
truncate -s 700M "$dir/srv/archive.img"
for i in 1 2 3 4 5 6 7 8 9 10 11; do
	head -c 10000000 /dev/urandom >"$dir/srv/mail/mailbox-$i"
done
head -c 50000000 /dev/urandom >"$dir/srv/zimbra.sql"

# The copies. Together they would fill the volume after some six minutes; the store takes nearly five.
cd "$dir/srv"
[ $# = 0 ] || exec 3>&2 2>"$dir/messages" # nobody writes into the screen of the command
pv -q -L 900k "$dir/srv/archive.img" >"$dir/backup/archive.img" &
pids="$pids $!"
rsync -a --bwlimit=390 "$dir/srv/mail/" "$dir/backup/mail/" &
pids="$pids $!"
rsync -a --bwlimit=390 "$dir/srv/zimbra.sql" "$dir/backup/" &
pids="$pids $!"

deadline=$(date -d '+200 seconds' +%H:%M:%S 2>/dev/null || date +%H:%M:%S)
if [ $# -gt 0 ]; then
	for word; do # what stands for these is only known now
		shift
		case $word in
		DEADLINE) word=$deadline ;;
		MATCH) word=$(basename "$dir") ;;
		esac
		set -- "$@" "$word"
	done
	cd "$OLDPWD"
	exec 2>&3
	"$@"
	exit
fi
cat <<TEXT
Three copies run to $dir/backup. See them in another terminal:

    sudo ronda watch --transfers --match $(basename "$dir") --deadline $deadline

Ctrl-C ends them and removes everything.
TEXT
# shellcheck disable=SC2086
wait $pids || true
echo "The copies have ended. Press Ctrl-C to remove everything, or look around in $dir."
while :; do sleep 60; done
