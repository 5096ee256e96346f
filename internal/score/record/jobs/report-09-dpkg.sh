# Packages are upgraded; two of their scripts work silently for a while. Healthy.
plan() {
	cat <<-END
		title: packages upgraded
		tasks:
		  - {name: upgrade, recipe: apt-console, log: $PWD/apt-console.log}
	END
}
prepare() {
	debs 1.2 mta store proxy index webmail tools
}
job() {
	start apt-console.log dpkg --root="$PWD/root" --force-script-chrootless,not-root,depends -i store_1.2.deb tools_1.2.deb index_1.2.deb proxy_1.2.deb mta_1.2.deb webmail_1.2.deb
	finish upgrade
}
