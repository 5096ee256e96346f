# dpkg asks in tmux what to do with a changed configuration file; the answer comes after three minutes.
plan() {
	cat <<-END
		title: an upgrade that asks about a configuration file
		tasks:
		  - {name: upgrade, recipe: apt-console, log: $PWD/apt-console.log}
	END
}
dpkg_() { echo "dpkg --root=$PWD/root --force-script-chrootless,not-root,depends"; }
prepare() {
	debs 1.1 mta
	MARKS=/dev/null $(dpkg_) -i mta_1.1.deb >/dev/null 2>&1
	echo "changed here" >root/etc/mta/main.cf
	debs 1.2 tools webmail mta proxy index
}
job() {
	tm new-session -d "$(dpkg_) -i tools_1.2.deb webmail_1.2.deb mta_1.2.deb proxy_1.2.deb index_1.2.deb 2>&1 | tee apt-console.log; echo >ended"
	until_ 300 has apt-console.log 'default=N'
	mark "upgrade: fault prompt"
	sleep 180
	tm send-keys n Enter
	mark "upgrade: healed"
	until_ 400 test -e ended
	mark "upgrade: ended done"
}
cleanup() { tm kill-server 2>/dev/null || true; }
