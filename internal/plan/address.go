package plan

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"ronda/internal/observe"
)

// A target of the command line, taken apart.

// splitTarget takes a target apart: the address as after ssh (empty: this machine), the host's name in it,
// and the path.
func splitTarget(arg string) (address, host, file string, err error) {
	if strings.HasPrefix(arg, "ssh://") {
		u, perr := url.Parse(arg)
		if perr != nil || u.Hostname() == "" {
			return "", "", "", fmt.Errorf("%s is not a target: write ssh://[user@]host[:port]/path", cutSecret(arg))
		}
		if _, has := u.User.Password(); has {
			return "", "", "", fmt.Errorf("%s holds a password: leave it out, ronda asks when it is needed", cutSecret(arg))
		}
		address = u.Host
		if u.User != nil {
			address = u.User.Username() + "@" + u.Host
		}
		host, file = u.Hostname(), u.Path
	} else {
		var bracket bool
		if address, file, bracket = splitBracket(arg); !bracket {
			address, file = splitPath(arg)
		}
		if address != "" && !strings.Contains(address, "@") && strings.Contains(file, "@") && !strings.Contains(file, "/") {
			return "", "", "", fmt.Errorf("%s holds a password: leave it out, ronda asks when it is needed", cutSecret(arg))
		}
		host = address[strings.LastIndexByte(address, '@')+1:]
		host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	if address == "" {
		if strings.HasPrefix(arg, ":") {
			return "", "", "", fmt.Errorf("%q names no host before the colon: write host:/path, or ./%s for a file of that name", arg, arg)
		}
		return "", "", file, nil
	}
	if msg := badAddress(address); msg != "" {
		return "", "", "", fmt.Errorf("%s cannot be reached: %s: write [user@]host:/path", cutSecret(arg), msg)
	}
	return address, host, file, nil
}

// splitBracket takes [user@][IPv6]:path apart.
func splitBracket(arg string) (address, file string, ok bool) {
	open := strings.IndexByte(arg, '[')
	end := strings.Index(arg, "]:")
	if open < 0 || end < open || strings.ContainsAny(arg[:open], "/:") || open > 0 && arg[open-1] != '@' {
		return "", "", false
	}
	return arg[:end+1], arg[end+2:], true
}

func checkFile(arg, address, file string, ref *observe.ProcessRef) error {
	switch {
	case file == "" && address != "" && ref != nil:
		return nil
	case file == "" || file == "/" && address != "":
		return fmt.Errorf("%s names no log: write %s:/path/to/log, or add --pid, --match or --unit", arg, address)
	case strings.HasPrefix(file, "~"):
		return fmt.Errorf("%s: the shell did not expand ~: write the path from / on", arg)
	case address != "" && !strings.HasPrefix(file, "/"):
		return fmt.Errorf("%s: %q is relative, but on another machine a path must begin with a slash: did you mean %s:/%s?",
			arg, file, address, file)
	case strings.HasSuffix(file, "/") || strings.HasSuffix(file, `\`):
		return fmt.Errorf("%s is a folder: name the log in it", arg)
	}
	return nil
}

// logEnd is the end of a name that is a log's rather than a domain's.
var logEnd = regexp.MustCompile(`(?i)\.(?:log|txt|out|err|json|tmp)$`)

// domain is a name of three labels or more.
var domain = regexp.MustCompile(`(?i)^[a-z0-9-]+(?:\.[a-z0-9-]+)+\.[a-z]{2,}$`)

// noHost refuses a host without a path: it would be watched as a file of this machine that never comes.
func (t *targets) noHost(file string, ref *observe.ProcessRef) error {
	if t.opts.Exists == nil || file == "-" || !looksLikeHost(file) || t.opts.Exists(file) {
		return nil
	}
	process := ""
	if ref != nil {
		process = fmt.Sprintf(", for the process alone %s:", file)
	}
	return fmt.Errorf("%s is no file here: for a log on that host write %s:/path/to/log%s, for a file that is to come ./%s",
		file, file, process, file)
}

// looksLikeHost tells whether a target without a colon is more likely a host than a log in this folder.
func looksLikeHost(s string) bool {
	if strings.ContainsAny(s, `/\`) {
		return false
	}
	if strings.Contains(s, "@") || !strings.Contains(s, ".") {
		return true
	}
	_, err := netip.ParseAddr(s)
	return err == nil || domain.MatchString(s) && !logEnd.MatchString(s)
}
