package score

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// texts are what simulated jobs write: names in endless combination, as logs hold them.
type texts struct {
	r    *rand.Rand
	made int
}

func newTexts(r *rand.Rand) *texts { return &texts{r: r, made: r.IntN(1000)} }

func (t *texts) one(of ...string) string { return of[t.r.IntN(len(of))] }

// pack is the name of a package.
func (t *texts) pack() string {
	t.made++
	return t.one("lib", "python3-", "perl-", "ruby-", "golang-", "node-", "zimbra-", "php8-", "linux-", "") +
		t.one("ssl", "xml", "curl", "mysql", "ldap", "sasl", "gd", "intl", "zip", "dbi", "http", "json", "yaml", "crypto", "mbox", "store", "proxy", "core", "mta", "spell", "unbound", "perf", "audio", "systemd", "kmod", "nss") +
		t.one("", "2", "3", "-common", "-dev", "-utils", "-data", "-bin", "-doc", "-plugins", "-modules")
}

func (t *texts) version() string {
	return fmt.Sprintf("%d.%d.%d-%d", 1+t.r.IntN(12), t.r.IntN(30), t.r.IntN(20), 1+t.r.IntN(9))
}

func (t *texts) table() string {
	return t.one("mail", "user", "account", "audit", "session", "order", "item", "volume", "mobile", "chat", "tag", "folder", "appointment", "contact") +
		t.one("_item", "_log", "_index", "s", "_map", "_history", "_meta", "_acl", "_queue", "")
}

func (t *texts) file() string {
	return "/" + t.one("opt/zimbra", "srv", "var/lib", "home", "data") + "/" + t.one("store", "index", "backup", "conf", "jetty", "mysql", "redolog") +
		fmt.Sprintf("/%d/", t.r.IntN(300)) + t.one("msg", "blob", "seg", "data", "part") + fmt.Sprintf("%d.%s", t.r.IntN(9999), t.one("dat", "db", "xml", "gz"))
}

func (t *texts) mailbox() string {
	return t.one("anna", "budi", "citra", "dewi", "eka", "frank", "gita", "hugo", "indra", "julia", "karl", "lena") + fmt.Sprintf("%d@example.com", t.r.IntN(500))
}

// phase is the heading of a part of an upgrade.
func (t *texts) phase() string {
	return t.one("Stopping services", "Checking prerequisites", "Backing up configuration", "Upgrading packages", "Migrating accounts",
		"Upgrading schema", "Rebuilding indexes", "Updating LDAP", "Converting mailboxes", "Installing webapps", "Starting services", "Verifying installation") +
		t.one("", "", " on this host", " (part 2)")
}

// step is one line of a chatty upgrade.
func (t *texts) step() string {
	switch t.r.IntN(9) {
	case 0:
		return "Unpacking " + t.pack() + " (" + t.version() + ") over (" + t.version() + ") ..."
	case 1, 2:
		return "Setting up " + t.pack() + " (" + t.version() + ") ..."
	case 3:
		return "Processing triggers for " + t.pack() + " (" + t.version() + ") ..."
	case 4:
		return "Replacing config file " + t.file() + " with new version"
	case 5:
		return "Setting " + t.one("zimbra", "mail", "proxy", "ldap") + t.one("Mta", "Imap", "Pop", "Store", "Web") + t.one("Enabled", "Port", "Timeout", "MaxSize", "Cipher") + "...done."
	case 6:
		return "Updating " + t.table() + " entries: " + strconv.Itoa(t.r.IntN(5000)) + " changed"
	case 7:
		return "INFO  [main] " + t.one("Loading", "Registering", "Deploying", "Removing", "Linking") + " " + t.pack()
	}
	return "copied " + t.file()
}

// warning is a line that complains of nothing grave.
func (t *texts) warning() string {
	return t.one("warning: ", "WARN  ", "W: ") + t.one("unable to delete old directory: Directory not empty", "deprecated option in "+t.file(), "0 errors, 2 warnings in "+t.table(), "locale not set, using C")
}

// stampStyle is how a log begins its lines.
func stampStyle(r *rand.Rand) func(s int) string {
	style := [][2]string{
		{"", ""}, {"", ""}, {"2006-01-02 15:04:05,000", " "}, {"Jan _2 15:04:05", " mail1 upgrade[4711]: "}, {"[15:04:05]", " "}, {"2006-01-02T15:04:05.000Z", " INFO "},
	}[r.IntN(6)]
	if style[0] == "" {
		return func(int) string { return "" }
	}
	return func(s int) string {
		return Epoch().Add(time.Duration(s)*time.Second).Format(style[0]) + style[1]
	}
}
