package plan

import (
	"regexp"
	"runtime"
	"strings"
)

// local is the name that stands for this machine where a host may be named.
const local = "local"

// splitPath takes HOST:path apart. A path with a slash before the first colon has no host, nor has a
// Windows path such as C:\x.
func splitPath(s string) (host, path string) {
	i := strings.IndexByte(s, ':')
	if i <= 0 || strings.ContainsAny(s[:i], `/\`) || isDrive(s) {
		return "", s
	}
	return s[:i], s[i+1:]
}

// isDrive tells whether s begins with a Windows drive. C:/x is one only on Windows: elsewhere c may be a
// host.
func isDrive(s string) bool {
	if len(s) < 3 || s[1] != ':' || (s[0]|0x20) < 'a' || (s[0]|0x20) > 'z' {
		return false
	}
	return s[2] == '\\' || s[2] == '/' && runtime.GOOS == "windows"
}

// secretQuery names the parameters of a URL that are secrets by their name.
var secretQuery = regexp.MustCompile(`(?i)[?&](?:[a-z_-]*(?:token|secret|password|passwd|passphrase|api_?key|signature|sig|auth))=[^&\s]`)

// secretURL matches user:password@ in a URL.
var secretURL = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@`)

// secretOption matches a password given in the clear in a command line; one that comes from a variable or
// another command does not match.
var secretOption = regexp.MustCompile(`(?i)(?:--?(?:password|passwd|token|api-?key|secret)[= ]|\b(?:PGPASSWORD|MYSQL_PWD|[A-Z_]*(?:PASSWORD|TOKEN|SECRET))=|\bmysql\b.*\s-p|authorization: *(?:basic|bearer) +)["']?[^\s"'$` + "`" + `-]`)

// holdsSecret tells whether a text of the plan, which will be recorded, seems to hold a secret.
func holdsSecret(s string) bool {
	return secretQuery.MatchString(s) || secretURL.MatchString(s) || secretOption.MatchString(s)
}
