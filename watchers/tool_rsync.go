package watchers

import (
	"path"
	"strings"
)

// rsyncValued are rsync's long options that may take the next word for their value.
const rsyncValued = "bwlimit exclude include exclude-from include-from files-from rsh rsync-path password-file log-file log-file-format " +
	"partial-dir temp-dir compare-dest copy-dest link-dest backup-dir suffix info debug filter chmod chown usermap groupmap max-size " +
	"min-size max-alloc timeout contimeout modify-window block-size max-delete out-format iconv port sockopts address protocol " +
	"compress-level compress-choice skip-compress checksum-choice checksum-seed remote-option stop-at stop-after time-limit " +
	"early-input outbuf read-batch write-batch only-write-batch copy-as config dparam"

// readRsync reads rsync: one that was started by a person or a clock, the far side of one ("rsync --server"), or the
// child of a daemon that serves somebody.
func readRsync(c call) (move, bool) {
	all := c.args
	if c.args = withoutShell(all); len(c.args) < len(all) && len(c.parse("eBTMf@", rsyncValued).rest) < 2 {
		c.args = all // they were its own
	}
	o := c.parse("eBTMf@", rsyncValued)
	switch {
	case o.has("--daemon"):
		m := move{leader: true, unknown: "an rsync daemon serves it: which files it was asked for is known only to who asks"}
		moves := m.byFiles(c)
		m.target = rsyncName(m.target)
		return m, moves && !strings.HasSuffix(m.target, ".log")
	case o.has("--server"):
		return rsyncServer(c, o)
	case len(o.rest) < 2 || o.has("-n", "--dry-run", "--list-only"):
		return move{}, false
	}
	last := len(o.rest) - 1
	m := move{leader: true, sources: c.absAll(o.rest[:last]), target: c.abs(o.rest[last]), updates: true}
	m.replaces = o.has("--remove-source-files") // and with -S it reads holes as it reads all else
	for i, s := range o.rest[:last] {           // a slash at the end means what is in the folder
		if strings.HasSuffix(s, "/") && len(m.sources[i]) > 1 {
			m.sources[i] += "/"
		}
	}
	if o.has("--exclude", "--include", "--exclude-from", "--include-from", "--filter", "-f", "--files-from", "--max-size", "--min-size", "-C",
		"--cvs-exclude") {
		m.chosen = true
	}
	m.unknown = farSize(m.sources)
	return m, true
}

// rsyncServer reads the far side: "rsync --server --sender -logDtpr . /srv/mail", or without --sender one that receives.
func rsyncServer(c call, o options) (move, bool) {
	var paths []string
	for i, a := range o.rest {
		if a == "." && i == 0 {
			continue
		}
		paths = append(paths, c.abs(a))
	}
	m := move{leader: true, updates: true}
	if o.has("--sender") {
		m.sources, m.chosen = paths, true // what is left out is told later, not on the command line
		return m, len(paths) > 0
	}
	if len(paths) > 0 {
		m.target = paths[len(paths)-1]
	}
	m.unknown = "how much there is to copy is known only to the rsync that sends it"
	return m, m.target != ""
}

// rsyncName returns the name that a file will have which rsync writes as .NAME.XXXXXX.
func rsyncName(p string) string {
	dir, name := path.Split(p)
	if cut := len(name) - 7; strings.HasPrefix(name, ".") && cut > 1 && name[cut] == '.' {
		return path.Join(dir, name[1:cut])
	}
	return p
}

// withoutShell leaves out the words of the command that rsync reaches the far side with: "-e ssh -p 2222 -i key" was
// given as one word, and the kernel shows it as several.
func withoutShell(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		out = append(out, a)
		shell, joined := strings.CutPrefix(a, "--rsh=")
		if bundle, ok := strings.CutPrefix(a, "-"); !joined && ok && !strings.HasPrefix(bundle, "-") && strings.HasSuffix(bundle, "e") && i+1 < len(args) {
			i++
			shell, joined = args[i], true
			out = append(out, shell)
		}
		if strings.HasPrefix(a, "--rsync-path=") && i+1 < len(args) && path.Base(args[i+1]) == "rsync" { // sudo rsync
			i++
		}
		if joined && path.Base(shell) == "ssh" {
			i += sshWords(args[i+1:])
		}
	}
	return out
}

// sshWords counts the words at the beginning that are ssh's options and their values.
func sshWords(words []string) int {
	n := 0
	for n+1 < len(words) {
		option, value := words[n], words[n+1]
		switch {
		case option == "-p" && strings.Trim(value, "0123456789") == "",
			option == "-o" && strings.Contains(value, "="),
			(option == "-i" || option == "-F" || option == "-J" || option == "-S") && !strings.HasPrefix(value, "-"),
			(option == "-l" || option == "-c" || option == "-m" || option == "-b") && !strings.HasPrefix(value, "-") && !strings.Contains(value, "/") && !strings.Contains(value, ":"):
			n += 2
		case strings.HasPrefix(option, "-o") && strings.Contains(option, "="), strings.HasPrefix(option, "-p") && len(option) > 2 && strings.Trim(option[2:], "0123456789") == "",
			option == "-T", option == "-4", option == "-6", option == "-A", option == "-C", option == "-q", option == "-x", option == "-a":
			n++
		default:
			return n
		}
	}
	return n
}
