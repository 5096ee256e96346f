# A schema upgrade that says much, then nothing for forty seconds while it really computes and writes.
# $1: the directory to work in
cd "$1" || exit 1
exec >>schema.log 2>&1
echo "Schema upgrade required from version 104 to 111."
i=0
while [ "$i" -lt 24 ]; do
  i=$((i + 1))
  echo "Verified table mboxgroup$i.mail_item"
  sleep 0.25
done
echo "Migrating mail_item. This can take a substantial amount of time..."
i=0
while [ "$i" -lt 44 ]; do
  head -c 6000000 /dev/urandom | tee -a schema.rows | cksum >/dev/null
  i=$((i + 1))
  [ $((i % 8)) = 0 ] && : >schema.rows
  sleep 0.8
done
echo "Updating DB schema version from 104 to 111."
sleep 2
echo "Schema upgrade complete"
