# A package upgrade that stops at a question, on a terminal of its own.
echo "Preparing to unpack mta_3.8 ..."
sleep 1
echo "Unpacking mta (3.8) over (3.6) ..."
sleep 1
echo "Setting up mta (3.8) ..."
sleep 1
echo "Configuration file '/etc/mta/main.cf'"
echo " ==> Modified (by you or by a script) since installation."
echo " ==> Package distributor has shipped an updated version."
printf '*** main.cf (Y/I/N/O/D/Z) [default=N] ? '
read -r answer
echo "Keeping your version ($answer)."
i=0
while [ "$i" -lt 6 ]; do
  i=$((i + 1))
  echo "Setting up plugin-$i (3.8) ..."
  sleep 1
done
printf 'Starting mta...'
sleep 8
echo ' done.'
echo "Processing triggers for man-db ... done: packages upgraded"
