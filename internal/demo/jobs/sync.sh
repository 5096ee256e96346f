# A mailbox sync whose other side falls silent for most of a minute, and then goes on.
# $1: the directory to work in
cd "$1" || exit 1
exec >>sync.log 2>&1
far() { # the other side: 25 answers, silence, 20 answers
  n=0
  while [ "$n" -lt 45 ]; do
    n=$((n + 1))
    echo "$n"
    [ "$n" = 25 ] && sleep 48
    sleep 0.2
  done
}
far | while read -r n; do
  echo "mailbox $n of 45 moved"
done
echo "All mailboxes moved"
