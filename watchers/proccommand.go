package watchers

import (
	"path"
	"regexp"
	"strings"

	"ronda/internal/observe"
)

// commandLimit bounds a recorded command line, in bytes.
const commandLimit = 200

// hidden stands where a secret stood; it is the same mark that observe.Redact sets.
const hidden = "••••"

// Where command lines show secrets, beyond what observe.Redact finds in any text.
var (
	// NAME=secret in front of a command, and --some-name=secret, with or without quotes.
	secretAssign = regexp.MustCompile(`(?i)((?:^|[\s'"?&;,{:-])["']?[a-z0-9_.-]*(?:passw(?:or)?d?|passphrase|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key|mysql_pwd|pass)[a-z0-9_.-]*["']?[=:]\s?)("[^"]*"?|'[^']*'?|[^\s&]+)`)
	// --some-name secret.
	secretWord = regexp.MustCompile(`(?i)(\s--?[a-z-]*(?:passw(?:or)?d?|passphrase|secret|token|credential|api-?key|access-?key|pass)\s+)("[^"]*"?|'[^']*'?|[^\s-]\S*)`)
	// scheme://user:secret@ and scheme://secret@; the secret may hold an @ itself.
	secretURL = regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]*://)([^\s/@:]*:)?([^\s/]+)@`)
	// The whole rest of an HTTP header that proves who asks.
	secretHeader = regexp.MustCompile(`(?i)((?:proxy-)?authorization:\s*|cookie:\s*|x-[a-z-]*(?:key|token|auth)[a-z-]*:\s*)([^\s'"]+(?:\s+[^\s'"-][^\s'"]*)?)`)
	// The old and the new passphrase of ssh-keygen.
	secretKeygen = regexp.MustCompile(`(\s-[NP]\s*)([^\s-]\S*)`)
	// openssl's pass:secret.
	secretPass = regexp.MustCompile(`(\bpass:)(\S+)`)
)

// commandLine returns a command line as it may be recorded: what looks like a secret blotted out, without
// control characters, cut to commandLimit bytes. /proc/PID/cmdline tells no quotes: of a secret with a blank
// in it, given as its own word, only the first part can be known as one.
func commandLine(raw string) string {
	s := printable(strings.TrimSpace(raw), 8<<10)
	s = hideToolSecrets(s)
	s = secretAssign.ReplaceAllString(s, "${1}"+hidden)
	s = secretWord.ReplaceAllString(s, "${1}"+hidden)
	s = secretHeader.ReplaceAllString(s, "${1}"+hidden)
	if strings.Contains(s, "ssh-keygen") {
		s = secretKeygen.ReplaceAllString(s, "${1}"+hidden)
	}
	s = secretPass.ReplaceAllString(s, "${1}"+hidden)
	s = secretURL.ReplaceAllStringFunc(s, hideURL)
	return printable(observe.Redact(s), commandLimit)
}

// hideURL keeps the user of a URL and blots the password, or a long user without one: a token.
func hideURL(hit string) string {
	g := secretURL.FindStringSubmatch(hit)
	if g[2] == "" && len(g[3]) < 20 {
		return hit // ssh://user@host
	}
	return g[1] + g[2] + hidden + "@"
}

// toolSecrets says which short options of which programs take a secret, joined to it or as the next word.
// The client programs of MySQL take -p only joined: the next word is the database.
func toolSecrets(tool string) (option string, joined, next bool) {
	switch {
	case strings.HasPrefix(tool, "mysql"), strings.HasPrefix(tool, "mariadb"), tool == "innobackupex", tool == "xtrabackup":
		return "-p", true, false
	case strings.HasPrefix(tool, "ldap"):
		return "-w", true, true
	case tool == "sshpass", strings.HasPrefix(tool, "mongo"):
		return "-p", true, true
	case tool == "redis-cli":
		return "-a", true, true
	case tool == "curl":
		return "-u", true, true
	case tool == "wget", tool == "rsync":
		return "", false, false
	case tool == "smbclient", tool == "rpcclient":
		return "-U", true, true
	default:
		return "", false, false
	}
}

// hideToolSecrets blots what stands where certain programs take their secrets. It looks at every word, so
// that a program behind sudo, env or sh -c is found too.
func hideToolSecrets(s string) string {
	words := strings.Split(s, " ")
	option, joined, next := "", false, false
	for i := 0; i < len(words); i++ {
		w := strings.Trim(words[i], `'"`)
		tool := path.Base(w)
		if o, j, n := toolSecrets(tool); o != "" && !strings.HasPrefix(w, "-") {
			option, joined, next = o, j, n
			continue
		}
		switch {
		case tool == "zmprov" || tool == "ldappasswd":
			hideZimbra(words[i+1:])
		case option == "":
		case w == option && next && i+1 < len(words):
			i++
			words[i] = hidden
		case joined && strings.HasPrefix(w, option) && len(w) > len(option) && !strings.HasPrefix(w, "--"):
			words[i] = option + hidden
		case option == "-u" && w == "--user" && i+1 < len(words):
			i++
			words[i] = hidden
		}
	}
	return strings.Join(words, " ")
}

// hideZimbra blots the passwords of zmprov's commands that take one: sp, setPassword, ca, createAccount.
func hideZimbra(words []string) {
	for i, w := range words {
		switch w {
		case "sp", "setPassword", "ca", "createAccount":
			if i+2 < len(words) {
				words[i+2] = hidden
			}
			return
		}
	}
}

// shellName tells whether a process's name is that of a command shell.
func shellName(name string) bool {
	switch strings.TrimPrefix(name, "-") {
	case "sh", "bash", "dash", "ash", "zsh", "ksh", "ksh93", "mksh", "fish", "csh", "tcsh", "busybox":
		return true
	default:
		return false
	}
}

// bareShell tells whether a command line is that of a shell that was given no script and no command: the
// one behind a prompt, or one that reads its commands from a pipe.
func bareShell(name, command string) bool {
	f := strings.Fields(command)
	if !shellName(name) || len(f) == 0 {
		return false
	}
	args := f[1:]
	if path.Base(f[0]) == "busybox" && len(args) > 0 {
		args = args[1:] // the applet's name
	}
	for _, a := range args {
		long := strings.HasPrefix(a, "--")
		if !strings.HasPrefix(a, "-") && !strings.HasPrefix(a, "+") || !long && strings.Contains(a, "c") {
			return false
		}
	}
	return true
}
