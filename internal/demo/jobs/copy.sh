# A real copy, throttled to about 2 MB/s, that counts what it has done.
# $1: the directory to work in
cd "$1" || exit 1
exec >>copy.log 2>&1
total=44
echo "Copying mailstore.img to backup.img"
dd if=/dev/zero of=mailstore.img bs=65536 count=$((total * 32)) 2>/dev/null
i=0
while [ "$i" -lt "$total" ]; do
  dd if=mailstore.img of=backup.img bs=65536 count=32 skip=$((i * 32)) seek=$((i * 32)) conv=notrunc 2>/dev/null
  i=$((i + 1))
  echo "copied $i of $total blocks"
  sleep 1
done
cmp mailstore.img backup.img && echo "Copy complete, verified"
